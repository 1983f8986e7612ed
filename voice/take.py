"""One attempt at reading a sentence aloud: where the speech is, and whether it is any good."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from voice.audio import SAMPLE_RATE

_FRAME_SECONDS = 0.02
_FRAME = round(_FRAME_SECONDS * SAMPLE_RATE)
_FLOOR_PERCENTILE = 10  # even a fast reader leaves a tenth of the time to the room
_SILENT_DBFS = -100.0  # stands for digital silence, where no logarithm exists
_CLIPPED = 32_700  # of 32 767; converters flatten a little below the top


class TakeSettings(BaseModel):
    """What a good recording is, and when one ends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest_seconds: float = Field(12.0, gt=0)
    """Twice the time that our longest sentence takes a slow reader."""
    patience_seconds: float = Field(6.0, gt=0)
    """How long we wait for the first word."""
    quiet_seconds: float = Field(1.2, gt=0)
    """So much silence ends a recording; a pause within a sentence is shorter."""
    margin_seconds: float = Field(0.3, ge=0)
    """Room left before and after the speech, as in the synthetic recordings."""
    above_noise_db: float = Field(10.0, gt=0)
    """What is louder than the room by this much counts as speech."""
    softest_dbfs: float = Field(-45.0, lt=0)
    """Speech below this drowns in the noise of the microphone itself."""
    least_snr_db: float = Field(15.0, gt=0)
    """A recording noisier than this tests the room and not the reader."""
    most_clipped: float = Field(0.0005, ge=0, le=1)
    """The part of all samples that may be at full scale: a single click does no harm."""
    shortest_word_seconds: float = Field(0.12, gt=0)
    """Nobody reads words faster; less means that a part was not said or not heard."""


class Problem(Enum):
    """What is wrong with a take; the value says it to the reader, with what to do."""

    NO_SOUND = "De microfoon geeft geen geluid. Controleer of hij aan staat en goed is ingestoken."
    NO_SPEECH = "Ik heb u niet gehoord. Spreek na het teken 'Spreek nu', dicht bij de microfoon."
    CUT_OFF = "De opname is afgebroken, want het duurde te lang. Lees alleen de zin voor."
    CLIPPED = "Het geluid is te hard en daardoor vervormd. Ga wat verder van de microfoon."
    TOO_SOFT = "Het geluid is te zacht. Kom wat dichter bij de microfoon."
    NOISY = "Er is te veel geluid om u heen. Zoek een stille plek of kom dichterbij."
    TOO_SHORT = "De opname is te kort voor deze zin. Lees de hele zin voor."


FATAL = frozenset({Problem.NO_SOUND, Problem.NO_SPEECH})
"""With these there is nothing to keep."""


@dataclass(frozen=True, eq=False)
class Take:
    """What was recorded of one sentence."""

    samples: NDArray[np.int16]
    """The speech with a margin, 16 kHz mono, shape ``(n,)``; empty where there is none."""
    problem: Problem | None
    """The first thing to mend, if any."""
    snr_db: float
    """How much louder than the room it is."""


def find_speech(
    samples: NDArray[np.int16], settings: TakeSettings
) -> tuple[float, float, NDArray[np.bool_]] | None:
    """Find the start and end of the speech in seconds, and which 20 ms frames are loud."""
    levels = _levels(samples)
    if not len(levels):
        return None
    loud = levels > max(_floor(levels) + settings.above_noise_db, settings.softest_dbfs - 10)
    # A click fills one frame; three in a row are 60 ms, shorter than any vowel.
    steady = np.convolve(loud, np.ones(3), "same") >= 3
    where = np.flatnonzero(steady)
    if not len(where):
        return None
    return (where[0] - 1) * _FRAME_SECONDS, (where[-1] + 2) * _FRAME_SECONDS, loud


def is_finished(samples: NDArray[np.int16], settings: TakeSettings) -> bool:
    """Tell whether the reader is done, or will not begin any more."""
    seconds = len(samples) / SAMPLE_RATE
    if seconds >= settings.longest_seconds:
        return True
    speech = find_speech(samples, settings)
    if speech is None:
        return seconds >= settings.patience_seconds
    return seconds - speech[1] >= settings.quiet_seconds


def examine(samples: NDArray[np.int16], words: int, settings: TakeSettings) -> Take:
    """Trim a recording of a sentence of so many words, and name what is wrong with it."""
    if not samples.any():
        return _nothing(Problem.NO_SOUND)
    speech = find_speech(samples, settings)
    if speech is None:
        return _nothing(Problem.NO_SPEECH)
    start, end, loud = speech
    levels = _levels(samples)
    level = _mean_dbfs(levels[loud])
    snr = level - _floor(levels)
    first = max(0, round((start - settings.margin_seconds) * SAMPLE_RATE))
    trimmed = samples[first : round((end + settings.margin_seconds) * SAMPLE_RATE)]
    complaints = {
        Problem.CUT_OFF: len(samples) / SAMPLE_RATE - end < 2 * _FRAME_SECONDS,
        Problem.CLIPPED: np.mean(np.abs(trimmed.astype(np.int32)) >= _CLIPPED)
        > settings.most_clipped,
        Problem.TOO_SOFT: level < settings.softest_dbfs,
        Problem.NOISY: snr < settings.least_snr_db,
        Problem.TOO_SHORT: end - start < words * settings.shortest_word_seconds,
    }
    problem = next((problem for problem, applies in complaints.items() if applies), None)
    return Take(trimmed.copy(), problem, snr)


def _nothing(problem: Problem) -> Take:
    return Take(np.zeros(0, np.int16), problem, 0.0)


def _levels(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Measure each whole frame of 20 ms, in dBFS."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME) / 32_768
    return np.asarray(10 * np.log10(np.mean(frames**2, axis=1) + 10 ** (_SILENT_DBFS / 10)))


def _floor(levels: NDArray[np.float64]) -> float:
    """Estimate the level of the room, in dBFS."""
    return float(np.percentile(levels, _FLOOR_PERCENTILE))


def _mean_dbfs(levels: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))
