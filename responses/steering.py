"""What the commands do: ja, nee, herhaal, harder, stop … in every state."""

from collections.abc import Callable
from dataclasses import replace

from intents.results import Command
from responses.alarms import Alarms
from responses.answering import ALARM, END, TALK, Answering, Outcome, put_off, understood
from responses.profiles import MAX_PACE, MAX_VOLUME, MIN_PACE, MIN_VOLUME
from responses.speaking import remainder, say_again
from responses.state import Ask, Choice, GoOn, Sentences, State, SystemTurn, Topics


class Steering:
    """Each command takes the state as it is and gives the one after, with what is said."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._alarms = Alarms(answering)
        self._say = answering.say
        self._settings = answering.settings
        self._phrasing = answering.phrasing
        self._prompts = answering.prompts
        self._commands: dict[str, Callable[[State, float], Outcome]] = {
            "ja": self._yes,
            "nee": self._no,
            "meer": answering.more,
            "eerste": lambda state, now: self._option(state, now, 0),
            "tweede": lambda state, now: self._option(state, now, 1),
            "herhaal": self._repeat,
            "langzamer": lambda state, now: self._change_voice(state, now, "langzamer"),
            "sneller": lambda state, now: self._change_voice(state, now, "sneller"),
            "harder": lambda state, now: self._change_voice(state, now, "harder"),
            "zachter": lambda state, now: self._change_voice(state, now, "zachter"),
            "stop": self._stop,
            "help": self._help,
            "opnieuw": self._restart,
            "hallo": self._hello,
            "dag": self._goodbye,
        }

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that are known."""
        return tuple(self._commands)

    def obey(self, state: State, command: str, now: float) -> Outcome:
        """Do what ``command`` says; one that we don't know counts as not understood."""
        return self._commands.get(command, self._answering.missed)(state, now)

    def _yes(self, state: State, now: float) -> Outcome:
        state = understood(state)
        if isinstance(state.question, Choice):
            return self._option(state, now, 0)
        if isinstance(state.question, GoOn):
            return self._answering.more(state, now)
        if state.alarm and state.question in (None, Ask.DANGER):
            return self._alarms.repeat(replace(state, question=None, waits=None), now)
        waits = state.question not in (Ask.ANYTHING_ELSE, Ask.WHICH) and not state.closed
        if waits and (state.rest or state.todo):
            return self._answering.more(state, now)
        return self._say(replace(state, question=None), now, self._prompts.session.listening)

    def _no(self, state: State, now: float) -> Outcome:
        session = self._prompts.session
        match state.question:
            case Choice():
                return self.refuse(state, state.question.options[:1], now)
            case GoOn():
                return self._say(put_off(understood(state)), now, session.stopped, END, aside=True)
            case Ask.DANGER if not state.owed:  # nobody says no to advice that wasn't heard
                return self._all_clear(state, now)
            case None | Ask.DANGER if state.in_danger:
                return self._alarms.ask(state, state.waits, now)
            case None if _advised_again(state):
                words = (*session.closing[:1], *state.alarm[:1])
                return self._say(_forgotten(state, now), now, words, END)
            case None if state.alarm:
                return self._alarms.repeat(state, now)
        told = session.closing if state.topics or state.question else session.no_thanks
        state = replace(understood(state), question=None, waits=None, closed=True)
        if state.alarm:
            return self._say(state, now, state.alarm, replace(END, urgent=True))
        return self._say(state, now, told, END)

    def refuse(self, state: State, options: Topics, now: float) -> Outcome:
        """No to those options of our question: ask about the other, or leave it open."""
        asked = state.question.options if isinstance(state.question, Choice) else ()
        left = tuple(option for option in asked if option not in options)
        state = replace(understood(state), refused=state.refused + options)
        if left:
            return self._say(replace(state, question=Choice(left, after_no=True)), now)
        state = replace(state, question=None, closed=True)
        return self._say(state, now, self._prompts.choice.neither)

    def _all_clear(self, state: State, now: float) -> Outcome:
        """No help is needed after all; "opnieuw", if that is what waits, is not for an alarm."""
        if not isinstance(state.waits, Command):
            return self._alarms.all_clear(state, now)
        words = (*self._phrasing.all_clear(state.flag), *self._prompts.session.restart)
        return self._say(_forgotten(state, now), now, words)

    def thanked(self, state: State, now: float) -> Outcome:
        """Thanks are a "no" to what we asked, but nobody leaves who doesn't say so."""
        state = replace(put_off(understood(state)), question=None, waits=None, closed=True)
        return self._say(state, now, self._prompts.session.thanks, END, aside=True)

    def _hello(self, state: State, now: float) -> Outcome:
        """A greeting back, and the question that stands, or what we are here for.

        Who greets where nothing is asked is the next visitor, unless there is one user only.
        """
        if state.alarm and (state.question is None or state.in_danger):
            return self._alarms.repeat(state, now)
        if state.question is None and not self._settings.keeps_voice:
            state = State(now, state.pace, state.volume)  # the next visitor heard no lines yet
        state = replace(state, waits=None)
        invitation = () if state.question else self._prompts.help.general
        return self._say(understood(state), now, (*self._prompts.session.hello, *invitation))

    def _option(self, state: State, now: float, number: int) -> Outcome:
        """The first or second of the two topics that we asked about."""
        if not isinstance(state.question, Choice) or number >= len(state.question.options):
            return self._answering.missed(state, now)
        return self._answering.choose(state, state.question.options[number], now)

    def _repeat(self, state: State, now: float) -> Outcome:
        state = understood(state)
        last = self._said_last(state)
        if last is None:
            return self._say(state, now, self._prompts.trouble.nothing_said)
        return say_again(state, now, last, self._prompts.session)

    def _said_last(self, state: State) -> SystemTurn | None:
        """What can be said again; the question about danger is never left out."""
        if state.question is not Ask.DANGER:
            return state.last
        told = state.last.reply.sentences if state.last and state.last.reply.urgent else ()
        advice = told if told[: len(state.alarm)] == state.alarm else state.alarm
        question = self._phrasing.question(state)
        asked = advice[-len(question) :] == question
        sentences = advice if asked else (*advice, *question)
        return SystemTurn(replace(ALARM, sentences=sentences), Ask.DANGER)

    def _change_voice(self, state: State, now: float, command: str) -> Outcome:
        """Slower, faster, louder or softer at once, and the sentence again."""
        step = self._settings.step
        factor = step if command in ("sneller", "harder") else 1 / step
        pace, volume = state.pace, state.volume
        if command in ("langzamer", "sneller"):
            pace = min(max(pace * factor, MIN_PACE), MAX_PACE)
        else:
            volume = min(max(volume * factor, MIN_VOLUME), MAX_VOLUME)
        voice = self._prompts.voice
        unchanged = (pace, volume) == (state.pace, state.volume)
        lead: Sentences = (str(getattr(voice, command)),) if unchanged and not state.owed else ()
        state = replace(understood(state), pace=pace, volume=volume)
        return self._in_new_voice(state, now, lead)

    def usual_pace(self, state: State, now: float) -> Outcome:
        """Back to the pace that the conversation began with, and the sentence again."""
        return self._in_new_voice(replace(understood(state), pace=self._settings.pace), now)

    def _in_new_voice(self, state: State, now: float, lead: Sentences = ()) -> Outcome:
        """After ``lead``, what was said last, or what is left of it where somebody cut in."""
        turn = self._said_last(state)
        if state.saying is None or turn is None:
            return self._say(state, now, lead or self._prompts.voice.sample, aside=True)
        if state.cut and not state.owed:
            turn = remainder(state.saying, state.heard or 0)
        return say_again(state, now, turn, self._prompts.session, lead)

    def _stop(self, state: State, now: float) -> Outcome:
        """Silence at once; a word only where we were silent already, so that it is known heard."""
        speaking = state.heard is None or state.cut
        state = replace(put_off(understood(state)), question=None)
        like = replace(END, stop_speaking=True, pace=state.pace, volume=state.volume)
        if speaking:
            return replace(state, quiet_since=now, prompted=True), like
        return self._say(state, now, self._prompts.session.stopped, like, aside=True)

    def _help(self, state: State, now: float) -> Outcome:
        """What can be said; after a red flag a cry for help gets its advice first."""
        if state.question is Ask.DANGER:  # "ik heb hulp nodig"
            return self._yes(state, now)
        if state.question is Ask.WHICH:  # it ends with the same list of topics
            state = replace(state, question=None)
        like = ALARM if state.alarm else TALK
        words = (*state.alarm, *self._phrasing.help(state))
        return self._say(understood(state), now, words, like)

    def _restart(self, state: State, now: float) -> Outcome:
        """Forget the topic; but an alarm stands till the second time, for it may mean "again"."""
        if state.alarm and not isinstance(state.waits, Command):
            again = Command("opnieuw", 1.0)
            if state.in_danger:
                return self._alarms.ask(state, again, now)
            return self._alarms.repeat(replace(state, waits=again), now)
        fresh = replace(_forgotten(state, now), owed=state.owed)
        return self._say(fresh, now, self._prompts.session.restart)

    def help_comes(self, state: State, now: float) -> Outcome:
        """Help was called: the alarm stands, and no quiet brings it back."""
        state = replace(put_off(understood(state)), question=None, waits=None, prompted=True)
        return self._say(state, now, self._prompts.urgent.help_comes, ALARM, aside=True)

    def _goodbye(self, state: State, now: float) -> Outcome:
        """The end; but nobody is sent off with good wishes while an alarm stands."""
        if state.in_danger:
            return self._alarms.repeat(state, now)
        state = replace(state, question=None)
        words = self._prompts.session.goodbye
        if _advised_again(state):
            words = (*self._prompts.session.closing[:1], *state.alarm[:1])
            state = _forgotten(state, now)
        if state.alarm:
            return self._say(understood(state), now, state.alarm, replace(END, urgent=True))
        state, reply = self._say(state, now, words, END)
        return state, replace(reply, ends_session=True)


def _advised_again(state: State) -> bool:
    """Whether the advice to see a doctor was just said once more, and heard to its end."""
    repeated = state.saying is not None and state.saying.reply.sentences == state.alarm
    return bool(state.alarm) and repeated and not (state.in_danger or state.cut or state.owed)


def _forgotten(state: State, now: float) -> State:
    """A fresh conversation; the voice and the lines that were told stay."""
    return State(now, state.pace, state.volume, state.privacy_told, state.disclaimed)
