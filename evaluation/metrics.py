"""The figures: shares with their uncertainty, calibration, percentiles, word errors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True)
class Share:
    """``hits`` of ``total``, with its 95 % Wilson score interval (Wilson 1927), all in 0..1."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share itself; 0 of nothing is 0."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end; of nothing everything is possible."""
        if not self.total:
            return 0.0, 1.0
        n, p, z2 = self.total, self.value, Z_95 * Z_95
        centre = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z_95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        # Rounding must not put the share itself outside.
        return max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half))

    def data(self) -> dict[str, Any]:
        """For a program, with its interval."""
        low, high = self.interval
        return {
            "hits": self.hits, "total": self.total, "share": self.value, "low": low, "high": high
        }  # fmt: skip

    def __str__(self) -> str:
        """As a table shows it: ``97.4 [95.1–98.7]``, in %."""
        low, high = self.interval
        return f"{100 * self.value:.1f} [{100 * low:.1f}–{100 * high:.1f}]"


@dataclass(frozen=True)
class Bin:
    """One row of a reliability table: claims of nearly the same probability."""

    low: float
    high: float
    count: int
    claimed: float
    """Mean of what was claimed."""
    found: float
    """Share of the claims that was right."""


def reliability(claims: Sequence[tuple[float, bool]], bins: int = 10) -> tuple[Bin, ...]:
    """Reliability table over equal-width bins, empty ones left out.

    Args:
        claims: (probability, whether it was right), the probability in 0..1.
        bins: number of bins over 0..1.
    """
    members: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for probability, right in claims:
        members[min(int(probability * bins), bins - 1)].append((probability, right))
    return tuple(
        Bin(
            index / bins,
            (index + 1) / bins,
            len(rows),
            sum(probability for probability, _ in rows) / len(rows),
            sum(right for _, right in rows) / len(rows),
        )
        for index, rows in enumerate(members)
        if rows
    )


def calibration_error(claims: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017): mean gap of claim and truth over the bins."""
    table = reliability(claims, bins)
    return sum(row.count * abs(row.claimed - row.found) for row in table) / max(len(claims), 1)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which ``percent`` % of the values lie, by linear interpolation.

    Raises:
        ValueError: of no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    at = percent / 100 * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def word_errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Words to substitute, delete or insert to turn ``reference`` into ``heard``."""
    return Levenshtein.distance(reference, heard)


@dataclass(frozen=True)
class Rate:
    """``count`` events in ``hours``, with an approximate 95 % interval of a Poisson rate (Byar)."""

    count: int
    hours: float

    @property
    def value(self) -> float:
        """Events an hour; 0 in no time is 0."""
        return self.count / self.hours if self.hours else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end, events an hour; in no time everything is possible."""
        if not self.hours:
            return 0.0, math.inf
        more = self.count + 1
        low = self._byar(self.count, -Z_95) if self.count else 0.0
        return low / self.hours, self._byar(more, Z_95) / self.hours

    @staticmethod
    def _byar(count: int, z: float) -> float:
        return count * (1 - 1 / (9 * count) + z / (3 * math.sqrt(count))) ** 3
