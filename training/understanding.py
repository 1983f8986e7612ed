"""Learns to read whole sentences, for `intents.neural`: a sentence encoder goes on with ours.

The encoder's word pieces and convolutions are learnt on, and three layers are put on top in the
place of its own. The sentences are those that the linear classifier learns from, and a class is
learnt beside all others, for a sentence may mean two. The sentences of other people that tests and
benchmarks put to it are in none of it, and all is seeded.

How sure its scores make us is learnt as for the linear classifier (`intents.calibration`): from
networks that know all templates but a part of them.
"""

import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from intents.calibration import KINDS
from intents.catalogue import load_catalogue
from intents.classifier import blended, calibrated, examples
from intents.index import Index
from intents.linear import FOLDS, costs, fit, fold
from intents.neural import SMALL, UNITS, WINDOWS, Layers, Neural, keep
from intents.pieces import Pieces
from intents.sparse import Floats
from training.descent import Tensor, descend
from training.pieces import dutch_pieces, encoder

_BATCH = 64
_SORTED = 20
"""Batches whose sentences are sorted by length, so that a batch has few empty places."""
_MOST_NORM = 5.0
"""Of a step's gradient."""
_CERTAIN, _DOUBT = 0.972, 0.002
"""Targets of a class that is meant and of one that is not (label smoothing)."""
_SEED = 1848
_ON_TOP = ("summed", "most", "last")
"""Layers that are new."""


@dataclass(frozen=True)
class UnderstandingSettings:
    """How it learns; chosen on ``tests/intents/unseen.tsv``, which it never learns from."""

    passes: int = 5
    rate: float = 7e-4
    """Of the encoder's own layers, at most."""
    rate_on_top: float = 2e-3
    """Of the new layers, at most."""
    rate_of_pieces: float = 2e-3
    """Of the pieces' vectors, at most."""
    decay: float = 0.01
    dropout: float = 0.2
    unknown: float = 0.05
    """Share of the pieces, begin and end too, that are hidden as if never seen."""
    alarm: float = 1.5
    """Weight of a red flag's sentence."""
    sums: int = 256
    mosts: int = 192
    """Units of the new layers that read the sum over all pieces, and each piece."""


class Network(nn.Module):
    """`intents.neural.Neural`, to be trained."""

    def __init__(
        self, pieces: Pieces, used: Sequence[int], classes: int, settings: UnderstandingSettings
    ) -> None:
        """Begin with the encoder.

        Args:
            pieces: all pieces.
            used: the rows of those that are learnt on, the unknown one first.
            classes: how many there are.
            settings: how it learns.
        """
        super().__init__()
        start = encoder()
        self._all = pieces
        self.used = list(used)
        vectors = torch.tensor(pieces.vectors(used))
        size = vectors.shape[1]
        self.vectors = nn.Embedding.from_pretrained(vectors, freeze=False)
        self._places = torch.zeros(len(pieces.names), dtype=torch.int64)
        self._places[self.used] = torch.arange(len(self.used))
        names = [str(window) for window, _ in WINDOWS]
        whole = [np.concatenate([start[key + n] for n in names], axis=-1)
                 for key in ("proj", "proj_b", "ln_g", "ln_b")]  # fmt: skip
        self.inward, self.inward_bias, self.inward_scale, self.inward_shift = map(_learn, whole)
        self.first, self.first_bias, self.second, self.second_bias = (
            nn.ParameterList([_learn(start[key + n]) for n in names])
            for key in ("w1_", "b1_", "w2_", "b2_")
        )
        self.scale, self.shift = _learn(start["ln_g"]), _learn(start["ln_b"])
        self.mean, self.mean_bias = _learn(start["cnn_W"]), _learn(start["cnn_b"])
        self.summed = nn.Linear(len(start["cnn_b"]), settings.sums)
        self.most = nn.Linear(size + len(WINDOWS) * UNITS, settings.mosts)
        self.last = nn.Linear(settings.sums + settings.mosts, classes)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, rows: Tensor, lengths: Tensor) -> Tensor:
        """The logarithm of the odds of each class, (B, C).

        Args:
            rows: the pieces of each sentence, (B, L).
            lengths: how many of them count, (B,).
        """
        here = _here(rows, lengths)
        features = self.features(rows, here)
        summed = torch.relu(self.summed(self.dropout(self.sentence(features, here))))
        most = torch.relu(self.most(features)).masked_fill(~here, 0).max(1)[0]
        return self.last(self.dropout(torch.cat([summed, most], 1)))

    def features(self, rows: Tensor, here: Tensor) -> Tensor:
        """What the encoder sees of each piece in its sentence, (B, L, F)."""
        vectors = self.vectors(self._places[rows])
        inner = _layer_norm(vectors @ self.inward + self.inward_bias,
                        self.inward_scale, self.inward_shift)  # fmt: skip
        told = [vectors]
        for at, (window, before) in enumerate(WINDOWS):
            own = inner[..., at * UNITS : (at + 1) * UNITS] * here
            for weights, bias in ((self.first, self.first_bias), (self.second, self.second_bias)):
                seen = _windows(own, window, before)
                own = (torch.relu(seen @ weights[at] + bias[at]) + own) * here
            told.append(own)
        return _layer_norm(torch.cat(told, -1), self.scale, self.shift)

    def sentence(self, features: Tensor, here: Tensor) -> Tensor:
        """What the encoder makes of a sentence before its own last layers, (B, 512)."""
        count = here.sum(1).float()
        return ((features * here).sum(1) @ self.mean + count * self.mean_bias) / count.sqrt()

    def parts(self) -> list[dict[str, Any]]:
        """The parameters that learn alike: the encoder's, the new layers', the pieces' vectors."""
        top = [name for name, _ in self.named_parameters() if name.split(".")[0] in _ON_TOP]
        found = dict(self.named_parameters())
        vectors = found.pop("vectors.weight")
        body = [parameter for name, parameter in found.items() if name not in top]
        return [
            {"params": body},
            {"params": [found[name] for name in top]},
            {"params": [vectors], "weight_decay": 0.0},
        ]

    def to_numpy(self, labels: Sequence[str]) -> Neural:
        """The network as it is kept; two layers with nothing between them made one.

        How sure its scores make us is still to be learnt.
        """

        def plain(parameter: Tensor) -> Floats:
            return np.asarray(parameter.detach().numpy(), np.float32)

        def all_of(parameters: Tensor) -> Floats:
            return np.concatenate([*map(plain, parameters)])

        summed = plain(self.summed.weight.T)
        layers = Layers(
            plain(self.inward), plain(self.inward_bias),
            plain(self.inward_scale), plain(self.inward_shift),
            all_of(self.first), np.stack([*map(plain, self.first_bias)]),
            all_of(self.second), np.stack([*map(plain, self.second_bias)]),
            plain(self.scale), plain(self.shift),
            plain(self.mean) @ summed, plain(self.mean_bias) @ summed, plain(self.summed.bias),
            plain(self.most.weight.T), plain(self.most.bias),
            plain(self.last.weight.T), plain(self.last.bias),
        )  # fmt: skip
        every = self._all.vectors(range(len(self._all.names)))
        every[self.used] = plain(self.vectors.weight)
        pieces = Pieces.of(self._all.names, self._all.log_probabilities, every)
        return Neural(tuple(labels), layers, pieces, np.zeros(0))


def _learn(start: NDArray[Any]) -> Tensor:
    return nn.Parameter(torch.tensor(start, dtype=torch.float32))


def _here(rows: Tensor, lengths: Tensor) -> Tensor:
    """Which pieces count, (B, L, 1)."""
    return (torch.arange(rows.shape[1])[None] < lengths[:, None])[..., None]


def _layer_norm(rows: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return nn.functional.layer_norm(rows, scale.shape, scale, shift, SMALL)


def _windows(rows: Tensor, window: int, before: int) -> Tensor:
    padded = nn.functional.pad(rows, (0, 0, before, window - 1 - before))
    return torch.cat([padded[:, i : i + rows.shape[1]] for i in range(window)], -1)


@dataclass(frozen=True)
class Lesson:
    """A sentence in pieces, with what it means."""

    rows: list[int]
    classes: tuple[int, ...]
    weight: float


@dataclass(frozen=True)
class Hiding:
    """How many pieces are hidden, and the row that is put in their place."""

    share: float
    by: int


def _batches(
    lessons: Sequence[Lesson], dice: random.Random, hiding: Hiding, classes: int
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """All lessons once: pieces (B, L), lengths (B,), what is meant (B, C) and weights (B,)."""
    order = list(lessons)
    dice.shuffle(order)
    much = _BATCH * _SORTED
    few: list[list[Lesson]] = []
    for start in range(0, len(order), much):
        some = sorted(order[start : start + much], key=lambda lesson: len(lesson.rows))
        few += [some[i : i + _BATCH] for i in range(0, len(some), _BATCH)]
    dice.shuffle(few)
    for some in few:
        rows = [
            torch.tensor([hiding.by if dice.random() < hiding.share else r for r in lesson.rows])
            for lesson in some
        ]
        meant = torch.full((len(some), classes), _DOUBT)
        for target, lesson in zip(meant, some, strict=True):
            target[list(lesson.classes)] = _CERTAIN
        yield (nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([*map(len, rows)]),
               meant, torch.tensor([lesson.weight for lesson in some]))  # fmt: skip


def train(
    lessons: Sequence[Lesson],
    pieces: Pieces,
    labels: Sequence[str],
    settings: UnderstandingSettings,
) -> Neural:
    """Train on these lessons, always in the same way."""
    torch.set_num_threads(1)  # more make other sums
    torch.manual_seed(_SEED)
    dice = random.Random(_SEED)
    used = sorted({pieces.unknown, *(row for lesson in lessons for row in lesson.rows)})
    network = Network(pieces, used, len(labels), settings)
    optimizer = torch.optim.AdamW(network.parts(), lr=settings.rate, weight_decay=settings.decay)
    steps = settings.passes * -(-len(lessons) // _BATCH)
    rates = [settings.rate, settings.rate_on_top, settings.rate_of_pieces]
    hiding = Hiding(settings.unknown, pieces.unknown)
    passes = (
        _losses(network, _batches(lessons, dice, hiding, len(labels)))
        for _ in range(settings.passes)
    )
    descend(optimizer, rates, steps, passes, _MOST_NORM)
    return network.to_numpy(labels)


def _losses(
    network: Network, batches: Iterable[tuple[Tensor, Tensor, Tensor, Tensor]]
) -> Iterator[Tensor]:
    for rows, lengths, meant, weights in batches:
        odds = network(rows, lengths)
        apart = nn.functional.binary_cross_entropy_with_logits(odds, meant, reduction="none")
        yield (apart.sum(1) * weights).mean()


def _log() -> None:
    """Let a process tell how far it is."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")


def learn() -> None:
    """Learn it from our own content and write it where it is read."""
    settings = UnderstandingSettings()
    catalogue = load_catalogue()
    index = Index(catalogue.of(*KINDS))
    labels = (*index.labels, *catalogue.labels("follow_up"))
    found = examples(index, catalogue)
    flags = {at for at, kind in enumerate(index.kinds) if kind == "red_flag"}
    weights = np.where([bool(flags.intersection(e.classes)) for e in found], settings.alarm, 1.0)
    weights *= costs(found)
    pieces = dutch_pieces()
    lessons = [
        Lesson(pieces.rows(e.words), e.classes, float(weight))
        for e, weight in zip(found, weights, strict=True)
    ]
    known = [[fold(group) for group in e.groups] for e in found]
    parts = [
        [lesson for lesson, part in zip(lessons, known, strict=True) if n not in part]
        for n in (*range(FOLDS), None)
    ]
    fresh = replace(pieces)  # without the cache of the cuts, which no process can pass on
    learn_part = partial(train, pieces=fresh, labels=labels, settings=settings)
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_log) as processes:
        networks = list(processes.map(learn_part, parts))
    linear = fit(found, len(labels), folds=True)

    def without(words: Sequence[str], group: int | None) -> Floats:
        network = networks[-1 if group is None else fold(group)]
        return blended(linear.without(words, group), network.logits(words))

    keep(replace(networks[-1], calibration=calibrated(index, without)))
