"""What the assistant does with what it understood: answer, ask which, warn, or admit a miss."""

from collections.abc import Iterable
from dataclasses import replace

from intents.results import Ambiguous, RedFlag
from responses.library import Library
from responses.phrasing import Phrasing
from responses.profiles import DialogueSettings
from responses.reply import Reply
from responses.speaking import remainder, say
from responses.state import Ask, Choice, GoOn, Sentences, State, Step, Turn
from responses.texts import FOLLOW_UPS, PARTS

Outcome = tuple[State, Reply]

TALK = Reply(expects_answer=True)
ALARM = Reply(expects_answer=True, urgent=True)
MISS = Reply(expects_answer=True, earcon="not_understood")
END = Reply()


class Answering:
    """Each method takes the state as it is and gives the one after, with what is said."""

    def __init__(self, library: Library, settings: DialogueSettings) -> None:
        self.settings = settings
        self.phrasing = Phrasing(library, settings)
        self.prompts = library.prompts
        self._session = library.prompts.session
        self._topics = library.topics

    def known(self, topics: Iterable[str]) -> Sentences:
        """Those topics that have a text, each once."""
        return tuple(dict.fromkeys(topic for topic in topics if topic in self._topics))

    def answer(
        self, state: State, topics: Sentences, now: float, part: str | None = None
    ) -> Outcome:
        """The core about each topic, or the part that is asked; the rest waits for "ja"."""
        if not topics:
            return self.missed(state, now)
        if part not in PARTS + FOLLOW_UPS:
            return self._answer(state, topics, now, "kern", ())
        named = len(topics) > 1 or self.settings.brief
        lead = () if named else self.phrasing.asked(topics[0])
        return self._answer(state, topics, now, part, lead)

    def _answer(
        self, state: State, topics: Sentences, now: float, first: str, lead: Sentences
    ) -> Outcome:
        """The ``first`` part about each topic; all others wait."""
        todo = tuple(Step(topic, part) for part in PARTS if part != first for topic in topics)
        state = replace(state, topics=topics, todo=todo, rest=(), alarm=state.owed)
        return self._tell(state, now, (*lead, *self.phrasing.part(topics, first)), first)

    def choose(self, state: State, topic: str, now: float) -> Outcome:
        """Answer about an option, and say which it is, so that a mistake is heard at once."""
        lead = () if self.settings.brief else self.phrasing.chosen(topic)
        return self._answer(state, (topic,), now, "kern", lead)

    def more(self, state: State, now: float) -> Outcome:
        """Go on where the answer stopped."""
        state = understood(state)
        if isinstance(state.question, GoOn):
            return self._go_on(state, state.question.turn, now)
        if isinstance(state.question, Choice) or state.question is Ask.WHICH:
            return self.say(state, now)
        if state.alarm and state.question is None:
            return self.say(state, now, state.alarm, ALARM)
        if state.rest:
            part = state.last.reply.part if state.last else None
            return self._tell(replace(state, rest=()), now, state.rest, part)
        if state.todo:
            step, *todo = state.todo
            sentences = self.phrasing.step(step, among=len(state.topics))
            return self._tell(replace(state, todo=tuple(todo)), now, sentences, step.part)
        if not state.topics:
            return self.say(state, now, self.prompts.trouble.nothing_said)
        state = replace(state, question=Ask.ANYTHING_ELSE)
        return self.say(state, now, self.prompts.answer.all_told)

    def follow_up(self, state: State, part: str, now: float) -> Outcome:
        """A question about the topics in hand; after a red flag its advice is the answer."""
        if part not in PARTS + FOLLOW_UPS:
            return self.missed(state, now)
        state = put_off(understood(state))
        if isinstance(state.question, Choice):
            return self.say(state, now)
        if state.alarm and state.question is None:
            return self.say(state, now, state.alarm, ALARM)
        if not state.topics:
            which = (*self.prompts.answer.which_topic, *self.phrasing.topics())
            return self.say(replace(state, question=None), now, which)
        todo = tuple(step for step in state.todo if step.part != part)
        sentences = (*state.alarm, *self.phrasing.part(state.topics, part))
        return self._tell(replace(state, todo=todo), now, sentences, part)

    def ask_which(self, state: State, doubt: Ambiguous, now: float) -> Outcome:
        """Ask which topic is meant; the same doubt twice means that we don't understand."""
        if not doubt.options:
            if state.question is Ask.WHICH or state.misses:
                return self.missed(state, now)
            return self.say(replace(understood(state), question=Ask.WHICH), now)
        first, second = doubt.options
        far_behind = second.probability < self.settings.worth_asking * first.probability
        named = (first,) if far_behind else (first, second)
        topics = self.known(match.topic for match in named)
        if not topics or state.question == Choice(topics):
            return self.missed(state, now)
        return self.say(replace(understood(state), question=Choice(topics)), now)

    def warn(self, state: State, flag: RedFlag, now: float) -> Outcome:
        """What to do now, first; a topic named beside it waits, or at 112 isn't brought up."""
        text = self.phrasing.red_flag(flag.flag, flag.grade)
        alarm = self.phrasing.alarm(text, flag.grade)
        alarm += tuple(advice for advice in state.owed if advice not in alarm)
        topics = self.known(match.topic for match in flag.topics)
        state = replace(put_off(understood(state)), alarm=alarm, owed=())
        if topics:
            todo = tuple(Step(topic, part) for part in PARTS for topic in topics)
            state = replace(state, topics=topics, todo=todo, rest=())
        goes_on = flag.grade == "soon" and (state.todo or state.rest)
        state = replace(state, question=Ask.MORE if goes_on else None)
        hint = () if self.settings.brief or state.question else self.prompts.urgent.repeat
        state = replace(state, volume=max(state.volume, self.settings.volume))
        return self.say(state, now, (*alarm, *text.then, *hint), replace(ALARM, topics=topics))

    def missed(self, state: State, now: float) -> Outcome:
        """Not understood: other words each time, then topics and a person, then only a sound."""
        state = replace(state, misses=state.misses + 1, prompted=False)
        if state.question is Ask.WHICH:  # the words below ask it in another way
            state = replace(state, question=None)
        if state.misses > self.settings.max_misses:
            return state, replace(MISS, pace=state.pace, volume=state.volume)
        if state.alarm:
            return self.say(state, now, state.alarm, ALARM, aside=True)
        words = self.phrasing.not_understood(state)
        if state.misses == self.settings.max_misses:
            state = replace(state, question=None)
        return self.say(state, now, words, MISS, aside=True)

    def ask_whether_to_go_on(self, state: State, now: float) -> tuple[State, Reply | None]:
        """Somebody cut in, with what can't be understood: stay silent, but for this question."""
        if isinstance(state.question, GoOn):
            return self.say(state, now, aside=True)
        if state.saying is None or not state.cut:
            return state, None
        left = remainder(state.saying, state.heard or 0)
        left = replace(left, reply=replace(left.reply, earcon=None))
        rest = state.rest[len(state.untold) :]
        state = replace(state, question=GoOn(left), rest=rest, prompted=True)
        return self.say(state, now, aside=True)

    def _go_on(self, state: State, left: Turn, now: float) -> Outcome:
        return say(replace(state, question=left.question), now, left, self._session, aside=True)

    def say(
        self,
        state: State,
        now: float,
        words: Sentences = (),
        like: Reply = TALK,
        *,
        aside: bool = False,
    ) -> Outcome:
        """Say ``words`` and then the question of ``state``, in the manner of ``like``."""
        reply = replace(like, sentences=(*words, *self.phrasing.question(state)))
        return say(state, now, Turn(reply, state.question), self._session, aside=aside)

    def _tell(self, state: State, now: float, answer: Sentences, part: str | None) -> Outcome:
        """Say a piece of an answer, the lines that are told once, and whether there is more."""
        question = Ask.MORE if state.rest or state.todo else Ask.ANYTHING_ELSE
        state = replace(understood(state), question=question)
        lines = {
            self._session.disclaimer: state.disclaimed,
            self._session.privacy: state.privacy_told,
        }
        untold = (line for line, told in lines.items() if not told)
        words = (*answer, *untold, *self.phrasing.question(state))
        reply = replace(TALK, sentences=words, topics=state.topics, part=part)
        return say(state, now, Turn(reply, question, 0, len(answer)), self._session)


def put_off(state: State) -> State:
    """Where we asked whether to go on: not now; but "meer" may still tell what is left."""
    if not isinstance(state.question, GoOn):
        return state
    left = state.question.turn
    untold = left.reply.sentences[left.start : left.stop]
    return replace(state, question=None, rest=untold + state.rest)


def understood(state: State) -> State:
    """After an utterance that made sense the misses are forgiven."""
    return replace(state, misses=0, prompted=False)
