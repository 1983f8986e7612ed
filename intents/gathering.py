"""Several things in one breath that are one topic: "dan mijn kuit, dan mijn rug, dan mijn kin".

Who lists three parts of the body means all of it, and wants no answer about each. Which topic takes
the place of which others, and at which words, a pack says under ``[gathers]`` in the topic's file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from intents.clauses import without_denied
from intents.content_file import ContentFile
from intents.dutch import LANGUAGE, stem, tokens

MANY = 3
"""Groups of which something is named; of two, each is told."""

_SIDES: tuple[str, ...] = tuple(LANGUAGE["sides"])
"""What stands before a part of the body in one word with it: "linkerarm"."""

_NEITHER = "noch"
_CIRCUMSTANCES = frozenset({"indien", "wanneer", "terwijl", "zodra", "tijdens"})
"""Open what is told of the moment: "mijn oog trilt als ik op mijn rug lig" ("als" is "indien")."""
_IDIOMS = ("aan de hand", "voor de hand", "op de been")
"""Name a part of the body and mean none."""


@dataclass(frozen=True)
class Gathering:
    """A topic that is meant where things of many groups are named."""

    topic: str
    instead_of: tuple[str, ...]
    """The topics that each of those things would mean by itself."""
    groups: tuple[tuple[str, ...], ...]
    """The words of each group; any form of them counts."""

    def is_meant(self, words: Sequence[str]) -> bool:
        """Whether things of many groups are named, not denied, and no mere circumstance."""
        if _NEITHER in words:
            return False
        told = _without_idioms(takewhile(lambda word: word not in _CIRCUMSTANCES, words))
        named = {self._group_of.get(stem(_without_side(word))) for word in without_denied(told)}
        return len(named - {None}) >= MANY

    @cached_property
    def _group_of(self) -> Mapping[str, int]:
        return {stem(word): n for n, words in enumerate(self.groups) for word in words}


def _without_side(word: str) -> str:
    return next((word.removeprefix(side) for side in _SIDES if word.startswith(side)), word)


def _without_idioms(words: Iterable[str]) -> Sequence[str]:
    said = f" {' '.join(words)} "
    for idiom in _IDIOMS:
        said = said.replace(f" {idiom} ", " ")
    return said.split()


def read_gathering(file: ContentFile, topics: Iterable[str]) -> Gathering | None:
    """What a topic's file has under ``[gathers]``, if anything.

    Args:
        file: the topic's.
        topics: those of the pack.

    Raises:
        ContentError: it is not as it should be.
    """
    table = file.table("gathers")
    if not table:
        return None
    file.only({"instead_of", "groups"}, table, " in [gathers]")
    instead_of = file.strings(table.get("instead_of"), "instead_of")
    groups = [tokens(group) for group in file.strings(table.get("groups"), "groups")]
    for unknown in set(instead_of) - set(topics):
        raise file.error(
            unknown,
            f"[gathers] noemt '{unknown}', en dat onderwerp bestaat niet. "
            f"Bekend zijn: {', '.join(sorted(topics))}.",
        )
    if file.path.stem in instead_of:
        raise file.error(file.path.stem, "[gathers] kan dit onderwerp niet zelf vervangen.")
    if len(groups) < MANY:
        raise file.error("groups", f"[gathers] heeft in 'groups' minstens {MANY} groepen nodig.")
    return Gathering(file.path.stem, tuple(instead_of), tuple(groups))


def gathered(words: Sequence[str], gatherings: Iterable[Gathering]) -> dict[str, str]:
    """The topics that another takes the place of in these words, each with that other."""
    meant = [gathering for gathering in gatherings if gathering.is_meant(words)]
    return {topic: gathering.topic for gathering in meant for topic in gathering.instead_of}
