"""The conversation as a pure state machine: no clock, no thread, no sound of its own.

A turn goes: ``respond()`` to what was understood, say the reply, tell with ``spoken()`` how far it
was heard, and ask ``deadline()`` when ``elapse()`` wants to be called if nobody says anything.
"""

from dataclasses import replace

from intents.results import Ambiguous, Command, FollowUp, Match, NotRecognized, RedFlag, Result
from responses.alarms import Alarms
from responses.answering import ALARM, Answering, Outcome
from responses.by_words import ByWords
from responses.library import Library
from responses.profiles import DialogueSettings
from responses.reply import Reply
from responses.speaking import hear
from responses.state import State
from responses.steering import Steering

ALARM_PROMPT_AFTER = 8.0
"""Seconds of quiet after an alarm before it is said once more, in every profile."""

_LEAVES_IT = ("stop", "help", "meer")
"""Commands after which what waits is no longer waited for."""


class Dialogue:
    """Decides what to say. All memory is in the State that goes in and comes out."""

    def __init__(self, library: Library, settings: DialogueSettings | None = None) -> None:
        self._settings = settings or DialogueSettings()
        self._library = library
        self._answering = Answering(library, self._settings)
        self._alarms = Alarms(self._answering)
        self._steering = Steering(self._answering)
        self._by_words = ByWords(library, self._answering, self._steering)

    def start(self, now: float) -> State:
        """A fresh conversation in which nothing was said yet."""
        return State(now, self._settings.pace, self._settings.volume)

    def greet(self, state: State, now: float) -> Outcome:
        """The welcome, with the line about privacy."""
        session = self._library.prompts.session
        privacy = () if state.privacy_told else (session.privacy,)
        return self._answering.say(state, now, (*session.welcome, *privacy))

    def attract(self) -> Reply:
        """An invitation to a room where nobody talks; it is no turn and nothing remembers it."""
        words = self._library.prompts.session.attract
        return Reply(words, pace=self._settings.pace, volume=self._settings.volume)

    def defect(self, name: str) -> Reply:
        """What is wrong with our ears or mouth, or "mended"; no turn, and nothing remembers it."""
        words = self._library.prompts.defect.about(name)
        return Reply(words, pace=self._settings.pace, volume=self._settings.volume)

    def respond(
        self, state: State, result: Result, now: float, text: str = ""
    ) -> tuple[State, Reply | None]:
        """The answer to what was understood; None where silence is the answer (noise).

        ``text`` holds the words themselves; they matter where they answer a question of ours and
        mean too little by themselves ("mijn been", "allebei"), or are mere thanks.
        """
        state = self._wiped_when_due(state, now)
        if isinstance(result, NotRecognized) and result.reason == "empty":
            return state, None
        state, reply = self._respond(state, result, now, text)
        return (self._wiped(state, now) if reply.ends_session else state), reply

    def cut_in(self, state: State, now: float) -> tuple[State, Reply | None]:
        """The answer to somebody who spoke through ours and was not understood: a question."""
        return self._answering.ask_whether_to_go_on(self._wiped_when_due(state, now), now)

    def spoken(self, state: State, now: float, sentences: int | None = None) -> State:
        """Speech ended at ``now``, after so many whole sentences (None: all of them)."""
        return hear(state, now, sentences, self._library.prompts.session)

    def deadline(self, state: State) -> float | None:
        """When ``elapse()`` wants to be called; None at rest."""
        if state == self._wiped(state, state.quiet_since):
            return None
        end = state.quiet_since + self._settings.session_timeout
        prompt = self._prompt_time(state)
        return end if prompt is None else min(prompt, end)

    def elapse(self, state: State, now: float) -> tuple[State, Reply | None]:
        """What time alone brings: one gentle prompt after a question, then all is forgotten."""
        prompt = self._prompt_time(state)
        wiped = self._wiped_when_due(state, now)
        if wiped is not state or prompt is None or now < prompt:
            return wiped, None
        if state.alarm:
            asked, reply = self._answering.say(state, now, state.alarm, ALARM, aside=True)
        else:
            words = self._library.prompts.trouble.silence
            asked, reply = self._answering.say(state, now, words, aside=True)
        return replace(asked, quiet_since=state.quiet_since, prompted=True), reply

    def insist(self, state: State, now: float) -> Outcome:
        """The alarm that nobody has heard to its end; no prompt, so that the time begins anew."""
        fresh = replace(state, prompted=False)
        return self._answering.say(fresh, now, state.alarm, ALARM, aside=True)

    def _respond(self, state: State, result: Result, now: float, text: str) -> Outcome:
        answering = self._answering
        state = replace(state, waits=_still_waiting(state.waits, result))
        outcome = self._by_words.respond(state, result, now, text)
        if outcome is not None:
            return outcome
        match result:
            case RedFlag():
                return self._alarms.warn(state, result, now)
            case Match() | Ambiguous() if state.in_danger:
                return self._alarms.doubt(state, result, now)
            case Match():
                topics = answering.known(match.topic for match in result.topics)
                return answering.answer(state, topics, now, result.part)
            case Ambiguous():
                return answering.ask_which(state, result, now)
            case FollowUp():
                return answering.follow_up(state, result, now)
            case Command():
                return self._steering.obey(state, result.command, now)
            case NotRecognized():
                return answering.missed(state, now)

    def _prompt_time(self, state: State) -> float | None:
        """When the prompt after silence is due, if it is still to come."""
        after, turn = self._settings.silence_prompt_after, state.saying
        if state.alarm:
            after = min(after or ALARM_PROMPT_AFTER, ALARM_PROMPT_AFTER)
        if after is None or state.prompted or turn is None or not turn.reply.expects_answer:
            return None
        return state.quiet_since + after

    def _wiped_when_due(self, state: State, now: float) -> State:
        end = state.quiet_since + self._settings.session_timeout
        return self._wiped(state, now) if now >= end else state

    def _wiped(self, state: State, now: float) -> State:
        """A fresh conversation; a personal one keeps its voice."""
        fresh = self.start(now)
        if not self._settings.keeps_voice:
            return fresh
        return replace(fresh, pace=state.pace, volume=state.volume, privacy_told=state.privacy_told)


def _still_waiting(waits: Result | None, result: Result) -> Result | None:
    """What waits for its turn, and still does when ``result`` was understood."""
    command = result.command if isinstance(result, Command) else None
    if isinstance(waits, Command):  # "opnieuw" counts as said twice only without more in between
        return waits if command in ("opnieuw", "ja", "nee") else None
    return None if command in _LEAVES_IT else waits
