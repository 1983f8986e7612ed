"""What makes a take good, on real recordings of speech with known flaws."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE, read_wav
from voice.take import FATAL, Problem, TakeSettings, examine, find_speech, is_finished

RECORDINGS = Path(__file__).parents[2] / "audio_fixtures"
SENTENCE = RECORDINGS / "topics/ooglid/mijn_ooglid_trilt_al_dagen.wav"
WORDS = 5
SPEECH_SECONDS = 1.9
SETTINGS = TakeSettings()


def noise(seconds: float, level: float = 60.0, seed: int = 1) -> NDArray[np.int16]:
    """Room noise with this root mean square, by default as loud as that in the recordings."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.int16)


def in_a_room(speech: NDArray[np.int16], before: float, after: float) -> NDArray[np.int16]:
    return np.concatenate([noise(before), speech, noise(after)])


@pytest.fixture(scope="module")
def speech() -> NDArray[np.int16]:
    return read_wav(SENTENCE).samples


@given(before=st.floats(0.1, 4.0), after=st.floats(0.1, 3.0))
def test_speech_is_found_and_trimmed_wherever_it_is(before: float, after: float) -> None:
    speech = read_wav(SENTENCE).samples
    take = examine(in_a_room(speech, before, after), WORDS, SETTINGS)
    assert take.problem is None
    assert abs(len(take.samples) / SAMPLE_RATE - SPEECH_SECONDS - 2 * 0.3) < 0.2
    assert take.snr_db > 20


def test_a_click_is_no_speech() -> None:
    samples = noise(3.0)
    samples[20_000:20_100] = 20_000
    assert find_speech(samples, SETTINGS) is None


def test_steady_noise_is_no_speech() -> None:
    assert find_speech(noise(3.0, level=2_000.0), SETTINGS) is None


@pytest.mark.parametrize(
    ("gain", "problem"), [(1.0, None), (0.04, Problem.TOO_SOFT), (30.0, Problem.CLIPPED)]
)
def test_level(gain: float, problem: Problem | None, speech: NDArray[np.int16]) -> None:
    louder = np.clip(speech * gain, -32_768, 32_767).astype(np.int16)
    quiet_room = np.concatenate([noise(0.5, 1.0), louder, noise(1.3, 1.0)])
    assert examine(quiet_room, WORDS, SETTINGS).problem is problem


def test_a_noisy_room_is_named(speech: NDArray[np.int16]) -> None:
    around = np.concatenate([np.zeros(8_000, np.int16), speech, np.zeros(20_000, np.int16)])
    noisy = around + noise(len(around) / SAMPLE_RATE, level=700.0)
    assert examine(noisy.astype(np.int16), WORDS, SETTINGS).problem is Problem.NOISY


def test_half_a_sentence_is_too_short(speech: NDArray[np.int16]) -> None:
    half = in_a_room(speech[: len(speech) // 3], 0.5, 1.3)
    assert examine(half, 8, SETTINGS).problem is Problem.TOO_SHORT


def test_talking_on_is_cut_off(speech: NDArray[np.int16]) -> None:
    talk = np.concatenate([noise(0.5), *[speech[3_000:-5_000]] * 8])[: 12 * SAMPLE_RATE]
    loud_at_the_end = talk[: np.flatnonzero(np.abs(talk) > 3_000)[-1]]
    take = examine(loud_at_the_end, WORDS, SETTINGS)
    assert take.problem is Problem.CUT_OFF


@pytest.mark.parametrize(
    ("samples", "problem"),
    [
        (np.zeros(0, np.int16), Problem.NO_SOUND),
        (np.zeros(16_000, np.int16), Problem.NO_SOUND),
        (noise(3.0), Problem.NO_SPEECH),
        (noise(0.01), Problem.NO_SPEECH),
    ],
)
def test_with_nothing_in_it_there_is_nothing_to_keep(
    samples: NDArray[np.int16], problem: Problem
) -> None:
    take = examine(samples, WORDS, SETTINGS)
    assert take.problem is problem
    assert problem in FATAL
    assert not len(take.samples)


def test_a_take_ends_after_the_speech_and_not_within_it(speech: NDArray[np.int16]) -> None:
    sounds = in_a_room(speech, 1.0, 3.0)
    step = SAMPLE_RATE // 10
    ends = next(n for n in range(0, len(sounds), step) if is_finished(sounds[:n], SETTINGS))
    end_of_speech = 1.0 + len(speech) / SAMPLE_RATE - 0.3
    assert end_of_speech + 0.8 < ends / SAMPLE_RATE < end_of_speech + 1.8


def test_patience_ends_too() -> None:
    assert not is_finished(noise(5.9), SETTINGS)
    assert is_finished(noise(6.1), SETTINGS)
    assert is_finished(np.full(12 * SAMPLE_RATE, 5_000, np.int16), SETTINGS)
