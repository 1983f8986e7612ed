"""Cut a text into sentences to speak one by one, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_SENTENCE = 300
"""Characters; about 20 s of speech. Longer ones are cut, so that every wait stays short."""

_ABBREVIATIONS = "bijv bv ca cm d.w.z dhr dr drs enz evt i.p.v m.b.t mevr mg mw nr o.a prof vgl z.g"

_END = re.compile(
    r"(?P<mark>[.!?…]+)[\"'’”)\]]*(?=\s|$)"  # the end of a sentence
    r"|(?P<line>\s*\n\s*)"  # a line of its own, as in a list
)
_PLACES_TO_CUT = (re.compile(r"[;:,](?=\s)"), re.compile(r"\s"))


@dataclass(frozen=True)
class Sentence:
    """A sentence, and where it begins in the text it was cut from."""

    text: str
    position: int
    ends_paragraph: bool
    """Whether a blank line follows: a longer pause than between sentences."""


def split_sentences(text: str) -> Iterator[Sentence]:
    """Give the sentences of a text in order; together they hold all that can be said of it."""
    start = 0
    for end in _ends(text):
        yield from _sentence(text, start, end)
        start = end
    yield from _sentence(text, start, len(text))


def _ends(text: str) -> Iterator[int]:
    """Give the places after which a new sentence begins."""
    for found in _END.finditer(text):
        if found["line"] is None and found["mark"] == "." and _is_abbreviation(text, found.start()):
            continue
        yield found.end()


def _is_abbreviation(text: str, end: int) -> bool:
    """Whether the full stop at ``end`` belongs to the word before it."""
    word = re.split(r"\s", text[:end])[-1].casefold().strip("(\"'‘“")
    return word in _ABBREVIATIONS.split() or (len(word) == 1 and word.isalpha())


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    """Give the stretch as one sentence without blanks around it, or as several if it is long."""
    while start < end and text[start].isspace():
        start += 1
    stop = end
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    while stop - start > LONGEST_SENTENCE:
        cut = _best_cut(text, start)
        yield Sentence(text[start:cut].rstrip(), start, ends_paragraph=False)
        start = cut
        while start < stop and text[start].isspace():
            start += 1
    if start < stop:
        blank = re.match(r"\s*", text[stop:])
        lines = blank.group().count("\n") if blank else 0
        yield Sentence(text[start:stop], start, ends_paragraph=lines > 1)


def _best_cut(text: str, start: int) -> int:
    """Find where to cut a long sentence: after its last comma, else word, else anywhere."""
    window = text[start : start + LONGEST_SENTENCE]
    for place in _PLACES_TO_CUT:
        if cuts := [found.end() for found in place.finditer(window)]:
            return start + cuts[-1]
    return start + LONGEST_SENTENCE
