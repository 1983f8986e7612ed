"""What only the words themselves tell: answers to our own questions, and thanks without goodbye."""

from dataclasses import replace

from intents.results import Ambiguous, Command, Match, NotRecognized, Result
from responses.answering import Answering, Outcome
from responses.library import Library
from responses.naming import (
    denies,
    means_both,
    means_neither,
    named_option,
    named_options,
    needs_no_help,
    only_thanks,
    says_no,
)
from responses.state import Ask, Choice, State, Topics
from responses.steering import Steering


class ByWords:
    """Reads what was said by its words, where its result alone would be taken wrongly."""

    def __init__(self, library: Library, answering: Answering, steering: Steering) -> None:
        self._topics = library.topics
        self._answering = answering
        self._steering = steering

    def respond(self, state: State, result: Result, now: float, text: str) -> Outcome | None:
        """What to answer; None where the result tells enough."""
        if not state.alarm and only_thanks(text) and _is(result, "dag"):
            return self._steering.thanked(state, now)
        match state.question:
            case Choice():
                return self._respond_to_choice(state, state.question, result, now, text)
            case Ask.DANGER:
                return self._respond_to_danger(state, result, now, text)
        return None

    def _respond_to_danger(
        self, state: State, result: Result, now: float, text: str
    ) -> Outcome | None:
        """A "no" in full, or with what it is about instead; nothing less ends an alarm."""
        if isinstance(result, NotRecognized) and needs_no_help(text):
            return self._steering.obey(state, "nee", now)
        if isinstance(result, Match | Ambiguous) and says_no(text):
            return self._steering.obey(replace(state, waits=result), "nee", now)
        return None

    def _respond_to_choice(
        self, state: State, question: Choice, result: Result, now: float, text: str
    ) -> Outcome | None:
        options = question.options
        if len(options) > 1 and means_both(text) and _is(result, "ja", "nee"):
            return self._answering.answer(state, options, now)
        if len(options) > 1 and means_neither(text) and _is(result, "nee"):
            return self._steering.refuse(state, options, now)
        option = self._option_meant(options, result, text)
        if option is not None:
            return self._answering.choose(state, option, now)
        refused = self._options_refused(options, result, text)
        return self._steering.refuse(state, refused, now) if refused else None

    def _option_meant(self, options: Topics, result: Result, text: str) -> str | None:
        """The option that a vague answer means: our question settles the doubt."""
        if denies(text):
            return None
        if isinstance(result, NotRecognized | Ambiguous):
            named = named_option(text, options, self._topics)
            if named is not None:
                return named
        if isinstance(result, Ambiguous):
            both = [match.topic for match in result.options if match.topic in options]
            return both[0] if len(both) == 1 else None
        return None

    def _options_refused(self, options: Topics, result: Result, text: str) -> Topics:
        """The option that "nee, geen stress" turns down; the first where it names none."""
        if not says_no(text):
            return ()
        named = named_options(text, options, self._topics)
        if isinstance(result, NotRecognized):
            return named or options[:1]
        if isinstance(result, Match) and denies(text):
            return named if named == tuple(match.topic for match in result.topics) else ()
        return ()


def _is(result: Result, *commands: str) -> bool:
    """Whether it is one of ``commands``, or nothing that we know."""
    if isinstance(result, NotRecognized):
        return True
    return isinstance(result, Command) and result.command in commands
