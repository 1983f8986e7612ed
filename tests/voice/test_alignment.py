"""The lag between what was played and what is heard of it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.effects import make_noise
from tests.room import Acoustics
from voice.alignment import lag_of
from voice.audio import SAMPLE_RATE
from voice.speaker import RATE, Speaker, SpeakerSettings

Samples = NDArray[np.int16]


@pytest.fixture(scope="module")
def speech() -> Samples:
    with Speaker(SpeakerSettings()) as speaker:
        samples = speaker.synthesize("Een trillend ooglid is lastig, maar onschuldig.").samples
    at = np.arange(0, len(samples) - 1, RATE / SAMPLE_RATE)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.int16)


@pytest.mark.parametrize("milliseconds", [-100, -25, 0, 40, 300])
def test_our_voice_is_found_in_a_room(speech: Samples, milliseconds: int) -> None:
    shift = milliseconds * SAMPLE_RATE // 1000
    far, begin = speech[4_000:24_000], 4_000 - shift
    wet = np.convolve(speech / 32_768, Acoustics(delay=0.0).response())
    echo = np.asarray(wet[max(0, begin) : begin + 20_000] * 32_768, np.int16)
    echo = np.pad(echo, (20_000 - len(echo), 0))
    noise = make_noise("babble", 20_000 / SAMPLE_RATE, -40.0, np.random.default_rng(1))
    lag = lag_of(np.asarray(echo + noise, np.int16), far)
    assert lag is not None
    assert lag == pytest.approx(shift, abs=16)


@pytest.mark.parametrize("seed", range(10))
def test_where_it_is_not_heard_there_is_no_lag(speech: Samples, seed: int) -> None:
    noise = make_noise("babble", 20_000 / SAMPLE_RATE, -25.0, np.random.default_rng(seed))
    assert lag_of(noise, speech[4_000:24_000]) is None


def test_silence_has_no_lag(speech: Samples) -> None:
    silence = np.zeros(20_000, np.int16)
    assert lag_of(silence, speech[:20_000]) is None
    assert lag_of(silence, silence) is None
