"""Finds signs that can't wait, wherever they stand in what is said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.catalogue import Phrase
from intents.dutch import NEGATIONS
from intents.index import Index, spell

SPAN_SLACK = 3
"""Words that may stand between those of a sign ("pijn, hier zo, op mijn borst")."""


@dataclass(frozen=True)
class Sign:
    """The sign that fits best, how well (0..1), and which words of the sentence it takes."""

    phrase: Phrase
    score: float
    words: tuple[int, ...]


class SignFinder:
    """Looks for the words of a sign close together, whatever else is said."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.index = Index(phrases)
        negations = {spell(w) for w in NEGATIONS}
        at = [i for i, w in enumerate(self.index.words) if w in negations]
        self.negated = np.isin(self.index.rows, at).any(1)

    def find(self, sentence: Sequence[str]) -> Sign | None:
        """The best sign in ``sentence`` (tokens), or None where there is none at all."""
        index = self.index
        words = [spell(w) for w in sentence]
        table, _ = index.likeness(words)
        rows = index.rows
        if not (table.max(1) > 0).any():
            return None
        weights = index.weights[rows]
        seen = table[:, rows]  # (n, P, M)
        like = seen.max(0)
        recall = (like * weights).sum(1) / index.phrase_weight
        best = None
        negation = np.array([w in NEGATIONS for w in sentence])
        for p in np.argsort(-recall)[:40]:
            score, used = self._score(int(p), seen[:, p], negation)
            if best is None or score > best[0]:
                best = (score, int(p), used)
        if best is None:
            return None
        return Sign(index.phrases[best[1]], best[0], best[2])

    def _score(
        self, p: int, seen: np.ndarray, negation: np.ndarray
    ) -> tuple[float, tuple[int, ...]]:
        """How well phrase ``p`` fits: its weight that is said, near together, and not denied."""
        index = self.index
        length = int((index.rows[p] < len(index.words)).sum())
        weights = index.weights[index.rows[p, :length]]
        best, used = 0.0, ()
        window = length + SPAN_SLACK
        for start in range(max(1, len(seen) - window + 1)):
            part = seen[start : start + window, :length]
            like = part.max(0)
            score = float((like * weights).sum() / weights.sum())
            if score > best:
                where = part.argmax(0)[like > 0] + start
                best, used = score, tuple(sorted({int(w) for w in where}))
        if used and not self.negated[p]:
            span = negation[max(0, used[0] - 2) : used[-1] + 2]
            if span.any():
                best *= 0.5
        return best, used
