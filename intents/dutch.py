"""Spoken Dutch made comparable: one spelling, one word form, no noise.

Everything here is about the language and nothing about any topic. What a library does well is left
to it: word stems come from Snowball; the exceptions below are what it gets wrong.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from Stemmer import Stemmer

LANGUAGE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
"""The word lists of ``dutch.toml``."""

CONJUNCTION = "indien"
"""What the conjunction "als" becomes, so that "als" always means the disease."""

HESITATIONS = frozenset(LANGUAGE["hesitations"])
"""Words that are said while looking for another."""

FILLERS = HESITATIONS | frozenset(LANGUAGE["fillers"])
"""Words that carry no meaning of their own here: hesitation, greeting, politeness."""

FUNCTION_WORDS = frozenset(LANGUAGE["function_words"])
"""Words that hold a sentence together and say little about what it is about."""

_CLITICS: dict[str, str] = LANGUAGE["clitics"]
"""Short and regional forms; an empty string drops the word. Pronouns of address become "u"."""

_STEMS: dict[str, str] = LANGUAGE["stems"]
"""Word forms that Snowball does not bring together."""

_LETTER_NAMES: dict[str, str] = LANGUAGE["letters"]

_SPELT_DISEASE = "alsziekte"
_NAMED = re.compile(r"vitam|fitam|scler|skler|amyo|a\.l|a l s")
_LETTERS = frozenset("abcdefghijklmnpqrstvwxyz") | _LETTER_NAMES.keys()
_PHRASES = (
    (re.compile(r"\ba\. ?l\. ?s\.?(?!\w)|\ba l s\b"), _SPELT_DISEASE),
    (re.compile(r"\bamyotrof\w*( laterale?)?( s[ck]lero\w+)?"), _SPELT_DISEASE),
    (re.compile(r"\bmultip\w* s[ck]lero\w+"), "ms"),
    (re.compile(r"\b(vitamin\w?|fitamin\w?) (?:d|dee|de|t|tee)\b(?! b)"), "vitamine d"),
    (re.compile(r"\bvitamin\w? ([a-z]|bee|cee|ee|ka)\b"), r"vitamine \1"),
)
"""Names of several words, written as one thing before the words are counted."""

_DISEASE = "als"
_AFTER_CONJUNCTION = frozenset(LANGUAGE["after_conjunction"])
_BEFORE_CONJUNCTION = frozenset(LANGUAGE["before_conjunction"])
_AFTER_DISEASE = frozenset(LANGUAGE["after_disease"])
_BEFORE_DISEASE = frozenset(LANGUAGE["before_disease"])
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)*|'[a-z]+")
_UNITS: list[str] = LANGUAGE["units"]
_TENS: list[str] = LANGUAGE["tens"]


def tokens(text: str) -> tuple[str, ...]:
    """The words of ``text`` in one spelling: lower case, no accents, clitics and letters spelt out.

    Any string is fine; what is not in Latin script disappears. "als" remains only where the disease
    is meant; the conjunction becomes :data:`CONJUNCTION`.
    """
    text = _plain(text)
    if _NAMED.search(text):
        for pattern, replacement in _PHRASES:
            text = pattern.sub(replacement, text)
    simple = text.isascii() and text.replace(" ", "").isalpha()
    said = text.split() if simple else _WORD.findall(text)
    words = [part for word in said for part in _spelt_out(word)]
    if not _LETTERS.isdisjoint(words):
        words = _join_letters(words)
    if _DISEASE in words or _SPELT_DISEASE in words:
        words = _als_or_als(words)
    return tuple(words)


def _plain(text: str) -> str:
    """Lower case without accents; ``ALS`` in capitals among small letters is the disease."""
    if "ALS" in text and text != text.upper():
        text = re.sub(r"\bALS\b", _SPELT_DISEASE, text)
    text = text.casefold()
    if text.isascii():
        return text
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[’‘`´ʼ]", "'", plain)


@lru_cache(maxsize=65536)
def _spelt_out(word: str) -> tuple[str, ...]:
    """One written word as the words that are spoken."""
    if word in _CLITICS:
        return tuple(_CLITICS[word].split())
    if word.isdigit():
        return tuple(number(int(word)).split()) if len(word) <= 3 else tuple(word[:12])
    parts = re.findall(r"[a-z]+|[0-9]+", word)
    if len(parts) > 1:
        return tuple(w for part in parts for w in _spelt_out(part))
    return (parts[0],) if parts else ()


def number(value: int) -> str:
    """A number from 0 to 999 in Dutch words."""
    if value < 20:
        return _UNITS[value]
    if value < 100:
        tens, unit = divmod(value, 10)
        return _TENS[tens - 2] if not unit else f"{_UNITS[unit]}en{_TENS[tens - 2]}"
    hundreds, rest = divmod(value, 100)
    head = "honderd" if hundreds == 1 else _UNITS[hundreds] + "honderd"
    return head if not rest else head + number(rest)


def _join_letters(words: list[str]) -> list[str]:
    """Letters said one by one become one word: "a el es" is "als", "em es" is "ms"."""
    joined: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        letter = _LETTER_NAMES.get(word, word if len(word) == 1 and word not in "uo" else None)
        if letter is not None and word:
            run.append(letter)
            continue
        spelt = "".join(run)
        if len(run) > 1:
            joined.append(_SPELT_DISEASE if spelt == _DISEASE else spelt)
        elif run:
            joined.append(run[0])
        run = []
        if word:
            joined.append(word)
    return joined


def _als_or_als(words: list[str]) -> list[str]:
    """Tell "als" the conjunction from ALS the disease by its neighbours."""
    result = []
    for i, word in enumerate(words):
        if word == _SPELT_DISEASE:
            result.append(_DISEASE)
            continue
        if word != _DISEASE:
            result.append(word)
            continue
        before = words[i - 1] if i else ""
        after = words[i + 1] if i + 1 < len(words) else ""
        disease = before == "ziekte" or (
            after not in _AFTER_CONJUNCTION
            and before not in _BEFORE_CONJUNCTION
            and (not after or before in _BEFORE_DISEASE or after in _AFTER_DISEASE)
        )
        result.append(_DISEASE if disease else CONJUNCTION)
    return result


_SNOWBALL = Stemmer("dutch", 0)  # no cache of its own; the GIL keeps two threads out of it


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The word without its ending: "trilt", "trillen" and "trillend" are one."""
    if word in _STEMS:
        return _STEMS[word]
    if word in FUNCTION_WORDS or word == _DISEASE:  # Snowball makes "al" of als, alle and alles
        return word
    base = _STEMS.get(_undiminished(word), _undiminished(word))
    stemmed: str = _SNOWBALL.stemWord(base)
    return _STEMS.get(stemmed, stemmed)


_DIMINUTIVES = ("je", "jes", "ke", "kes")


def _undiminished(word: str) -> str:
    """The word without a Dutch -je or Flemish -ke: "spiertje", "armpje", "beentjes", "oogske"."""
    if not word.endswith(_DIMINUTIVES):
        return word
    match = re.fullmatch(
        r"(\w{2,}?)(?:([aeiou])\2?([nlrm])\3etje|(?<=m)pje|(?<=[nlrw])tje|je|s?ke)s?", word
    )
    if not match or len(match[1]) < 2 or word.endswith(("oke", "eke", "ijke", "uke", "ake")):
        return word
    if match[2]:
        return match[1] + match[2] + match[3]
    return match[1]


_SOUNDS = tuple((re.compile(written, re.MULTILINE), heard) for written, heard in LANGUAGE["sounds"])


def sounds(words: Iterable[str]) -> list[str]:
    """A rough spelling of each word by sound: a recogniser's typical confusions come close."""
    text = "\n".join(words)  # one look at all of them is much faster than one look at each
    for pattern, replacement in _SOUNDS:
        text = pattern.sub(replacement, text)
    return text.split("\n")


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """The same for one word."""
    return sounds([word])[0]


_THANKS = tuple(tuple(thanks.split()) for thanks in LANGUAGE["thanks"])


def without_thanks(words: Sequence[str]) -> tuple[str, ...]:
    """The words without a thank-you at the end, unless that is all there is."""
    for thanks in _THANKS:
        if len(words) > len(thanks) and tuple(words[-len(thanks) :]) == thanks:
            return tuple(words[: -len(thanks)])
    return tuple(words)


def trimmed(words: Sequence[str]) -> tuple[str, ...]:
    """The words without the fillers before and after them; those between stay."""
    start, end = 0, len(words)
    while start < end - 1 and words[start] in FILLERS:
        start += 1
    while end - 1 > start and words[end - 1] in FILLERS:
        end -= 1
    return tuple(words[start:end])


def spell(word: str) -> str:
    """The form in which words are compared: the stem, by sound."""
    return sound(stem(word))


def spell_all(words: Iterable[str]) -> list[str]:
    """The same for many words at once."""
    return sounds(map(stem, words))


def gist(words: Sequence[str]) -> tuple[str, ...]:
    """The stems of a sentence without its fillers: equal for sentences that say the same."""
    bare = [w for w in words if w not in FILLERS]
    return tuple(map(stem, words if FUNCTION_WORDS.issuperset(bare) else bare))
