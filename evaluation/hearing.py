"""How one recording is heard: what was understood, how long it took, how long one had to wait."""

import ctypes
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from errors import AudioFileError
from evaluation.conditions import Condition
from evaluation.effects import Samples, surround
from evaluation.outcomes import Act, Outcome, outcome_of, together
from intents.matcher import Matcher
from voice.audio import SAMPLE_RATE, stream_wav
from voice.recognizer import RecognizerSettings, transcribe

if TYPE_CHECKING:
    import vosk

LEAD_SECONDS = 0.5
"""Silence before the recording, as an open microphone hears it."""
TAIL_SECONDS = 2.5
"""Silence after it: the longest that the recogniser waits for more."""
LONGEST_SECONDS = 1_800.0
"""Longer recordings are refused: a room's echo over them would fill the memory."""
_BLOCK = SAMPLE_RATE // 10
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class Heard:
    """One utterance, and what was made of it."""

    text: str
    outcome: Outcome
    delay: float | None
    """Seconds from its last word to the decision: the wait for more, and the computing."""


@dataclass(frozen=True)
class Measurement:
    """One recording under one condition."""

    utterances: tuple[Heard, ...]
    sound_seconds: float
    """Of the recording itself."""
    heard_seconds: float
    """With the silence around it and its echo: what was decoded."""
    cpu_seconds: float
    """Spent on hearing and understanding, on one core."""

    @property
    def text(self) -> str:
        """All that was heard."""
        return " ".join(heard.text for heard in self.utterances)

    @property
    def outcome(self) -> Outcome:
        """What a person gets to hear of it, where the recording is one sentence."""
        return together([heard.outcome for heard in self.utterances])

    @property
    def delay(self) -> float | None:
        """Of the last utterance."""
        return self.utterances[-1].delay if self.utterances else None

    def to_json(self) -> dict[str, Any]:
        """As one line keeps it."""
        return {
            "utterances": [
                {
                    "text": heard.text,
                    "act": heard.outcome.act,
                    "ids": sorted(heard.outcome.ids),
                    "probabilities": [list(pair) for pair in heard.outcome.probabilities],
                    "delay": heard.delay,
                }
                for heard in self.utterances
            ],
            "sound_seconds": self.sound_seconds,
            "heard_seconds": self.heard_seconds,
            "cpu_seconds": self.cpu_seconds,
        }


def measurement_from(data: dict[str, Any]) -> Measurement:
    """The reverse of `Measurement.to_json`."""
    utterances = tuple(
        Heard(
            heard["text"],
            Outcome(
                cast(Act, heard["act"]),
                frozenset(heard["ids"]),
                tuple((str(name), float(share)) for name, share in heard["probabilities"]),
            ),
            heard["delay"],
        )
        for heard in data["utterances"]
    )
    return Measurement(
        utterances, data["sound_seconds"], data["heard_seconds"], data["cpu_seconds"]
    )


class StoppedError(Exception):
    """The person stopped the run."""


Ears = Callable[[Iterable[bytes]], Iterator[Heard]]
"""16 kHz mono int16 in blocks of 0.1 s, to utterances: the product, or a peer of it."""


class ProductEars:
    """The product as it is: its recogniser, then its matcher."""

    def __init__(
        self, model: "vosk.Model", matcher: Matcher, settings: RecognizerSettings | None = None
    ) -> None:
        self._model = model
        self._matcher = matcher
        self._settings = settings

    def __call__(self, blocks: Iterable[bytes]) -> Iterator[Heard]:
        """Hear and understand."""
        handed = Handed(blocks)
        for utterance in transcribe(self._model, handed, self._settings):
            result = self._matcher.understand(
                utterance.text, utterance.alternatives, utterance.clarity
            )
            waited = utterance.settled_at - utterance.end
            yield Heard(utterance.text, outcome_of(result), waited + handed.computing)


class Handed:
    """Blocks on their way to a recogniser; knows how long the last one has been computed on."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self._since = time.thread_time()

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._since = time.thread_time()
            yield block

    @property
    def computing(self) -> float:
        """Seconds of computing since the last block was handed over."""
        return time.thread_time() - self._since


def measure(
    ears: Ears,
    sound: Samples,
    condition: Condition,
    name: str,
    seed: int,
    *,
    stop: Event | None = None,
    clock: Callable[[], float] = time.thread_time,
) -> Measurement:
    """Hear one recording under one condition.

    Args:
        ears: who hears.
        sound: the recording, 16 kHz mono, shape ``(n,)``.
        condition: what happens to it first.
        name: with ``seed`` it shapes the noise.
        seed: another one gives other noise.
        stop: once set, hearing ends within a block.
        clock: of the computing; the process's own where a peer has threads.

    Raises:
        StoppedError: ``stop`` was set.
    """
    stream = condition.heard(surround(sound, LEAD_SECONDS, TAIL_SECONDS), name, seed)
    _LIBC.srand(1)  # the decoder's dither: else what is heard depends on what was heard before
    begin = clock()
    utterances = tuple(ears(_blocks(stream, stop)))
    return Measurement(
        utterances, len(sound) / SAMPLE_RATE, len(stream) / SAMPLE_RATE, clock() - begin
    )


def _blocks(stream: Samples, stop: Event | None) -> Iterator[bytes]:
    for at in range(0, len(stream), _BLOCK):
        if stop is not None and stop.is_set():
            raise StoppedError
        yield stream[at : at + _BLOCK].astype("<i2").tobytes()


def read_recording(path: Path) -> Samples:
    """Read a recording of at most `LONGEST_SECONDS`.

    Raises:
        AudioFileError: it can't be read, or is too long.
    """
    blocks: list[bytes] = []
    for block in stream_wav(path, block_seconds=1.0):
        blocks.append(block)
        if len(blocks) > LONGEST_SECONDS:
            raise AudioFileError(
                f"Het bestand '{path}' duurt langer dan {LONGEST_SECONDS / 60:.0f} minuten: knip "
                "het in stukken."
            )
    return np.frombuffer(b"".join(blocks), "<i2").astype(np.int16, copy=False)
