"""What the tests of the ears share: the embedded model, and someone who talks to it."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import soxr
import vosk
from hypothesis import settings
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE
from voice.speaker import Speaker, SpeakerSettings
from voice.speech_model import find_model

settings.register_profile("patient", deadline=None)  # a busy machine is not a bug
settings.load_profile("patient")

Say = Callable[..., NDArray[np.int16]]


@pytest.fixture(scope="session")
def model() -> vosk.Model:
    """The embedded Dutch model, loaded once."""
    return find_model(None, {}).load()


@pytest.fixture(scope="session")
def say() -> Iterator[Say]:
    """Speak sentences: ``say("stop", 1.2, "ja")`` pauses for 1.2 s in between; 16 kHz mono."""
    with Speaker(SpeakerSettings()) as speaker:

        def spoken(part: str | float) -> NDArray[np.int16]:
            if not isinstance(part, str):
                return room(part)
            speech = speaker.synthesize(part)
            samples = soxr.resample(speech.samples, speech.rate, SAMPLE_RATE)
            loud = np.flatnonzero(np.abs(samples) > 300)  # pauses are exactly what a test asks for
            return np.asarray(samples[loud[0] : loud[-1]], np.int16) // 2

        def say_all(*parts: str | float) -> NDArray[np.int16]:
            return np.concatenate([spoken(part) for part in parts])

        yield say_all


def room(seconds: float, loudness: float = 10.0) -> NDArray[np.int16]:
    """A quiet room: faint noise, never the same twice in a recording, always the same in a test."""
    noise = np.random.default_rng(round(seconds * 1000)).normal(
        0, loudness, round(seconds * SAMPLE_RATE)
    )
    return noise.astype(np.int16)
