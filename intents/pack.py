"""The files of a content pack: which there are, and a name that changes when one of them does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from errors import ContentError
from intents.content_file import ContentFile
from intents.phrases import Kind
from toml_files import files_in, read_bytes

OWN_CONTENT = Path(__file__).parent

_LANGUAGE = ("dutch.toml", "concepts.toml")
"""Word lists of the language, on which everything that is learnt rests."""

_READING = "5"
"""Counts up when templates or words are read in another way, so that nothing kept serves."""


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
    fingerprint = _fingerprint([*language, *shared, *(path for _, path in files)])
    whose = "own" if content is None else "pack"
    return Pack(files, shared, fingerprint, content is None, f"{fingerprint[:16]}-{whose}")


def _files(content: Path | None) -> Iterator[tuple[Kind, Path]]:
    """Every file of the pack with what it holds, topics first."""
    own = OWN_CONTENT
    pack = own if content is None else content / "intents"
    if not pack.is_dir():
        raise ContentError(f"De map {pack} bestaat niet. Een pakket heeft een map 'intents'.")
    topics = {path.name: path for path in files_in(pack / "topics")}
    if content is not None and _adds(content):
        topics = {p.name: p for p in files_in(own / "topics")} | topics
    if not topics:
        raise ContentError(f"De map {pack / 'topics'} heeft geen onderwerpen (bestanden *.toml).")
    for path in topics.values():
        yield "topic", path
    others: tuple[tuple[Kind, str], ...] = (
        ("follow_up", "follow_ups.toml"), ("command", "commands.toml"),
        ("red_flag", "red_flags.toml"),
    )  # fmt: skip
    for kind, name in others:
        yield kind, pack / name if (pack / name).exists() else own / name
    vague = pack if (pack / "vague.toml").exists() else own
    yield "vague", vague / "vague.toml"
    added: tuple[tuple[Kind, str], ...] = (
        ("off_topic", "off_topic.toml"), ("together", "together.toml"),
    )  # fmt: skip
    for kind, name in added:
        for folder in dict.fromkeys((own, pack)):
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
        if (folder / "shared.toml").exists():
            yield folder / "shared.toml"


def _fingerprint(paths: Iterable[Path]) -> str:
    """A hash over the contents of the files, and the way in which they are read."""
    digest = sha256(_READING.encode())
    for path in paths:
        digest.update(path.name.encode() + read_bytes(path))
    return digest.hexdigest()
