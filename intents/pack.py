"""The files of a content pack: which there are, and a name that changes when one of them does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from errors import ContentError
from intents.content_file import ContentFile
from intents.phrases import Kind
from toml_files import files_in, read_bytes, refuse_misnamed, refuse_unknown

OWN_CONTENT = Path(__file__).parent

_LANGUAGE = ("dutch.toml", "concepts.toml")
"""Word lists of the language, on which everything that is learnt rests."""

_READING = "5"
"""Counts up when templates or words are read in another way, so that nothing kept serves."""

_READING_PACKS = "2"
"""The same for packs alone, so that what was learnt from our own content goes on serving."""

_OTHERS: tuple[tuple[Kind, str, bool], ...] = (
    ("follow_up", "follow_ups.toml", False),
    ("command", "commands.toml", False),
    ("red_flag", "red_flags.toml", True),
    ("vague", "vague.toml", False),
    ("off_topic", "off_topic.toml", True),
    ("together", "together.toml", True),
)
"""What the files beside the topics hold, and whether a pack's is added to ours or replaces it. No
pack can take an alarm away: whoever says "ik krijg geen lucht" needs help in every practice."""

_TOPICS = "topics"
_SHARED = "shared.toml"


@dataclass(frozen=True)
class Pack:
    """The files of a pack, or of our own content."""

    files: tuple[tuple[Kind, Path], ...]
    """What each file holds; topics first."""
    shared: tuple[Path, ...]
    """Lists and rules for all of them, later ones over earlier ones."""
    fingerprint: str
    """Changes when any of the files changes, or the way in which they are read."""
    own: bool
    name: str
    """Under which what is worked out from the files is kept."""


def find_pack(content: Path | None) -> Pack:
    """Find the files of a pack, or of our own content where ``content`` is None.

    Raises:
        ContentError: there are none, or ``pack.toml`` doesn't hold together.
    """
    files = tuple(_files(content))
    shared = tuple(_shared_files(content))
    language = [OWN_CONTENT / name for name in _LANGUAGE]
    reading = _READING if content is None else f"{_READING} {_READING_PACKS}"
    fingerprint = _fingerprint(reading, [*language, *shared, *(path for _, path in files)])
    whose = "own" if content is None else "pack"
    return Pack(files, shared, fingerprint, content is None, f"{fingerprint[:16]}-{whose}")


def _files(content: Path | None) -> Iterator[tuple[Kind, Path]]:
    """Every file of the pack with what it holds, topics first."""
    own = OWN_CONTENT
    pack = own if content is None else content / "intents"
    if not pack.is_dir():
        raise ContentError(f"De map {pack} bestaat niet. Een pakket heeft een map 'intents'.")
    if content is not None:
        refuse_misnamed(content)
        refuse_unknown(pack, (_TOPICS, _SHARED, *(name for _, name, _ in _OTHERS)))
        refuse_unknown(pack / _TOPICS, ("*.toml",))
    topics = {path.name: path for path in files_in(pack / _TOPICS)}
    if content is not None and _adds(content):
        topics = {p.name: p for p in files_in(own / _TOPICS)} | topics
    if not topics:
        raise ContentError(f"De map {pack / _TOPICS} heeft geen onderwerpen (bestanden *.toml).")
    for path in topics.values():
        yield "topic", path
    for kind, name, added in _OTHERS:
        replaced = not added and (pack / name).exists()
        for folder in (pack,) if replaced else dict.fromkeys((own, pack)):
            if (folder / name).exists():
                yield kind, folder / name


def _adds(content: Path) -> bool:
    """Whether the pack's topics join ours instead of replacing them."""
    path = content / "pack.toml"
    if not path.exists():
        return False
    file = ContentFile(path)
    file.only({"name", "adds"}, file.data)
    adds = file.data.get("adds", False)
    if not isinstance(adds, bool):
        raise ContentError(f"{path}, regel {file.line_of('adds')}: 'adds' moet true of false zijn.")
    return adds


def _shared_files(content: Path | None) -> Iterator[Path]:
    """The files with lists and rules for all others."""
    for folder in (OWN_CONTENT, *([content / "intents"] if content is not None else [])):
        if (folder / _SHARED).exists():
            yield folder / _SHARED


def _fingerprint(reading: str, paths: Iterable[Path]) -> str:
    """A hash over the contents of the files, and the way in which they are read."""
    digest = sha256(reading.encode())
    for path in paths:
        digest.update(path.name.encode() + read_bytes(path))
    return digest.hexdigest()
