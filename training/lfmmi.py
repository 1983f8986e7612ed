"""Lattice-free MMI: how much likelier the words that were said are than all that could be said.

Both sums over paths are forward passes over the frames, all utterances of a batch at once; PyTorch
differentiates them. Sources: D. Povey et al., "Purely sequence-trained neural networks for ASR
based on lattice-free MMI", Interspeech 2016; Hadian et al. 2018 (see ``supervision``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from training.supervision import Denominator, Numerator

Tensor = Any
"""torch.Tensor; the library has no types here."""
_NEVER = -1e30
"""Log of zero that stays finite, so that gradients are no NaN."""


@dataclass(frozen=True, eq=False)
class NumeratorBatch:
    """Numerators padded to one size: shapes (batch, n) and (batch, n, d)."""

    forward: Tensor
    loop: Tensor
    before: Tensor
    weight: Tensor
    first: Tensor
    last: Tensor

    def to(self, device: str) -> "NumeratorBatch":
        """The same on a device."""
        return NumeratorBatch(*(tensor.to(device) for tensor in vars(self).values()))


def numerator_batch(numerators: Sequence[Numerator]) -> NumeratorBatch:
    """Pad numerators with instances that no path enters."""
    size = max(len(n.forward) for n in numerators)
    degree = max(n.before.shape[1] for n in numerators)

    def padded(field: str, fill: float) -> Tensor:
        arrays = [getattr(n, field) for n in numerators]
        shape = (len(arrays), size, degree) if arrays[0].ndim == 2 else (len(arrays), size)
        out = np.full(shape, fill, arrays[0].dtype)
        for row, array in zip(out, arrays, strict=True):
            row[tuple(slice(n) for n in array.shape)] = array
        return torch.from_numpy(np.maximum(out, _NEVER) if out.dtype == np.float32 else out)

    return NumeratorBatch(
        padded("forward", 0), padded("loop", 0), padded("before", 0),
        padded("weight", _NEVER), padded("first", _NEVER), padded("last", _NEVER),
    )  # fmt: skip


def numerator_score(scores: Tensor, lengths: Tensor, batch: NumeratorBatch) -> Tensor:
    """Log of the sum over the numerator's paths; (batch, frames, outputs) to (batch,)."""
    frames, (rows, size, degree) = scores.shape[1], batch.before.shape
    steps = scores.shape[:2]
    enter = scores.gather(2, batch.forward[:, None].expand(*steps, size)).unbind(1)
    stay = scores.gather(2, batch.loop[:, None].expand(*steps, size)).unbind(1)
    before = batch.before.reshape(rows, size * degree)
    entered = batch.first + enter[0]
    stayed = torch.full_like(entered, _NEVER)
    for frame in range(1, frames):
        left = torch.logaddexp(entered, stayed)
        arriving = left.gather(1, before).view(rows, size, degree) + batch.weight
        going_on = (frame < lengths)[:, None]
        entered = torch.where(going_on, torch.logsumexp(arriving, 2) + enter[frame], entered)
        stayed = torch.where(going_on, left + stay[frame], stayed)
    return torch.logsumexp(torch.logaddexp(entered, stayed) + batch.last, 1)


@dataclass(frozen=True, eq=False)
class DenominatorTensors:
    """A denominator on a device."""

    forward: Tensor
    loop: Tensor
    move: Tensor
    first: Tensor
    last: Tensor


def denominator_tensors(graph: Denominator, device: str) -> DenominatorTensors:
    """Put a denominator on a device."""
    return DenominatorTensors(*(torch.from_numpy(a).to(device) for a in vars(graph).values()))


def denominator_score(scores: Tensor, lengths: Tensor, graph: DenominatorTensors) -> Tensor:
    """Log of the sum over all paths; (batch, frames, outputs) to (batch,).

    Probabilities are kept in range by dividing each frame's by their sum.
    """
    move = graph.move.to(scores.dtype)
    phones = move.shape[0]
    highest = scores.detach().amax(2)
    likelihoods = torch.exp(scores - highest[..., None])
    enter = likelihoods.index_select(2, graph.forward).unbind(1)
    stay = likelihoods.index_select(2, graph.loop).unbind(1)
    tops = highest.unbind(1)
    entered = graph.first * enter[0]
    stayed = torch.zeros_like(entered)
    total = tops[0]
    for frame in range(1, scores.shape[1]):
        left = entered + stayed
        scale = left.sum(1, keepdim=True)
        left = left / scale
        phone = left.view(len(left), -1, phones).sum(1)
        going_on = frame < lengths
        keep = going_on[:, None]
        entered = torch.where(keep, (phone @ move) * enter[frame], entered)
        stayed = torch.where(keep, left * stay[frame], stayed)
        total = total + torch.where(going_on, tops[frame] + torch.log(scale[:, 0]), 0.0)
    return total + torch.log(((entered + stayed) * graph.last).sum(1))


def lfmmi_loss(
    scores: Tensor, lengths: Tensor, batch: NumeratorBatch, graph: DenominatorTensors
) -> tuple[Tensor, Tensor]:
    """The loss per frame over the utterances that can be aligned at all, and how many can't."""
    said = numerator_score(scores, lengths, batch)
    possible = said > _NEVER / 2
    gap = torch.where(possible, denominator_score(scores, lengths, graph) - said, 0.0)
    frames = torch.where(possible, lengths, 0).sum().clamp(min=1)
    return gap.sum() / frames, (~possible).sum()
