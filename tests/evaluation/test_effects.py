"""What rooms and noise do to speech, measured."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio_fixtures.make import HOME
from audio_fixtures.voices import SAMPLE_RATE
from evaluation import effects
from evaluation.effects import Noise
from voice.audio import read_wav

SPEECH = read_wav(HOME / "topics/ooglid/mijn_ooglid_trilt_al_dagen.wav").samples
NOISES: tuple[Noise, ...] = ("room", "white", "hum")  # babble needs espeak-ng: see test_voices.py


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def band_power(samples: NDArray[np.int16], low: float, high: float) -> float:
    """The part of the power that lies between these frequencies in Hz."""
    power = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return float(power[(frequency >= low) & (frequency < high)].sum() / power.sum())


@given(dbfs=st.floats(-50, -20))
def test_the_level_is_as_asked(dbfs: float) -> None:
    assert effects.speech_level(effects.set_level(SPEECH, dbfs)) == pytest.approx(dbfs, abs=0.5)


def test_pauses_do_not_count_for_the_level() -> None:
    longer = effects.surround(SPEECH, 3.0, 3.0)
    assert effects.speech_level(longer) == pytest.approx(effects.speech_level(SPEECH), abs=0.1)


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.zeros(8_000, np.int16)])
def test_silence_stays_silence(samples: NDArray[np.int16]) -> None:
    assert effects.speech_level(samples) < -150
    assert not effects.add_noise(samples, "white", 0.0, rng()).any()


@pytest.mark.parametrize("kind", NOISES)
@given(snr=st.floats(0, 30), seed=st.integers(0, 99))
def test_noise_is_as_loud_as_asked(kind: Noise, snr: float, seed: int) -> None:
    speech = effects.set_level(SPEECH, -30.0)
    noisy = effects.add_noise(speech, kind, snr, rng(seed))
    added = (noisy.astype(np.float64) - speech) / 32_768
    measured = effects.speech_level(speech) - 10 * np.log10(np.mean(added**2))
    assert measured == pytest.approx(snr, abs=0.5)


@pytest.mark.parametrize("kind", NOISES)
def test_noise_alone_has_its_level_and_its_seed(kind: Noise) -> None:
    noise = effects.make_noise(kind, 2.0, -30.0, rng())
    assert len(noise) == 2 * SAMPLE_RATE
    assert 10 * np.log10(np.mean((noise / 32_768) ** 2)) == pytest.approx(-30, abs=0.1)
    assert np.array_equal(noise, effects.make_noise(kind, 2.0, -30.0, rng()))
    assert not np.array_equal(noise, effects.make_noise(kind, 2.0, -30.0, rng(8)))


def test_hum_is_low_and_white_is_not() -> None:
    assert band_power(effects.make_noise("hum", 2.0, -30.0, rng()), 0, 600) > 0.95
    assert band_power(effects.make_noise("white", 2.0, -30.0, rng()), 0, 600) < 0.1


def test_an_echo_makes_the_tail_longer_and_not_the_level_higher() -> None:
    wet = effects.reverberate(SPEECH, 0.6, rng())
    assert len(wet) == len(SPEECH) + round(0.6 * SAMPLE_RATE) - 1
    assert effects.speech_level(wet) == pytest.approx(effects.speech_level(SPEECH), abs=0.5)
    assert np.mean(np.abs(wet[len(SPEECH) :].astype(float))) > 1.0


def test_farther_is_softer_and_sounds_more_of_the_room() -> None:
    near, far = (effects.far_field(SPEECH, metres, rng()) for metres in (0.5, 4.0))
    assert effects.speech_level(SPEECH) >= effects.speech_level(near) - 0.5
    assert effects.speech_level(near) > effects.speech_level(far) + 2
    assert len(far) > len(near)


def test_a_telephone_takes_the_low_and_the_high_away() -> None:
    heard = effects.telephone(effects.make_noise("white", 2.0, -20.0, rng()))
    assert band_power(heard, 300, 3_500) > 0.97
    assert abs(len(heard) - 2 * SAMPLE_RATE) <= 2


def test_silence_around_is_as_long_as_asked() -> None:
    around = effects.surround(SPEECH, 0.25, 0.5)
    assert len(around) == len(SPEECH) + 12_000
    assert not around[:4_000].any()
    assert not around[-8_000:].any()


def test_recordings_have_natural_levels() -> None:
    paths: list[Path] = sorted((HOME / "topics").rglob("*.wav"))
    levels = [effects.speech_level(read_wav(path).samples) for path in paths]
    assert min(levels) > -36
    assert max(levels) < -17
