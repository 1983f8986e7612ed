"""Bookkeeping of what was said and heard: the same for every turn, whatever it says."""

from dataclasses import replace

from responses.prompts import SessionPrompts
from responses.reply import Reply
from responses.state import Sentences, State, SystemTurn

WORDS_PER_SECOND = 140 / 60
"""The usual speed; tells about how long a turn takes until ``hear()`` says it exactly."""


def say(
    state: State, now: float, turn: SystemTurn, session: SessionPrompts, *, aside: bool = False
) -> tuple[State, Reply]:
    """Say ``turn`` in the voice of ``state``; an alarm that is owed goes first.

    Args:
        state: what is remembered so far; its question becomes that of the turn.
        now: when speaking starts.
        turn: what to say; pace and volume of its reply are filled in.
        session: holds the lines that are told once a session.
        aside: a remark that "herhaal" doesn't repeat, unless nothing else was said.
    """
    reply, owed = turn.reply, state.owed
    if owed and reply.sentences[: len(owed)] != owed:
        reply = replace(reply, sentences=(*owed, *reply.sentences))
        turn = replace(turn, start=turn.start + len(owed), stop=turn.stop + len(owed))
    urgent = reply.urgent or bool(owed)
    reply = replace(reply, urgent=urgent, pace=state.pace, volume=state.volume)
    turn = replace(turn, reply=reply)
    seconds = len(reply.text.split()) / (WORDS_PER_SECOND * reply.pace)
    said = replace(
        state,
        quiet_since=now + seconds,
        owed=(),
        question=turn.question,
        last=state.last if aside and state.last else turn,
        saying=turn,
        heard=None,
        disclaimed=state.disclaimed or session.disclaimer in reply.sentences,
        privacy_told=state.privacy_told or session.privacy in reply.sentences,
    )
    return said, reply


def hear(state: State, now: float, sentences: int | None, session: SessionPrompts) -> State:
    """Speech ended at ``now`` after so many whole sentences (None: all); the rest is kept."""
    if state.saying is None or state.heard is not None:
        return state
    spoken = state.saying.reply.sentences
    heard = len(spoken) if sentences is None else min(max(sentences, 0), len(spoken))
    state = replace(state, heard=heard)
    if not state.prompted:
        state = replace(state, quiet_since=now)
    alarm = state.alarm
    return replace(
        state,
        rest=state.untold + state.rest,
        owed=alarm if heard < len(alarm) and spoken[: len(alarm)] == alarm else (),
        disclaimed=state.disclaimed and session.disclaimer not in state.cut,
        privacy_told=state.privacy_told and session.privacy not in state.cut,
    )


def say_again(
    state: State, now: float, turn: SystemTurn, session: SessionPrompts, lead: Sentences = ()
) -> tuple[State, Reply]:
    """Say ``turn`` once more, after ``lead``; what it tells again need not be told any more."""
    told = turn.reply.sentences[turn.start : turn.stop]
    state = replace(state, rest=tuple(line for line in state.rest if line not in told))
    reply = replace(turn.reply, sentences=(*lead, *turn.reply.sentences))
    start, stop = turn.start + len(lead), turn.stop + len(lead)
    return say(state, now, SystemTurn(reply, turn.question, start, stop), session, aside=True)


def remainder(turn: SystemTurn, heard: int) -> SystemTurn:
    """What is left of ``turn`` after so many sentences."""
    reply = replace(turn.reply, sentences=turn.reply.sentences[heard:])
    return SystemTurn(reply, turn.question, max(turn.start - heard, 0), max(turn.stop - heard, 0))
