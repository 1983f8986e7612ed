"""The histogram of waiting times against the waits themselves."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counters.latency import BOUNDS, bucket, quantile

WAITS = st.lists(st.floats(0.0, BOUNDS[-1] / 1_000), min_size=1, max_size=200)


@given(WAITS, st.floats(0.01, 1.0))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(waits: list[float], share: float) -> None:
    estimate = quantile(Counter(map(bucket, waits)), share)
    truth = float(np.quantile(waits, share, method="inverted_cdf"))
    upper = int(bucket(truth))
    lower = max([0, *(bound for bound in BOUNDS if bound < upper)])
    assert estimate is not None
    assert lower - 1e-6 <= estimate <= upper + 1e-6


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-0.1, "100"), (0.0, "100"), (0.1, "100"), (0.101, "200"), (10.0, "10000"), (99.0, "10000")],
)
def test_each_wait_has_its_bucket(seconds: float, expected: str) -> None:
    assert bucket(seconds) == expected


def test_no_waits_have_no_quantile() -> None:
    assert quantile({}, 0.5) is None
