"""Puts sentences together: questions, the list of topics, what can be said."""

from collections.abc import Iterator

from intents.results import Grade, RedFlag
from responses.library import Library
from responses.profiles import DialogueSettings
from responses.state import Ask, Choice, GoOn, Sentences, State, Step, Topics
from responses.texts import RedFlagText

TOPICS_IN_A_SENTENCE = 4
"""More names than this in one breath are forgotten."""


class Phrasing:
    """Finds the words for a state; remembers nothing."""

    def __init__(self, library: Library, settings: DialogueSettings) -> None:
        self._topics = library.topics
        self._prompts = library.prompts
        self._red_flags = library.red_flags
        self._settings = settings

    def part(self, topics: Topics, part: str) -> Sentences:
        """A part of the answer about each of ``topics``, introduced where there are more."""
        return tuple(
            sentence
            for number, topic in enumerate(topics)
            for sentence in (
                *self._introduction(topic, number, len(topics)),
                *self._topics[topic].say(part),
            )
        )

    def step(self, step: Step, among: int) -> Sentences:
        """A part about one topic, introduced where it is one ``among`` more."""
        told = self._topics[step.topic].say(step.part)
        return told if among == 1 else (*self._introduction(step.topic, 1, among), *told)

    def question(self, state: State) -> Sentences:
        """The question of ``state``, if it has one."""
        match state.question:
            case Choice((first, second)):
                names = {"first": self._name(first), "second": self._name(second)}
                return (self._prompts.choice.ask.format(**names),)
            case Choice((only,), after_no):
                choice = self._prompts.choice
                template = choice.ask_other if after_no else choice.ask_one
                return (template.format(name=self._name(only)),)
            case GoOn():
                return (self._prompts.answer.go_on,)
            case Ask.DANGER:
                return (self._prompts.urgent.danger,)
            case Ask.WHICH:
                return (*self._prompts.choice.ask_which, *self.topics())
            case Ask.MORE:
                return (self._more(state),)
            case Ask.ANYTHING_ELSE:
                answer = self._prompts.answer
                brief = self._settings.brief
                return (answer.anything_else_brief if brief else answer.anything_else,)
            case _:
                return ()

    def chosen(self, topic: str) -> Sentences:
        """Tells which topic was understood, so that a mistake is heard at once."""
        return (self._prompts.answer.chosen.format(name=self._name(topic)),)

    def asked(self, topic: str) -> Sentences:
        """Tells the same of a question about it, whose answer need not name the topic."""
        return (self._prompts.answer.asked.format(name=self._name(topic)),)

    def not_understood(self, state: State) -> Sentences:
        """The words for the miss that ``state.misses`` counts, without the question."""
        trouble = self._prompts.trouble
        if state.misses >= self._settings.max_misses:
            person = trouble.person_desk if self._settings.desk else trouble.person_home
            return (*trouble.hand_over, *self.topics(), *person, *self._prompts.help.emergency)
        if state.question is None:
            return trouble.not_understood[state.misses - 1]
        hint: Sentences = ()
        match state.question:
            case Choice((first, second)) if state.misses > 1:
                to_first, to_second = self._prompts.choice.ask_again
                hint = (
                    to_first.format(first=self._name(first)),
                    to_second.format(second=self._name(second)),
                )
            case _ if state.misses > 1:
                hint = trouble.yes_or_no
        return (*trouble.not_understood_question[state.misses - 1], *hint)

    def help(self, state: State) -> Sentences:
        """What can be said now."""
        prompts = self._prompts.help
        first = prompts.questions if state.topics else prompts.general
        urgent = () if state.topics or state.alarm else prompts.emergency
        return (*urgent, *first, *self.topics(), *prompts.steering)

    def topics(self) -> Sentences:
        """The list of topics, a few in each sentence."""
        return tuple(self._topic_sentences())

    def alarm(self, text: RedFlagText, grade: Grade) -> Sentences:
        """What to do at a red flag, the desk included where there is one."""
        if not self._settings.desk:
            return text.act
        urgent = self._prompts.urgent
        usual = urgent.desk_now if grade == "now" else urgent.desk_soon
        return (*text.act, *(text.desk or usual))

    def red_flag(self, flag: str, grade: Grade) -> RedFlagText:
        """The text of a red flag, or that of its grade where it has none of its own."""
        usual = self._red_flags.now if grade == "now" else self._red_flags.soon
        return self._red_flags.flags.get(flag, usual)

    def all_clear(self, flag: RedFlag | None) -> Sentences:
        """The words where no help is needed after all; whom to call if that changes."""
        text = None if flag is None else self._red_flags.flags.get(flag.flag)
        return (text.all_clear if text else None) or self._prompts.urgent.all_clear

    def _topic_sentences(self) -> Iterator[str]:
        names = [text.name for text in self._topics.values()]
        for start in range(0, len(names), TOPICS_IN_A_SENTENCE):
            *others, last = names[start : start + TOPICS_IN_A_SENTENCE]
            listed = f"{', '.join(others)} en {last}" if others else last
            template = self._prompts.help.topics_also if start else self._prompts.help.topics
            yield template.format(topics=listed)

    def _introduction(self, topic: str, number: int, count: int) -> Sentences:
        if count == 1:
            return ()
        answer = self._prompts.answer
        template = answer.next_topic if number else answer.first_topic
        return (template.format(name=self._name(topic)),)

    def _more(self, state: State) -> str:
        """The question whether to go on; it names what comes where that is known."""
        answer = self._prompts.answer
        if state.alarm and state.topics:  # "meer" alone would be more about the alarm
            topic = state.todo[0].topic if state.todo and not state.rest else state.topics[0]
            return answer.more_about.format(name=self._name(topic))
        if self._settings.brief:
            return answer.more_brief
        if state.rest or not state.todo:
            return answer.more
        step = state.todo[0]
        if len(state.topics) > 1 or step.part == "kern":
            return answer.more_about.format(name=self._name(step.topic))
        questions = {
            "wat_kunt_u_doen": answer.more_wat_kunt_u_doen,
            "wanneer_naar_de_huisarts": answer.more_wanneer_naar_de_huisarts,
        }
        return questions.get(step.part, answer.more)

    def _name(self, topic: str) -> str:
        return self._topics[topic].name
