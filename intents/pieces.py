"""Pieces of Dutch words and what each of them means, as a vector: what `intents.neural` reads.

A word is cut into the pieces that are the most probable together, by the algorithm of Viterbi; so
any word has a meaning, if not always the right one. The pieces come from others (see ``ORIGIN.md``)
and are chosen by `training.pieces`.

Source: T. Kudo, "Subword regularization", ACL 2018 (the unigram language model).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from intents.sparse import Floats

START = "\u2581"
"""Marks a piece that begins a word."""

UNKNOWN, BEGIN, END = "<unk>", "<s>", "</s>"
_MOST = 255
"""Of a byte."""
_LEAST = 1e-6
"""Width of a vector, so that nothing is divided by zero."""
_STRANGE = 10.0
"""How much less probable than the rarest piece a letter is that is in none."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """N pieces; their vectors are kept in a byte a number."""

    names: tuple[str, ...]
    log_probabilities: Floats
    """The logarithm of each one's probability, (N,)."""
    codes: NDArray[np.uint8]
    """(N, 512)"""
    steps: Floats
    """What 1 of a code counts for in each vector, (N,)."""
    lowest: Floats
    """What the code 0 stands for in each vector, (N,)."""

    @classmethod
    def of(cls, names: Sequence[str], log_probabilities: Floats, vectors: Floats) -> "Pieces":
        """Keep vectors, (N, 512), in a byte a number."""
        lowest = vectors.min(axis=1)
        steps = (np.ptp(vectors, axis=1) + _LEAST) / _MOST
        codes = np.round((vectors - lowest[:, None]) / steps[:, None]).astype(np.uint8)
        return cls(tuple(names), log_probabilities, codes, steps, lowest)

    def rows(self, words: Sequence[str]) -> list[int]:
        """The pieces of a sentence, between those for its begin and its end."""
        inner = (row for word in words for row in self._cut(word))
        return [self._numbers[BEGIN], *inner, self._numbers[END]]

    def vectors(self, rows: Sequence[int]) -> Floats:
        """The meaning of each piece, (L, 512)."""
        chosen = list(rows)
        return self.codes[chosen] * self.steps[chosen, None] + self.lowest[chosen, None]

    @property
    def unknown(self) -> int:
        """The row of what is in no piece."""
        return self._numbers[UNKNOWN]

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.names))

    @cached_property
    def _cut(self) -> Callable[[str], tuple[int, ...]]:
        return lru_cache(maxsize=50_000)(self._most_probable)

    def _most_probable(self, word: str) -> tuple[int, ...]:
        """The pieces of a word."""
        text = START + word
        strange = float(self.log_probabilities.min()) - _STRANGE
        best = [0.0] + [-np.inf] * len(text)
        last = [(0, 0)] * len(best)
        for end in range(1, len(best)):
            for start in range(max(0, end - self._longest), end):
                number = self._numbers.get(text[start:end])
                if number is None and end - start > 1:
                    continue
                chance = strange if number is None else float(self.log_probabilities[number])
                if best[start] + chance > best[end]:
                    best[end] = best[start] + chance
                    last[end] = (start, self.unknown if number is None else number)
        found: list[int] = []
        end = len(text)
        while end:
            end, number = last[end]
            found.append(number)
        return tuple(reversed(found))
