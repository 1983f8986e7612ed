"""The checksums that go with a model: ``SHA256SUMS``, as ``sha256sum`` reads and writes it.

Comment lines ``# size BYTES  NAME``, which ``sha256sum -c`` skips, let a large model be checked by
size alone where the program must start quickly.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MANIFEST = "SHA256SUMS"
QUICK_BYTES = 128 * 2**20
"""Up to this size all sums are checked at each start: 0.1 s on a desktop, 1 s on a Raspberry Pi."""

_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_SIZE = re.compile(r"# size ([0-9]{1,15})  (.+)")


@dataclass(frozen=True)
class Manifest:
    """What the files of a model should be, by their names relative to the model directory."""

    sums: Mapping[str, str]
    sizes: Mapping[str, int]


def read_manifest(model: Path) -> Manifest | None:
    """Read the model's manifest; None where it has none.

    Raises:
        OSError: it can't be read.
        ValueError: it is no list of checksums, names a file outside the model, or leaves out the
            acoustic model (as a manifest that was cut off does).
    """
    try:
        lines = (model / MANIFEST).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return None
    sums: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for line in filter(None, lines):
        if found := _SIZE.fullmatch(line):
            sizes[found[2]] = int(found[1])
        elif found := _SUM.fullmatch(line):
            sums[found[2]] = found[1]
        elif not line.startswith("#"):
            raise ValueError(f"no checksum line: {line[:80]!r}")
    for name in (*sums, *sizes):
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"outside the model: {name!r}")
    if not any(PurePosixPath(name).name == "final.mdl" for name in sums):
        raise ValueError("final.mdl is not listed")
    return Manifest(sums, sizes)


def write_manifest(model: Path) -> None:
    """Write sums and sizes of all files, so that the next start knows that the model was proved."""
    files = sorted(file for file in model.rglob("*") if file.is_file())
    named = [(file, file.relative_to(model).as_posix()) for file in files]
    lines = [f"# size {file.stat().st_size}  {name}\n" for file, name in named]
    lines += [f"{sha256_of(file)}  {name}\n" for file, name in named]
    (model / MANIFEST).write_text("".join(lines), "utf-8")


def first_problem(model: Path, manifest: Manifest, total_bytes: int) -> str | None:
    """What is wrong with the first damaged file, as a Dutch half-sentence; None where all is well.

    A model of more than ``QUICK_BYTES`` whose manifest gives sizes is checked by size alone.
    """
    sums = total_bytes <= QUICK_BYTES or not manifest.sizes
    problems = (file_problem(model, name, manifest, sums=sums) for name in manifest.sums)
    return next(filter(None, problems), None)


def file_problem(model: Path, name: str, manifest: Manifest, *, sums: bool) -> str | None:
    """What is wrong with one file, as a Dutch half-sentence; None where it is as it should be.

    Raises:
        OSError: the file can't be read.
    """
    file = model / name
    if not file.is_file():
        return f"{name} ontbreekt"
    size = manifest.sizes.get(name)
    if size is not None and file.stat().st_size != size:
        return f"{name} heeft een andere lengte"
    if sums and sha256_of(file) != manifest.sums[name]:
        return f"{name} is veranderd"
    return None


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's contents, in lower-case hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
