"""Every script in ``conversations/`` is a conversation that has to go just so."""

from pathlib import Path

import pytest

from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from responses.library import Library, load_library
from tests.responses.script import play

SCRIPTS = sorted(Path(__file__).with_name("conversations").glob("*.txt"))


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_catalogue())


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_conversation(script: Path, library: Library, matcher: Matcher) -> None:
    play(script, library, matcher)


def test_there_are_enough_of_them() -> None:
    assert len(SCRIPTS) >= 40
