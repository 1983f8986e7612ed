"""Word errors: what was said against what was heard, both written the same way first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.metrics import Share, word_errors

_FULL = {"m'n": "mijn", "'t": "het", "'n": "een", "'k": "ik", "z'n": "zijn", "d'r": "haar"}
"""Short forms are the same words: a recogniser may write either."""
_SPELLED = ((" a l s ", " als "), (" m s ", " ms "))
"""The letters of a disease one by one, as some recognisers hear them."""


@dataclass(frozen=True)
class ErrorRate:
    """Errors in ``words`` words, of so many ``recordings``."""

    errors: int = 0
    words: int = 0
    recordings: int = 0

    @property
    def rate(self) -> float:
        """Word error rate, 0..; above 1 where more was heard than said."""
        return self.errors / max(self.words, 1)

    @property
    def share(self) -> Share:
        """The errors as a share of the words, for its Wilson interval; never above 1."""
        return Share(min(self.errors, self.words), self.words)

    def __add__(self, other: "ErrorRate") -> "ErrorRate":
        return ErrorRate(
            self.errors + other.errors,
            self.words + other.words,
            self.recordings + other.recordings,
        )

    def __str__(self) -> str:
        low, high = self.share.interval
        counts = f"n={self.words} words, {self.recordings} clips"
        return f"{self.rate:6.1%} ({low:.1%}-{high:.1%}, {counts})"


def words(text: str) -> list[str]:
    """The words of a text: lower case, no punctuation, short forms in full.

    >>> words("Heb ik a l s, of zit 't in m'n hoofd?")
    ['heb', 'ik', 'als', 'of', 'zit', 'het', 'in', 'mijn', 'hoofd']
    """
    found = re.findall(r"'?[^\W_]+(?:'[^\W_]+)*", text.lower().replace("’", "'"))
    line = f" {' '.join(_FULL.get(word, word) for word in found)} "
    for letters, word in _SPELLED:
        line = line.replace(letters, word)
    return line.split()


def count_errors(said: str, heard: str) -> ErrorRate:
    """Substituted, deleted and inserted words of one recording."""
    reference = words(said)
    return ErrorRate(word_errors(reference, words(heard)), len(reference), 1)


def total(rates: Iterable[ErrorRate]) -> ErrorRate:
    """All errors in all words."""
    return sum(rates, ErrorRate())
