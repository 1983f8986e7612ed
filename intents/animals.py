"""Tells whose complaint it is where an animal is named: "mijn hond trilt" is no patient's."""

from collections.abc import Sequence

from intents.concepts import senses
from intents.dutch import LANGUAGE

_POSSESSIVES = frozenset(LANGUAGE["possessives"])
_SPEAKERS = frozenset(LANGUAGE["speakers"])
_ANIMAL = "dier"
_OCCASIONS = frozenset({"sinds", "door", "om", "met", "zonder", "voor"})
"""Before an animal these tell when or why: "sinds de hond dood is trilt het ooglid"."""
_OF_HAND = frozenset({"hand", "handen", "duim", "duimen"})
"""Where the "muis" is a muscle: "de muis van de hand trilt"."""


def is_of_animal(words: Sequence[str]) -> bool:
    """Whether an animal's complaint is told, and nothing of who speaks: "mijn hond trilt"."""
    for at in range(1, len(words)):
        if words[at - 1] in _POSSESSIVES and _ANIMAL in senses(words[at]):
            if words[max(0, at - 2)] in _OCCASIONS or not _OF_HAND.isdisjoint(words):
                return False
            return _SPEAKERS.isdisjoint((*words[: at - 1], *words[at + 1 :]))
    return False
