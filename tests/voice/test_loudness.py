"""Loudness: who is nearest, and whether that voice spoke on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.voice.conftest import room
from voice.audio import SAMPLE_RATE
from voice.loudness import Loudness


def _loudness(*stretches: tuple[float, float], seconds: float = 20.0) -> Loudness:
    """A recording of stretches, each of so many seconds at such a loudness."""
    sound: NDArray[np.int16] = np.concatenate([room(*stretch) for stretch in stretches])
    loudness = Loudness(seconds)
    for start in range(0, len(sound), 1_600):
        piece = sound[start : start + 1_600]
        loudness.add(piece, (start + len(piece)) / SAMPLE_RATE)
    return loudness


def test_it_is_heard_when_a_voice_speaks_on() -> None:
    loudness = _loudness((1.0, 10), (1.0, 3_000), (0.8, 10), (0.5, 2_000))
    assert loudness.onset((1.0, 2.0), after=2.3) == pytest.approx(2.8, abs=0.03)


@pytest.mark.parametrize("after_speech", [(1.0, 10), (1.0, 250)])
def test_silence_and_echo_are_no_voice(after_speech: tuple[float, float]) -> None:
    loudness = _loudness((1.0, 10), (1.0, 3_000), after_speech)
    assert loudness.onset((1.0, 2.0), after=2.3) is None


def test_a_click_is_no_voice() -> None:
    loudness = _loudness((1.0, 10), (1.0, 3_000), (0.8, 10), (0.02, 9_000), (0.5, 10))
    assert loudness.onset((1.0, 2.0), after=2.3) is None


def test_the_nearest_voice_stands_out_of_the_others() -> None:
    loudness = _loudness((2.0, 300), (1.5, 3_000), (2.0, 300))
    voice = loudness.foreground(since=0.5)
    assert voice is not None
    assert np.allclose(voice, (2.0, 3.5), atol=0.03)


def test_it_is_told_by_how_much_a_voice_is_louder_than_what_came_before() -> None:
    loudness = _loudness((4.0, 300), (1.0, 3_000), (1.0, 30_000))
    assert loudness.rise(0.0, 4.2, 4.8) == pytest.approx(20.0, abs=1.5)
    assert loudness.rise(4.1, 4.2, 4.8) == np.inf  # nothing came before


def test_a_voice_stands_out_of_what_is_between_its_words() -> None:
    quiet, noisy = (
        _loudness((2.0, room), (1.0, 3_000), (0.3, room), (1.0, 3_000), (2.0, room))
        for room in (30, 300)
    )
    assert quiet.contrast(2.0, 4.3) == pytest.approx(41, abs=1)
    assert noisy.contrast(2.0, 4.3) == pytest.approx(21, abs=1)
    assert noisy.contrast(90.0, 91.0) == 0


def test_a_fridge_and_a_microphone_that_is_off_zero_take_nothing_away_from_a_voice() -> None:
    time = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    voice = np.random.default_rng(0).normal(0, np.where((time > 1) & (time < 3), 3_000, 30))
    fridge = 4_000 * np.sin(2 * np.pi * 50 * time) + 1_000 * np.sin(2 * np.pi * 100 * time)
    contrasts = []
    for sound in (voice, voice + fridge, voice + 1_500):
        loudness = Loudness(20.0)
        loudness.add(sound.astype(np.int16), 4.0)
        contrasts.append(loudness.contrast(1.0, 3.0))
    assert contrasts[1:] == pytest.approx(contrasts[:1] * 2, abs=1)


def test_what_was_never_heard_has_no_voice() -> None:
    assert Loudness(1.0).foreground(since=0.0) is None
    assert Loudness(1.0).onset((0.0, 1.0), after=1.0) is None
    cleared = _loudness((1.0, 3_000))
    cleared.clear()
    assert cleared.foreground(since=0.0) is None


def test_only_the_last_seconds_are_kept() -> None:
    loudness = _loudness((1.0, 3_000), (2.0, 10), seconds=1.5)
    assert loudness.foreground(since=0.0) != (0.0, 1.0)
    assert len(loudness._frames) == 75
