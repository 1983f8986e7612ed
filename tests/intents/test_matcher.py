"""The street from words to meaning."""

import pytest

from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from intents.results import Command, FollowUp, Match, NotRecognized, RedFlag


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_catalogue())


def test_a_complaint_gives_its_topic(matcher: Matcher) -> None:
    result = matcher.understand("Mijn ooglid trilt al dagen.")
    assert isinstance(result, Match)
    assert [t.topic for t in result.topics] == ["ooglid"]


def test_a_sign_comes_first(matcher: Matcher) -> None:
    result = matcher.understand("mijn oog trilt en ik krijg geen lucht")
    assert isinstance(result, RedFlag)
    assert (result.flag, result.grade) == ("ademnood", "now")


def test_politeness_around_a_command(matcher: Matcher) -> None:
    assert matcher.understand("kunt u dat alstublieft herhalen") == Command("herhaal", 1.0)


def test_a_question_about_the_topic_in_hand(matcher: Matcher) -> None:
    result = matcher.understand("hoe komt dat?")
    assert isinstance(result, FollowUp)
    assert result.part == "uitleg"


@pytest.mark.parametrize("text", ["", "   ", "中文", "\x00\x07"])
def test_nothing_said(matcher: Matcher, text: str) -> None:
    assert matcher.understand(text) == NotRecognized("empty")


def test_chatter_gets_no_answer(matcher: Matcher) -> None:
    assert isinstance(matcher.understand("de bus was weer te laat"), NotRecognized)
