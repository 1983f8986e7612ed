"""What a speaker sets right within one breath: a slip of the tongue, or what our voice said.

The parts of a repair are those of E. Shriberg, "Preliminaries to a theory of speech disfluencies"
(1994): what is taken back, an editing term, and what is said instead, which begins anew where that
began. Who hesitates within a thing ("mijn eh kuit") or between two ("mijn oog sorry en mijn kuit")
takes nothing back.
"""

from intents.clauses import NEGATIONS
from intents.dutch import FILLERS, LANGUAGE

Words = tuple[str, ...]

_EDITING = sorted((tuple(term.split()) for term in LANGUAGE["editing"]), key=len, reverse=True)
_SAYS = frozenset(LANGUAGE["says"])
_BOTH = frozenset(LANGUAGE["both"])
_LISTENER = frozenset({"u", "jullie"})  # `tokens` makes "u" of "je", "jij" and "ge"

_LONGEST_TALK = 6
"""Words of what our voice is said to have said; who tells more of it has a point of his own."""


def repaired(words: Words) -> Words:
    """The words without what is taken back: "mijn arm eh nee mijn ooglid trilt"."""
    return _without_slip(_without_talk(words))


def _without_talk(words: Words) -> Words:
    """What follows "u zegt oog maar", where that is not meant too."""
    if len(words) < 2 or words[0] not in _LISTENER or words[1] not in _SAYS:
        return words
    if "maar" not in words or not _BOTH.isdisjoint(words):
        return words
    at = words.index("maar")
    after = words[at + 1 :]
    meant = len(after) > 1 and NEGATIONS.isdisjoint(after)
    return after if meant and at <= _LONGEST_TALK else words


def _without_slip(words: Words) -> Words:
    """The sentence without a thing that another takes the place of, and without what is between."""
    for start in range(2, len(words) - 1):
        end = _end_of_editing(words, start)
        after = words[end:]
        if end == start or len(after) < 2 or not _BOTH.isdisjoint(after):
            continue
        for length in (2, 3):  # "mijn arm | mijn ooglid", "in mijn arm | in mijn been"
            slip = words[start - length : start]
            if (
                len(slip) == length
                and slip[:-1] == after[: length - 1]
                and slip[-1] != after[length - 1]
            ):
                return words[: start - length] + after
    return words


def _end_of_editing(words: Words, start: int) -> int:
    """Where an editing term that begins at ``start`` ends, with fillers in it; else ``start``."""
    at, found = start, False
    while at < len(words):
        term = next((t for t in _EDITING if words[at : at + len(t)] == t), ())
        if not term and words[at] not in FILLERS:
            break
        found |= bool(term)
        at += max(1, len(term))
    return at if found else start
