"""Keeps what was computed from content: ours beside the content, a pack's in the user's cache."""

import gzip
import json
import logging
import os
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

_LOG = logging.getLogger(__name__)

MOST_KEPT = 8
"""Files of each sort that stay in the user's cache, of one or two megabytes each."""

Row = tuple[str, str, str, str, int, int, int, str, str]
"""A phrase: text, kind, label, asked part, group, number of its file, line, words and gist."""

GatheringRow = tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]
"""The fields of an `intents.gathering.Gathering`."""


@dataclass(frozen=True)
class WrittenOut:
    """A catalogue whose templates are written out, as it is kept."""

    name: str
    """Of the content and the way in which it was read."""
    grades: dict[str, str]
    rows: list[Row]
    gatherings: list[GatheringRow]

    def keep(self, path: Path) -> None:
        """Write it; always the same bytes."""
        text = json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))
        write_whole(path, lambda part: part.write_bytes(gzip.compress(text.encode(), mtime=0)))


def recall(path: Path, name: str) -> WrittenOut | None:
    """What was kept under this name, if it was and is whole."""
    try:
        found = WrittenOut(**json.loads(gzip.decompress(path.read_bytes())))
    except (OSError, EOFError, ValueError, TypeError, zlib.error):
        return None
    return found if found.name == name else None


def cached(file: str) -> Path:
    """Where a file that belongs to a content pack is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or _home() / ".cache"
    return Path(base) / "spiertolk" / file


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # whoever has none keeps nothing
        return Path("/nonexistent")


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` make the file, all of it or none; where nothing may be written, none.

    Of what belongs to packs only the latest files stay: every change of a pack leaves some.
    """
    try:
        replace_whole(path, write)
        if path.parent == cached(path.name).parent:
            _leave_latest(path.parent, path.suffix)
    except OSError:
        _LOG.info("what was worked out can't be kept; the next start does it again")


def _leave_latest(folder: Path, suffix: str) -> None:
    found = sorted(folder.glob(f"*{suffix}"), key=lambda path: path.stat().st_mtime)
    for path in found[:-MOST_KEPT]:
        path.unlink(missing_ok=True)


def replace_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` make the file, all of it or none.

    Raises:
        OSError: it can't be written.
    """
    partial = path.with_name(f"{path.stem}.{os.getpid()}.part{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write(partial)
        partial.replace(path)
    finally:  # what a full disk cut off would count among the files that stay
        partial.unlink(missing_ok=True)
