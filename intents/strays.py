"""Phrases that stand with one topic and sound like another: a slip of whoever wrote them, mostly.

What a phrase's words say is asked of the catalogue without that phrase's template. Only where they
speak for another topic is it compared with all phrases, which takes some milliseconds each.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from intents.catalogue import Catalogue
from intents.index import CONTRAST, Index, log_ratio
from intents.phrases import Phrase

_SUSPECT = 0.3
"""How much more another topic's words must weigh, per word, before a phrase is looked at."""

_MOST_SUSPECTS = 300
"""Phrases that are compared with all others, the most suspect first; about a second."""

_ALIKE = 0.9
"""Likeness to a phrase of the other topic from which the two say the same."""

_NEARER = 0.32
"""How much more alike the other topic's phrase must be than the nearest of its own topic."""


@dataclass(frozen=True)
class Stray:
    """A phrase, and a phrase of another topic that is nearer to it than any of its own topic."""

    phrase: Phrase
    nearer: Phrase


def strays(catalogue: Catalogue) -> list[Stray]:
    """The phrases that another topic matches better, the clearest first."""
    index = Index(catalogue.of("topic"))
    if index.classes < 2:
        return []
    suspects = sorted(_suspects(index), reverse=True)[:_MOST_SUSPECTS]
    found = [(*_distance(index, at), at) for _, at in suspects]
    found = [one for one in found if one[0] >= _NEARER]
    return [
        Stray(index.phrases[at], index.phrases[other])
        for _, other, at in sorted(found, key=lambda one: (-one[0], one[2]))
    ]


def _suspects(index: Index) -> Iterator[tuple[float, int]]:
    """How much more the words of a template speak for another topic, and its first phrase."""
    templates, firsts = np.unique(index.groups, return_index=True)
    rows = dict(zip(templates.tolist(), firsts.tolist(), strict=True))
    borders = np.flatnonzero(np.diff(index.group_words[:, 0])) + 1
    for part in np.split(index.group_words, borders):
        group, words = int(part[0, 0]), part[:, 1]
        if CONTRAST in index.phrases[rows[group]].words:
            continue  # it names what it denies
        own = index.class_of_group[group]
        counts = index.counts[:, words].copy()
        counts[own] -= 1
        groups = index.class_groups.copy()
        groups[own] = max(groups[own] - 1, 1)
        says = log_ratio(counts, groups).mean(1)
        excess = float(np.delete(says, own).max() - says[own])
        if excess > _SUSPECT:
            yield excess, rows[group]


def _distance(index: Index, at: int) -> tuple[float, int]:
    """How much nearer another topic comes to a phrase than its own, and with which phrase."""
    phrase = index.phrases[at]
    near = index.closeness(phrase.words, without=phrase.group)
    alike = (near.f1 + near.cosine) / 2
    own = index.class_of(at)
    others = np.where(np.arange(index.classes) == own, -1, alike)
    best = int(others.argmax())
    if alike[best] < _ALIKE:
        return 0.0, int(near.phrase[best])
    return float(alike[best] - alike[own]), int(near.phrase[best])
