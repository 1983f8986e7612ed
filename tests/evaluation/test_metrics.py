"""Figures against values worked out by hand or taken from the literature."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.metrics import Share, calibration_error, percentile, reliability, word_errors


def test_wilson_of_ten_right_in_ten_is_known() -> None:
    # 1 / (1 + z²/n) with z² = 3.8415: all right leaves room for a quarter wrong.
    low, high = Share(10, 10).interval
    assert low == pytest.approx(10 / 13.8415, abs=1e-4)
    assert high == pytest.approx(1.0)


def test_wilson_of_one_half_is_symmetrical() -> None:
    # Newcombe 1998, by hand: centre 0.5, half-width z/(1+z²/n) * sqrt(0.25/n + z²/4n²), n = 100.
    low, high = Share(50, 100).interval
    half = 1.959964 / (1 + 0.038415) * math.sqrt(0.0025 + 3.8415 / 40_000)
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-5)


def test_wilson_of_newcombes_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263.
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_nothing_counted_is_nothing_known() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert Share(0, 0).value == 0.0


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share(hits: int, more: int) -> None:
    share = Share(hits, hits + more)
    low, high = share.interval
    assert 0 <= low <= share.value <= high <= 1


def test_calibration_error_by_hand() -> None:
    # Bin 0.9-1.0: claimed 0.95, found 1/2, gap 0.45; bin 0.2-0.3: claimed 0.25, found 0, gap 0.25.
    claims = [(0.95, True), (0.95, False), (0.25, False), (0.25, False)]
    assert calibration_error(claims) == pytest.approx(0.5 * 0.45 + 0.5 * 0.25)


def test_honest_claims_have_no_error() -> None:
    claims = [(0.75, True)] * 3 + [(0.75, False)]
    assert calibration_error(claims) == pytest.approx(0.0)


def test_no_claims_have_no_error() -> None:
    assert calibration_error([]) == 0.0


def test_certainty_belongs_to_the_last_bin() -> None:
    (row,) = reliability([(1.0, True), (0.9, False)])
    assert (row.low, row.count, row.found) == (0.9, 2, 0.5)
    assert row.claimed == pytest.approx(0.95)


def test_percentiles_lie_between_the_values() -> None:
    assert percentile([4, 1, 3, 2], 50) == 2.5
    assert percentile([1, 2, 3, 4, 5], 95) == pytest.approx(4.8)
    assert percentile([7], 95) == 7


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_word_errors_count_words() -> None:
    assert word_errors(["mijn", "oog", "trilt"], ["mijn", "ook", "trilt", "zo"]) == 2
    assert word_errors(["mijn", "oog"], []) == 2
