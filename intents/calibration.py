"""Learns, from a pack's own phrases, how sure a score makes us.

Each phrase is put as a question to the catalogue with its own template left out, so that it scores
as a new wording would. Sentences written as people say them are put as they stand; those of a
template also misheard and in a longer story, and some of them to the whole catalogue. A conditional
logit then weighs the scores so that its probabilities come true. Each kind of class (topic,
follow-up, red flag, command, off-topic) has a few weights of its own, and all classes of a kind
share them: nothing here is tuned to a subject.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from intents.dutch import tokens
from intents.index import Closeness, Index
from intents.noise import heard, told
from intents.phrases import OFF_TOPIC, Kind
from intents.sparse import Floats

Doubles = NDArray[np.float64]

KINDS: tuple[Kind, ...] = ("topic", "vague", "follow_up", "red_flag", "command", "off_topic")
SCORES = 12
"""Columns of :func:`scores`."""

NEAR = 0.8
"""Likeness from which a sentence begins to be a known phrase, and not only like one."""

SHARPNESS = 4.0
"""How fast a better linear score grows into a larger share."""

EXTRAS = 4
"""Columns that only off-topic has: unknown words and length."""

BLOCKS = len(KINDS) + 1
"""Kinds that are weighed apart: what has a section of its own in ``off_topic.toml`` (denials, words
of an alarm without one) is told by its sense, the rest of it by its subject."""

COLUMNS = SCORES * BLOCKS + EXTRAS

_RIDGE = 5e-4
"""Pull of the weights to zero: with few phrases, rather doubt than certainty."""

_SEED = 1848
_NEW = 0.6
"""Share of a template's questions that the catalogue did not foresee."""

_WRITTEN = 0.65
"""Share of the questions that are sentences which stand for themselves, as people say them."""

_CHANGES_WRITTEN = ("clean",)
_CHANGES = ("clean", "heard", "told")
"""What is done to a sentence before it is asked."""

_BALANCE: dict[Kind, float] = {
    "topic": 0.37, "vague": 0.03, "follow_up": 0.08, "red_flag": 0.17, "command": 0.08,
    "off_topic": 0.19,
}  # fmt: skip
_BALANCE_SECTIONS = 0.08
"""How often we expect each kind to be said; the number of templates tells nothing of that."""

_STRANGE = 0.1
"""Share of the questions that are words thrown together, as noise makes them."""


@dataclass(frozen=True)
class Question:
    """A sentence with its right answer."""

    words: tuple[str, ...]
    label: str
    group: int | None
    """The template to leave out when it is asked; None to leave out nothing."""


def scores(near: Closeness, linear: Floats) -> Floats:
    """What is known of each class, (C, SCORES), each about 0..1."""
    runner_up, best = np.sort(linear)[-2:] if len(linear) > 1 else (linear[0], linear[0])
    margin = linear - np.where(linear == best, runner_up, best)
    sharp = softmax(SHARPNESS * linear.astype(np.float64))
    return np.stack(
        [near.f1, near.recall, near.precision, near.cosine, near.support, near.evidence / 3,
         near.anchor / 3, linear, margin, sharp, np.maximum(near.f1 - NEAR, 0) / (1 - NEAR),
         np.ones_like(linear)], axis=1,
    )  # fmt: skip


def design(index: Index, near: Closeness, linear: Floats, length: int) -> Doubles:
    """What the logit sees of each class, (C, COLUMNS): its scores in the columns of its kind."""
    matrix = np.zeros((index.classes, COLUMNS))
    values = scores(near, linear)
    for c, kind in enumerate(index.kinds):
        start = SCORES * _block(index.labels[c], kind)
        matrix[c, start : start + SCORES] = values[c]
        if kind == "off_topic":
            matrix[c, -EXTRAS:] = near.unknown, near.unknown**2, min(length, 12) / 12, length < 3
    return matrix


def _block(label: str, kind: Kind) -> int:
    """The kind of a class, or that of all sections."""
    return len(KINDS) if label.startswith(f"{OFF_TOPIC}:") else KINDS.index(kind)


def softmax(logits: Doubles) -> Doubles:
    """Probabilities over the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    result: Doubles = powers / powers.sum(-1, keepdims=True)
    return result


def questions(index: Index, at_most: int) -> list[Question]:
    """Sentences to learn from: the index's own, in three forms, and words thrown together."""
    dice = random.Random(_SEED)
    by_group: dict[int, list[int]] = {}
    for i, group in enumerate(index.groups):
        by_group.setdefault(int(group), []).append(i)
    everything = [w for p in index.phrases for w in p.text.lower().split()]
    off = [w for p in index.phrases if p.kind == "off_topic" for w in p.text.lower().split()]
    groups = sorted(by_group)
    dice.shuffle(groups)
    written = [g for g in groups if len(by_group[g]) == 1]
    templates = [g for g in groups if len(by_group[g]) > 1]
    result: list[Question] = []
    for chosen, share in ((written, _WRITTEN), (templates, 1 - _WRITTEN - _STRANGE)):
        asked = (q for g in chosen for q in _variants(index, g, by_group[g], everything, dice))
        result += islice(asked, round(at_most * share))
    while OFF_TOPIC in index.labels and len(result) < at_most:
        words = [dice.choice(off) for _ in range(dice.randint(1, 8))]
        if dice.random() < 0.5:
            words[dice.randrange(len(words))] = dice.choice(everything)
        result.append(Question(index.mend(tokens(" ".join(words))), OFF_TOPIC, None))
    return [q for q in result if q.words]


def _variants(
    index: Index, group: int, members: Sequence[int], others: Sequence[str], dice: random.Random
) -> Iterator[Question]:
    """One template's sentences: clean, misheard, told.

    Most are asked as new; one that stands for itself, and what is off topic, always is, for nobody
    can write down all that people say.
    """
    label, kind = index.phrases[members[0]].label, index.phrases[members[0]].kind
    written = len(members) == 1
    for change in _CHANGES_WRITTEN if written else _CHANGES:
        words = index.phrases[dice.choice(members)].text.split()
        new = written or kind == "off_topic" or dice.random() < _NEW
        if change == "heard":
            words = heard(words, others, dice)
        elif change == "told" and kind != "off_topic":
            words = told(words, dice)
        yield Question(index.mend(tokens(" ".join(words))), label, group if new else None)


def balance(index: Index, right: NDArray[np.int64]) -> Doubles:
    """A weight for each question, so that each kind has its share; (N,), mean 1."""
    kinds = np.array([_block(index.labels[c], index.kinds[c]) for c in right])
    counts = np.bincount(kinds, minlength=BLOCKS)
    share = np.array([*(_BALANCE[kind] for kind in KINDS), _BALANCE_SECTIONS]) * (counts > 0)
    weights: Doubles = (share / share.sum() / np.maximum(counts, 1))[kinds] * len(right)
    return weights


def fit(tables: Doubles, right: NDArray[np.int64], trust: Doubles) -> Doubles:
    """Newton's method with halved steps for a ridge-penalised conditional logit.

    Args:
        tables: what is seen of each class for each question, (N, C, COLUMNS).
        right: the right class of each question, (N,).
        trust: the weight of each question, (N,), mean 1.

    Returns:
        the weights, (COLUMNS,).
    """
    at = np.arange(len(tables))

    def loss(weights: Doubles) -> float:
        p = softmax(tables @ weights)[at, right]
        return float(
            -(trust * np.log(np.maximum(p, 1e-300))).mean() + _RIDGE / 2 * weights @ weights
        )

    weights = np.zeros(COLUMNS)
    for _ in range(30):
        p = softmax(tables @ weights)
        expected = np.einsum("nc,ncd->nd", p, tables)
        gradient = trust @ (tables[at, right] - expected) / len(tables) - _RIDGE * weights
        flat = (tables * np.sqrt(p * trust[:, None])[:, :, None]).reshape(-1, COLUMNS)
        hessian = (flat.T @ flat - (expected.T * trust) @ expected) / len(tables)
        step = np.linalg.solve(hessian + _RIDGE * np.eye(COLUMNS), gradient)
        while loss(weights + step) > loss(weights) and np.abs(step).max() > 1e-6:
            step = step / 2
        weights = weights + step
        if np.abs(step).max() < 1e-4:
            break
    return weights
