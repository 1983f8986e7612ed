"""What the room sounds like where nobody speaks to us; seeded, 16 kHz mono int16."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from errors import SpeechEngineError
from evaluation.effects import make_noise, set_level
from voice.audio import SAMPLE_RATE

Samples = NDArray[np.int16]
_SECONDS = 40.0
_CHORDS = (
    (220.0, 261.6, 329.6),
    (174.6, 220.0, 261.6),
    (130.8, 164.8, 196.0),
    (196.0, 246.9, 293.7),
)  # Hz
_BEAT = 0.5  # seconds


def quiet(seconds: float, rng: np.random.Generator) -> Samples:
    """A quiet room."""
    return rng.normal(0, 10, round(seconds * SAMPLE_RATE)).astype(np.int16)


def nuisances(rng: np.random.Generator) -> Mapping[str, Samples]:
    """Loops of sound that must get no answer, by name."""
    made = {
        "hum": make_noise("hum", _SECONDS, -35.0, rng),
        "white noise": make_noise("white", _SECONDS, -40.0, rng),
        "music": music(_SECONDS, rng),
        "stuck tone": _tone(_SECONDS),
    }
    try:
        made["babble"] = make_noise("babble", _SECONDS, -30.0, rng)
    except SpeechEngineError:  # no Dutch voice here: the soak goes on without babble
        return made
    return made


def music(seconds: float, rng: np.random.Generator) -> Samples:
    """Four chords of plucked strings, over and over, with a drum on each beat."""
    length = round(seconds * SAMPLE_RATE)
    sound = np.zeros(length + SAMPLE_RATE)
    time = np.arange(round(_BEAT * 2 * SAMPLE_RATE)) / SAMPLE_RATE
    drum = rng.standard_normal(len(time)) * np.exp(-30 * time)
    for beat in range(int(seconds / _BEAT)):
        at = round(beat * _BEAT * SAMPLE_RATE)
        chord = _CHORDS[beat // 4 % len(_CHORDS)]
        overtones = (np.sin(2 * np.pi * note * n * time) / n for note in chord for n in (1, 2, 3))
        pluck = sum(overtones) * np.exp(-3 * time) + 0.5 * drum
        sound[at : at + len(time)] += pluck
    loud = sound[:length] / np.abs(sound).max()
    return set_level((loud * 20_000).astype(np.int16), -28.0)


def _tone(seconds: float) -> Samples:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(3_000 * np.sin(2 * np.pi * 1_000 * time), np.int16)
