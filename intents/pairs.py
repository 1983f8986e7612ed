"""Two things in one breath, made of what a catalogue has of each.

People who name two things are too few to learn from, and a pack would have to foresee all pairs.
From these the linear classifier learns that two topics can be meant at once, and that an alarming
sign stays one whatever else is told.
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
    by_topic = _short(complaints)
    if len(by_topic) < 2:
        return
    for _ in range(min(at_most, sum(map(len, by_topic.values())) // 2)):
        one, other = (dice.choice(by_topic[topic]) for topic in dice.sample(sorted(by_topic), 2))
        yield _said_together(one, other, dice)


def alarmed(
    complaints: Sequence[Example], signs: Sequence[Example], at_most: int = AT_MOST
) -> Iterator[Example]:
    """A complaint with a red flag before or after it; half as many as there are short signs."""
    dice = random.Random(_SEED)
    by_topic, by_flag = _short(complaints), _short(signs)
    if not by_topic:
        return
    for _ in range(min(at_most, sum(map(len, by_flag.values())) // 2)):
        first, last = [
            dice.choice(kind[dice.choice(sorted(kind))]) for kind in (by_topic, by_flag)
        ][:: dice.choice((1, -1))]
        yield _said_together(first, last, dice)


def _short(examples: Sequence[Example]) -> dict[tuple[int, ...], list[Example]]:
    """Those that leave breath for another one, by what they mean."""
    by_class: dict[tuple[int, ...], list[Example]] = defaultdict(list)
    for example in examples:
        if len(example.words) <= _LONGEST:
            by_class[example.classes[:1]].append(example)
    return by_class


def _said_together(one: Example, other: Example, dice: random.Random) -> Example:
    return Example(
        (*one.words, *dice.choice(_BETWEEN), *other.words),
        one.classes + other.classes,
        one.groups + other.groups,
    )
