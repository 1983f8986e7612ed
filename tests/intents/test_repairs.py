"""Slips of the tongue, and our own words that somebody sets right: only what is meant counts."""

import pytest

from intents.catalogue import load_catalogue
from intents.clauses import repairs
from intents.matcher import Matcher
from intents.results import Match

REPAIRED = {
    "mijn arm eh nee mijn ooglid trilt": ["ooglid"],
    "mijn oog ach wat zeg ik nou mijn duim springt": ["arm_of_been"],
    "u zegt oog maar ik bedoelde mijn kuit": ["arm_of_been"],
    "u denkt kuit maar het springt werkelijk overal": ["hele_lichaam"],
    "het is mijn been sorry ik bedoel mijn ooglid dat trilt": ["ooglid"],
}
MEANT = {
    "mijn ooglid trilt en sorry mijn kuit trilt ook": ["ooglid", "arm_of_been"],
    "nee mijn ooglid trilt": ["ooglid"],
    "mijn ooglid trilt eh al drie weken": ["ooglid"],
}


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """The matcher on our own content."""
    return Matcher(load_catalogue())


@pytest.mark.parametrize(("said", "topics"), (REPAIRED | MEANT).items())
def test_only_what_is_meant_is_answered(said: str, topics: list[str], matcher: Matcher) -> None:
    result = matcher.understand(said)
    assert isinstance(result, Match)
    assert [found.topic for found in result.topics] == topics


def test_a_repair_has_what_is_taken_back_and_what_is_said_instead() -> None:
    assert list(repairs(["mijn", "arm", "nee", "mijn", "oog"])) == [
        (("mijn", "arm"), ("mijn", "oog"))
    ]
    assert list(repairs(["u", "zegt", "oog", "maar", "het", "is", "mijn", "wang"])) == [
        (("u", "zegt", "oog"), ("het", "is", "mijn", "wang"))
    ]
    assert not list(repairs(["mijn", "oog", "en", "eh", "mijn", "arm"]))
    assert not list(repairs(["nee"]))


def test_a_stutter_is_no_other_meaning(matcher: Matcher) -> None:
    once, twice = "mijn ooglid trilt", "mijn mijn mijn ooglid ooglid trilt trilt"
    assert matcher.understand(once) == matcher.understand(twice)
