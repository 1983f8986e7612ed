"""What is asked about a topic: its cause, its danger, how long it lasts, what helps, when to call.

People name the topic and ask in one breath ("hoe lang duurt een trillend ooglid"), in words that a
classifier of topics takes for part of the topic.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from intents.dutch import FILLERS

_ASKS: dict[str, list[re.Pattern[str]]] = {
    part: [re.compile(pattern) for pattern in patterns]
    for part, patterns in tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    ).items()
}


def asked_part(words: Sequence[str]) -> str | None:
    """The part of a topic that a question asks for, or None where it is no such question."""
    question = " ".join(word for word in words if word not in FILLERS)
    for part, patterns in _ASKS.items():
        if any(pattern.search(question) for pattern in patterns):
            return part
    return None
