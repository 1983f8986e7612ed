"""What a program takes on disk: its Python packages with all that they need, and its model."""

import importlib.metadata
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_LOCK = Path(__file__).parent.parent / "requirements.lock"


def own_packages() -> tuple[str, ...]:
    """What the product installs, by its lock."""
    lock = _LOCK.read_text(encoding="utf-8")
    return tuple(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))


def folder_bytes(folder: Path) -> int:
    """The size of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def packages_bytes(names: Sequence[str]) -> int:
    """The size of installed packages and all that they require without extras."""
    size = 0
    for found in _with_needs(names):
        paths = (Path(str(file.locate())) for file in found.files or ())
        size += sum(path.stat().st_size for path in paths if path.is_file())
    return size


def _with_needs(names: Sequence[str]) -> Iterator[importlib.metadata.Distribution]:
    todo, done = list(names), set[str]()
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in done:
            continue
        done.add(name)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        yield found
        needs = (need for need in found.requires or () if "extra ==" not in need)
        todo += [match[0] for need in needs if (match := re.match(r"[\w.-]+", need))]
