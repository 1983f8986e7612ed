"""A voice has a pitch that lasts; breath has none, and a knock fades."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from evaluation.effects import add_noise, reverberate, set_level, surround
from voice.audio import SAMPLE_RATE
from voice.voicing import is_voiced

Samples = NDArray[np.int16]

needs_voices = pytest.mark.skipif(
    not voices_for("benchmark"), reason="NO VOICES TO HEAR: no espeak-ng here"
)


def in_a_room(sound: Samples, seed: int = 2) -> Samples:
    rng = np.random.default_rng(seed)
    wet = reverberate(surround(set_level(sound, -22.0), 0.1, 0.3), 0.3, rng, 6.0)
    return add_noise(wet, "room", 30.0, rng)[: SAMPLE_RATE // 2]


@needs_voices
@pytest.mark.parametrize("voice", ["edward", "hugo", "klatt3"])
@pytest.mark.parametrize("word", ["stop", "ja", "wacht even"])
def test_short_words_are_voiced(word: str, voice: str) -> None:
    assert is_voiced(in_a_room(speak(word, voice)))


def breath(seed: int) -> Samples:
    """A cough: noise that fades, duller or sharper."""
    rng = np.random.default_rng(seed)
    length = SAMPLE_RATE // 4
    width = int(rng.integers(4, 24))
    soft = np.convolve(rng.standard_normal(length), np.ones(width) / width, "same")
    cough = soft * np.exp(-rng.uniform(2, 6) * np.linspace(0, 1, length))
    return in_a_room(np.asarray(9_000 * cough, np.int16), seed)


def test_breath_is_rarely_taken_for_a_voice() -> None:
    assert sum(is_voiced(breath(seed)) for seed in range(40)) <= 6  # costs a question, no more


@pytest.mark.parametrize("pitch", [90.0, 150.0, 240.0])
def test_a_knock_that_rings_is_not(pitch: float) -> None:
    at = np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE
    ring = np.exp(-60 * at) * np.sin(2 * np.pi * pitch * at)
    thud = np.exp(-200 * at) * np.random.default_rng(1).standard_normal(len(at))
    assert not is_voiced(in_a_room(np.asarray(12_000 * (ring + 0.3 * thud), np.int16)))


@pytest.mark.parametrize("length", [0, 100, 640])
def test_of_hardly_any_sound_nothing_is_known(length: int) -> None:
    assert not is_voiced(np.ones(length, np.int16))
    assert not is_voiced(np.zeros(length, np.int16))
