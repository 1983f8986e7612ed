"""Learns which of the topics that are named is set aside, for `intents.asides`.

From all sentences of our own content that name several topics, from complaints that are told one
after the other, from plain ones and from denials. The network in PyTorch is that of
`intents.asides` in numpy. All is seeded, and the sentences of other people that tests and
benchmarks put to it are in none of it.
"""

import logging
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from intents.asides import ROWS, Asides, Mention, keep, mentions, seen
from intents.catalogue import Catalogue, load_catalogue
from intents.classifier import Classifier
from intents.linear import Example as Complaint
from intents.pairs import joined
from intents.phrases import DENIED, named
from training.descent import Tensor, descend

_LOG = logging.getLogger(__name__)

_NAMED_AND_DENIED = -0.5
"""Score from which a denial is learnt to name a topic: a little below that of a reading."""

_BOTH_MEANT = 2.0
"""Weight of a sentence of which all topics are meant: people say more of those than writers."""

_BATCH = 64
_MOST_NORM = 2.0
"""Of a step's gradient."""
_CERTAIN = 0.98
"""Target of a label, which may be wrong (label smoothing)."""
_SEEDS = (1848, 1849)
"""Of each network."""


@dataclass(frozen=True)
class AsidesSettings:
    """How it learns; chosen on sentences that are held back (``tests/intents/unseen.tsv``)."""

    units: int = 64
    passes: int = 6
    rate: float = 4e-3
    decay: float = 0.05
    dropout: float = 0.4
    unknown: float = 0.1
    """Share of the words whose stem is hidden, as that of a word never seen."""
    alone: float = 0.5
    """Weight of a sentence that names one topic and of a plain pair, against one that names
    several."""
    pairs: int = 3_000
    """Complaints that are told one after the other."""


@dataclass(frozen=True)
class Example:
    """A topic that is named, and whether it is set aside."""

    mention: Mention
    aside: bool
    weight: float


def examples(catalogue: Catalogue, settings: AsidesSettings) -> list[Example]:
    """Each topic of each sentence that names several, of each plain sentence and each denial."""
    classifier = Classifier(catalogue)
    alone = _alone(catalogue, classifier, settings)
    return [*_together(catalogue, classifier), *alone]


def _together(catalogue: Catalogue, classifier: Classifier) -> Iterator[Example]:
    labels = classifier.index.labels
    for phrase in catalogue.of("together"):
        topics = named(phrase.label)
        words = classifier.index.mend(phrase.words)
        found = mentions(words, [labels.index(topic) for topic in topics], classifier.scores)
        for mention, aside in zip(found, topics.values(), strict=True):
            yield Example(mention, aside, 1.0 if any(topics.values()) else _BOTH_MEANT)


def _alone(
    catalogue: Catalogue, classifier: Classifier, settings: AsidesSettings
) -> Iterator[Example]:
    """Sentences that stand for themselves and name one topic, meant or denied; some in pairs."""
    labels = classifier.index.labels
    topics = [labels.index(topic) for topic in catalogue.topics]
    sizes = Counter(phrase.group for phrase in catalogue.phrases)
    complaints: list[Complaint] = []
    for phrase in (p for p in catalogue.phrases if sizes[p.group] == 1):
        words = classifier.index.mend(phrase.words)
        if phrase.kind == "topic":
            here = labels.index(phrase.label)
            complaints.append(Complaint(words, (here,), (phrase.group,)))
            yield Example(mentions(words, [here], classifier.scores)[0], False, settings.alone)
        elif phrase.label == DENIED:
            scores = classifier.scores(words)
            nearest = max(topics, key=lambda topic: scores[topic])
            if scores[nearest] > _NAMED_AND_DENIED:
                yield Example(
                    mentions(words, [nearest], classifier.scores)[0], True, settings.alone
                )
    for pair in joined(complaints, settings.pairs):
        for mention in mentions(pair.words, pair.classes, classifier.scores):
            yield Example(mention, False, settings.alone)


class Network(nn.Module):
    """`intents.asides.Asides`, to be trained."""

    def __init__(self, settings: AsidesSettings) -> None:
        super().__init__()
        size = settings.units
        self.table = nn.EmbeddingBag(ROWS, size, mode="sum")
        nn.init.normal_(self.table.weight, 0.0, 0.1)
        self.gates = nn.GRU(size, size, batch_first=True, bidirectional=True)
        self.hidden = nn.Linear(6 * size, size)
        self.last = nn.Linear(size, 1)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, batch: "Batch") -> Tensor:
        """The logarithm of the odds of each mention, (B,)."""
        lengths = batch.lengths
        words = self.table(batch.rows, batch.offsets, per_sample_weights=batch.shares)
        several = nn.utils.rnn.pad_sequence(words.split(lengths.tolist()), batch_first=True)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(several), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(self.gates(packed)[0], batch_first=True)
        here = torch.arange(states.shape[1])[None] < lengths[:, None]
        most = states.masked_fill(~here[..., None], -torch.inf).max(dim=1)[0]
        at = states[torch.arange(len(states)), batch.at]
        mean = states.sum(dim=1) / lengths[:, None]
        told = self.dropout(torch.cat([most, at, mean], dim=1))
        return self.last(self.dropout(torch.relu(self.hidden(told))))[:, 0]

    def to_numpy(self, known: set[int]) -> Asides:
        """The weights as they are kept; of rows that no sentence has, nothing."""
        w = {name: value.detach().numpy() for name, value in self.state_dict().items()}
        table = np.zeros_like(w["table.weight"])
        table[sorted(known)] = w["table.weight"][sorted(known)]
        inward, onward, inward_bias, onward_bias = (
            np.stack([w[f"gates.{name}_l0{end}"].T for end in ("", "_reverse")])
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        return Asides(
            table, inward, inward_bias, onward, onward_bias,
            w["hidden.weight"].T, w["hidden.bias"], w["last.weight"][0], w["last.bias"][0],
        )  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Some mentions, all their words in one row."""

    rows: Tensor
    """Of the table, for all words of all mentions, (R,)."""
    shares: Tensor
    """Of each row, (R,)."""
    offsets: Tensor
    """Where each word begins in ``rows``, (W,)."""
    lengths: Tensor
    """Words of each mention, (B,)."""
    at: Tensor
    """The word that names the topic, (B,)."""


def batch(
    found: Sequence[Mention], unknown: float = 0.0, dice: random.Random | None = None
) -> Batch:
    """Put mentions together.

    Args:
        found: the mentions.
        unknown: share of the words whose first row, that of the stem, is hidden.
        dice: the chance; needed where some are.
    """
    sentences = [seen(mention) for mention in found]
    words = [
        word[1:] if dice and len(word) > 1 and dice.random() < unknown else word
        for sentence in sentences
        for word in sentence
    ]
    offsets = np.cumsum([0, *map(len, words)])[:-1]
    return Batch(
        torch.tensor([row for word in words for row, _ in word]),
        torch.tensor([share for word in words for _, share in word]),
        torch.from_numpy(offsets),
        torch.tensor([len(sentence) for sentence in sentences]),
        torch.tensor([mention.at for mention in found]),
    )


def train(found: Sequence[Example], settings: AsidesSettings, seed: int) -> Asides:
    """Train on these examples, for the same seed always in the same way."""
    torch.set_num_threads(1)  # more make other sums, and are no faster
    torch.manual_seed(seed)
    dice = random.Random(seed)
    network = Network(settings)
    order = list(found)
    steps = settings.passes * -(-len(order) // _BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=settings.decay)
    passes = (_losses(network, order, settings, dice) for _ in range(settings.passes))
    descend(optimizer, [settings.rate], steps, passes, _MOST_NORM)
    return network.to_numpy({row for e in found for word in seen(e.mention) for row, _ in word})


def _losses(
    network: Network, order: list[Example], settings: AsidesSettings, dice: random.Random
) -> Iterator[Tensor]:
    """The loss of each batch of a pass, in an order that is drawn."""
    dice.shuffle(order)
    for start in range(0, len(order), _BATCH):
        some = order[start : start + _BATCH]
        yield _loss(network(batch([e.mention for e in some], settings.unknown, dice)), some)


def _loss(odds: Tensor, some: Sequence[Example]) -> Tensor:
    wanted = torch.tensor([_CERTAIN if e.aside else 1 - _CERTAIN for e in some])
    weights = torch.tensor([e.weight for e in some])
    losses = nn.functional.binary_cross_entropy_with_logits(odds, wanted, reduction="none")
    return (losses * weights).mean()


def learn() -> None:
    """Learn it from our own content and write it where it is read."""
    settings = AsidesSettings()
    found = examples(load_catalogue(), settings)
    _LOG.info("%d topics named, %d set aside", len(found), sum(e.aside for e in found))
    keep([train(found, settings, seed) for seed in _SEEDS])
