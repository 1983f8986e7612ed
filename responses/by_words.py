"""What only the words themselves tell: answers to our own questions, and thanks without goodbye."""

from dataclasses import replace

from intents.results import Ambiguous, Command, Match, NotRecognized, RedFlag, Result
from responses.answering import Answering, Outcome
from responses.library import Library
from responses.naming import (
    denies,
    help_is_coming,
    is_short,
    means_both,
    means_neither,
    named_option,
    named_options,
    needs_no_help,
    only_thanks,
    says_no,
    says_yes,
    wants_usual_pace,
)
from responses.state import Ask, Choice, State, Topics
from responses.steering import Steering

_BARE_NO = 4
"""Words of a "no" to an offer: "nee verder niets"; more may be a complaint."""


class ByWords:
    """Reads what was said by its words, where its result alone would be taken wrongly."""

    def __init__(self, library: Library, answering: Answering, steering: Steering) -> None:
        self._topics = library.topics
        self._answering = answering
        self._steering = steering

    def respond(self, state: State, result: Result, now: float, text: str) -> Outcome | None:
        """What to answer; None where the result tells enough."""
        if (
            not state.alarm
            and only_thanks(text)
            and (_is(result, "dag") or (_is(result, "ja") and not says_yes(text)))
        ):
            return self._steering.thanked(state, now)
        if wants_usual_pace(text) and _is(result, "sneller", "langzamer"):
            return self._steering.usual_pace(state, now)
        if not state.alarm and isinstance(state.question, Ask):
            outcome = self._respond_to_offer(state, result, now, text)
            if outcome is not None:
                return outcome
        if state.in_danger and self._help_comes(result, text):
            return self._steering.help_comes(state, now)
        match state.question:
            case Choice():
                return self._respond_to_choice(state, state.question, result, now, text)
            case Ask.DANGER:
                return self._respond_to_danger(state, result, now, text)
        return None

    def _respond_to_offer(
        self, state: State, result: Result, now: float, text: str
    ) -> Outcome | None:
        """A yes or no with words around it; where two topics are in hand, the one that is named."""
        if state.question not in (Ask.MORE, Ask.ANYTHING_ELSE):
            return None
        if len(state.topics) > 1 and state.question is Ask.MORE:
            picked = self._topic_picked(state.topics, result, text)
            if picked is not None:
                return self._answering.more_about(state, picked, now)
        if not isinstance(result, NotRecognized) or not is_short(text):
            return None
        if says_no(text) and len(text.split()) <= _BARE_NO:
            return self._steering.obey(state, "nee", now)
        if says_yes(text) and not denies(text) and state.question is Ask.MORE:
            return self._steering.obey(state, "ja", now)
        return None

    def _topic_picked(self, topics: Topics, result: Result, text: str) -> str | None:
        """The topic in hand that "de tweede" or "eerst het been" picks."""
        if isinstance(result, Command) and result.command in ("eerste", "tweede"):
            return topics[0 if result.command == "eerste" else 1]
        if isinstance(result, NotRecognized | Ambiguous) and not denies(text):
            return named_option(text, topics, self._topics)
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

    @staticmethod
    def _help_comes(result: Result, text: str) -> bool:
        """Whether somebody tells, while 112 is needed, that it was called or that help comes."""
        known = isinstance(result, RedFlag) and result.flag == "noodoproep"
        return (known or isinstance(result, NotRecognized)) and help_is_coming(text)

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
