"""Speech on disk: one file of samples and one line a clip, so that a step cut off can go on.

``<store>.s16`` holds the samples (16 kHz, mono, little-endian), ``<store>.tsv`` a line for each
clip, written after its samples. What a kill left behind the last whole line is cut away on
reopening.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

_LOG = logging.getLogger(__name__)
RATE = 16_000
_BYTES = 2
_TELL_SECONDS = 30.0


@dataclass(frozen=True, eq=False)
class Clip:
    """One utterance: ``samples`` of shape (n,) at 16 kHz, and the words spoken in it."""

    name: str
    speaker: str
    text: str
    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    speaker: str
    start: int
    count: int
    text: str


class ClipStore:
    """All clips of a store, read from disk as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._samples = path.with_suffix(".s16")
        self._lines = _read_lines(path.with_suffix(".tsv"))

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> Clip:
        line = self._lines[index]
        samples = np.fromfile(self._samples, "<i2", line.count, offset=line.start * _BYTES)
        return Clip(line.name, line.speaker, line.text, samples)

    def seconds(self, index: int) -> float:
        """Length of one clip."""
        return self._lines[index].count / RATE

    def name(self, index: int) -> str:
        """Name of one clip."""
        return self._lines[index].name

    def text(self, index: int) -> str:
        """Words of one clip, without reading its samples."""
        return self._lines[index].text

    def speaker(self, index: int) -> str:
        """Who speaks, without reading the samples."""
        return self._lines[index].speaker

    @property
    def hours(self) -> float:
        """Length of all clips together."""
        return sum(line.count for line in self._lines) / RATE / 3600


class ClipWriter:
    """Adds clips to a store; ``done`` names those that it already holds, with their words."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = _read_lines(path.with_suffix(".tsv"))
        self._end = max((line.start + line.count for line in lines), default=0)
        self.done = {line.name: line.text for line in lines}
        self._index = path.with_suffix(".tsv").open("r+" if lines else "w", encoding="utf-8")
        self._index.seek(sum(len(_written(line).encode()) for line in lines))
        self._index.truncate()
        self._audio = path.with_suffix(".s16").open("r+b" if lines else "wb")
        self._audio.seek(self._end * _BYTES)
        self._audio.truncate()

    def add(self, clip: Clip) -> None:
        """Append one clip; a clip of a known name is left out."""
        if clip.name in self.done:
            return
        self._audio.write(clip.samples.astype("<i2").tobytes())
        self._audio.flush()
        line = _Line(clip.name, clip.speaker, self._end, len(clip.samples), clip.text)
        self._index.write(_written(line))
        self._index.flush()
        self._end += len(clip.samples)
        self.done[clip.name] = clip.text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._audio.close()
        self._index.close()


def write_clips(path: Path, clips: Iterable[Clip]) -> ClipStore:
    """Write all clips that the store does not hold yet, and open it.

    A clip that has other words than before keeps the old ones: a warning says so.
    """
    with ClipWriter(path) as writer:
        for clip in clips:
            if writer.done.get(clip.name, clip.text) != clip.text:
                _LOG.warning(
                    "%s has other words now; remove %s.* and what was made of it to use them",
                    clip.name, path,
                )  # fmt: skip
            writer.add(clip)
    return ClipStore(path)


def make_clips(path: Path, names: Sequence[str], make: Callable[[int], Clip | None]) -> ClipStore:
    """Make the clips that the store does not hold yet, tell how far it is, and open it.

    ``make`` gets the place of a name in ``names``; its clip is called that, or ``name@…``. It gives
    None where there is nothing to be made.
    """
    with ClipWriter(path) as writer:
        done = {name.partition("@")[0] for name in writer.done}
        left = [number for number, name in enumerate(names) if name not in done]
        began = told = time.monotonic()
        for count, number in enumerate(left, 1):
            if clip := make(number):
                writer.add(clip)
            now = time.monotonic()
            if now - told > _TELL_SECONDS:
                minutes = (now - began) / count * (len(left) - count) / 60
                _LOG.info("%s: %d of %d, %.0f minutes left", path.name, count, len(left), minutes)
                told = now
    return ClipStore(path)


def _written(line: _Line) -> str:
    return f"{line.name}\t{line.speaker}\t{line.start}\t{line.count}\t{line.text}\n"


def _read_lines(path: Path) -> list[_Line]:
    if not path.exists():
        return []
    lines = []
    for raw in path.read_text("utf-8").splitlines(keepends=True):
        fields = raw.rstrip("\n").split("\t")
        if not raw.endswith("\n") or len(fields) != 5:
            break  # the line on which a kill fell
        lines.append(_Line(fields[0], fields[1], int(fields[2]), int(fields[3]), fields[4]))
    return lines
