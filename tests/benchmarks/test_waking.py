"""The figures of the wake phrase, on a few sentences."""

from pathlib import Path

import pytest
import soundfile

from audio_fixtures.voices import voices_for
from benchmarks.waking import LIKENESSES, Speech, _mistaken, _recordings, _said, _wakes
from intents.wake_phrase import WakePhrase
from voice.clarity import Evidence
from voice.recognizer import Utterance
from voice.speech_model import find_model

needs_voices = pytest.mark.skipif(not voices_for("benchmark"), reason="NO WAKING: no espeak-ng")


def utterance(text: str) -> Utterance:
    return Utterance(text, (), (), 0.0, 1.0, 2.0, Evidence(1.0, 1.0, 1.0, 40.0, 3, 1))


def test_false_wakes_are_counted_an_hour_and_fall_with_likeness() -> None:
    heard = tuple(map(utterance, ("hallo computer", "de computer is stuk", "halve computer")))
    rows = _mistaken([Speech("radio", 0.5, heard)]).rows
    wakes = [wakes for wakes in rows[0][3:] if isinstance(wakes, float)]
    assert len(wakes) == len(LIKENESSES)
    assert wakes == sorted(wakes, reverse=True)
    assert wakes[-1] == 2.0  # the phrase itself, once in half an hour


def test_a_broken_recording_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF?")
    soundfile.write(tmp_path / "empty.wav", [], 16_000)
    said: list[str] = []
    assert _recordings(tmp_path, said.append) == []
    assert len(said) == 1
    assert "broken.wav" in said[0]
    soundfile.write(tmp_path / "whole.wav", [0.0] * 48_000, 48_000)
    assert [len(sound) for sound in _recordings(tmp_path, said.append)] == [16_000]


@needs_voices
def test_the_phrase_wakes_and_a_complaint_does_not() -> None:
    model = find_model(None, {}).load()
    phrase = WakePhrase()
    assert _wakes(model, phrase, _said("hallo computer", "hugo", 1.0, babble=False))
    assert not _wakes(model, phrase, _said("mijn ooglid trilt", "hugo", 1.0, babble=False))
