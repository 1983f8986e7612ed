"""What a word is about, roughly, so that a classifier that saw "bibberen" also knows "fladderen".

A hand-made thesaurus stands in for word vectors: it weighs a few kilobytes, and anybody can read
why two words count as alike. Four times as many words taught it no more (measured).
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from intents.dutch import LANGUAGE, stem

_NO_PAST = frozenset(LANGUAGE["no_past"])
"""Words that only look like a past tense."""

_LEAST_ENDING = 3
"""Letters of the last part of a compound, and of what stands before it ("kuit|spier")."""


PAST = "verleden_tijd"
"""The concept of a verb in the past tense: what was, need not be any more."""

_WEAK_PAST = re.compile(r"\w*[aeiouy]\w*[bdfgklmnprstvz](?:de|te)n?")
"""Past tense of a regular verb, and some other words: "trilde", "schokte", "bibberden"."""


def concepts(word: str) -> tuple[str, ...]:
    """The rows of ``concepts.toml`` that hold a word, or the last part of it; often none."""
    return _concepts(_root(word))


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
def senses(word: str) -> tuple[str, ...]:
    """What a word tells of whether something is so: the rows under ``[senses]``, and its tense."""
    found = _SENSES.get(_root(word), ())
    return (*found, PAST) if _WEAK_PAST.fullmatch(word) and word not in _NO_PAST else found


@lru_cache(maxsize=50_000)
def _root(word: str) -> str:
    """The stem without what Snowball leaves of a conjugation: "fladdert", "gegleden"."""
    root = stem(word)
    if len(root) > 5 and root.startswith("ge"):
        root = root[2:]
    if len(root) > 3 and root[-1] in "td" and root[-2] not in "aeiou":
        root = root[:-1]
    return root


def _rows(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The rows of each root."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, words in table.items():
        for word in words.split():
            found[_root(word)].add(name)
    return {root: tuple(sorted(names)) for root, names in found.items()}


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_SENSES = _rows(_TABLE.pop("senses"))
_ROWS = _rows(_TABLE)
