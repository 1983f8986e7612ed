"""Kaldi's binary values, written and read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from training.kaldi_io import Reader, Writer

FLOATS = st.floats(-1e3, 1e3, width=32)
MATRICES = arrays.arrays(np.float32, st.tuples(*[st.integers(1, 6)] * 2), elements=FLOATS)


def written(matrix: np.ndarray) -> bytes:
    out = Writer()
    out.compact_matrix(matrix)
    return out.data


@given(MATRICES)
def test_a_compact_matrix_is_right_to_a_part_in_65535_and_stays_as_it_is(
    matrix: np.ndarray,
) -> None:
    read = Reader(written(matrix)).matrix()
    assert read.shape == matrix.shape
    assert np.abs(read - matrix).max() <= np.ptp(matrix.astype(float)) / 65535 + 1e-4
    assert Reader(written(read)).matrix() == pytest.approx(read, abs=1e-3)


def test_a_compact_matrix_is_half_as_large() -> None:
    matrix = np.random.default_rng(1).normal(0, 1, (200, 300))
    whole = Writer()
    whole.matrix(matrix)
    assert len(written(matrix)) < 0.51 * len(whole.data)


def test_what_follows_a_compact_matrix_is_read_too() -> None:
    out = Writer()
    out.compact_matrix(np.eye(3))
    out.token("next")
    reader = Reader(out.data)
    assert np.array_equal(reader.matrix(), np.eye(3))
    assert reader.token() == "next"
