"""Waiting times as a histogram with fixed bounds: as small after a year as after a day."""

from bisect import bisect_left
from collections.abc import Mapping

BOUNDS = (100, 200, 300, 400, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000)
"""Upper bounds in milliseconds; whatever takes longer counts for the last one."""


def bucket(seconds: float) -> str:
    """The name of the bucket for a waiting time: its upper bound in milliseconds."""
    place = bisect_left(BOUNDS, seconds * 1_000)
    return str(BOUNDS[min(place, len(BOUNDS) - 1)])


def quantile(buckets: Mapping[str, int], share: float) -> float | None:
    """The time within which a share (0..1) of all waits ended, in milliseconds; None of none.

    Within a bucket waits are taken to lie evenly, so the answer is as fine as the bounds.
    """
    numbers = [buckets.get(str(bound), 0) for bound in BOUNDS]
    wanted = share * sum(numbers)
    before, lower = 0, 0
    for bound, number in zip(BOUNDS, numbers, strict=True):
        if number and before + number >= wanted:
            return lower + (bound - lower) * (wanted - before) / number
        before, lower = before + number, bound
    return None
