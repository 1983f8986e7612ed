"""Doubt about the ears turns answers into questions and silence; an alarm needs more of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.hearing import agreement, same, survival, trusted
from intents.matcher import Matcher
from intents.results import (
    Ambiguous,
    Command,
    FollowUp,
    Match,
    NotRecognized,
    RedFlag,
    Result,
    TopicMatch,
)
from intents.settings import MatcherSettings

EYE, LEG, MS = (TopicMatch(name, 1.0, name) for name in ("ooglid", "arm_of_been", "ms"))
ALARM = RedFlag("scheve_mond", "now", 1.0, (EYE,))
RESULTS: list[Result] = [
    Match((EYE,)),
    Match((EYE, LEG)),
    Match((EYE,), "hoe_lang"),
    Ambiguous((EYE, LEG)),
    Ambiguous(()),
    ALARM,
    Command("stop", 1.0),
    FollowUp("uitleg", 1.0),
]
CLEAR, BLURRED = 0.97, 0.1
SETTINGS = MatcherSettings(accept=0.75, ask=0.6, alarm=0.3)


@given(agreed=st.floats(0, 1))
def test_clearer_is_surer(agreed: float) -> None:
    chances = [survival(clear, agreed, Match((EYE,))) for clear in (0.0, 0.3, 0.6, 0.9, 1.0)]
    assert chances == sorted(chances)
    assert all(0 < chance < 1 for chance in chances)


def test_hearings_that_agree_are_surer() -> None:
    match = Match((EYE,))
    assert survival(0.6, 0.25, match) < survival(0.6, 1.0, match)


@pytest.mark.parametrize("result", RESULTS)
def test_sure_ears_change_nothing(result: Result) -> None:
    assert trust(result, 1.0) == result


def test_what_would_do_for_another_hearing() -> None:
    assert same(Match((EYE,)), Match((LEG, EYE)))
    assert same(Match((EYE,)), Ambiguous((EYE, LEG)))
    assert not same(Match((EYE, LEG)), Match((EYE,)))
    assert same(Ambiguous(()), Ambiguous((EYE, LEG)))
    assert not same(Ambiguous(()), Match((EYE,)))
    assert not same(Match((EYE,)), NotRecognized("unsure"))
    assert not same(Command("stop", 1.0), Command("ja", 1.0))
    assert same(ALARM, RedFlag("verlamming", "now", 0.8))
    assert not same(ALARM, RedFlag("krachtverlies", "soon", 0.8))
    eye = Match((EYE,))
    assert agreement(eye, [eye, eye, Match((MS,)), NotRecognized("empty")]) == 0.5


def trust(result: Result, kept: float) -> Result:
    return trusted(result, lambda _: kept, SETTINGS, lambda _: MS)


def test_the_surer_the_ears_the_more_is_said() -> None:
    match = Match((EYE,))
    assert trust(match, 0.9) == Match((TopicMatch("ooglid", 0.9, "ooglid"),))
    assert trust(match, 0.65) == Ambiguous((TopicMatch("ooglid", 0.65, "ooglid"), MS))
    assert trust(match, 0.4) == NotRecognized("unsure", 0.4)
    assert trust(Command("meer", 1.0), 0.55) == Command("meer", 0.55)
    assert trust(Command("meer", 1.0), 0.4) == NotRecognized("unsure", 0.4)
    assert isinstance(trust(Ambiguous((EYE, LEG)), 0.5), NotRecognized)


def test_to_be_silent_is_never_wrong() -> None:
    assert trust(Command("stop", 1.0), 0.4) == Command("stop", 0.4)
    assert trust(Command("stop", 1.0), 0.2) == NotRecognized("unsure", 0.2)


def test_each_of_two_topics_is_as_sure_as_its_own_words() -> None:
    chances = {"ooglid": 0.9, "arm_of_been": 0.7}

    def survives(part: Result) -> float:
        return chances[part.topics[0].topic] if isinstance(part, Match) else 0.0

    both = Match((LEG, EYE))
    sure = trusted(both, survives, SETTINGS, lambda _: None)
    assert sure == Match((TopicMatch("ooglid", 0.9, "ooglid"),))
    chances["ooglid"] = 0.65
    asked = trusted(both, survives, SETTINGS, lambda _: None)
    assert isinstance(asked, Ambiguous)
    assert [option.topic for option in asked.options] == ["arm_of_been", "ooglid"]


def test_an_alarm_is_told_in_doubt_but_nothing_beside_it() -> None:
    assert trust(ALARM, 0.5) == RedFlag("scheve_mond", "now", 0.5)
    assert trust(ALARM, 0.1) == NotRecognized("unsure", 0.1)


@pytest.mark.parametrize("said", ["mijn ooglid trilt al dagen", "stop", "mijn mond hangt scheef"])
def test_what_is_heard_clearly_is_understood_as_if_typed(matcher: Matcher, said: str) -> None:
    typed = matcher.understand(said)
    heard = matcher.understand(said, (), CLEAR)
    assert same(heard, typed)
    assert type(heard) is type(typed)


def test_one_word_out_of_babble_is_no_topic(matcher: Matcher) -> None:
    assert isinstance(matcher.understand("als"), Match)
    assert isinstance(matcher.understand("als", ("al", "dan", "nee"), BLURRED), NotRecognized)


@given(st.text(), st.lists(st.text(), max_size=3), st.floats(0, 1))
def test_no_hearing_is_too_odd(
    matcher: Matcher, text: str, others: list[str], clarity: float
) -> None:
    matcher.understand(text, others, clarity)
