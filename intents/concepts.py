"""What a word is about, roughly, so that a classifier that saw "bibberen" also knows "fladderen".

A hand-made thesaurus stands in for word vectors: it weighs a few kilobytes, and anybody can read
why two words count as alike.
"""

import re
import tomllib
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from intents.dutch import stem

_NO_PAST = frozenset(
    "beide ziekte hoogte diepte lengte breedte laatste eerste beste ergste grootste minste meeste "
    "tweede derde vierde vijfde zesde zevende achtste negende tiende hetzelfde dezelfde zelfde "
    "einde aarde tante lente rente kanten planten punten handen tanden honden wonden monden "
    "bladen randen banden vrienden zachte harde slechte rechte korte zwarte bonte houten".split()
)
"""Words that only look like a past tense."""

_LEAST_ENDING = 3
"""Letters of the last part of a compound, and of what stands before it ("kuit|spier")."""


PAST = "verleden_tijd"
"""The concept of a verb in the past tense: what was, need not be any more."""

_WEAK_PAST = re.compile(r"\w*[aeiouy]\w*[bdfgklmnprstvz](?:de|te)n?")
"""Past tense of a regular verb, and some other words: "trilde", "schokte", "bibberden"."""


@lru_cache(maxsize=50_000)
def concepts(word: str) -> tuple[str, ...]:
    """The rows of ``concepts.toml`` that hold a word, or the last part of it, and its tense.

    Often none.
    """
    found = _concepts(_root(word))
    return (*found, PAST) if _WEAK_PAST.fullmatch(word) and word not in _NO_PAST else found


@lru_cache(maxsize=50_000)
def _concepts(root: str) -> tuple[str, ...]:
    """The rows that hold a root, the longest ending of it first."""
    if root in _ROWS:
        return _ROWS[root]
    for cut in range(_LEAST_ENDING, len(root) - _LEAST_ENDING + 1):
        if root[cut:] in _ROWS:
            return _ROWS[root[cut:]]
    return ()


@lru_cache(maxsize=50_000)
def _root(word: str) -> str:
    """The stem without what Snowball leaves of a conjugation: "fladdert", "gegleden"."""
    root = stem(word)
    if len(root) > 5 and root.startswith("ge"):
        root = root[2:]
    if len(root) > 3 and root[-1] in "td" and root[-2] not in "aeiou":
        root = root[:-1]
    return root


def _rows() -> dict[str, tuple[str, ...]]:
    """The rows of each root."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    found: dict[str, set[str]] = defaultdict(set)
    for name, words in tomllib.loads(text).items():
        for word in words.split():
            found[_root(word)].add(name)
    return {root: tuple(sorted(names)) for root, names in found.items()}


_ROWS = _rows()
