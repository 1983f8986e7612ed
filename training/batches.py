"""Batches of augmented utterances with their numerators, made in processes of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from training.augment import Augmentation, Samples, augment
from training.clips import RATE
from training.features import mfcc
from training.lexicon import spoken_forms
from training.lfmmi import NumeratorBatch, numerator_batch
from training.network import CONTEXT, SUBSAMPLING
from training.phones import NOISE
from training.speech import Source
from training.supervision import Numerator, PhoneBigram, numerator
from training.topology import Topology

Tensor = Any
_UNKNOWN_SHARE = 0.04
"""Words taught as noise, so that ``[unk]`` stands for any word."""
_JOINED_SHARE = 0.25
"""Short utterances followed by another one after a pause."""
_EMPTY_SHARE = 0.03
"""Utterances of nothing but noise."""
_SHORT = 5.0
_PADDING = 1.0
"""Seconds that pauses add, roughly."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Features (batch, frames + context, 40), output frames of each, their numerators, the pass."""

    features: Tensor
    lengths: Tensor
    numerators: NumeratorBatch
    epoch: float


@dataclass(frozen=True)
class BatchSettings:
    """How batches are made."""

    seconds: float = 64.0
    """Sound in one batch."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    seed: int = 1


LARGE = BatchSettings(seconds=352.0)
"""For a graphics card, on which a step takes as long with five times the sound; only its speed was
found to speak for it."""


class Batches(IterableDataset):  # type: ignore[type-arg, unused-ignore]
    """Endless batches; the one numbered n is the same whenever and wherever it is made.

    A loader's processes take turns, in the order in which it asks them. None stands for a batch of
    which nothing could be used.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        topology: Topology,
        bigram: PhoneBigram,
        settings: BatchSettings,
        skip: int = 0,
    ) -> None:
        super().__init__()
        self.sources, self.topology, self.bigram = sources, topology, bigram
        self.settings, self.skip = settings, skip
        self.items = [source.training() for source in sources]
        self.speaking = [number for number, items in enumerate(self.items) if items]

    def __iter__(self) -> Iterator[Batch | None]:
        here = get_worker_info()
        turn, turns = (here.id, here.num_workers) if here else (0, 1)
        number, epoch = -self.skip, 0
        while True:
            plan = self._plan(np.random.default_rng([self.settings.seed, epoch]))
            for place, groups in enumerate(plan):
                if number >= 0 and number % turns == turn:
                    rng = np.random.default_rng([self.settings.seed, epoch, place])
                    yield self._batch(groups, rng, epoch + place / len(plan))
                number += 1
            epoch += 1

    def _plan(self, rng: np.random.Generator) -> list[list[list[tuple[int, int]]]]:
        """All utterances of one pass, as groups of clips that follow each other, in batches."""
        chosen: list[tuple[int, int]] = []
        for number, source in enumerate(self.sources):
            items = self.items[number]
            chosen += [(number, i) for _ in range(int(source.weight)) for i in items]
            rest = int(len(items) * (source.weight % 1))
            chosen += [(number, int(i)) for i in rng.permutation(items)[:rest]]
        short = [item for item in chosen if self._seconds([item]) < _SHORT]
        groups = [[item] for item in chosen]
        for group in groups:
            if self._seconds(group) < _SHORT and rng.random() < _JOINED_SHARE:
                group.append(short[rng.integers(len(short))])
        groups += [[] for _ in range(int(len(groups) * _EMPTY_SHARE))]
        length = np.array([self._seconds(group) + _PADDING for group in groups])
        order = np.argsort(length * rng.uniform(0.85, 1.15, len(groups)))
        batches: list[list[list[tuple[int, int]]]] = [[]]
        longest = 0.0
        for index in order:
            longest = max(longest, length[index])
            if batches[-1] and (len(batches[-1]) + 1) * longest > self.settings.seconds:
                batches.append([])
                longest = length[index]
            batches[-1].append(groups[index])
        return [batches[i] for i in rng.permutation(len(batches))]

    def _seconds(self, group: list[tuple[int, int]]) -> float:
        return sum(self.sources[source].store.seconds(i) for source, i in group)

    def _batch(
        self, groups: list[list[tuple[int, int]]], rng: np.random.Generator, epoch: float
    ) -> Batch | None:
        pairs = []
        for group in groups:
            clips = [self.sources[source].store[i] for source, i in group]
            samples = [clip.samples.astype(np.float32) for clip in clips]
            heard = augment(samples, rng, self.settings.augmentation, self._talker)
            words = [self._forms(clip.text.split(), rng) for clip in clips]
            graph = supervise(self.topology, self.bigram, words, heard.silences)
            if graph.shortest < len(heard.features) // SUBSAMPLING:
                pairs.append((heard.features, graph))
        return collate(pairs, epoch) if pairs else None

    def _forms(
        self, words: list[str], rng: np.random.Generator
    ) -> list[tuple[tuple[str, ...], ...]]:
        return [
            ((NOISE,),) if rng.random() < _UNKNOWN_SHARE else spoken_forms(word) for word in words
        ]

    def _talker(self, rng: np.random.Generator) -> Samples:
        number = self.speaking[rng.integers(len(self.speaking))]
        items = self.items[number]
        return (
            self.sources[number].store[items[rng.integers(len(items))]].samples.astype(np.float32)
        )


def supervise(
    topology: Topology,
    bigram: PhoneBigram,
    clips: Sequence[Sequence[tuple[tuple[str, ...], ...]]],
    silences: Sequence[bool],
) -> Numerator:
    """The numerator of clips in a row; silence may be between any two words."""
    words = [forms for clip in clips for forms in clip]
    required = [silences[0]]
    for clip, after in zip(clips, silences[1:], strict=True):
        required += [False] * (len(clip) - 1) + [after]
    if not words:
        required = [True]
    return numerator(topology, bigram, words, required)


def collate(pairs: Sequence[tuple[Any, Numerator]], epoch: float = 0.0) -> Batch:
    """Pad features at both ends by repeating them, and numerators."""
    longest = max(len(features) for features, _ in pairs)
    padded = [
        np.pad(f, ((CONTEXT, CONTEXT + longest - len(f)), (0, 0)), mode="edge") for f, _ in pairs
    ]
    lengths = [(len(features) + SUBSAMPLING - 1) // SUBSAMPLING for features, _ in pairs]
    return Batch(
        torch.from_numpy(np.stack(padded)),
        torch.tensor(lengths),
        numerator_batch([graph for _, graph in pairs]),
        epoch,
    )


def development_batches(
    sources: Sequence[Source], topology: Topology, bigram: PhoneBigram, most: int = 40
) -> dict[str, Batch]:
    """A batch of clips kept back from each source, as they are."""
    batches = {}
    for source in sources:
        pairs = []
        for index in source.development()[:most]:
            clip = source.store[index]
            pause = np.zeros(RATE // 5)
            sound = np.concatenate([pause, clip.samples, pause])
            sound += np.random.default_rng(index).standard_normal(len(sound))
            words = [[spoken_forms(word) for word in clip.text.split()]]
            pairs.append((mfcc(sound), supervise(topology, bigram, words, (False, False))))
        if pairs:
            batches[source.name] = collate(pairs)
    return batches
