"""How well something was heard is foretold in the right direction, and can be told apart."""

from dataclasses import replace

import numpy as np
import pytest
import vosk
from hypothesis import given
from hypothesis import strategies as st

from tests.voice.conftest import Say
from voice.clarity import Evidence, clarity
from voice.recognizer import transcribe

SHARES = st.floats(0, 1)
COUNTS = st.integers(1, 500)
EVIDENCE = st.builds(Evidence, SHARES, SHARES, SHARES, st.floats(-100, 100), COUNTS, COUNTS)
WELL = Evidence(confidence=1.0, sure=1.0, kept=1.0, contrast_db=40.0, words=6, readings=1)
BADLY = Evidence(confidence=0.4, sure=0.1, kept=0.3, contrast_db=6.0, words=2, readings=9)


@given(EVIDENCE)
def test_it_is_a_share_whatever_was_heard(evidence: Evidence) -> None:
    assert 0 < clarity(evidence) < 1


@pytest.mark.parametrize("name", ["confidence", "sure", "kept", "contrast_db", "words", "readings"])
def test_each_evidence_counts(name: str) -> None:
    worse = replace(WELL, **{name: getattr(BADLY, name)})
    assert clarity(BADLY) < clarity(worse) < clarity(WELL)


def test_what_is_well_heard_is_clear_and_babble_is_not() -> None:
    assert clarity(WELL) > 0.9
    assert clarity(BADLY) < 0.3


def test_noise_makes_a_sentence_less_clear(model: vosk.Model, say: Say) -> None:
    clean = say(0.5, "mijn kuit trilt na het sporten", 2.0)
    noise = np.random.default_rng(3).normal(0, 1_500, len(clean))
    noisy = np.clip(clean + noise, -32_768, 32_767).astype(np.int16)
    (well,) = transcribe(model, [clean.tobytes()])
    badly = list(transcribe(model, [noisy.tobytes()]))
    assert well.clarity > 0.8
    assert all(utterance.clarity < well.clarity for utterance in badly)
