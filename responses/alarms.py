"""What the assistant does at a sign that can't wait, and how such an alarm comes to an end."""

from dataclasses import replace

from intents.results import Ambiguous, Match, RedFlag, Result
from responses.answering import ALARM, END, Answering, Outcome, put_off, understood
from responses.state import Ask, State, Step
from responses.texts import PARTS


class Alarms:
    """Each method takes the state as it is and gives the one after, with what is said."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._settings = answering.settings
        self._phrasing = answering.phrasing
        self._prompts = answering.prompts

    def warn(self, state: State, flag: RedFlag, now: float) -> Outcome:
        """What to do now, first; a topic named beside it waits, or at 112 isn't brought up."""
        if state.in_danger and flag.grade == "soon":
            return self.ask(state, flag, now)  # "today" must not take back "now"
        text = self._phrasing.red_flag(flag.flag, flag.grade)
        alarm = self._phrasing.alarm(text, flag.grade)
        if state.in_danger or flag.grade == "soon":
            alarm += tuple(advice for advice in state.owed if advice not in alarm)
        state = replace(put_off(understood(state)), alarm=alarm, flag=flag, owed=(), waits=None)
        topics = self._answering.known(match.topic for match in flag.topics)
        if topics:
            todo = tuple(Step(topic, part) for part in PARTS for topic in topics)
            state = replace(state, topics=topics, todo=todo, rest=(), closed=False)
        if topics and state.in_danger:
            state = replace(state, waits=Match(flag.topics))
        told = state.closed or not (state.todo or state.rest)
        state = replace(state, question=None if state.in_danger or told else Ask.MORE)
        hint = () if self._settings.brief or state.question else self._prompts.urgent.repeat
        state = replace(state, volume=max(state.volume, self._settings.volume))
        like = replace(ALARM, topics=topics)
        return self._answering.say(state, now, (*alarm, *text.then, *hint), like)

    def repeat(self, state: State, now: float) -> Outcome:
        """Say again what to do, and what we asked."""
        return self._answering.say(understood(state), now, state.alarm, ALARM)

    def ask(self, state: State, waits: Result | None, now: float) -> Outcome:
        """Say again what to do at 112, and ask whether that is needed; until "nee" it ``waits``."""
        state = replace(put_off(understood(state)), question=Ask.DANGER, waits=waits)
        return self._answering.say(state, now, state.alarm, ALARM, aside=True)

    def doubt(self, state: State, said: Match | Ambiguous, now: float) -> Outcome:
        """A complaint after an alarm at 112 need not mean that the danger is over: ask."""
        return self.ask(state, said if said != Ambiguous(()) else state.waits, now)

    def all_clear(self, state: State, now: float) -> Outcome:
        """No help is needed: the alarm is over, and what waited is answered."""
        words, waits = self._phrasing.all_clear(state.flag), state.waits
        state = replace(understood(state), alarm=(), flag=None, question=None, waits=None)
        match waits:
            case Match():
                topics = self._answering.known(match.topic for match in waits.topics)
                return self._answering.answer(state, topics, now, waits.part, words)
            case Ambiguous():
                return self._answering.ask_which(state, waits, now, words)
            case RedFlag():
                return self.warn(state, waits, now)
        return self._answering.say(replace(state, closed=True), now, words, END)
