"""Unpacks a zip file from a stranger: nothing leaves the target folder, nothing fills the disk."""

import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from errors import SpeechModelError

MAX_FILES = 1000
"""A Vosk model has some twenty files."""
MAX_BYTES = 8 * 2**30
"""The largest Vosk models take some 5 GB unpacked."""
MAX_NAME = 200
MAX_RATIO = 50
"""Real models shrink to a third; deflate can go to a thousandth."""
ALWAYS_ALLOWED = 16 * 2**20
"""A small archive of this many bytes unpacked does no harm, however well it was packed."""
BLOCK = 1024 * 1024

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What ``zipfile`` raises on an archive that is damaged, or packed in a way it can't read."""


class ArchiveError(SpeechModelError):
    """An archive that is of no use, now or later: throw it away."""


@dataclass(frozen=True)
class Unpacking:
    """Progress in bytes."""

    done: int
    total: int


def unpack(archive: Path, target: Path, title: str) -> Iterator[Unpacking]:
    """Unpack all files into ``target``, which must not exist, testing every file's CRC.

    Args:
        archive: the zip file.
        target: the folder to make; the folder around it exists.
        title: what to call the archive before a person.

    Raises:
        ArchiveError: the archive is damaged, or would write where or what it should not.
        SpeechModelError: it can't be read, or there is no room for what is in it.
        OSError: ``target`` can't be written.
    """
    with _opened(archive, title) as opened:
        entries = _safe_entries(opened, archive.stat().st_size, title)
        total = sum(entry.file_size for entry in entries)
        if shutil.disk_usage(target.parent).free < total:
            raise SpeechModelError(
                f"Er is te weinig ruimte op de schijf; maak {total / 1e6:.0f} MB vrij."
            )
        target.mkdir()
        done = 0
        for entry in entries:
            for written in _write(opened, entry, target, title):
                done += written
                yield Unpacking(done, total)


def _opened(archive: Path, title: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except OSError as error:
        raise SpeechModelError(
            f"Ik kan {title} niet lezen ({error.strerror}); controleer naam en rechten."
        ) from error
    except _DAMAGED as error:
        raise _damaged(title) from error


def _safe_entries(opened: zipfile.ZipFile, size: int, title: str) -> list[zipfile.ZipInfo]:
    """All entries, once each of them and all together are harmless."""
    entries = opened.infolist()
    total = sum(entry.file_size for entry in entries)
    allowed = min(MAX_BYTES, max(ALWAYS_ALLOWED, MAX_RATIO * size))
    if len(entries) > MAX_FILES or total > allowed:
        raise ArchiveError(
            f"{title} is geen spraakmodel maar een zipbom: uitgepakt is het veel te groot."
        )
    if any(not entry.filename for entry in entries):  # zipfile itself stumbles over those
        raise _damaged(title)
    paths = [PurePosixPath(entry.filename) for entry in entries]
    files = {path for path, entry in zip(paths, entries, strict=True) if not entry.is_dir()}
    clashing = len(set(paths)) < len(paths) or any(files & {*path.parents} for path in paths)
    if clashing or any(_leaves_the_folder(entry) for entry in entries):
        raise ArchiveError(f"{title} is niet veilig: er staan verkeerde bestandsnamen of links in.")
    return entries


def _leaves_the_folder(entry: zipfile.ZipInfo) -> bool:
    """Whether this entry is anything but a plain file or folder below the folder it is put in."""
    name = entry.orig_filename
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return (
        not name.isprintable()
        or len(name) > MAX_NAME
        or "\\" in name
        or ":" in name
        or PurePosixPath(name).is_absolute()
        or ".." in PurePosixPath(name).parts
        or not PurePosixPath(name).parts
        or kind not in {0, stat.S_IFREG, stat.S_IFDIR}
    )


def _write(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, title: str
) -> Iterator[int]:
    """Write one entry, giving the size of each block; the CRC is checked at the end of the file."""
    path = target / entry.filename
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for block in _blocks(opened, entry, title):
            file.write(block)
            yield len(block)


def _blocks(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, title: str) -> Iterator[bytes]:
    """The contents of one entry; ``zipfile`` never gives more than the size that was announced."""
    try:
        with opened.open(entry) as source:
            while block := source.read(BLOCK):
                yield block
            if source.tell() != entry.file_size:
                raise EOFError
    except (*_DAMAGED, OSError) as error:
        raise _damaged(title) from error


def _damaged(title: str) -> ArchiveError:
    return ArchiveError(f"{title} is geen zipbestand of is beschadigd; haal het opnieuw op.")
