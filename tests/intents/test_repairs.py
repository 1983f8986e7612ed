"""Slips of the tongue, and our own words that somebody sets right: only what is meant counts."""

import pytest

from intents.matcher import Matcher
from intents.repairs import repaired
from intents.results import Match, RedFlag

REPAIRED = {
    "mijn arm eh nee mijn ooglid trilt": "mijn ooglid trilt",
    "mijn oog ach wat zeg ik nou mijn duim springt": "mijn duim springt",
    "het is mijn been sorry ik bedoel mijn ooglid dat trilt": "het is mijn ooglid dat trilt",
    "mijn kuit krampt en mijn arm nee mijn ooglid trilt": "mijn kuit krampt en mijn ooglid trilt",
    "het trilt in mijn arm pardon in mijn been": "het trilt in mijn been",
    "u zegt oog maar ik bedoelde mijn kuit": "ik bedoelde mijn kuit",
    "u denkt kuit maar het springt overal": "het springt overal",
}
SAID = (
    "mijn ooglid eh trilt en mijn kuit krampt",
    "mijn ooglid trilt en mijn eh kuit krampt",
    "mijn ooglid trilt sorry en mijn kuit krampt ook",
    "mijn ooglid trilt nee echt en mijn kuit krampt",
    "ik heb stress ik bedoel ik slaap slecht en mijn ooglid trilt",
    "mijn oog nee en mijn oor ook",
    "u zegt kuit maar het is allebei mijn ooglid en mijn kuit",
    "u zegt stress maar daar heb ik geen last van",
    "u heeft gelijk mijn ooglid trilt maar mijn kuit krampt",
    "u zegt dat mijn ooglid trilt maar",
    "u zegt",
    "u",
    "nee",
    "mijn oog nee",
)
BOTH = (
    "mijn ooglid eh trilt en mijn kuit krampt",
    "ik heb last van mijn ooglid eh en van mijn kuit",
    "u zei dat het stress kon zijn maar ik heb kramp in mijn kuit en mijn ooglid trilt",
)


@pytest.mark.parametrize(("said", "meant"), REPAIRED.items())
def test_what_is_taken_back_is_left_out(said: str, meant: str) -> None:
    assert " ".join(repaired(tuple(said.split()))) == meant


@pytest.mark.parametrize("said", SAID)
def test_a_hesitation_takes_nothing_back(said: str, matcher: Matcher) -> None:
    assert repaired(tuple(said.split())) == tuple(said.split())
    matcher.understand(said)  # must not raise


@pytest.mark.parametrize("said", BOTH)
def test_both_complaints_are_heard(said: str, matcher: Matcher) -> None:
    result = matcher.understand(said)
    assert isinstance(result, Match)
    assert {"ooglid", "arm_of_been"} <= {found.topic for found in result.topics}


def test_only_what_is_meant_is_answered(matcher: Matcher) -> None:
    for said, topic in (
        ("mijn arm eh nee mijn ooglid trilt", "ooglid"),
        ("u zegt oog maar ik bedoelde mijn kuit", "arm_of_been"),
    ):
        result = matcher.understand(said)
        assert isinstance(result, Match)
        assert [found.topic for found in result.topics] == [topic]


def test_no_alarm_is_taken_back(matcher: Matcher) -> None:
    said = "mijn mond nee mijn hele gezicht hangt ineens scheef"
    assert isinstance(matcher.understand(said), RedFlag)


def test_a_stutter_is_no_other_meaning(matcher: Matcher) -> None:
    once, twice = "mijn ooglid trilt", "mijn mijn mijn ooglid ooglid trilt trilt"
    assert matcher.understand(once) == matcher.understand(twice)
