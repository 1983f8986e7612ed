"""Learns, from a pack's own phrases, how sure a score makes us.

Every phrase is asked as a question to the phrases of all *other* templates, clean, misheard and in a
longer story; a conditional logit then weighs the scores so that its probabilities come true. The
class "off topic" has weights of its own. Nothing here is tuned to a subject: the same few weights
serve all topics of a pack.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.catalogue import OFF_TOPIC
from intents.dutch import tokens
from intents.index import Closeness, Floats, Index
from intents.noise import heard, told

FEATURES = 6
"""Scores of a class: see :func:`scores`."""

_RIDGE = 1e-3
"""Ridge on the weights: with few phrases, rather doubt than certainty."""

_SEED = 1848


@dataclass(frozen=True)
class Question:
    """A sentence with its right answer."""

    words: tuple[str, ...]
    label: str
    group: int | None
    """Template it came from, to be left out when it is asked."""
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Weights:
    """What was learnt: the weight of each feature."""

    values: NDArray[np.float64]

    def probabilities(self, index: Index, near: Closeness, length: int) -> NDArray[np.float64]:
        """Probability of each class, (C,)."""
        logits = design(index, near, length) @ self.values
        return softmax(logits)


def scores(near: Closeness) -> Floats:
    """The scores of each class, (C, FEATURES)."""
    return np.stack(
        [near.f1, near.recall, near.precision, near.cosine, near.support, near.evidence / 3], axis=1
    )


def design(index: Index, near: Closeness, length: int) -> NDArray[np.float64]:
    """What the logit sees of each class, (C, 2·FEATURES + 4): scores of topics, of off-topic, and how
    strange and how long the sentence is (for off-topic only)."""
    matrix = np.zeros((index.classes, 2 * FEATURES + 4))
    values = scores(near)
    off = index.labels.index(OFF_TOPIC) if OFF_TOPIC in index.labels else -1
    for c in range(index.classes):
        start = FEATURES if c == off else 0
        matrix[c, start : start + FEATURES] = values[c]
    if off >= 0:
        matrix[off, -4:] = 1, near.unknown, min(length, 12) / 12, near.unknown**2
    return matrix


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities over the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    result: NDArray[np.float64] = powers / powers.sum(-1, keepdims=True)
    return result


def questions(index: Index, at_most: int = 1500) -> list[Question]:
    """Sentences to learn from: the index's own, as they are, as misheard, as told, and gibberish."""
    dice = random.Random(_SEED)
    by_group: dict[int, list[int]] = {}
    for i, group in enumerate(index.groups):
        by_group.setdefault(int(group), []).append(i)
    everything = [w for p in index.phrases for w in p.text.lower().split()]
    off = [w for p in index.phrases if p.label == OFF_TOPIC for w in p.text.lower().split()]
    groups = sorted(by_group)
    dice.shuffle(groups)
    result: list[Question] = []
    for group in groups:
        result.extend(_variants(index, group, by_group[group], everything, dice))
    dice.shuffle(result)
    result = result[:at_most]
    for _ in range(at_most // 12):
        words = [dice.choice(off or everything) for _ in range(dice.randint(1, 8))]
        result.append(_question(words, OFF_TOPIC, None))
    return [q for q in result if q.words]


def _variants(
    index: Index, group: int, members: Sequence[int], others: Sequence[str], dice: random.Random
) -> Iterator[Question]:
    """One template's sentences: clean, misheard, told."""
    for change in ("clean", "heard", "told"):
        words = index.phrases[dice.choice(members)].text.split()
        label = index.phrases[members[0]].label
        if change == "heard":
            words = heard(words, others, dice)
        elif change == "told" and label != OFF_TOPIC:
            words = told(words, dice)
        yield _question(words, label, group)


def _question(words: Sequence[str], label: str, group: int | None) -> Question:
    return Question(tokens(" ".join(words)), label, group)


def learn(index: Index, asked: Sequence[Question]) -> Weights:
    """Fit the weights on questions, each asked without its own template."""
    tables, right = [], []
    for question in asked:
        near = index.closeness(question.words, without=question.group)
        tables.append(design(index, near, len(question.words)))
        right.append(index.labels.index(question.label))
    return Weights(_fit(np.stack(tables), np.array(right)))


def _fit(tables: NDArray[np.float64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """Newton's method with halved steps for a ridge-penalised conditional logit; tables (N, C, D)."""
    count, _, size = tables.shape
    at = np.arange(count)

    def loss(weights: NDArray[np.float64]) -> float:
        p = softmax(tables @ weights)[at, right]
        return float(-np.log(np.maximum(p, 1e-300)).mean() + _RIDGE / 2 * weights @ weights)

    weights = np.zeros(size)
    for _ in range(50):
        p = softmax(tables @ weights)
        expected = np.einsum("nc,ncd->nd", p, tables)
        gradient = (tables[at, right] - expected).mean(0) - _RIDGE * weights
        centred = tables - expected[:, None]
        hessian = np.einsum("nc,ncd,nce->de", p, centred, centred) / count + _RIDGE * np.eye(size)
        step = np.linalg.solve(hessian, gradient)
        while loss(weights + step) > loss(weights) and np.abs(step).max() > 1e-6:
            step = step / 2
        weights = weights + step
        if np.abs(step).max() < 1e-5:
            break
    return weights
