"""What understanding keeps in memory: little, however much is said in months."""

import random
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intents.asides import _word_rows
from intents.linear import _letters
from intents.matcher import Matcher
from tests.intents.tables import rows

UNSEEN = [said for _, said in rows(Path(__file__).with_name("unseen.tsv"))]
SENTENCES, MOST_BYTES = 200, 4e6
WORDS, MOST_OF_WORDS = 20_000, 25e6  # nearly as many as the recogniser knows


@contextmanager
def allocated() -> Iterator[list[float]]:
    """Bytes that stay of what is done inside."""
    found: list[float] = []
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        yield found
        after, _ = tracemalloc.get_traced_memory()
        found.append(after - before)
    finally:
        tracemalloc.stop()


@pytest.fixture
def said() -> list[str]:
    """Sentences of every sort, always the same ones."""
    return random.Random(0).sample(UNSEEN, SENTENCES)


def test_what_was_understood_leaves_little_behind(matcher: Matcher, said: list[str]) -> None:
    matcher.understand(UNSEEN[0])  # what is read when it is first needed stays, and is no leak
    with allocated() as kept:
        for sentence in said:
            matcher.understand(sentence)
    assert kept[0] < MOST_BYTES


def test_all_words_there_are_leave_little_behind() -> None:
    dice = random.Random(0)
    words = ["".join(dice.choices("abdeghiklmnorstvw", k=9)) for _ in range(WORDS)]
    with allocated() as kept:
        for word in words:
            _word_rows(word)
            _letters(word)
    assert kept[0] < MOST_OF_WORDS
