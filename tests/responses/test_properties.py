"""What holds in every conversation, whatever is said and whenever."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from responses.answering import Answering
from responses.dialogue import Dialogue
from responses.library import load_library
from responses.profiles import MAX_PACE, MAX_VOLUME, MIN_PACE, MIN_VOLUME, PROFILES
from responses.reply import Reply
from responses.state import Ask, State
from responses.steering import Steering
from responses.texts import FOLLOW_UPS, PARTS

LIBRARY = load_library()
DIALOGUES = {name: Dialogue(LIBRARY, settings) for name, settings in PROFILES.items()}
COMMANDS = [*Steering(Answering(LIBRARY, PROFILES["kiosk"])).commands, "onbekend"]

probabilities = st.floats(0, 1)
topics = st.builds(
    TopicMatch, st.sampled_from([*LIBRARY.topics, "onbekend"]), probabilities, st.just("")
)
red_flags = st.builds(
    RedFlag,
    st.sampled_from([*LIBRARY.red_flags.flags, "onbekend"]),
    st.sampled_from(["now", "soon"]),
    probabilities,
    st.lists(topics, max_size=2).map(tuple),
)
parts = st.sampled_from([*PARTS, *FOLLOW_UPS, "onbekend"])
results: st.SearchStrategy[Result] = st.one_of(
    st.builds(Match, st.lists(topics, min_size=1, max_size=3).map(tuple), st.none() | parts),
    st.builds(Ambiguous, st.just(()) | st.tuples(topics, topics)),
    red_flags,
    st.builds(Command, st.sampled_from(COMMANDS), probabilities),
    st.builds(FollowUp, parts, probabilities),
    st.builds(NotRecognized, st.sampled_from(["empty", "off_topic", "unsure"]), probabilities),
)


@dataclass(frozen=True)
class Event:
    """After ``seconds`` something is understood, or nothing; ``heard`` sentences were heard."""

    seconds: float
    result: Result | None
    text: str
    heard: int | None


def _events(most_seconds: float) -> st.SearchStrategy[list[Event]]:
    event = st.builds(
        Event,
        st.floats(0, most_seconds),
        st.one_of(st.none(), results),
        st.sampled_from(["", "mijn been", "het ooglid", "niet mijn been", "allebei", "\x00 {}"]),
        st.one_of(st.none(), st.integers(-1, 12)),
    )
    return st.lists(event, max_size=12)


events = _events(100)
quick_events = _events(3)
"""So quick that nothing is forgotten in between."""
profiles = st.sampled_from(sorted(DIALOGUES))


def play(
    dialogue: Dialogue, happenings: list[Event]
) -> Iterator[tuple[State, Event, State, Reply | None]]:
    """Live through ``happenings``: the state before each, the state after, and what was said."""
    now = 0.0
    state = dialogue.start(now)
    for event in happenings:
        now += event.seconds
        before = state
        if event.result is None:
            state, reply = dialogue.elapse(state, now)
        else:
            state, reply = dialogue.respond(state, event.result, now, event.text)
        yield before, event, state, reply
        if reply is not None:
            now += 1
            state = dialogue.spoken(state, now, event.heard)


@settings(deadline=None)  # the machine that tests may be busy
@given(profiles, events)
def test_every_turn_can_be_said(profile: str, happenings: list[Event]) -> None:
    for _, event, state, reply in play(DIALOGUES[profile], happenings):
        assert MIN_PACE <= state.pace <= MAX_PACE
        assert MIN_VOLUME <= state.volume <= MAX_VOLUME
        if reply is None:
            empty = isinstance(event.result, NotRecognized) and event.result.reason == "empty"
            assert event.result is None or empty
            continue
        assert all(sentence.strip() for sentence in reply.sentences)
        assert not set("{}") & set(reply.text)
        assert reply.text or reply.stop_speaking or reply.earcon
        assert reply.expects_answer or not reply.text or not reply.text.endswith("?")


@settings(deadline=None)
@given(profiles, events)
def test_a_red_flag_is_answered_first(profile: str, happenings: list[Event]) -> None:
    """But what has to be done today doesn't take back what has to be done now."""
    for before, event, after, reply in play(DIALOGUES[profile], happenings):
        if isinstance(event.result, RedFlag):
            usual = getattr(LIBRARY.red_flags, event.result.grade)
            act = LIBRARY.red_flags.flags.get(event.result.flag, usual).act
            if event.result.grade == "soon" and after.in_danger:
                assert before.in_danger
                act = before.alarm
            assert reply is not None
            assert reply.urgent
            assert reply.sentences[: len(act)] == act
            assert act is before.alarm or reply.volume >= PROFILES[profile].volume


AT_EASE = {
    *(s for text in LIBRARY.topics.values() for part in PARTS + FOLLOW_UPS for s in text.say(part)),
    *LIBRARY.prompts.session.closing[1:],
    *LIBRARY.prompts.session.goodbye,
}
"""What is not for somebody who may be in danger."""


@settings(deadline=None)
@given(profiles, events, red_flags, quick_events)
def test_an_alarm_at_112_is_not_talked_away(
    profile: str, happenings: list[Event], flag: RedFlag, more: list[Event]
) -> None:
    """Only a "no" to the question about danger ends it, or "opnieuw" said twice."""
    alarm = Event(1, replace(flag, grade="now"), "", None)
    turns = list(play(DIALOGUES[profile], [*happenings, alarm, *more]))
    for before, event, after, reply in turns[len(happenings) + 1 :]:
        if not before.in_danger:
            return
        if after.in_danger:
            assert reply is None or not AT_EASE & set(reply.sentences)
            assert reply is None or not reply.ends_session
            continue
        assert isinstance(event.result, Command)
        if event.result.command == "nee":
            assert before.question is Ask.DANGER
        else:
            assert event.result.command == "opnieuw"
            assert isinstance(before.waits, Command)


@settings(deadline=None)
@given(profiles, events, red_flags, results)
def test_unheard_advice_comes_first_again(
    profile: str, happenings: list[Event], flag: RedFlag, then: Result
) -> None:
    dialogue = DIALOGUES[profile]
    states = [state for _, _, state, _ in play(dialogue, happenings)]
    state = states[-1] if states else dialogue.start(0)
    now = state.quiet_since
    state, advice = dialogue.respond(state, flag, now)
    assert advice is not None
    state = dialogue.spoken(state, now, 0)
    state, reply = dialogue.respond(state, then, now + 1)
    if reply is not None and reply.text and not isinstance(then, RedFlag):
        assert reply.urgent
        assert reply.sentences[0] == advice.sentences[0]


@settings(deadline=None)
@given(profiles, events)
def test_all_is_forgotten_after_a_while(profile: str, happenings: list[Event]) -> None:
    dialogue, timeout = DIALOGUES[profile], PROFILES[profile].session_timeout
    for _, _, state, _ in play(dialogue, happenings):
        later = state.quiet_since + timeout
        wiped, reply = dialogue.elapse(state, later)
        assert reply is None
        assert dialogue.deadline(wiped) is None
        assert (wiped.topics, wiped.todo, wiped.rest, wiped.last, wiped.alarm) == (
            (),
            (),
            (),
            None,
            (),
        )
        if profile != "personal":
            assert wiped == dialogue.start(later)
        noticed, _ = dialogue.respond(state, NotRecognized("empty"), later)
        assert noticed == wiped


@settings(deadline=None)
@given(profiles, events)
def test_there_is_one_prompt_at_most_after_a_turn(profile: str, happenings: list[Event]) -> None:
    dialogue = DIALOGUES[profile]
    for _, _, state, _ in play(dialogue, happenings):
        prompts, rested = 0, state
        while (due := dialogue.deadline(rested)) is not None:
            rested, reply = dialogue.elapse(rested, due)
            prompts += reply is not None
        assert prompts <= 1


@settings(deadline=None)
@given(profiles, events)
def test_the_state_never_waits_for_the_past_twice(profile: str, happenings: list[Event]) -> None:
    """What ``elapse`` does at a deadline moves the next deadline on: nobody waits in a circle."""
    dialogue = DIALOGUES[profile]
    for _, _, state, _ in play(dialogue, happenings):
        due = dialogue.deadline(state)
        if due is not None:
            after, _ = dialogue.elapse(state, due)
            next_due = dialogue.deadline(after)
            assert next_due is None or next_due > due


@pytest.mark.parametrize("topic", LIBRARY.topics)
@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, 8), max_size=12))
def test_interruptions_lose_no_sentence(topic: str, cuts: list[int]) -> None:
    """However often somebody cuts in, with "meer" every sentence is heard once and in order."""
    dialogue = DIALOGUES["kiosk"]
    answer = [s for part in PARTS for s in LIBRARY.topics[topic].say(part)]
    heard: list[str] = []
    result: Result = Match((TopicMatch(topic, 0.9, ""),))
    state = dialogue.start(0)
    for cut in [*cuts, *[99] * len(PARTS)]:
        state, reply = dialogue.respond(state, result, 1)
        assert reply is not None
        heard += [s for s in reply.sentences[:cut] if s in answer]
        state = dialogue.spoken(state, 1, cut)
        result = Command("meer", 1.0)
    assert heard == answer
