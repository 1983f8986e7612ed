"""LF-MMI against sums over all paths, one by one; needs PyTorch."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: the training is not tested")

from training.lexicon import Pronunciation  # noqa: E402
from training.lfmmi import (  # noqa: E402  # after the check for PyTorch
    denominator_score,
    denominator_tensors,
    lfmmi_loss,
    numerator_batch,
    numerator_score,
)
from training.supervision import (  # noqa: E402
    Denominator,
    Numerator,
    PhoneBigram,
    denominator,
    numerator,
)
from training.topology import MONOPHONE, Topology, broad_classes  # noqa: E402

TOPOLOGIES = [Topology(MONOPHONE), Topology(broad_classes())]
FRAMES = 4


def random_bigram(topology: Topology) -> PhoneBigram:
    size = len(topology.phones) + 1
    table = np.random.default_rng(1).uniform(0.1, 1, (size, size))
    return PhoneBigram(np.log(table / table.sum(1, keepdims=True)).astype(np.float32))


def scores_of(topology: Topology, batch: int = 1) -> Any:  # noqa: ANN401  # torch.Tensor
    values = np.random.default_rng(2).normal(0, 2, (batch, FRAMES, topology.outputs))
    return torch.tensor(values, dtype=torch.float64).requires_grad_(True)


def spread(count: int, frames: int) -> list[tuple[int, ...]]:
    """All ways to give each of ``count`` phones at least one frame."""
    return [p for p in itertools.product(range(1, frames + 1), repeat=count) if sum(p) == frames]


def path_score(
    topology: Topology,
    bigram: PhoneBigram,
    scores: np.ndarray,
    phones: tuple[str, ...],
    lengths: tuple[int, ...],
) -> float:
    number = [topology.phones.index(phone) for phone in phones]
    path = [bigram.edge, *number, bigram.edge]
    total = float(sum(bigram.log[a, b] for a, b in itertools.pairwise(path)))
    frame, before = 0, "SIL"
    for phone, length in zip(phones, lengths, strict=True):
        forward, loop = topology.states(phone, before)
        total += scores[frame, forward] + scores[frame + 1 : frame + length, loop].sum()
        frame, before = frame + length, phone
    return total


def log_sum(values: list[float]) -> float:
    return float(np.logaddexp.reduce(values))


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("required", [False, True])
def test_the_numerator_is_the_sum_over_all_ways_to_say_it(
    topology: Topology, required: bool
) -> None:
    bigram, scores = random_bigram(topology), scores_of(topology)
    words: list[list[Pronunciation]] = [[("a:",), ("A", "n")], [("n", "u")]]
    graph = numerator(topology, bigram, words, [False, required, False])
    found = numerator_score(scores, torch.tensor([FRAMES]), numerator_batch([graph]))
    wanted = []
    for first, second in itertools.product(*words):
        for before, middle, after in itertools.product(
            (0, 1), (1,) if required else (0, 1), (0, 1)
        ):
            phones = ("SIL",) * before + first + ("SIL",) * middle + second + ("SIL",) * after
            wanted += [
                path_score(topology, bigram, scores.detach()[0].numpy(), phones, lengths)
                for lengths in spread(len(phones), FRAMES)
            ]
    assert found.item() == pytest.approx(log_sum(wanted), abs=1e-4)


def tiny_topology() -> Topology:
    """Three phones are enough for a sum over everything; the rest of the set is forbidden."""
    return Topology({"SIL": 0, "a:": 1, "k": 1})


def test_the_denominator_is_the_sum_over_all_that_can_be_said() -> None:
    topology = tiny_topology()
    bigram = random_bigram(topology)
    allowed = ("SIL", "a:", "k")
    index = [topology.phones.index(phone) for phone in allowed]
    forbidden = [i for i in range(len(topology.phones)) if i not in index]
    bigram.log[:, forbidden] = -np.inf
    scores = scores_of(topology)
    graph = denominator(topology, bigram)
    found = denominator_score(scores, torch.tensor([FRAMES]), denominator_tensors(graph, "cpu"))
    wanted = [
        path_score(topology, bigram, scores.detach()[0].numpy(), phones, lengths)
        for count in range(1, FRAMES + 1)
        for phones in itertools.product(allowed, repeat=count)
        for lengths in spread(count, FRAMES)
    ]
    assert found.item() == pytest.approx(log_sum(wanted), abs=1e-4)


def small_case() -> tuple[Topology, Numerator, Denominator]:
    topology = TOPOLOGIES[1]
    bigram = random_bigram(topology)
    words: list[list[Pronunciation]] = [[("k", "a:")], [("A",), ("n",)]]
    return topology, numerator(topology, bigram, words, [False] * 3), denominator(topology, bigram)


def test_gradients_are_those_of_finite_differences() -> None:
    topology, graph, everything = small_case()
    tensors = denominator_tensors(everything, "cpu")
    batch, lengths = numerator_batch([graph]), torch.tensor([FRAMES])
    scores = scores_of(topology)
    loss, _ = lfmmi_loss(scores, lengths, batch, tensors)
    loss.backward()
    assert scores.grad is not None
    steepest = scores.grad.abs().flatten().argsort(descending=True)[:20]
    for place in steepest.tolist():
        losses = []
        for sign in (1, -1):
            moved = scores.detach().clone()
            moved.view(-1)[place] += sign * 1e-4
            losses.append(lfmmi_loss(moved, lengths, batch, tensors)[0].item())
        slope = (losses[0] - losses[1]) / 2e-4
        assert slope == pytest.approx(scores.grad.view(-1)[place].item(), abs=1e-5)


def test_each_frame_s_gradient_sums_to_zero() -> None:
    """Posteriors of what was said minus posteriors of everything."""
    topology, graph, everything = small_case()
    scores = scores_of(topology)
    loss, _ = lfmmi_loss(
        scores,
        torch.tensor([FRAMES]),
        numerator_batch([graph]),
        denominator_tensors(everything, "cpu"),
    )
    loss.backward()
    assert scores.grad is not None
    assert scores.grad.sum(2).abs().max() < 1e-6


def test_padding_changes_nothing() -> None:
    topology, graph, everything = small_case()
    bigram = random_bigram(topology)
    long = numerator(topology, bigram, [[("t", "r", "I", "l")]] * 1, [False, False])
    scores = scores_of(topology, batch=2)
    tensors = denominator_tensors(everything, "cpu")
    both = numerator_score(scores, torch.tensor([3, 4]), numerator_batch([graph, long]))
    alone = numerator_score(scores[:1, :3], torch.tensor([3]), numerator_batch([graph]))
    assert both[0].item() == pytest.approx(alone.item(), abs=1e-5)
    all_both = denominator_score(scores, torch.tensor([3, 4]), tensors)
    all_alone = denominator_score(scores[:1, :3], torch.tensor([3]), tensors)
    assert all_both[0].item() == pytest.approx(all_alone.item(), abs=1e-5)


def test_what_does_not_fit_is_counted_and_left_out() -> None:
    topology, _, everything = small_case()
    long = numerator(
        topology, random_bigram(topology), [[("t", "r", "I", "l", "@")]], [False, False]
    )
    assert long.shortest > FRAMES
    loss, missed = lfmmi_loss(
        scores_of(topology), torch.tensor([FRAMES]), numerator_batch([long]),
        denominator_tensors(everything, "cpu"),
    )  # fmt: skip
    assert missed.item() == 1
    assert loss.item() == 0
    assert math.isfinite(loss.item())


def test_what_does_not_fit_changes_nothing_for_the_others() -> None:
    topology, graph, everything = small_case()
    long = numerator(
        topology, random_bigram(topology), [[("t", "r", "I", "l", "@")]], [False, False]
    )
    scores, tensors = scores_of(topology, batch=2), denominator_tensors(everything, "cpu")
    both, lengths = numerator_batch([graph, long]), torch.tensor([FRAMES, FRAMES])
    alone, _ = lfmmi_loss(scores[:1], lengths[:1], numerator_batch([graph]), tensors)
    assert lfmmi_loss(scores, lengths, both, tensors)[0].item() == pytest.approx(alone.item())
