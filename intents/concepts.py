"""What a word is about, roughly, so that a classifier that saw "bibberen" also knows "fladderen".

A hand-made thesaurus stands in for word vectors: it weighs a few kilobytes, and anybody can read
why two words count as alike.
"""

import tomllib
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from intents.dutch import stem

_LEAST_ENDING = 3
"""Letters of the last part of a compound, and of what stands before it ("kuit|spier")."""


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
