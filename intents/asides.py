"""Which of the topics that are named is meant: "ms dat was mijn zus, bij mij is het de stress".

People name what they do not mean to be rid of it: it is over, in order, somebody else's, known
already, misheard. No list of negations holds the ways to say that, so they are learnt, from
sentences about two topics of which one is set aside (``together.toml``) and from denials. Each
topic's place is blotted out, and a linear classifier reads what stands around it: what it learns is
of the language and hardly of any subject, and serves any content pack.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from intents.clauses import NEGATIONS
from intents.concepts import senses
from intents.dutch import FILLERS, FUNCTION_WORDS, HESITATIONS, stem
from intents.linear import descend
from intents.sparse import Features, Floats, Parts, counted, hashed, rarity, scaled

COLUMNS = 2**15
"""Columns that what is seen around a place is hashed into."""

_PARTS: Parts = ((0, COLUMNS, 1.0),)

COST, COST_OF_CONTRAST = 1.0, 2.0
"""How much an error costs, and in a sentence that names two topics."""

_COMMON = FUNCTION_WORDS | FILLERS | NEGATIONS
_HERE, _OTHER, _CONTENT = "<t>", "<o>", "*"
_NEAREST = 4
"""Words on each side that count as they stand."""

Scores = Callable[[tuple[str, ...]], Floats]
"""The score of each class, (C,), of some words."""


@dataclass(frozen=True)
class Mention:
    """A topic that is named in some words."""

    words: tuple[str, ...]
    at: int
    """The word that names it, counted from 0."""
    others: tuple[int, ...] = ()
    """The words that name other topics."""


def mentions(words: tuple[str, ...], topics: Sequence[int], scores: Scores) -> list[Mention]:
    """Where some words name these classes: at the words without which their scores fall most.

    No word names two of them, where there are as many words; the deepest fall goes first. The
    mentions are without hesitation, which says nothing of what is meant.
    """
    words = tuple(word for word in words if word not in HESITATIONS) or words
    whole = scores(words)
    rest = [scores(words[:at] + words[at + 1 :]) if len(words) > 1 else 0 * whole
            for at in range(len(words))]  # fmt: skip
    falls = (whole - np.stack(rest))[:, list(topics)]
    places = falls.argmax(axis=0).tolist()
    for _ in range(min(falls.shape)):
        at, topic = divmod(int(falls.argmax()), len(topics))
        places[topic] = at
        falls[at, :] = falls[:, topic] = -np.inf
    return [Mention(words, at, tuple(p for p in places if p != at)) for at in places]


@dataclass(frozen=True, eq=False)
class Asides:
    """The fitted classifier."""

    rarity: Floats
    """(COLUMNS,)"""
    weights: Floats | NDArray[np.float16]
    """(COLUMNS + 1, 1), the last row is the bias."""

    def score(self, mention: Mention) -> float:
        """How sure a topic is set aside, about -1..1."""
        columns, values = scaled(_seen(mention), self.rarity, _PARTS)
        return float((values @ self.weights[columns].astype(np.float32))[0])


def fit(examples: Sequence[tuple[Mention, bool]]) -> Asides:
    """Learn from places, and whether the topic named there is set aside; from none: it never is."""
    if not examples:
        weights = np.zeros((COLUMNS + 1, 1), np.float32)
        weights[-1] = -1.0
        return Asides(np.ones(COLUMNS, np.float32), weights)
    seen = [_seen(mention) for mention, _ in examples]
    rare = rarity(seen, COLUMNS)
    signs = np.array([[1.0 if aside else -1.0] for _, aside in examples], dtype=np.float32)
    costs = np.array([COST_OF_CONTRAST if m.others else COST for m, _ in examples])
    rows = [scaled(one, rare, _PARTS) for one in seen]
    return Asides(rare, descend(rows, signs, costs, COLUMNS + 1))


def _seen(mention: Mention) -> Features:
    """What stands around a place."""
    return counted(hashed(_names(mention), COLUMNS))


def _names(mention: Mention) -> Iterator[str]:
    """The features: all of it twice, in its words and in its frame."""
    words, at = mention.words, mention.at
    start = max((p + 1 for p in mention.others if p < at), default=0)
    end = min((p for p in mention.others if p > at), default=len(words))
    place = f"{start > 0}{end < len(words)}"
    own = (*words[start:at], *words[at + 1 : end])
    yield place
    yield f"{place} {sum(w in NEGATIONS for w in own)} {NEGATIONS.isdisjoint(words)}"
    for sense in (name for word in own for name in senses(word)):
        yield from (f"s {sense}", f"s {place} {sense}")
    blots = dict.fromkeys(mention.others, _OTHER) | {at: _HERE}
    blotted = [blots.get(here, "") for here in range(len(words))]
    told = [blot or stem(word) for blot, word in zip(blotted, words, strict=True)]
    frame = [blot or _in_frame(word) for blot, word in zip(blotted, words, strict=True)]
    for kind, text in (("w", told), ("f", frame)):
        yield from (f"{kind} {name}" for name in _around(text, at, start, end, place))


def _in_frame(word: str) -> str:
    """A word that tells no subject; else what it tells of whether something is so, or a blot."""
    return word if word in _COMMON else (senses(word) or (_CONTENT,))[0]


def _around(text: Sequence[str], at: int, start: int, end: int, place: str) -> Iterator[str]:
    """What stands beside a place, in the stretch that is its own, and beyond.

    Args:
        text: the words, those that name topics blotted out.
        at: the place.
        start: where its own stretch begins, after the topic before it.
        end: where it ends, at the next topic.
        place: whether there are such topics.
    """
    left, right = ["^", "^", *text[:at]], [*text[at + 1 :], "$", "$"]
    for n in range(1, _NEAREST + 1):
        yield from (f"l {' '.join(left[-n:])}", f"r {' '.join(right[:n])}")
    for n in (1, 2):
        yield f"lr {' '.join(left[-n:])} | {' '.join(right[:n])}"
    for side, words in (("b", text[start : at + 1]), ("a", text[at:end])):
        yield from (f"{side} {word}" for word in words)
        for n in (2, 3):
            for run in zip(*(words[k:] for k in range(n)), strict=False):
                yield from (f"{side} {' '.join(run)}", f"{side} {place} {' '.join(run)}")
    for side, words in (("B", text[:start]), ("A", text[end:])):
        yield from (f"{side} {word}" for word in words)
        yield from (f"{side} {' '.join(pair)}" for pair in pairwise(words))
