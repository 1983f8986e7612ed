"""Loads and checks the texts: ours, or those of a content pack."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from errors import ContentError
from responses.texts import Prompts, RedFlagTexts, TopicText
from responses.toml_files import read_model, read_toml

OWN_CONTENT = Path(__file__).parent


@dataclass(frozen=True)
class Library:
    """All that the assistant can say."""

    topics: Mapping[str, TopicText]
    """The texts of each topic by its id, in the order in which they are listed."""
    red_flags: RedFlagTexts
    prompts: Prompts

    @property
    def names(self) -> dict[str, str]:
        """What each topic is called: "uw ooglid"."""
        return {topic: text.name for topic, text in self.topics.items()}


def load_library(content: Path | None = None) -> Library:
    """Read and check all texts.

    Args:
        content: a pack's folder. The topics in its ``responses/topics/`` replace ours (or join
            them, where its ``pack.toml`` says ``adds = true``), its ``responses/red_flags.toml``
            replaces ours, and each key of its ``responses/prompts.toml`` replaces that key of ours.

    Raises:
        ContentError: with file and line, where a text doesn't hold together.
    """
    own, pack = OWN_CONTENT, None if content is None else content / "responses"
    red_flags = own / "red_flags.toml"
    prompts = read_model(own / "prompts.toml", Prompts)
    if pack is not None:
        if not pack.parent.is_dir():
            raise ContentError(f"De map {content} bestaat niet; geef de map van een pakket.")
        if (pack / "red_flags.toml").exists():
            red_flags = pack / "red_flags.toml"
        if (pack / "prompts.toml").exists():
            prompts = read_model(pack / "prompts.toml", Prompts, prompts.model_dump())
    topics = {path.stem: read_model(path, TopicText) for path in _topic_files(own, pack)}
    listed = dict(sorted(topics.items(), key=lambda item: item[1].order))
    return Library(listed, read_model(red_flags, RedFlagTexts), prompts)


def orphans(
    library: Library, topics: Collection[str], red_flags: Collection[str]
) -> tuple[str, ...]:
    """What ``intents/`` and ``responses/`` do not agree on, a Dutch sentence each.

    Args:
        library: the texts.
        topics: ids of the topics that can be understood.
        red_flags: ids of the signs that can be understood.
    """
    return tuple(_orphans(library, frozenset(topics), frozenset(red_flags)))


def _orphans(library: Library, topics: Collection[str], flags: Collection[str]) -> Iterator[str]:
    for topic in sorted(set(topics) - set(library.topics)):
        yield f"Onderwerp '{topic}' heeft geen tekst; maak responses/topics/{topic}.toml."
    for topic in sorted(set(library.topics) - set(topics)):
        yield f"Onderwerp '{topic}' heeft geen zinnen; maak intents/topics/{topic}.toml."
    texts = library.red_flags.flags
    for flag in sorted(set(flags) - set(texts)):
        yield f"Alarmsignaal '{flag}' heeft geen tekst; voeg het toe aan responses/red_flags.toml."
    for flag in sorted(set(texts) - set(flags)):
        yield f"Alarmsignaal '{flag}' heeft geen zinnen; voeg het toe aan intents/red_flags.toml."


def _topic_files(own: Path, pack: Path | None) -> list[Path]:
    """The file of each topic; a pack's file goes before ours of the same name."""
    ours = {path.name: path for path in (own / "topics").glob("*.toml")}
    theirs = {path.name: path for path in (pack / "topics").glob("*.toml")} if pack else {}
    if pack is None or not theirs or _adds(pack.parent):
        theirs = ours | theirs
    return [theirs[name] for name in sorted(theirs)]


def _adds(content: Path) -> bool:
    """Whether the pack's topics join ours; ``intents/`` checks the rest of ``pack.toml``."""
    path = content / "pack.toml"
    return path.exists() and read_toml(path).get("adds", False) is True
