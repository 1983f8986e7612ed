"""Whether a speaker seems to have said it all: how long to wait for more words.

Whoever is answered too early is cut off, and what comes after may be the sign that can't wait; so
only what is plain, short and sure counts as complete.
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from intents.clauses import NEGATIONS, clauses
from intents.dutch import FUNCTION_WORDS, HESITATIONS, stem, tokens
from intents.matcher import Matcher
from intents.results import Command, Match, Result

Completeness = Literal["complete", "open", "unfinished"]
"""``complete``: an answer to it is plain; ``unfinished``: a word must follow; ``open``: either."""

_WORDS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
_UNFINISHED = frozenset(_WORDS["unfinished"])
_SURE = 0.9
"""Probability from which the only topic of a sentence is not in doubt."""
_SHORTEST, _LONGEST = 4, 10
"""Words: "mijn oog trilt" may go on in any way, and whoever says more than ten tells a story."""
_TOLD = 0.75
"""Share of the words of the nearest known phrase that must have been said, and where all of them
were, share of what was said that the phrase must hold for its length not to matter."""
_CALLS_FOR_MORE = frozenset(["help"])
"""Commands after which the worst may follow ("help, mijn zoontje ademt niet")."""


class CompletenessJudge:
    """Judges what was heard so far. Keeps no state of its own, so safe to share between threads."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def __call__(self, text: str, alternatives: Sequence[str] = ()) -> Completeness:
        """Judge a sentence that somebody pauses in or after.

        Args:
            text: what was heard since that person began.
            alternatives: other hearings of it; where they leave doubt it is not complete.
        """
        said = tokens(text)
        if not said:
            return "open"
        result = self._matcher.understand(text, alternatives)
        if said[-1] in HESITATIONS:
            return "unfinished"
        if said[-1] in _UNFINISHED and not isinstance(result, Command):  # "stop maar"
            return "unfinished"
        return "complete" if self._is_plain(said, result) else "open"

    def _is_plain(self, said: tuple[str, ...], result: Result) -> bool:
        """Whether nothing that may follow is likely to change the answer."""
        if not HESITATIONS.isdisjoint(said):
            return False
        match result:
            case Command(command=command, probability=1.0):
                return command not in _CALLS_FOR_MORE and not FUNCTION_WORDS.issuperset(said)
            case Match(topics=(only,)):
                sure = only.probability >= _SURE and NEGATIONS.isdisjoint(said)
                return sure and len(said) >= _SHORTEST and _is_whole(said, tokens(only.phrase))
            case _:
                return False


def _is_whole(said: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether ``phrase`` was said to its end, in one simple sentence or in much the same words."""
    told = _share(phrase, said)
    if told == 1.0 and _share(said, phrase) >= _TOLD:
        return True
    return told >= _TOLD and len(said) <= _LONGEST and len(clauses(said)) == 1


def _share(words: tuple[str, ...], of: tuple[str, ...]) -> float:
    """Share of ``words`` that are among others, whatever their form."""
    stems = {stem(word) for word in of}
    return sum(stem(word) in stems for word in words) / max(1, len(words))
