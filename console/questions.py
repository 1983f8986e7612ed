"""A conversation in typed questions."""

import sys
from collections.abc import Iterable, Iterator

from assistant import Turn
from console.wiring import Parts


def answer_texts(texts: Iterable[str], parts: Parts, *, separate: bool) -> Iterator[Turn]:
    """Answer each question, in one conversation or each in its own.

    A dash among the texts stands for the lines of standard input.
    """
    assistant = parts.assistant()
    for text in _lines(texts):
        if separate:
            assistant = parts.assistant()
        yield assistant.take(text)
        assistant.spoken()


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield text
