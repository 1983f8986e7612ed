"""Sparse vectors: what is counted, what it weighs, how long it is."""

import numpy as np
import pytest

from intents.sparse import counted, hashed, rarity, scaled


def test_a_name_has_a_column_of_its_part() -> None:
    names = ["oog", "kuit", "oog"]
    first, second, third = hashed(names, size=10, start=100)
    assert first == third
    assert 100 <= min(first, second) <= max(first, second) < 110


def test_a_column_that_is_seen_twice_is_there_once_and_counts_less_than_twice() -> None:
    seen = counted([7, 3, 7])
    assert dict(zip(seen.columns.tolist(), seen.counts.tolist(), strict=True)) == pytest.approx(
        {7: np.log(3), 3: np.log(2)}
    )


def test_a_column_is_the_rarer_the_fewer_have_it() -> None:
    rare = rarity([counted([0, 1]), counted([0, 2]), counted([0])], 4)
    assert rare[0] < rare[1] == rare[2] == rare[3]


def test_each_part_has_its_length_and_the_bias_is_one() -> None:
    parts = ((0, 4, 1.0), (4, 8, 0.5), (8, 10, 0.7))
    columns, values = scaled(counted([1, 2, 2, 5]), np.ones(10, np.float32), parts)
    lengths = [np.linalg.norm(values[(start <= columns) & (columns < end)])
               for start, end, _ in parts]  # fmt: skip
    assert lengths == pytest.approx([1.0, 0.5, 0.0])
    assert (columns[-1], values[-1]) == (10, 1.0)
    assert np.isfinite(values).all()
