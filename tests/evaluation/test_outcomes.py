"""The verdict: what is right, half right, asked, declined and wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.outcomes import DECLINED, Outcome, judge, outcome_of, parse_outcomes, together
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

OOGLID, MS, ALS, ALGEMEEN = (
    TopicMatch(name, 0.9, "") for name in ("ooglid", "ms", "als", "algemeen")
)


@pytest.mark.parametrize(
    ("result", "expected", "verdict"),
    [
        (Match((OOGLID,)), "ooglid", "right"),
        (Match((OOGLID,)), "ask|ooglid", "right"),
        (Match((OOGLID,)), "ms", "wrong"),
        (Match((OOGLID, MS)), "ms+ooglid", "right"),
        (Match((OOGLID,)), "ms+ooglid", "partly"),
        (Match((OOGLID, ALS)), "ms+ooglid", "wrong"),
        (Match((OOGLID, MS)), "ooglid", "wrong"),
        (Match((MS, ALGEMEEN)), "ms", "partly"),
        (Match((ALGEMEEN,)), "ms", "wrong"),
        (Match((ALGEMEEN,)), "decline", "wrong"),
        (Match((OOGLID,)), "decline", "wrong"),
        (Ambiguous((OOGLID, MS)), "ms", "asked"),
        (Ambiguous(()), "ms", "asked"),
        (Ambiguous(()), "ask", "right"),
        (Ambiguous(()), "flag:now", "wrong"),
        (Ambiguous((OOGLID, MS)), "als", "wrong"),
        (Ambiguous((OOGLID, MS)), "ask", "right"),
        (Ambiguous((OOGLID, MS)), "decline", "asked"),
        (Ambiguous((OOGLID, MS)), "flag:now", "wrong"),
        (RedFlag("borst", "now", 0.9), "flag:now", "right"),
        (RedFlag("kracht", "soon", 0.9), "flag:now", "wrong"),
        (RedFlag("kracht", "soon", 0.9), "flag:now|flag:soon", "right"),
        (RedFlag("borst", "now", 0.9, (OOGLID,)), "ooglid", "wrong"),
        (Command("stop", 1.0), "command:stop", "right"),
        (Command("meer", 1.0), "command:stop", "wrong"),
        (Command("ja", 1.0), "decline", "wrong"),
        (FollowUp("uitleg", 0.8), "command:meer|followup", "right"),
        (FollowUp("uitleg", 0.8), "ms", "declined"),
        (FollowUp("uitleg", 0.8), "decline", "wrong"),
        (NotRecognized("off_topic"), "decline", "right"),
        (NotRecognized("unsure"), "ms", "declined"),
    ],
)
def test_verdicts(result: Result, expected: str, verdict: str) -> None:
    assert judge(outcome_of(result), parse_outcomes(expected)) == verdict


@pytest.mark.parametrize("text", ["", "ms|", "flag:later", "command:", "topic:ms", "een topic"])
def test_what_is_no_outcome_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no outcome"):
        parse_outcomes(text)


_OUTCOMES = st.one_of(
    st.builds(Outcome, st.sampled_from(["ask", "decline", "followup"])),
    st.builds(
        lambda topics: Outcome("topics", frozenset(topics)),
        st.sets(st.sampled_from(["ms", "als", "stress"]), min_size=1),
    ),
    st.sampled_from([Outcome("flag", frozenset({"now"})), Outcome("command", frozenset({"ja"}))]),
)


@given(st.lists(_OUTCOMES, min_size=1))
def test_tables_are_read_as_they_are_written(outcomes: list[Outcome]) -> None:
    assert parse_outcomes("|".join(map(str, outcomes))) == tuple(outcomes)


@given(_OUTCOMES)
def test_what_was_expected_is_right(outcome: Outcome) -> None:
    assert judge(outcome, [outcome]) == "right"


def test_the_first_utterance_that_is_answered_counts() -> None:
    topic, flag = Outcome("topics", frozenset({"ms"})), Outcome("flag", frozenset({"now"}))
    assert together([topic, flag]) == topic
    assert together([DECLINED, flag, topic]) == flag
    assert together([DECLINED]) == DECLINED
    assert together([]) == DECLINED
