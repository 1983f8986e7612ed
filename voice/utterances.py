"""What a person said, in words and times; and how parts of one sentence become one utterance.

The recogniser cuts at every pause of half a second. People who search for words, and most
patients do, pause longer than that in mid-sentence; so its parts are joined here. All times are
in seconds since the start of the stream.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from voice.clarity import Evidence, clarity

_SURE = 0.99
"""Confidence of a word that no reading worth the name lacks."""

_MOST_READINGS = 5
"""Readings that leave with an utterance, the best one included; more only tell its confidence."""


@dataclass(frozen=True)
class Word:
    """One word and when it was said."""

    text: str
    start: float
    end: float
    confidence: float
    """Share (0 to 1) of the recogniser's own alternatives that have this word at this time.

    High for most wrong words too: it orders guesses, it can't reject by itself.
    """


@dataclass(frozen=True)
class Utterance:
    """A sentence or command, complete: its speaker has paused. Never empty."""

    text: str
    words: tuple[Word, ...]
    alternatives: tuple[str, ...]
    """Other readings, likeliest first, without ``text`` itself; none where all was clear."""
    start: float
    end: float
    settled_at: float
    """How much of the stream had been heard when it left; the delay is ``settled_at - end``."""
    evidence: Evidence
    """What tells how well it was heard."""

    @property
    def clarity(self) -> float:
        """How well it was heard, 0 to 1."""
        return clarity(self.evidence)


@dataclass(frozen=True)
class Partial:
    """What was understood so far of a sentence that goes on; may change at any time."""

    text: str
    at: float


@dataclass(frozen=True)
class Part:
    """What the recogniser gives between two pauses. Never empty."""

    words: tuple[Word, ...]
    readings: tuple[tuple[str, float], ...]
    """Texts with their log-probabilities, best first. Only differences between those count."""
    guessed: int = 0
    """Words of earlier guesses at it, each guess counted anew."""
    kept: int = 0
    """Those of them that it still has."""

    @property
    def text(self) -> str:
        """The likeliest reading."""
        return self.readings[0][0]

    @property
    def start(self) -> float:
        """When the first word began."""
        return self.words[0].start

    @property
    def end(self) -> float:
        """When the last word ended."""
        return self.words[-1].end

    @property
    def longest_pause(self) -> float:
        """The longest time between two of its words."""
        return max((b.start - a.end for a, b in pairwise(self.words)), default=0.0)


@dataclass(frozen=True)
class Hypothesis:
    """One of the n-best hypotheses of a part, as the recogniser reports it."""

    text: str
    log_probability: float
    words: tuple[tuple[str, float, float], ...]
    """Word, start and end."""

    def within(self, start: float, end: float) -> "Hypothesis":
        """Keep only the words that were said, at least in part, from ``start`` to ``end``."""
        words = tuple(word for word in self.words if word[1] < end and word[2] > start)
        return Hypothesis(" ".join(text for text, _, _ in words), self.log_probability, words)


def part_from(readings: Sequence[Hypothesis], guesses: Sequence[str] = ()) -> Part | None:
    """Make a part of n-best readings, best first; None where the best one holds no words.

    Args:
        readings: what the recogniser makes of it in the end.
        guesses: what it made of it while it was said.
    """
    if not readings or not readings[0].words:
        return None
    best = readings[0]
    weights = [math.exp(other.log_probability - best.log_probability) for other in readings]
    total = sum(weights)
    words = tuple(
        Word(text, start, end, _support(text, start, end, readings, weights) / total)
        for text, start, end in best.words
    )
    distinct: dict[str, float] = {}
    for reading in readings:
        if reading.text:
            distinct.setdefault(reading.text, reading.log_probability)
    said = {word.text for word in words}
    guessed = [word for guess in guesses for word in guess.split()]
    kept = sum(word in said for word in guessed)
    return Part(words, tuple(distinct.items()), len(guessed), kept)


def _support(
    text: str, start: float, end: float, readings: Sequence[Hypothesis], weights: Sequence[float]
) -> float:
    """Add up the weights of the readings in which the word is said at an overlapping time."""
    return sum(
        weight
        for reading, weight in zip(readings, weights, strict=True)
        if any(word == text and s < end and start < e for word, s, e in reading.words)
    )


def joined(first: Part, second: Part, most: int) -> Part:
    """Put two parts of a sentence together, with the ``most`` likeliest pairs of readings."""
    pairs = [
        (f"{one} {other}", one_weight + other_weight)
        for one, one_weight in first.readings
        for other, other_weight in second.readings
    ]
    pairs.sort(key=lambda pair: -pair[1])
    return Part(
        first.words + second.words,
        tuple(pairs[:most]),
        first.guessed + second.guessed,
        first.kept + second.kept,
    )


def utterance_from(part: Part, settled_at: float, contrast_db: float) -> Utterance:
    """Let a part leave as an utterance, whose voice was louder than the quiet by so much."""
    confidences = [word.confidence for word in part.words]
    evidence = Evidence(
        confidence=sum(confidences) / len(confidences),
        sure=sum(share > _SURE for share in confidences) / len(confidences),
        kept=part.kept / part.guessed if part.guessed else 1.0,
        contrast_db=contrast_db,
        words=len(part.words),
        readings=len(part.readings),
    )
    return Utterance(
        text=part.text,
        words=part.words,
        alternatives=tuple(text for text, _ in part.readings[1:_MOST_READINGS]),
        start=part.start,
        end=part.end,
        settled_at=settled_at,
        evidence=evidence,
    )
