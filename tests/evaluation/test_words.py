"""Word errors, by hand."""

import pytest

from evaluation.words import ErrorRate, count_errors, total, words


@pytest.mark.parametrize(
    ("said", "heard", "errors", "length"),
    [
        ("Mijn oog trilt al.", "m'n oog trilt", 1, 4),
        ("Heb ik ALS?", "heb ik a l s", 0, 3),
        ("'t Is niets", "het is niets", 0, 3),
        ("ja", "ja ja ja", 2, 1),
        ("Mijn oog", "", 2, 2),
        ("", "het", 1, 0),
    ],
)
def test_errors_are_counted_in_words(said: str, heard: str, errors: int, length: int) -> None:
    assert count_errors(said, heard) == ErrorRate(errors, length, 1)


def test_quotes_and_dashes_are_no_words() -> None:
    assert words("‘Zo’n’ – oké-achtig – ding") == ["zo'n", "oké", "achtig", "ding"]


def test_rates_add_up_and_their_interval_stays_a_share() -> None:
    rate = total([ErrorRate(3, 2, 1), ErrorRate(2, 98, 1)])
    assert (rate.rate, rate.recordings) == (0.05, 2)
    low, high = rate.share.interval  # Wilson of 5 in 100
    assert (low, high) == pytest.approx((0.0215, 0.1118), abs=1e-3)
    assert ErrorRate(3, 1, 1).share.interval[1] == 1.0
