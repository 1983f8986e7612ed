"""The development set is what its list says, whatever was spoken before."""

from pathlib import Path

import numpy as np
import pytest

from training import evaluate
from training.evaluate import development_clips


def test_sentences_of_an_earlier_list_are_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []

    def speak(text: str, voice: str) -> np.ndarray:
        spoken.append(f"{text} ({voice})")
        return np.full(100, len(spoken), np.int16)

    monkeypatch.setattr(evaluate, "speak", speak)
    monkeypatch.setattr(evaluate, "is_available", lambda voice: voice.engine == "espeak-ng")
    first, later = ("mijn", "oog"), ("mijn", "been")
    monkeypatch.setattr(evaluate, "read_sentences", lambda _: (first, later))
    before = development_clips(tmp_path)
    monkeypatch.setattr(evaluate, "read_sentences", lambda _: (later, first))
    after = development_clips(tmp_path)
    assert [clip.text for clip in before] == ["mijn oog"] * 2 + ["mijn been"] * 2
    assert [clip.text for clip in after] == ["mijn been"] * 2 + ["mijn oog"] * 2
    assert [clip.name for clip in development_clips(tmp_path)] == [clip.name for clip in after]
    assert len(spoken) == len(set(spoken)) == 8  # none of them twice
