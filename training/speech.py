"""The speech that the model is trained on: recorded, made over into new speakers, and synthetic."""

import logging
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from errors import SpiertolkError
from training import espeak
from training.clips import Clip, ClipStore, make_clips, write_clips
from training.neural_voices import Styles, fetch_styles, neural_clip
from training.ngram import Words
from training.sources import read_folder
from training.speakers import new_speaker

_LOG = logging.getLogger(__name__)
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
_FORMANT, _NEURAL = "espeak", "kokoro"
"""The stores of synthetic clips; those made of neural ones have a number behind it."""
_TAKEN = frozenset({_FORMANT, _NEURAL, "development"})
"""Stores of our own in the cache."""


@dataclass(frozen=True)
class SpeechSettings:
    """How much of what is made and how often it is used in one pass."""

    synthetic: int = 9000
    """Sentences spoken by espeak-ng."""
    copies: int = 2
    """New speakers made of each recording and of each neural clip."""
    recorded_weight: float = 2.0
    copies_weight: float = 1.0
    synthetic_weight: float = 0.3
    neural: int = 900
    """Sentences spoken by Kokoro's voices: about as long to make as to hear."""
    neural_weight: float = 2.0
    neural_copies_weight: float = 1.0


@dataclass(frozen=True)
class Source:
    """A store with the number of times that it is gone through in one pass."""

    name: str
    store: ClipStore
    weight: float

    def training(self) -> list[int]:
        """Clips to train on."""
        return [i for i, name in self._usable() if not is_held_out(name)]

    def development(self) -> list[int]:
        """Clips kept back to choose between models; those that the benchmarks hear choose none."""
        return [i for i, name in self._usable() if is_for_development(name) and not _in_room(name)]

    def _usable(self) -> Iterator[tuple[int, str]]:
        """Clips of a good length, each with the name of its recording."""
        for index in range(len(self.store)):
            if _SECONDS[0] < self.store.seconds(index) < _SECONDS[1]:
                yield index, self.store.name(index).partition("@")[0]


def is_held_out(name: str) -> bool:
    """Whether a recording of this name (of the game: ``room/line``) is kept out of training."""
    return _in_room(name) or is_for_development(name)


def _in_room(name: str) -> bool:
    return name.partition("/")[0] in HELD_OUT_ROOMS


def is_for_development(name: str) -> bool:
    """Whether it is one of the few that choose between models."""
    return sum(name.encode()) % HELD_OUT_EVERY == 0


def prepare_speech(
    cache: Path, folders: Sequence[Path], texts: Sequence[Words], settings: SpeechSettings
) -> list[Source]:
    """Read, make over and synthesise all speech; what ``cache`` holds already is not made again.

    What is made is made in as many processes as there are cores.

    Raises:
        SpiertolkError: two folders have one name, by which their speech is kept.
    """
    names = _store_names(folders)
    for name, folder in zip(names, folders, strict=True):
        write_clips(cache / name, read_folder(folder))
    styles = fetch_styles(cache) if settings.neural else None
    copies = [(name, copy) for name in names for copy in range(settings.copies)]
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_tell) as pool:
        jobs = [pool.submit(_speak_neural, cache, styles, texts, settings)] if styles else []
        jobs += [pool.submit(_make_over, cache, name, copy) for name, copy in copies]
        jobs.append(pool.submit(_speak_formant, cache, texts, settings.synthetic))
        for job in jobs:
            job.result()
    sources = [_source(cache, name, settings.recorded_weight) for name in names]
    sources += [_source(cache, f"{n}-world{copy}", settings.copies_weight) for n, copy in copies]
    sources.append(_source(cache, _FORMANT, settings.synthetic_weight))
    if styles:
        sources.append(_source(cache, _NEURAL, settings.neural_weight))
        sources += [
            _source(cache, f"{_NEURAL}-world{n}", settings.neural_copies_weight)
            for n in range(settings.copies)
        ]
    for source in sources:
        _LOG.info("%s: %d clips, %.2f h", source.name, len(source.store), source.store.hours)
    return sources


def _store_names(folders: Sequence[Path]) -> list[str]:
    """Each folder's own name, which names its store and what is made of it."""
    names = [folder.resolve().name for folder in folders]
    for name in names:
        if name in _TAKEN or "-world" in name or names.count(name) > 1:
            raise SpiertolkError(
                f"De map '{name}' bij --speech heeft een naam die al gebruikt wordt; geef haar een "
                "andere naam."
            )
    return names


def _source(cache: Path, name: str, weight: float) -> Source:
    return Source(name, ClipStore(cache / name), weight)


def _tell() -> None:
    """Let a process of its own tell how far it is."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")


def _make_over(cache: Path, name: str, copy: int) -> None:
    recorded = ClipStore(cache / name)

    def make(number: int) -> Clip | None:
        if not _SECONDS[0] < recorded.seconds(number) < _SECONDS[1]:
            return None
        return new_speaker(recorded[number], np.random.default_rng([copy, number]))

    names = [recorded.name(number) for number in range(len(recorded))]
    make_clips(cache / f"{name}-world{copy}", names, make)


def _speak_formant(cache: Path, texts: Sequence[Words], count: int) -> None:
    def make(number: int) -> Clip | None:
        rng = random.Random(f"formant {number}")
        text = " ".join(texts[rng.randrange(len(texts))])
        variant = rng.choice(VARIANTS)
        pace, pitch = rng.randint(105, 210), rng.randint(10, 90)
        samples = espeak.speak(text, variant, pace, pitch)
        return Clip(f"{number}", variant, text, samples) if len(samples) else None

    make_clips(cache / _FORMANT, [f"{number}" for number in range(count)], make)


def _speak_neural(
    cache: Path, styles: Styles, texts: Sequence[Words], settings: SpeechSettings
) -> None:
    def make(number: int) -> Clip | None:
        rng = random.Random(f"neural {number}")
        text = " ".join(texts[rng.randrange(len(texts))])
        return neural_clip(f"{number}", text, styles, rng)

    make_clips(cache / _NEURAL, [f"{number}" for number in range(settings.neural)], make)
    for copy in range(settings.copies):
        _make_over(cache, _NEURAL, copy)
