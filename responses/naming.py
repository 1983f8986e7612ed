"""Which of the options somebody names: "mijn been", in answer to "ooglid, of arm of been?"."""

import re
from collections.abc import Mapping

from responses.texts import TopicText

MOST_WORDS = 5
"""An answer to a question is short; more words are a new complaint, which is for ``intents/``."""

_SHORTEST = 3
"""Letters; shorter words of a name ("uw", "of") name nothing."""

_NAMES_NOTHING = frozenset({"het", "een", "hele", "heel", "van", "voor", "met", "bij", "door"})
"""Longer words of a name that are in everybody's mouth: "de hele dag"."""

_JOINS = "als"
"""Both a name and the word for "if": a name only where it ends the answer, "alleen als ik lig"."""

_NEGATIONS = frozenset({"niet", "geen", "nooit", "noch"})


def named_option(
    text: str, options: tuple[str, ...], topics: Mapping[str, TopicText]
) -> str | None:
    """The one option that ``text`` names; None where it names none, both, or says no to one."""
    said = _words(text)
    if len(said) > MOST_WORDS or denies(text):
        return None
    if not re.search(rf"\b{_JOINS}\W*$", text.lower()):
        said -= {_JOINS}
    names = {option: _names(topics[option]) for option in options}
    named = []
    for option in options:
        others = frozenset().union(*(names[other] for other in options if other != option))
        if said & (names[option] - others):
            named.append(option)
    return named[0] if len(named) == 1 else None


def denies(text: str) -> bool:
    """Whether ``text`` says no to something: what it names then isn't what it means."""
    return bool(_words(text) & _NEGATIONS)


def _names(topic: TopicText) -> frozenset[str]:
    """The words that call this topic by its name."""
    long_enough = frozenset(word for word in _words(topic.name) if len(word) >= _SHORTEST)
    return (long_enough - _NAMES_NOTHING) | frozenset(word.lower() for word in topic.called)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))
