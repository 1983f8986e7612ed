"""Loads and checks the texts: ours, or those of a content pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from errors import ContentError
from responses.prompts import Prompts
from responses.texts import RedFlagTexts, TopicText
from responses.validated import read_model
from toml_files import files_in, read_toml, refuse_misnamed, refuse_unknown

OWN_CONTENT = Path(__file__).parent

_JOINED = {"flags", "now", "soon"}
"""What a pack's ``red_flags.toml`` is laid over; when and by whom it was checked it says itself."""


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
            them, where its ``pack.toml`` says ``adds = true``), each sign of its
            ``responses/red_flags.toml`` joins ours or replaces our text of that name, and each key
            of its ``responses/prompts.toml`` replaces that key of ours.

    Raises:
        ContentError: with file and line, where a text doesn't hold together.
    """
    own, pack = OWN_CONTENT, None if content is None else content / "responses"
    red_flags = read_model(own / "red_flags.toml", RedFlagTexts)
    prompts = read_model(own / "prompts.toml", Prompts)
    if pack is not None:
        if not pack.parent.is_dir():
            raise ContentError(f"De map {content} bestaat niet; geef de map van een pakket.")
        refuse_misnamed(pack.parent)
        refuse_unknown(pack, ("topics", "prompts.toml", "red_flags.toml"))
        refuse_unknown(pack / "topics", ("*.toml",))
        if (pack / "red_flags.toml").exists():
            ours = red_flags.model_dump(include=_JOINED)
            red_flags = read_model(pack / "red_flags.toml", RedFlagTexts, ours)
        if (pack / "prompts.toml").exists():
            prompts = read_model(pack / "prompts.toml", Prompts, prompts.model_dump())
    topics = {path.stem: read_model(path, TopicText) for path in _topic_files(own, pack)}
    listed = dict(sorted(topics.items(), key=lambda item: item[1].order))
    return Library(listed, red_flags, prompts)


def _topic_files(own: Path, pack: Path | None) -> list[Path]:
    """The file of each topic; a pack's file goes before ours of the same name."""
    ours = {path.name: path for path in files_in(own / "topics")}
    theirs = {path.name: path for path in files_in(pack / "topics")} if pack else {}
    if pack is None or not theirs or _adds(pack.parent):
        theirs = ours | theirs
    return [theirs[name] for name in sorted(theirs)]


def _adds(content: Path) -> bool:
    """Whether the pack's topics join ours; ``intents/`` checks the rest of ``pack.toml``."""
    path = content / "pack.toml"
    return path.exists() and read_toml(path)[1].get("adds", False) is True
