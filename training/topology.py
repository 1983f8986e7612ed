"""Which state of which phone is which output of the network, and Kaldi's numbers for them.

Each phone has two states in a row, as in Kaldi's chain models: it is entered once ("forward") and
then may stay ("loop"). A phone's states may depend on the phone before it: ``classes`` sorts the
phones that may precede into a few classes (one class: no dependence; one for each phone: left
biphones). Words begin, go on, end or stand alone (``_B _I _E _S``): such variants of a phone share
their states; the decoder needs them to tell where words begin.

Sources: D. Povey et al., "Purely sequence-trained neural networks for ASR based on lattice-free
MMI", Interspeech 2016 (the topology); Kaldi documentation "HMM topology and transition modeling"
(``hmm.html``) for ``TransitionModel``: state i of the sorted tuples has transition 2i-1 (loop) and
2i (forward).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training.kaldi_io import Writer
from training.phones import NOISE, PHONES, SILENCE

POSITIONS = "BEIS"
"""Begin, end, internal, singleton, in the order of their ids."""
_STAY = 0.5

MONOPHONE: Mapping[str, int] = {}
"""Classes in which no phone tells itself apart: states do not depend on what precedes."""


def broad_classes() -> dict[str, int]:
    """Ten classes by place and manner: what bends the beginning of the next sound most."""
    groups = (
        "SIL SPN", "p b f v w", "t d s z S Z", "k x N h", "m n", "l r j", "i I I: y e: EI E",
        "u o: O O: AU", "a: A", "8 Y: @ UI",
    )  # fmt: skip
    return {phone: number for number, group in enumerate(groups) for phone in group.split()}


@dataclass(frozen=True)
class Topology:
    """The states of all phones; ``classes`` gives a preceding phone's class, else 0."""

    classes: Mapping[str, int]

    @property
    def phones(self) -> tuple[str, ...]:
        """Silence, noise and the Dutch phones; a phone's place is its number in training."""
        return (SILENCE, NOISE, *PHONES)

    @cached_property
    def class_count(self) -> int:
        """Number of classes of preceding phones."""
        return max(self.classes.values(), default=0) + 1

    def class_of(self, phone: str) -> int:
        """Class of a phone when it precedes another."""
        return self.classes.get(phone, 0)

    @property
    def outputs(self) -> int:
        """Number of outputs of the network."""
        return 2 * (2 + len(PHONES) * self.class_count)

    def states(self, phone: str, before: str) -> tuple[int, int]:
        """Outputs (forward, loop) of a phone that follows ``before``."""
        number = self.phones.index(phone)
        if number >= 2:
            number = 2 + (number - 2) * self.class_count + self.class_of(before)
        return 2 * number, 2 * number + 1

    @cached_property
    def symbols(self) -> dict[str, int]:
        """Kaldi's phones, variants by position included, with their ids; ``<eps>`` is 0."""
        names = ["<eps>", SILENCE, NOISE, *(f"{p}_{at}" for p in PHONES for at in POSITIONS)]
        return {name: number for number, name in enumerate(names)}

    @cached_property
    def tuples(self) -> tuple[tuple[int, int, int], ...]:
        """Phone id, forward output, loop output of each transition state, sorted as Kaldi wants."""
        found = set()
        for name, number in self.symbols.items():
            if number == 0:
                continue
            for before in self.phones:
                found.add((number, *self.states(bare(name), before)))
        return tuple(sorted(found))

    @cached_property
    def transitions(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Transition ids (loop, forward) by Kaldi phone id and class of the preceding phone."""
        index = {entry: number for number, entry in enumerate(self.tuples, 1)}
        table = {}
        for name, number in self.symbols.items():
            if number == 0:
                continue
            for before in self.phones:
                state = index[number, *self.states(bare(name), before)]
                table[number, self.class_of(before)] = (2 * state - 1, 2 * state)
        return table

    @property
    def transition_count(self) -> int:
        """Highest transition id."""
        return 2 * len(self.tuples)

    def boundaries(self) -> str:
        """Contents of ``phones/word_boundary.int``: which phones begin and end words."""
        kinds = {"B": "begin", "E": "end", "I": "internal", "S": "singleton"}
        special = {SILENCE: "nonword", NOISE: "singleton"}
        return "".join(
            f"{number} {special.get(name) or kinds[name[-1]]}\n"
            for name, number in self.symbols.items()
            if number
        )

    def endpoint_phones(self) -> str:
        """Phones that count as silence for the endpoint: silence, and every word's beginning.

        The best path that ends in silence has often already entered the next word.
        """
        names = self.symbols.items()
        return ":".join(str(n) for name, n in names if name == SILENCE or name.endswith("_B"))

    def transition_model(self) -> bytes:
        """The ``TransitionModel`` that precedes the network in ``final.mdl``."""
        ids = [number for number in self.symbols.values() if number]
        entry_of_phone = np.full(max(ids) + 1, -1)
        entry_of_phone[ids] = 0
        out = Writer()
        out.token("<TransitionModel>", "<Topology>")
        out.integers(ids)
        out.integers(entry_of_phone)
        out.integer(-1, 1, 2)  # states with their own loop output; one entry; two states in it
        out.integer(0, 1, 2, 0)  # forward class 0, loop class 1, two transitions: to itself …
        out.number(_STAY)
        out.integer(1)  # … and on
        out.number(1 - _STAY)
        out.integer(-1, -1, 0)  # the final state has neither outputs nor transitions
        out.token("</Topology>", "<Tuples>")
        out.integer(len(self.tuples))
        for phone, forward, loop in self.tuples:
            out.integer(phone, 0, forward, loop)
        out.token("</Tuples>", "<LogProbs>")
        out.vector(np.r_[0, np.full(self.transition_count, np.log(_STAY))])
        out.token("</LogProbs>", "</TransitionModel>")
        return out.data


def bare(symbol: str) -> str:
    """A phone without its position: ``a:_B`` is ``a:``."""
    return symbol if symbol in (SILENCE, NOISE) else symbol.rsplit("_", 1)[0]


def positioned(pronunciation: tuple[str, ...]) -> tuple[str, ...]:
    """A word's phones with their positions in the word."""
    if pronunciation == (NOISE,):
        return pronunciation
    if len(pronunciation) == 1:
        return (f"{pronunciation[0]}_S",)
    first, *middle, last = pronunciation
    return (f"{first}_B", *(f"{phone}_I" for phone in middle), f"{last}_E")
