"""A linear classifier over words and letter groups, fitted in closed form.

The nearest phrase tells what is said; a linear classifier tells what sets the classes apart. Ridge
regression on the phrases does that, needs no iteration, and gives the exact answer it would have
given without a template's own phrases (leave-one-out by block), from which the calibration learns.
"""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from intents.dutch import sound, stem

BUCKETS = 8192
"""Columns that words and letter groups are hashed into."""

SAMPLE = 1.0
"""Phrases of a template of 1, 4, 100 variants that are fitted: 1, 2, 10."""

AT_MOST = 5000
"""Phrases that are fitted, for time grows with its cube; a larger catalogue is sampled, evenly over
its templates."""

RIDGE = 0.3
"""Shrinkage; larger means less trust in single words."""

Matrix = NDArray[np.float32]


@lru_cache(maxsize=200_000)
def _letters(word: str) -> tuple[int, ...]:
    """Buckets of the groups of 2 to 4 letters of a word."""
    padded = f" {word} "
    return tuple(
        zlib.crc32(padded[i : i + n].encode()) % (BUCKETS // 2)
        for n in (2, 3, 4)
        for i in range(len(padded) - n + 1)
    )


@lru_cache(maxsize=200_000)
def _bucket(words: str) -> int:
    """Bucket of a word or pair of words."""
    return BUCKETS // 2 + zlib.crc32(words.encode()) % (BUCKETS // 2)


def vector(sentence: Sequence[str]) -> Matrix:
    """Counts (damped) of letter groups, words and word pairs of ``sentence``, (BUCKETS,)."""
    counts = np.zeros(BUCKETS, dtype=np.float32)
    stems = [stem(w) for w in sentence]
    letters = [b for w in sentence for b in _letters(sound(w))]
    pairs = [f"{a} {b}" for a, b in pairwise(stems)]
    np.add.at(counts, letters + [_bucket(w) for w in (*stems, *pairs)], 1)
    return np.log1p(counts)


@dataclass(frozen=True, eq=False)
class Linear:
    """The fitted classifier: weights of each bucket's rarity and for each class."""

    rarity: Matrix
    """(BUCKETS,)"""
    weights: Matrix
    """(BUCKETS + 1, C), the last row is the bias."""

    def scores(self, sentence: Sequence[str]) -> Matrix:
        """Score of each class, about 0..1, (C,)."""
        scores: Matrix = _scaled(vector(sentence)[None], self.rarity)[0] @ self.weights
        return scores


def _scaled(counts: Matrix, rarity: Matrix) -> Matrix:
    """Weighted by rarity, letters and words each of length one, and a column of ones."""
    values = counts * rarity
    half = BUCKETS // 2
    for part in (slice(half), slice(half, None)):
        length = np.linalg.norm(values[:, part], axis=1, keepdims=True)
        values[:, part] /= np.maximum(length, 1e-6)
    return np.concatenate([values, np.ones((len(values), 1), np.float32)], axis=1)


def sample(groups: NDArray[np.int32], dice: random.Random) -> list[int]:
    """Phrases to fit: of each template as many as the root of its size asks, AT_MOST in all."""
    members: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(int(group), []).append(i)
    for of_group in members.values():
        dice.shuffle(of_group)
    first = [m[0] for m in members.values()]
    more = [i for m in members.values() for i in m[1 : round(SAMPLE * len(m) ** 0.5)]]
    dice.shuffle(first)
    dice.shuffle(more)
    return sorted((first + more)[:AT_MOST])


@dataclass(frozen=True, eq=False)
class Fitted:
    """A classifier with what is needed to ask it without a template."""

    linear: Linear
    rows: Matrix
    """The fitted sentences, (N, BUCKETS + 1), each times the root of its trust."""
    dual: Matrix
    """(N, C)"""
    inverse: Matrix
    """Inverse of the regularised kernel, (N, N)."""
    groups: NDArray[np.int32]
    """Template of each sentence, (N,)."""

    def without(self, sentences: Sequence[Sequence[str]], groups: Sequence[int | None]) -> Matrix:
        """The scores of each sentence, had its template (where not None) not been there, (Q, C)."""
        raw = np.stack([vector(s) for s in sentences])
        kernels = _scaled(raw, self.linear.rarity) @ self.rows.T
        scores = (kernels @ self.dual).astype(np.float32)
        for i, group in enumerate(groups):
            if group is not None and (self.groups == group).any():
                at = np.flatnonzero(self.groups == group)
                block = self.inverse[np.ix_(at, at)]
                undo = self.inverse[:, at] @ np.linalg.solve(block, self.dual[at])
                scores[i] = kernels[i] @ (self.dual - undo)
        return scores


def fit(
    sentences: Sequence[Sequence[str]],
    classes: NDArray[np.int32],
    groups: NDArray[np.int32],
    count: int,
) -> Fitted:
    """Fit on sentences with their class (of ``count``) and template.

    A template weighs the root of its size, whatever the number of its sentences.
    """
    raw = np.stack([vector(s) for s in sentences])
    rarity = np.log(1 + len(raw) / np.maximum((raw > 0).sum(0), 1)).astype(np.float32)
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    trust: Matrix = np.sqrt(1 / np.sqrt(sizes[place].astype(np.float32)))[:, None]
    rows = _scaled(raw, rarity) * trust
    target = np.eye(count, dtype=np.float32)[classes] * trust
    kernel = rows @ rows.T + RIDGE * np.eye(len(rows), dtype=np.float32)
    inverse = np.linalg.inv(kernel).astype(np.float32)
    dual = (inverse @ target).astype(np.float32)
    return Fitted(Linear(rarity, (rows.T @ dual).astype(np.float32)), rows, dual, inverse, groups)
