"""Earcons are soft, low, short, distinct, and never taken for words."""

import numpy as np
import pytest
import vosk
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE
from voice.earcons import BY_NAME, HEARD, LISTENING, NOT_UNDERSTOOD, Earcon
from voice.recognizer import transcribe

RATES = (16_000, 22_050, 48_000)
ALL = pytest.mark.parametrize("earcon", BY_NAME.values(), ids=str)


def spectrum(
    samples: NDArray[np.int16], rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies in Hz, and the power at each."""
    padded = np.concatenate([np.zeros(rate // 10), samples, np.zeros(rate // 10)])
    frequencies = np.fft.rfftfreq(len(padded), 1 / rate)
    return np.asarray(frequencies, np.float64), np.abs(np.fft.rfft(padded)) ** 2


def contour(earcon: Earcon) -> tuple[float, float]:
    """The strongest pitch of the first and of the second half."""
    samples = earcon.samples(48_000)
    halves = samples[: len(samples) // 2], samples[len(samples) // 2 :]
    pitches = []
    for half in halves:
        frequencies, power = spectrum(half, 48_000)
        pitches.append(float(frequencies[power.argmax()]))
    return pitches[0], pitches[1]


@ALL
@pytest.mark.parametrize("rate", RATES)
def test_short_soft_and_without_clicks(earcon: Earcon, rate: int) -> None:
    samples = earcon.samples(rate)
    assert len(samples) == round(earcon.seconds * rate) <= 0.2 * rate
    assert samples.dtype == np.int16
    assert 3_000 < np.abs(samples).max() < 6_000
    assert abs(int(samples[0])) <= 1
    assert abs(int(samples[-1])) < 30
    # A click is energy all over the spectrum; these have nearly none above their tones.
    frequencies, power = spectrum(samples, rate)
    assert power[frequencies > 2_500].sum() < 1e-3 * power.sum()


@ALL
def test_old_ears_hear_them(earcon: Earcon) -> None:
    frequencies, power = spectrum(earcon.samples(48_000), 48_000)
    audible = power[(frequencies > 250) & (frequencies < 1_500)]
    assert audible.sum() > 0.98 * power.sum()


def test_told_apart_by_their_melody() -> None:
    first, second = contour(LISTENING)
    assert second > first * 1.15
    first, second = contour(NOT_UNDERSTOOD)
    assert second < first / 1.15
    first, second = contour(HEARD)
    assert abs(first - second) < 30
    assert HEARD.seconds < 0.6 * min(LISTENING.seconds, NOT_UNDERSTOOD.seconds)


@ALL
@pytest.mark.parametrize("loudness", [1.0, 0.5, 0.2])
def test_no_words_are_heard_in_them(model: vosk.Model, earcon: Earcon, loudness: float) -> None:
    sound = (earcon.samples(SAMPLE_RATE) * loudness).astype(np.int16)
    for noise in (10, 30):
        room = np.random.default_rng(noise).normal(0, noise, SAMPLE_RATE).astype(np.int16)
        blocks = [part.tobytes() for part in (room, sound, room)]
        assert [utterance.text for utterance in transcribe(model, blocks)] == []
