"""What the assistant does with what it understood: answer, ask which, or admit a miss."""

from collections.abc import Iterable
from dataclasses import replace

from intents.results import Ambiguous, FollowUp
from responses.library import Library
from responses.phrasing import Phrasing
from responses.profiles import DialogueSettings
from responses.reply import Reply
from responses.speaking import remainder, say
from responses.state import Ask, Choice, GoOn, Sentences, State, Step, SystemTurn, Topics
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

    def known(self, topics: Iterable[str]) -> Topics:
        """Those topics that have a text, each once."""
        return tuple(dict.fromkeys(topic for topic in topics if topic in self._topics))

    def answer(
        self,
        state: State,
        topics: Topics,
        now: float,
        part: str | None = None,
        before: Sentences = (),
    ) -> Outcome:
        """The core about each topic, or the part that is asked; the rest waits for "ja".

        ``before`` is said first, and is no part of the answer.
        """
        if not topics:
            return self.missed(state, now)
        part = part or _part_waiting(state)
        if part not in PARTS + FOLLOW_UPS:
            return self._answer(state, topics, now, "kern", before=before)
        named = len(topics) > 1 or self.settings.brief
        lead = () if named else self.phrasing.asked(topics[0])
        return self._answer(state, topics, now, part, lead, before)

    def _answer(
        self,
        state: State,
        topics: Topics,
        now: float,
        first: str,
        lead: Sentences = (),
        before: Sentences = (),
    ) -> Outcome:
        """The ``first`` part about each topic; all others wait."""
        todo = tuple(Step(topic, part) for part in PARTS if part != first for topic in topics)
        state = replace(state, topics=topics, todo=todo, rest=(), waits=None, refused=())
        sentences = (*lead, *self.phrasing.part(topics, first))
        return self._tell(state, now, sentences, first, (*state.alarm, *before))

    def choose(self, state: State, topic: str, now: float) -> Outcome:
        """Answer about an option, and say which it is, so that a mistake is heard at once."""
        lead = () if self.settings.brief else self.phrasing.chosen(topic)
        return self._answer(state, (topic,), now, _part_waiting(state) or "kern", lead)

    def more(self, state: State, now: float) -> Outcome:
        """Go on where the answer stopped."""
        state = understood(state)
        if isinstance(state.question, GoOn):
            return self._go_on(state, state.question.turn, now)
        if isinstance(state.question, Choice) or state.question is Ask.WHICH:
            return self.say(state, now)
        if state.alarm and (state.question is None or state.in_danger):
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

    def more_about(self, state: State, topic: str, now: float) -> Outcome:
        """Go on with one of the topics in hand, and leave the others; cut off, begin with it."""
        cut = bool(state.rest) and state.last is not None and state.last.reply.part == "kern"
        todo = tuple(step for step in state.todo if step.topic == topic)
        state = replace(state, topics=(topic,), todo=todo, rest=())
        return self.more(state, now) if todo and not cut else self.choose(state, topic, now)

    def follow_up(self, state: State, asked: FollowUp, now: float) -> Outcome:
        """A question about the topics in hand; after a red flag its advice is the answer."""
        part = asked.part
        if part not in PARTS + FOLLOW_UPS:
            return self.missed(state, now)
        state = put_off(understood(state))
        if isinstance(state.question, Choice):
            waiting = replace(state, waits=asked)
            if len(state.question.options) == 1:  # who asks on about it means it
                return self.choose(waiting, state.question.options[0], now)
            return self.say(waiting, now)
        if state.alarm and (state.question is None or state.in_danger):
            return self.say(state, now, self._advice(state, part), ALARM)
        if not state.topics:
            which = (*self.prompts.answer.which_topic, *self.phrasing.topics())
            return self.say(replace(state, question=None, waits=asked), now, which)
        todo = tuple(step for step in state.todo if step.part != part)
        sentences = self.phrasing.part(state.topics, part)
        return self._tell(replace(state, todo=todo), now, sentences, part, state.alarm)

    def _advice(self, state: State, part: str) -> Sentences:
        """What to do; at a sign for the doctor also why, where that is asked."""
        if state.flag is None or state.in_danger or part not in ("uitleg", "is_het_gevaarlijk"):
            return state.alarm
        text = self.phrasing.red_flag(state.flag.flag, state.flag.grade)
        return (*text.act[:1], *text.then)

    def ask_which(
        self, state: State, doubt: Ambiguous, now: float, before: Sentences = ()
    ) -> Outcome:
        """Ask which topic is meant; the same doubt twice means that we don't understand."""
        if not doubt.options:
            if state.question is Ask.WHICH or state.misses:
                return self.missed(state, now)
            return self.say(replace(understood(state), question=Ask.WHICH), now)
        first, second = doubt.options
        far_behind = second.probability < self.settings.worth_asking * first.probability
        named = (first,) if far_behind else (first, second)
        known = self.known(match.topic for match in named)
        topics = tuple(topic for topic in known if topic not in state.refused)
        asked = state.question.options if isinstance(state.question, Choice) else ()
        if not topics or topics == asked:
            return self.missed(state, now)
        if len(topics) == 1 and topics == state.topics and state.question is Ask.MORE:
            return self.more(state, now)
        return self.say(replace(understood(state), question=Choice(topics)), now, before)

    def missed(self, state: State, now: float) -> Outcome:
        """Not understood: other words each time, then topics and a person, then only a sound."""
        state = replace(state, misses=state.misses + 1, prompted=False)
        if state.question is Ask.WHICH:  # the words below ask it in another way
            state = replace(state, question=None)
        if state.in_danger:
            state = replace(put_off(state), question=Ask.DANGER)
            return self.say(state, now, state.alarm, ALARM, aside=True)
        if state.misses > self.settings.max_misses and not state.alarm:
            return state, replace(MISS, pace=state.pace, volume=state.volume)
        if state.alarm and (state.misses > self.settings.max_misses or not state.topics):
            return self.say(state, now, state.alarm, ALARM, aside=True)
        words = (*state.alarm, *self.phrasing.not_understood(state))
        if state.misses == self.settings.max_misses:
            state = replace(state, question=None)
        return self.say(state, now, words, replace(MISS, urgent=bool(state.alarm)), aside=True)

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

    def _go_on(self, state: State, left: SystemTurn, now: float) -> Outcome:
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
        return say(state, now, SystemTurn(reply, state.question), self._session, aside=aside)

    def _tell(
        self,
        state: State,
        now: float,
        answer: Sentences,
        part: str | None,
        before: Sentences = (),
    ) -> Outcome:
        """Say a piece of an answer, the lines that are told once, and whether there is more."""
        question = Ask.MORE if state.rest or state.todo else Ask.ANYTHING_ELSE
        state = replace(understood(state), question=question, closed=False)
        lines = {
            self._session.disclaimer: state.disclaimed,
            self._session.privacy: state.privacy_told,
        }
        untold = (line for line, told in lines.items() if not told)
        words = (*before, *answer, *untold, *self.phrasing.question(state))
        reply = replace(TALK, sentences=words, topics=state.topics, part=part)
        start = len(before)
        return say(
            state, now, SystemTurn(reply, question, start, start + len(answer)), self._session
        )


def _part_waiting(state: State) -> str | None:
    """What was asked before it was clear about which topic."""
    return state.waits.part if isinstance(state.waits, FollowUp) else None


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
