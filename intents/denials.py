"""What is taken back, and what is meant instead: a sentence read in two, where one may begin.

To a listener "kramp is het niet, het zijn de zenuwen" is one run of words. No rule of grammar tells
where its second sentence begins, so each likely place is tried, and the reading of what stands
before and after it decides.
"""

from collections.abc import Callable, Iterator

from intents.classifier import Option
from intents.clauses import NEGATIONS, openings
from intents.dutch import FILLERS, FUNCTION_WORDS
from intents.phrases import DENIED

Read = Callable[[tuple[str, ...]], list[Option]]
"""The classes of some words, the likeliest first; empty where all of them are denied."""

_NOTHING_SAID = NEGATIONS | FUNCTION_WORDS | FILLERS

_MOST_CUTS = 6
"""Places that are tried; a longer story is told in clauses of its own."""

_SILENT = 0.9
"""Probability of off topic in all that is said, from which no part of it is a complaint of now."""

_IN_SIGHT = 0.02
"""Probability, in all that is said, that the topic after a denial needs."""

_UNMISTAKABLE = 0.99
"""Probability, after the denial, from which a topic need not be in sight."""

_DENIAL = 0.5
"""Probability from which a sentence is a denial and nothing else."""

_TAKEN_BACK = 0.6
"""Probability from which what follows denies what was said before ("maar dat is over")."""

_DOUBTED = 0.05
"""Probability of a denial in all that is said, below which no part of it takes anything back."""

_ANOTHER = 0.2
"""Probability of topics from which what follows is more than a denial."""


def probability(options: list[Option], label: str) -> float:
    """The probability of one class; 0 where there is none of that name."""
    return next((o.probability for o in options if o.label == label), 0.0)


def meant_instead(words: tuple[str, ...], whole: list[Option], meant: Read) -> Option | None:
    """The topic of what follows a denial, if anything does: "als is het niet, het is de stress".

    Args:
        words: all that is said.
        whole: its classes.
        meant: the classes of what is meant by a part of it.
    """
    if sum(o.probability for o in whole if o.kind == "off_topic") > _SILENT:
        return None
    best: Option | None = None
    for before, after in _cuts(words):
        if NEGATIONS.isdisjoint(before) or _NOTHING_SAID.issuperset(before):
            continue  # "het is niet" denies what comes next
        first = next(iter(meant(after)), None)
        if first is None or first.kind != "topic":
            continue
        seen = probability(whole, first.label) >= _IN_SIGHT
        if (seen or first.probability >= _UNMISTAKABLE) and (
            best is None or first.probability > best.probability
        ):
            best = first
    return best


def is_taken_back(words: tuple[str, ...], whole: list[Option], meant: Read) -> bool:
    """Whether a denial is all that remains: "mijn oog trilde, maar dat is over".

    Args:
        words: all that is said.
        whole: its classes.
        meant: the classes of what is meant by a part of it.
    """
    denied = probability(whole, DENIED)
    if denied >= _DENIAL:
        return True
    if denied < _DOUBTED:
        return False
    for _, after in _cuts(words):
        options = meant(after)
        if not options and _is_about_it(after, meant):
            return True
        if probability(options, DENIED) >= _TAKEN_BACK and _topics(options) < _ANOTHER:
            return True
    return False


def _is_about_it(denied: tuple[str, ...], meant: Read) -> bool:
    """Whether what is denied is the complaint, or nothing: "nu slaap ik niet meer" is neither."""
    told = tuple(word for word in denied if word not in _NOTHING_SAID)
    return not told or _topics(meant(told)) >= _ANOTHER


def _topics(options: list[Option]) -> float:
    return sum(o.probability for o in options if o.kind == "topic")


def _cuts(words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The sentence in two, at each place where a second one may begin."""
    for at in openings(words)[:_MOST_CUTS]:
        yield words[:at], words[at:]
