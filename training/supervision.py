"""What may have been said in an utterance, and what may be said at all, as graphs of phone states.

The numerator holds the utterance's words in all their pronunciations with silence where it may be;
the denominator is a bigram of phones. Neither needs an alignment: training starts flat. Source:
H. Hadian, H. Sameti, D. Povey, S. Khudanpur, "End-to-end speech recognition using lattice-free
MMI", Interspeech 2018.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.lexicon import Pronunciation, spoken_forms
from training.phones import NOISE, SILENCE
from training.topology import Topology

_SILENCE_SHARE = 0.2
"""Pauses between words that a speaker makes, for the denominator."""


@dataclass(frozen=True, eq=False)
class PhoneBigram:
    """Log probabilities, square; the last row begins an utterance, the last column ends it."""

    log: NDArray[np.float32]

    @property
    def edge(self) -> int:
        """Row of the beginning, column of the end."""
        return len(self.log) - 1


def phone_bigram(topology: Topology, sentences: Iterable[Sequence[str]], seed: int) -> PhoneBigram:
    """How often each phone follows each other one when these sentences are spoken."""
    rng = random.Random(seed)
    number = {phone: n for n, phone in enumerate(topology.phones)}
    edge = len(number)
    counts = np.full((edge + 1, edge + 1), 0.05)
    for sentence in sentences:
        phones = [SILENCE] if rng.random() < 0.8 else []
        for word in sentence:
            phones += rng.choice(spoken_forms(word)) if rng.random() > 0.03 else (NOISE,)
            phones += [SILENCE] if rng.random() < _SILENCE_SHARE else []
        if phones[-1] != SILENCE and rng.random() < 0.75:
            phones.append(SILENCE)
        path = [edge, *(number[phone] for phone in phones), edge]
        np.add.at(counts, (path[:-1], path[1:]), 1)
    counts[edge, edge] = counts[0, 0] = 1e-3
    return PhoneBigram(np.log(counts / counts.sum(1, keepdims=True)).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Numerator:
    """Phone instances, predecessors first.

    ``forward`` and ``loop``: outputs of each instance, shape (n,). ``before``: its predecessors,
    shape (n, d), and ``weight`` their log probabilities, -inf where there are fewer than d.
    ``first`` and ``last``: log probability of beginning and ending there. ``shortest``: frames
    needed at least.
    """

    forward: NDArray[np.int64]
    loop: NDArray[np.int64]
    before: NDArray[np.int64]
    weight: NDArray[np.float32]
    first: NDArray[np.float32]
    last: NDArray[np.float32]
    shortest: int


class _Lattice:
    """Grows a numerator from left to right; ``ends`` may come just before what is added."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.phones: list[str] = []
        self.contexts: list[str] = []
        self.before: list[list[int]] = []
        self.ends: list[int] = []
        """-1 is the beginning of the utterance."""

    def add(self, phone: str, before: list[int]) -> list[int]:
        """Add a phone after each of some instances: one instance for each class of context."""
        groups: dict[tuple[int, int], list[int]] = {}
        for instance in before:
            context = self.phones[instance] if instance >= 0 else SILENCE
            groups.setdefault(self.topology.states(phone, context), []).append(instance)
        added = []
        for members in groups.values():
            context = self.phones[members[0]] if members[0] >= 0 else SILENCE
            self.phones.append(phone)
            self.contexts.append(context)
            self.before.append(members)
            added.append(len(self.phones) - 1)
        return added

    def word(self, forms: Sequence[Pronunciation]) -> None:
        ends: list[int] = []
        for form in forms:
            current = self.ends
            for phone in form:
                current = self.add(phone, current)
            ends += current
        self.ends = ends

    def silence(self, *, required: bool) -> None:
        found = self.add(SILENCE, self.ends)
        self.ends = found if required else [*self.ends, *found]


def numerator(
    topology: Topology,
    bigram: PhoneBigram,
    words: Sequence[Sequence[Pronunciation]],
    silences: Sequence[bool],
) -> Numerator:
    """The graph of an utterance.

    ``words`` gives the pronunciations of each word; ``silences`` says, for the places before,
    between and after them, where silence must be (it may be anywhere).
    """
    lattice = _Lattice(topology)
    lattice.ends = [-1]
    lattice.silence(required=silences[0])
    for forms, required in zip(words, silences[1:], strict=True):
        lattice.word(forms)
        lattice.silence(required=required)
    return _arrays(lattice, bigram)


def _arrays(lattice: _Lattice, bigram: PhoneBigram) -> Numerator:
    topology, count = lattice.topology, len(lattice.phones)
    index = {phone: n for n, phone in enumerate(topology.phones)}
    number = [index[phone] for phone in lattice.phones]
    states = [topology.states(p, c) for p, c in zip(lattice.phones, lattice.contexts, strict=True)]
    degree = max(len(members) for members in lattice.before)
    before = np.zeros((count, degree), np.int64)
    weight = np.full((count, degree), -np.inf, np.float32)
    first = np.full(count, -np.inf, np.float32)
    last = np.full(count, -np.inf, np.float32)
    shortest = np.ones(count, np.int64)
    for n, members in enumerate(lattice.before):
        lengths = []
        for place, instance in enumerate(members):
            if instance < 0:
                first[n] = bigram.log[bigram.edge, number[n]]
                lengths.append(1)
            else:
                before[n, place] = instance
                weight[n, place] = bigram.log[number[instance], number[n]]
                lengths.append(int(shortest[instance]) + 1)
        shortest[n] = min(lengths)
    ends = [end for end in lattice.ends if end >= 0]
    last[ends] = bigram.log[[number[end] for end in ends], bigram.edge]
    forward, loop = (np.array([pair[i] for pair in states], np.int64) for i in (0, 1))
    return Numerator(forward, loop, before, weight, first, last, int(shortest[ends].min()))


@dataclass(frozen=True, eq=False)
class Denominator:
    """All that can be said: a pair (class of the phone before, phone) is entered or stayed in.

    ``forward`` and ``loop`` are outputs by pair, shape (classes * phones,). ``move``, shape
    (phones, classes * phones), takes the phone that was left to the pair that is entered;
    ``first`` and ``last`` are probabilities of beginning in and ending after a pair.
    """

    forward: NDArray[np.int64]
    loop: NDArray[np.int64]
    move: NDArray[np.float32]
    first: NDArray[np.float32]
    last: NDArray[np.float32]


def denominator(topology: Topology, bigram: PhoneBigram) -> Denominator:
    """The graph of all phone sequences, weighted by the bigram."""
    phones, classes = topology.phones, topology.class_count
    probability = np.exp(bigram.log)
    example = {topology.class_of(phone): phone for phone in reversed(phones)}
    pairs = [(group, phone) for group in range(classes) for phone in range(len(phones))]
    states = [topology.states(phones[phone], example[group]) for group, phone in pairs]
    move = np.zeros((len(phones), len(pairs)), np.float32)
    first = np.zeros(len(pairs), np.float32)
    for column, (group, phone) in enumerate(pairs):
        for row, left in enumerate(phones):
            if topology.class_of(left) == group:
                move[row, column] = probability[row, phone]
        if topology.class_of(SILENCE) == group:
            first[column] = probability[bigram.edge, phone]
    last = np.array([probability[phone, bigram.edge] for _, phone in pairs], np.float32)
    forward, loop = (np.array([pair[i] for pair in states], np.int64) for i in (0, 1))
    return Denominator(forward, loop, move, first, last)
