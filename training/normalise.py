"""Written Dutch to the words that a recogniser hears: lower case, no digits, no punctuation."""

import re
from functools import lru_cache

from intents.dutch import number

_APOSTROPHES = str.maketrans("’‘`´ʼ", "'''''")
_NOT_SPOKEN = re.compile(r"[^a-zà-öø-ÿ0-9' ]")
_CLITIC = re.compile(r"'(?:s|t|n|k|m|r|ns)$")
_ABBREVIATIONS = {"a.l.s.": "als", "m.s.": "ms", "d.w.z.": "dat wil zeggen", "o.a.": "onder andere",
                  "bijv.": "bijvoorbeeld", "dr.": "dokter", "nr.": "nummer",
                  "%": " procent"}  # fmt: skip
_DIGITS_AS_NUMBER = 3
"""Longer figures (telephone numbers, years) are read digit by digit."""


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[str, ...]:
    """The spoken words of one written sentence; empty where nothing is spoken.

    Short forms keep their apostrophe (``m'n``, ``'s``); figures up to 999 are written out.
    """
    plain = text.lower().translate(_APOSTROPHES)
    for short, long in _ABBREVIATIONS.items():
        plain = plain.replace(short, long)
    spoken = _NOT_SPOKEN.sub(" ", plain.replace("-", " "))
    return tuple(word for token in spoken.split() for word in _spoken(token))


def sentence(text: str) -> str:
    """The words of ``text`` with one space between them."""
    return " ".join(words(text))


def _spoken(token: str) -> tuple[str, ...]:
    spoken: list[str] = []
    for part in re.findall(r"[0-9]+|[^0-9]+", token):
        if not part.isdigit():
            spoken.append(_without_quotes(part))
        elif len(part) <= _DIGITS_AS_NUMBER:
            spoken.append(number(int(part)))
        else:
            spoken.extend(number(int(digit)) for digit in part)
    return tuple(filter(None, spoken))


def _without_quotes(word: str) -> str:
    """The word without quotation marks; the apostrophe of ``'s`` and ``m'n`` stays."""
    word = word.rstrip("'")
    return word if _CLITIC.fullmatch(word) else word.lstrip("'")
