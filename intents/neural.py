"""A convolutional network that reads a whole sentence, for our own content.

It knows Dutch before it knows any complaint: it begins as a sentence encoder that others learnt
from a great deal of text (`intents.pieces`), and `python -m training understanding` goes on from
there with our own sentences. So it understands words that no phrase has, and the order of words.
A content pack is read without it: to train it takes PyTorch and twenty minutes of two cores. Here
it is only read, with nothing but numpy.

Source of the encoder: Y. Yang et al., "Multilingual universal sentence encoder for semantic
retrieval", ACL 2020 (system demonstrations), the convolutional one; of learning on from it: J.
Howard and S. Ruder, "Universal language model fine-tuning for text classification", ACL 2018.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from intents.kept import replace_whole
from intents.pieces import Pieces
from intents.sparse import Floats

LEARNT = Path(__file__).with_suffix(".npz")
"""The weights, as `training.understanding` writes them."""

WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces that each branch sees at once, and how many of them stand before the one it is at."""

UNITS = 256
"""Of each branch."""

_BRANCHES = tuple(pairwise(accumulate((UNITS * window for window, _ in WINDOWS), initial=0)))
"""The rows of each branch in the weights of all."""

SMALL = 1e-6
"""Added to a variance, so that nothing is divided by zero."""


@dataclass(frozen=True, eq=False)
class Layers:
    """The weights.

    D = 512 numbers of a piece, U = UNITS of a branch, F = D + 3U of a piece in its sentence, S and
    M of the two layers that are made of all pieces, C classes.
    """

    inward: Floats
    """(D, 3U)"""
    inward_bias: Floats
    """(3U,)"""
    inward_scale: Floats
    """(3U,)"""
    inward_shift: Floats
    """(3U,)"""
    first: Floats
    """Of all branches, one under the other, (10U, U)."""
    first_bias: Floats
    """(3, U)"""
    second: Floats
    """Of all branches, one under the other, (10U, U)."""
    second_bias: Floats
    """(3, U)"""
    scale: Floats
    """(F,)"""
    shift: Floats
    """(F,)"""
    summed: Floats
    """From the sum over the pieces, (F, S)."""
    summed_share: Floats
    """That of each piece in the bias of the sum, (S,)."""
    summed_bias: Floats
    """(S,)"""
    most: Floats
    """From each piece, of which the largest counts, (F, M)."""
    most_bias: Floats
    """(M,)"""
    last: Floats
    """(S + M, C)"""
    last_bias: Floats
    """(C,)"""


@dataclass(frozen=True, eq=False)
class Neural:
    """The network with the classes that it knows."""

    labels: tuple[str, ...]
    """Its C classes: those of the catalogue, then the parts of a topic that may be asked for."""
    layers: Layers
    pieces: Pieces
    calibration: NDArray[np.float64]
    """How sure its scores and those of the linear classifier make us: weights as
    `intents.calibration.fit` gives them."""

    def logits(self, words: Sequence[str]) -> Floats:
        """The logarithm of the odds of each class, (C,).

        Args:
            words: tokens, at least one.
        """
        of = self.layers
        vectors = self.pieces.vectors(self.pieces.rows(words))
        inner = _layer_norm(vectors @ of.inward + of.inward_bias, of.inward_scale, of.inward_shift)
        told = [vectors]
        for at, ((window, before), (start, end)) in enumerate(zip(WINDOWS, _BRANCHES, strict=True)):
            own = inner[:, at * UNITS : (at + 1) * UNITS]
            for weights, bias in ((of.first, of.first_bias), (of.second, of.second_bias)):
                seen = _windows(own, window, before)
                own = np.maximum(seen @ weights[start:end] + bias[at], 0) + own
            told.append(own)
        features = _layer_norm(np.hstack(told), of.scale, of.shift)
        root = np.sqrt(np.float32(len(vectors)))
        summed = features.sum(axis=0) / root @ of.summed + root * of.summed_share + of.summed_bias
        most = (features @ of.most + of.most_bias).max(axis=0)
        layer = np.maximum(np.concatenate([summed, most]), 0)
        return np.asarray(layer @ of.last + of.last_bias)


def _layer_norm(rows: Floats, scale: Floats, shift: Floats) -> Floats:
    """Layer normalisation (Ba et al. 2016): mean 0 and variance 1 a row, then scale and shift."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    spread = np.sqrt((rows**2).mean(axis=1, keepdims=True) + SMALL)
    return np.asarray(rows / spread * scale + shift)


def _windows(rows: Floats, window: int, before: int) -> Floats:
    """What stands around each row, side by side; zeros beyond the ends. (L, window * U)."""
    padded = np.pad(rows, ((before, window - 1 - before), (0, 0)))
    return np.hstack([padded[i : i + len(rows)] for i in range(window)])


def keep(network: Neural, path: Path = LEARNT) -> None:
    """Write it, at half precision; all of it or nothing."""
    pieces, layers = network.pieces, network.layers
    arrays: dict[str, Any] = {
        "labels": _joined(network.labels), "calibration": network.calibration,
        "names": _joined(pieces.names), "chances": pieces.log_probabilities, "bytes": pieces.codes,
        "steps": pieces.steps, "starts": pieces.lowest,
    }  # fmt: skip
    for each in fields(Layers):
        arrays[each.name] = getattr(layers, each.name).astype(np.float16)
    # Packed it would hardly be smaller, and slower to read.
    replace_whole(path, lambda part: np.savez(part, **arrays))


@cache
def learnt(labels: tuple[str, ...], path: Path = LEARNT) -> Neural | None:
    """What was learnt from our own content; None where that has other classes than these.

    Raises:
        OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile: the file is missing or damaged.
    """
    with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
        if _parted(found["labels"]) != labels:
            return None
        _compute_on_one_thread()
        pieces = Pieces(
            _parted(found["names"]), found["chances"], found["bytes"], found["steps"],
            found["starts"],
        )  # fmt: skip
        layers = Layers(**{e.name: found[e.name].astype(np.float32) for e in fields(Layers)})
        return Neural(labels, layers, pieces, found["calibration"])


def _compute_on_one_thread() -> None:
    """Have numpy's matrices multiplied by one thread, in all of this process.

    They are small. Two threads wait for each other longer than they compute where another program
    is busy: two processes at once on two cores took several times as long.
    """
    threadpool_limits(1, "blas")


def _joined(names: Sequence[str]) -> NDArray[np.str_]:
    return np.array("\n".join(names))


def _parted(names: NDArray[np.str_]) -> tuple[str, ...]:
    return tuple(str(names).split("\n"))
