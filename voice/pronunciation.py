"""How words are said that espeak-ng's Dutch voice says wrong; the table is ``pronunciations.toml``.

The text that is spoken differs from the text that is shown, so each replaced piece remembers its
place: word timings always point into the original text.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("pronunciations.toml")

_DIGITS = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")

# Signs that espeak-ng would read out ("kleiner dan") or take as orders ([[phonemes]]), control
# characters and pictures. Blanks of the same length: no position moves.
_UNSPEAKABLE = re.compile(
    r"[\[\]<>{}*_#~^\\|`\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\uf8ff\U00010000-\U0010ffff]"
)


@dataclass(frozen=True)
class Piece:
    """A stretch of spoken text, and the stretch of original text that it stands for."""

    spoken: int
    original: int
    length: int
    """Of the original stretch."""
    replaced: bool
    """False: the same characters; True: a different form of the whole stretch."""


@dataclass(frozen=True)
class SpokenForm:
    """What the voice is given, and where each part of it comes from."""

    text: str
    pieces: tuple[Piece, ...]

    def origin(self, position: int, length: int) -> tuple[int, int]:
        """Give position and length in the original of a word at this place of the spoken text."""
        index = bisect_right(self.pieces, position, key=lambda piece: piece.spoken) - 1
        piece = self.pieces[max(0, index)]
        if piece.replaced:
            return piece.original, piece.length
        offset = position - piece.spoken
        return piece.original + offset, min(length, piece.length - offset)


@dataclass(frozen=True)
class Rule:
    """What to look for, and what to say instead."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str]


def spoken_form(text: str) -> SpokenForm:
    """Give the form of a sentence that the Dutch voice says right."""
    clean = _UNSPEAKABLE.sub(" ", text)
    parts: list[str] = []
    pieces: list[Piece] = []
    spoken = done = 0
    for match, said in _replacements(clean):
        for start, stop, form in (
            (done, match.start(), clean[done : match.start()]),
            (match.start(), match.end(), said),
        ):
            if stop > start:
                pieces.append(Piece(spoken, start, stop - start, replaced=form is said))
                parts.append(form)
                spoken += len(form)
        done = match.end()
    pieces.append(Piece(spoken, done, len(clean) - done, replaced=False))
    parts.append(clean[done:])
    return SpokenForm("".join(parts), tuple(pieces))


def _replacements(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Give what is to be said differently, from left to right, without overlaps."""
    place = 0
    while found := _first(text, place):
        yield found
        place = found[0].end()


def _first(text: str, place: int) -> tuple[re.Match[str], str] | None:
    """Find the leftmost replacement from ``place`` on; of several there, the first rule's."""
    best: tuple[re.Match[str], str] | None = None
    for rule in _rules():
        match = rule.pattern.search(text, place)
        if match and (best is None or match.start() < best[0].start()):
            best = match, rule.say(match)
    return best


@cache
def _rules() -> tuple[Rule, ...]:
    """Read the table, once."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return (
        *(_pattern_rule(**entry) for entry in table["patterns"]),
        _word_rule(_as_phonemes(table["exact"]), str),
        _word_rule(_as_phonemes(table["words"]), str.casefold),
    )


def _as_phonemes(words: Mapping[str, str]) -> dict[str, str]:
    # The blanks: espeak-ng drops phonemes that stand right behind a bracket or a quotation mark.
    return {word: f" [[{phonemes}]] " for word, phonemes in words.items()}


def _word_rule(words: Mapping[str, str], form: Callable[[str], str]) -> Rule:
    """Say whole words as the table tells; ``form`` is what of a word has to agree with it."""
    any_word = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    flags = re.IGNORECASE if form is str.casefold else re.NOFLAG
    pattern = re.compile(rf"(?<![\w'’])(?:{any_word})(?!\w)", flags)
    return Rule(pattern, lambda match: words[form(match[0])])


def _pattern_rule(find: str, say: str = "", digits: bool = False) -> Rule:
    return Rule(re.compile(find), _digits if digits else lambda match: match.expand(say))


def _digits(number: re.Match[str]) -> str:
    """Read a number digit by digit, with a pause where it is written apart."""
    groups = re.split(r"\D+", number[0])
    return ", ".join(" ".join(_DIGITS[int(digit)] for digit in group) for group in groups)
