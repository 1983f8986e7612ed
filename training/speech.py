"""The speech that the model is trained on: recorded, made over into new speakers, and synthetic."""

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training import espeak
from training.clips import Clip, ClipStore, write_clips
from training.ngram import Words
from training.sources import read_folder
from training.speakers import new_speaker

_log = logging.getLogger(__name__)
_NAMES = """
    f1 f3 f4 m1 m2 m3 m4 m5 m6 m7 Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Jacky Lee
    Marco Mario Michael RicishayMax RicishayMax3 Storm antonio aunty benjamin boris caleb david ed
    edward2 grandma gustave iven iven2 iven3 iven4 john kaukovalta michel miguel norbert pablo paul
    pedro quincy rob sandro shelby steph steph2 steph3 travis victor zac klatt klatt2 klatt4 klatt6
    Nguyen Henrique marcelo"""
VARIANTS = tuple(_NAMES.split())
"""espeak-ng's voices, without those of the fixtures, the benchmarks and their babble."""
HELD_OUT_EVERY = 25
"""One recording in so many is kept for development, with all that was made from it."""
_ROOMS = "airplane chest elevator2 ending grail key linux reef society wreck"
HELD_OUT_ROOMS = frozenset(_ROOMS.split())
"""Rooms of the game that no version of the model has heard: the benchmarks hear them."""
_SECONDS = (0.4, 15.0)


@dataclass(frozen=True)
class SpeechSettings:
    """How much of what is made and how often it is used in one pass."""

    synthetic: int = 9000
    """Sentences spoken by espeak-ng."""
    copies: int = 2
    """New speakers made of each recording."""
    recorded_weight: float = 2.0
    copies_weight: float = 1.0
    synthetic_weight: float = 0.3


@dataclass(frozen=True)
class Source:
    """A store with the number of times that it is gone through in one pass."""

    name: str
    store: ClipStore
    weight: float
    synthetic: bool

    def training(self) -> list[int]:
        """Clips to train on."""
        return [i for i in range(len(self.store)) if self._usable(i) and not self._held_out(i)]

    def development(self) -> list[int]:
        """Clips kept back."""
        return [i for i in range(len(self.store)) if self._usable(i) and self._held_out(i)]

    def _usable(self, index: int) -> bool:
        return _SECONDS[0] < self.store.seconds(index) < _SECONDS[1]

    def _held_out(self, index: int) -> bool:
        return is_held_out(self.store.name(index).partition("@")[0])


def is_held_out(name: str) -> bool:
    """Whether a recording of this name (of the game: ``room/line``) is kept out of training."""
    return name.partition("/")[0] in HELD_OUT_ROOMS or is_for_development(name)


def is_for_development(name: str) -> bool:
    """Whether it is one of the few that choose between models."""
    return sum(name.encode()) % HELD_OUT_EVERY == 0


def prepare_speech(
    cache: Path, folders: Sequence[Path], texts: Sequence[Words], settings: SpeechSettings
) -> list[Source]:
    """Read, make over and synthesise all speech; what ``cache`` holds already is not made again."""
    sources = []
    for folder in folders:
        name = folder.resolve().name
        recorded = write_clips(cache / name, read_folder(folder))
        sources.append(Source(name, recorded, settings.recorded_weight, synthetic=False))
        for copy in range(settings.copies):
            made = write_clips(cache / f"{name}-world{copy}", _made_over(recorded, copy))
            sources.append(
                Source(f"{name}-world{copy}", made, settings.copies_weight, synthetic=False)
            )
    spoken = write_clips(cache / "espeak", _synthetic(texts, settings.synthetic))
    sources.append(Source("espeak", spoken, settings.synthetic_weight, synthetic=True))
    for source in sources:
        _log.info("%s: %d clips, %.2f h", source.name, len(source.store), source.store.hours)
    return sources


def _made_over(recorded: ClipStore, copy: int) -> Iterator[Clip]:
    for number in range(len(recorded)):
        if _SECONDS[0] < recorded.seconds(number) < _SECONDS[1]:
            made = new_speaker(recorded[number], np.random.default_rng([copy, number]))
            if made:
                yield made


def _synthetic(texts: Sequence[Words], count: int) -> Iterator[Clip]:
    rng = random.Random(3)
    for number in range(count):
        text = " ".join(texts[rng.randrange(len(texts))])
        variant = rng.choice(VARIANTS)
        pace, pitch = rng.randint(105, 210), rng.randint(10, 90)
        samples = espeak.speak(text, variant, pace, pitch)
        if len(samples):
            yield Clip(f"{number}", variant, text, samples)
