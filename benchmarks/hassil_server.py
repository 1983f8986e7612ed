"""A process of its own around hassil 3.8; run by ``hassil_peer``, with that version on its path.

Reads JSON lines: first a list of intents, each a list of sentences; then sentences. Answers each
line with one: the intent's number or null.
"""

import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from hassil.fuzzy import FuzzyNgramMatcher, SlotCombinationInfo
from hassil.intents import Intents
from hassil.util import normalize_text, remove_punctuation

from benchmarks.ngrams import train


def _plain(sentence: str) -> str:
    """Without what hassil reads as template signs."""
    return " ".join(re.sub(r"[\[\](){}<>|;:/\\]", " ", sentence).split())


def _normal(text: str) -> str:
    """A sentence as hassil compares it."""
    return remove_punctuation(normalize_text(text)).casefold().strip()


class Recognizer:
    """Strict first, then fuzzy, as in Home Assistant's conversation agent."""

    def __init__(self, intents: Sequence[Sequence[str]]) -> None:
        named = {str(n): [_plain(s) for s in sentences] for n, sentences in enumerate(intents)}
        data: dict[str, Any] = {
            "language": "nl",
            "intents": {name: {"data": [{"sentences": texts}]} for name, texts in named.items()},
        }
        # Strict recognition of plain sentences is equality; recognize() takes 0.3 s for 10,000.
        self._strict = {_normal(text): int(n) for n, texts in named.items() for text in texts}
        self._fuzzy = FuzzyNgramMatcher(
            intents=Intents.from_dict(data),
            intent_models={f"clinic_{name}": train(texts) for name, texts in named.items()},
            intent_slot_list_names={},
            slot_combinations={
                name: {(): SlotCombinationInfo(context_area=False)} for name in named
            },
            domain_keywords={},
        )

    def intent(self, text: str) -> int | None:
        """The number of the intent, or nothing."""
        if (strict := self._strict.get(_normal(text))) is not None:
            return strict
        fuzzy = self._fuzzy.match(text)
        return int(fuzzy.intent_name) if fuzzy else None


def main() -> None:
    """Serve until the input ends."""
    recognizer: Recognizer | None = None
    for line in sys.stdin:
        message = json.loads(line)
        answer = None
        if recognizer is None:
            recognizer = Recognizer(message)
        else:
            answer = recognizer.intent(message)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
