"""Sparse vectors of hashed features: counted, damped, weighted by rarity, of a set length."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Parts = Sequence[tuple[int, int, float]]
"""First column, the one after the last, and the length of that part of a vector."""


@dataclass(frozen=True, eq=False)
class Features:
    """What is seen of some words: column numbers, each once, and damped counts; both (n,)."""

    columns: Ints
    counts: Floats


def hashed(names: Iterable[str], size: int, start: int = 0) -> Iterator[int]:
    """The column of each name, of the ``size`` columns from ``start``."""
    return (start + zlib.crc32(name.encode()) % size for name in names)


def counted(columns: Iterable[int]) -> Features:
    """Columns with how often each is there, damped."""
    counts = Counter(columns)
    found = np.fromiter(counts, dtype=np.int32, count=len(counts))
    often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    return Features(found, np.log1p(often))


def rarity(seen: Sequence[Features], size: int) -> Floats:
    """Inverse document frequency of each of ``size`` columns, (size,); common ones are near 0.7."""
    often = np.bincount(np.concatenate([s.columns for s in seen]), minlength=size)
    return np.asarray(np.log(1 + len(seen) / np.maximum(often, 1)), np.float32)


def scaled(seen: Features, rare: Floats, parts: Parts) -> tuple[Ints, Floats]:
    """Columns and values: weighted by rarity, each part at its length, and a one for the bias."""
    values = seen.counts * rare[seen.columns]
    for start, end, length in parts:
        part = (seen.columns >= start) & (seen.columns < end)
        values[part] *= length / max(float(np.linalg.norm(values[part])), 1e-6)
    bias = np.int32(parts[-1][1])
    return np.append(seen.columns, bias), np.append(values, np.float32(1))
