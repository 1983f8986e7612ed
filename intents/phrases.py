"""One sentence that a person may say, and what it stands for."""

import re
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["topic", "vague", "follow_up", "command", "red_flag", "off_topic", "together"]

OFF_TOPIC = "off_topic"
"""The label of what must not be answered; it has more, one for each ``[section]`` of its file:
``off_topic:denied``."""

DENIED = f"{OFF_TOPIC}:denied"
"""The section of ``off_topic.toml`` with complaints that are denied, past or of no concern."""

ASIDE_SIGN = "!"
"""In the label of a sentence that names several topics: ``ooglid+stress`` is about both,
``ooglid!stress`` sets stress aside, ``!ooglid!stress`` both."""

_NAMED = re.compile(r"([+!]?)([^+!]+)")


class Phrase(NamedTuple):
    """One sentence that a person may say, and where it is written."""

    text: str
    kind: Kind
    label: str
    """Topic, part, command or red flag that it stands for; several topics with their signs."""
    asked: str
    """The part of the answer that a sentence about a topic asks for; empty for none."""
    group: int
    """Number of the template it comes from: phrases of one group are variants of each other."""
    file: Path
    line: int
    words: tuple[str, ...]
    """The text as :func:`intents.dutch.tokens` reads it."""
    gist: tuple[str, ...]
    """Its words as :func:`intents.dutch.gist` has them."""

    @property
    def place(self) -> str:
        """File and line, for a person who mends it."""
        return f"{self.file}, regel {self.line}"


def named(label: str) -> dict[str, bool]:
    """The topics in the label of a sentence that names several, and whether each is set aside.

    Empty where the label names one twice, or is no row of names and signs.
    """
    found: list[tuple[str, str]] = _NAMED.findall(label)
    topics = {topic: sign == ASIDE_SIGN for sign, topic in found}
    whole = "".join(sign + topic for sign, topic in found) == label and not label.startswith("+")
    return topics if whole and len(topics) == len(found) else {}
