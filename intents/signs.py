"""Finds the words of a red flag close together, wherever they stand in what is said."""

from collections.abc import Sequence

import numpy as np

from intents.dutch import spell
from intents.index import Index

ENOUGH = 0.8
"""Share of a sign's weight that must be heard for it to be looked at."""

SLACK = 3
"""Words that may stand between those of a sign ("pijn, hier zo, op mijn borst")."""

AT_MOST = 6
"""Signs that are looked at closely."""


class SignFinder:
    """Knows the red flags of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        spans = [
            np.arange(index.starts[c], index.starts[c + 1])
            for c, kind in enumerate(index.kinds)
            if kind == "red_flag"
        ]
        self._phrases = np.concatenate(spans) if spans else np.zeros(0, dtype=np.int64)

    def places(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Where signs may stand in ``words``: ranges of words, the best fit first."""
        index = self._index
        if not len(self._phrases):
            return []
        table, _ = index.likeness([spell(w) for w in words])
        rows = index.rows[self._phrases]
        weights = index.weights[rows]
        heard = (table.max(0)[rows] * weights).sum(1) / index.phrase_weight[self._phrases]
        likely = np.argsort(-heard, kind="stable")[:AT_MOST]
        found: dict[tuple[int, int], float] = {}
        for p in likely[heard[likely] >= ENOUGH]:
            place, share = self._tightest(table[:, rows[p]], weights[p])
            if share >= ENOUGH:
                found[place] = max(share, found.get(place, 0.0))
        return sorted(found, key=lambda place: -found[place])

    def _tightest(self, seen: np.ndarray, weights: np.ndarray) -> tuple[tuple[int, int], float]:
        """The window that holds most of one sign's weight; ``seen`` is (n, M)."""
        length = int((weights > 0).sum())
        window = min(length + SLACK, len(seen))
        best, share = (0, window), 0.0
        for start in range(len(seen) - window + 1):
            part = seen[start : start + window]
            like = part.max(0)
            now = float((like * weights).sum() / weights.sum())
            if now > share + 1e-6:
                used = part.argmax(0)[like > 0]
                best, share = (start + int(used.min()), start + int(used.max()) + 1), now
        return best, share
