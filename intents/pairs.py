"""Two complaints in one breath, made of what a catalogue has of each.

People who name two things are too few to learn from, and a pack would have to foresee all pairs.
From these the linear classifier learns that two topics can be meant at once.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from intents.dutch import LANGUAGE
from intents.linear import Example

AT_MOST = 1_000
"""Pairs; more of them taught no more (measured)."""

_LONGEST = 9
"""Words of a complaint that still leaves breath for another one."""

_BETWEEN = tuple(tuple(joint.split()) for joint in LANGUAGE["between_two"])
_SEED = 1848


def joined(complaints: Sequence[Example], at_most: int = AT_MOST) -> Iterator[Example]:
    """Pairs of two topics each; half as many as there are short complaints, always the same."""
    dice = random.Random(_SEED)
    by_topic: dict[tuple[int, ...], list[Example]] = defaultdict(list)
    for complaint in complaints:
        if len(complaint.words) <= _LONGEST:
            by_topic[complaint.classes].append(complaint)
    if len(by_topic) < 2:
        return
    for _ in range(min(at_most, sum(map(len, by_topic.values())) // 2)):
        one, other = (dice.choice(by_topic[topic]) for topic in dice.sample(sorted(by_topic), 2))
        yield Example(
            (*one.words, *dice.choice(_BETWEEN), *other.words),
            one.classes + other.classes,
            one.groups + other.groups,
        )
