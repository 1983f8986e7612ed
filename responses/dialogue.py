"""The conversation as a pure state machine: no clock, no thread, no sound of its own.

A turn goes: ``respond()`` to what was understood, say the reply, tell with ``spoken()`` how far it
was heard, and ask ``deadline()`` when ``elapse()`` wants to be called if nobody says anything.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from intents.results import Ambiguous, Command, FollowUp, Match, NotRecognized, RedFlag, Result
from responses.library import Library
from responses.naming import named_option
from responses.phrasing import Phrasing
from responses.profiles import DialogueSettings
from responses.reply import Reply
from responses.speaking import hear, remainder, say, say_again
from responses.state import Ask, Choice, Sentences, State, Step, Turn
from responses.texts import FOLLOW_UPS, PARTS

Outcome = tuple[State, Reply]

_TALK = Reply(expects_answer=True)
_ALARM = Reply(expects_answer=True, urgent=True)
_MISS = Reply(expects_answer=True, earcon="not_understood")
_END = Reply()


class Dialogue:
    """Decides what to say. All memory is in the State that goes in and comes out."""

    def __init__(self, library: Library, settings: DialogueSettings | None = None) -> None:
        self._settings = settings or DialogueSettings()
        self._library = library
        self._phrasing = Phrasing(library, self._settings)
        self._prompts = library.prompts
        self._session = library.prompts.session
        self._commands: dict[str, Callable[[State, float], Outcome]] = {
            "ja": self._yes,
            "nee": self._no,
            "meer": self._more,
            "eerste": lambda state, now: self._option(state, now, 0),
            "tweede": lambda state, now: self._option(state, now, 1),
            "herhaal": self._repeat,
            "stop": self._stop,
            "help": self._help,
            "onderwerpen": self._list_topics,
            "opnieuw": self._restart,
            "dag": self._goodbye,
        }

    def start(self, now: float) -> State:
        """A fresh conversation in which nothing was said yet."""
        return State(now, self._settings.pace, self._settings.volume)

    def greet(self, state: State, now: float) -> Outcome:
        """The welcome, with the line about privacy."""
        privacy = () if state.privacy_told else (self._session.privacy,)
        return self._say(state, now, (*self._session.welcome, *privacy))

    def respond(
        self, state: State, result: Result, now: float, text: str = ""
    ) -> tuple[State, Reply | None]:
        """The answer to what was understood; None where silence is the answer (noise).

        ``text`` holds the words themselves; they matter only where they name one of the options
        that we asked about, which means too little by itself to be a complaint ("mijn been").
        """
        state = self._wiped_when_due(state, now)
        if isinstance(state.question, Choice) and isinstance(result, NotRecognized | Ambiguous):
            option = named_option(text, state.question.options, self._library.topics)
            if option is not None:
                return self._choose(state, option, now)
        match result:
            case NotRecognized(reason="empty"):
                return state, None
            case NotRecognized():
                return self._missed(state, now)
            case RedFlag():
                return self._red_flag(state, result, now)
            case Match():
                return self._answer(state, self._known(m.topic for m in result.topics), now)
            case Ambiguous():
                return self._ask_which(state, result, now)
            case FollowUp():
                return self._follow_up(state, result.part, now)
            case Command():
                return self._command(state, result.command, now)

    def spoken(self, state: State, now: float, sentences: int | None = None) -> State:
        """Speech ended at ``now``, after so many whole sentences (None: all of them)."""
        return hear(state, now, sentences, self._session)

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
            asked, reply = self._say(state, now, state.alarm, _ALARM, aside=True)
        else:
            asked, reply = self._say(state, now, self._prompts.trouble.silence, aside=True)
        return replace(asked, quiet_since=state.quiet_since, prompted=True), reply

    # What was understood

    def _red_flag(self, state: State, flag: RedFlag, now: float) -> Outcome:
        """What to do now, first; a topic named beside it waits, or at 112 isn't brought up."""
        text = self._phrasing.red_flag(flag.flag, flag.grade)
        alarm = self._phrasing.alarm(text, flag.grade)
        topics = self._known(match.topic for match in flag.topics)
        state = replace(_understood(state), alarm=alarm, question=None)
        if topics:
            todo = tuple(Step(topic, part) for part in PARTS for topic in topics)
            question = Ask.MORE if flag.grade == "soon" else None
            state = replace(state, topics=topics, todo=todo, rest=(), question=question)
        hint = () if self._settings.brief or state.question else self._prompts.urgent.repeat
        state = replace(state, volume=max(state.volume, self._settings.volume))
        like = replace(_ALARM, topics=topics)
        return self._say(state, now, (*alarm, *text.then, *hint), like)

    def _answer(self, state: State, topics: Sentences, now: float, lead: Sentences = ()) -> Outcome:
        """The core about each topic; what else there is to tell waits for "ja"."""
        if not topics:
            return self._missed(state, now)
        todo = tuple(Step(topic, part) for part in PARTS[1:] for topic in topics)
        state = replace(state, topics=topics, todo=todo, rest=(), alarm=state.owed)
        return self._tell(state, now, (*lead, *self._phrasing.part(topics, "kern")), "kern")

    def _ask_which(self, state: State, doubt: Ambiguous, now: float) -> Outcome:
        """Ask which topic is meant; the same doubt twice means that we don't understand."""
        first, second = doubt.options
        far_behind = second.probability < self._settings.worth_asking * first.probability
        named = (first,) if far_behind else (first, second)
        topics = self._known(match.topic for match in named)
        if not topics or state.question == Choice(topics):
            return self._missed(state, now)
        return self._say(replace(_understood(state), question=Choice(topics)), now)

    def _follow_up(self, state: State, part: str, now: float) -> Outcome:
        """A question about the topics in hand."""
        if part not in PARTS + FOLLOW_UPS:
            return self._missed(state, now)
        state = _understood(state)
        if isinstance(state.question, Choice):
            return self._say(state, now)
        if not state.topics:
            which = (*self._prompts.answer.which_topic, *self._phrasing.topics())
            return self._say(replace(state, question=None), now, which)
        todo = tuple(step for step in state.todo if step.part != part)
        sentences = self._phrasing.part(state.topics, part)
        return self._tell(replace(state, todo=todo), now, sentences, part)

    def _command(self, state: State, command: str, now: float) -> Outcome:
        if command in ("langzamer", "sneller", "harder", "zachter"):
            return self._change_voice(_understood(state), command, now)
        return self._commands.get(command, self._missed)(state, now)

    def _missed(self, state: State, now: float) -> Outcome:
        """Not understood: other words each time, then topics and a person, then only a sound."""
        state = replace(state, misses=state.misses + 1, prompted=False)
        if state.misses > self._settings.max_misses:
            return state, replace(_MISS, pace=state.pace, volume=state.volume)
        if state.alarm:
            return self._say(state, now, state.alarm, _ALARM, aside=True)
        words = self._phrasing.not_understood(state)
        if state.misses == self._settings.max_misses:
            state = replace(state, question=None)
        return self._say(state, now, words, _MISS, aside=True)

    # Commands

    def _yes(self, state: State, now: float) -> Outcome:
        state = _understood(state)
        if isinstance(state.question, Choice):
            return self._option(state, now, 0)
        if state.question is None and state.alarm:
            return self._say(state, now, self._prompts.urgent.confirmed, aside=True)
        if state.question is not Ask.ANYTHING_ELSE and (state.rest or state.todo):
            return self._more(state, now)
        return self._say(replace(state, question=None), now, self._session.listening)

    def _no(self, state: State, now: float) -> Outcome:
        match state.question:
            case Choice((_, second)):
                other = Choice((second,), after_no=True)
                return self._say(replace(_understood(state), question=other), now)
            case Choice():
                return self._missed(replace(state, question=None), now)
            case None if state.alarm:
                return self._say(_understood(state), now, state.alarm, _ALARM)
            case None if state.last is None:
                return self._say(_understood(state), now, self._session.listening)
        state = replace(_understood(state), question=None)
        return self._say(state, now, self._session.closing, _END)

    def _option(self, state: State, now: float, number: int) -> Outcome:
        """The first or second of the two topics that we asked about."""
        if not isinstance(state.question, Choice) or number >= len(state.question.options):
            return self._missed(state, now)
        return self._choose(state, state.question.options[number], now)

    def _choose(self, state: State, topic: str, now: float) -> Outcome:
        """Answer about an option, and say which it is, so that a mistake is heard at once."""
        lead = () if self._settings.brief else self._phrasing.chosen(topic)
        return self._answer(state, (topic,), now, lead)

    def _more(self, state: State, now: float) -> Outcome:
        """Go on where the answer stopped."""
        state = _understood(state)
        if isinstance(state.question, Choice):
            return self._say(state, now)
        if state.rest:
            part = state.last.reply.part if state.last else None
            return self._tell(replace(state, rest=()), now, state.rest, part)
        if state.todo:
            step, *todo = state.todo
            sentences = self._phrasing.step(step, among=len(state.topics))
            return self._tell(replace(state, todo=tuple(todo)), now, sentences, step.part)
        if state.alarm:
            return self._say(state, now, state.alarm, _ALARM)
        if not state.topics:
            return self._say(state, now, self._prompts.trouble.nothing_said)
        state = replace(state, question=Ask.ANYTHING_ELSE)
        return self._say(state, now, self._prompts.answer.all_told)

    def _repeat(self, state: State, now: float) -> Outcome:
        state = _understood(state)
        if state.last is None:
            return self._say(state, now, self._prompts.trouble.nothing_said)
        return say_again(state, now, state.last, self._session)

    def _change_voice(self, state: State, command: str, now: float) -> Outcome:
        """Slower, faster, louder or softer at once, and the sentence again."""
        limits, step = self._settings, self._settings.step
        factor = step if command in ("sneller", "harder") else 1 / step
        pace, volume = state.pace, state.volume
        if command in ("langzamer", "sneller"):
            pace = min(max(pace * factor, limits.min_pace), limits.max_pace)
        else:
            volume = min(max(volume * factor, limits.min_volume), limits.max_volume)
        voice = self._prompts.voice
        unchanged = (pace, volume) == (state.pace, state.volume)
        lead: Sentences = (str(getattr(voice, command)),) if unchanged else ()
        state = replace(state, pace=pace, volume=volume)
        if state.saying is None or state.last is None:
            return self._say(state, now, lead or voice.sample, aside=True)
        turn = remainder(state.saying, state.heard or 0) if state.cut else state.last
        return say_again(state, now, turn, self._session, lead)

    def _stop(self, state: State, now: float) -> Outcome:
        """Silence at once; a word only where we were silent already, so that it is known heard."""
        speaking = state.heard is None or state.cut
        state = replace(_understood(state), question=None)
        if not speaking:
            like = replace(_END, stop_speaking=True)
            return self._say(state, now, self._session.stopped, like, aside=True)
        silence = Reply(stop_speaking=True, pace=state.pace, volume=state.volume)
        return replace(state, quiet_since=now), silence

    def _help(self, state: State, now: float) -> Outcome:
        """What can be said; after a red flag a cry for help gets its advice first."""
        like = _ALARM if state.alarm else _TALK
        words = (*state.alarm, *self._phrasing.help(state))
        return self._say(_understood(state), now, words, like)

    def _list_topics(self, state: State, now: float) -> Outcome:
        return self._say(_understood(state), now, self._phrasing.topics())

    def _restart(self, state: State, now: float) -> Outcome:
        """Forget the topic; the voice and the lines that were told stay."""
        fresh = replace(
            self.start(now),
            pace=state.pace,
            volume=state.volume,
            privacy_told=state.privacy_told,
            disclaimed=state.disclaimed,
            owed=state.owed,
        )
        return self._say(fresh, now, self._session.restart)

    def _goodbye(self, state: State, now: float) -> Outcome:
        state = replace(state, question=None)
        said, reply = self._say(state, now, self._session.goodbye, _END)
        return self._wiped(said, now), replace(reply, ends_session=True)

    # Saying and forgetting

    def _say(
        self,
        state: State,
        now: float,
        words: Sentences = (),
        like: Reply = _TALK,
        *,
        aside: bool = False,
    ) -> Outcome:
        """Say ``words`` and then the question of ``state``, in the manner of ``like``."""
        reply = replace(like, sentences=(*words, *self._phrasing.question(state)))
        return say(state, now, Turn(reply, state.question), self._session, aside=aside)

    def _tell(self, state: State, now: float, answer: Sentences, part: str | None) -> Outcome:
        """Say a piece of an answer, the lines that are told once, and whether there is more."""
        question = Ask.MORE if state.rest or state.todo else Ask.ANYTHING_ELSE
        state = replace(_understood(state), question=question)
        words = (*answer, *self._untold_lines(state), *self._phrasing.question(state))
        reply = replace(_TALK, sentences=words, topics=state.topics, part=part)
        return say(state, now, Turn(reply, question, 0, len(answer)), self._session)

    def _untold_lines(self, state: State) -> Sentences:
        """No diagnosis, and nothing is kept: once a session."""
        lines = {
            self._session.disclaimer: state.disclaimed,
            self._session.privacy: state.privacy_told,
        }
        return tuple(line for line, told in lines.items() if not told)

    def _known(self, topics: Iterable[str]) -> Sentences:
        """Those topics that have a text, each once."""
        return tuple(dict.fromkeys(topic for topic in topics if topic in self._library.topics))

    def _prompt_time(self, state: State) -> float | None:
        """When the prompt after silence is due, if it is still to come."""
        after, turn = self._settings.silence_prompt_after, state.saying
        if after is None or state.prompted or turn is None or not turn.reply.expects_answer:
            return None
        return state.quiet_since + after

    def _wiped(self, state: State, now: float) -> State:
        """A fresh conversation; a personal one keeps its voice."""
        fresh = self.start(now)
        if not self._settings.keeps_voice:
            return fresh
        return replace(fresh, pace=state.pace, volume=state.volume, privacy_told=state.privacy_told)

    def _wiped_when_due(self, state: State, now: float) -> State:
        end = state.quiet_since + self._settings.session_timeout
        return self._wiped(state, now) if now >= end else state


def _understood(state: State) -> State:
    """After an utterance that made sense the misses are forgiven."""
    return replace(state, misses=0, prompted=False)
