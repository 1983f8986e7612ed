"""One language for what the product and its peers answer, and the verdict on an answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from intents.results import Ambiguous, Command, FollowUp, Match, RedFlag, Result

Act = Literal["topics", "ask", "decline", "command", "followup", "flag"]
Verdict = Literal["right", "partly", "asked", "declined", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Outcome:
    """What is done with an utterance.

    ``ids`` holds topics (``topics``), the topics between which is asked (``ask``, empty where any
    question is expected), a command (``command``), a grade (``flag``) or nothing.
    """

    act: Act
    ids: frozenset[str] = frozenset()
    probabilities: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    """What was claimed for each topic, command or flag, each in 0..1."""

    def __str__(self) -> str:
        """As the tables write it: ``ms+ooglid``, ``command:stop``, ``flag:now``, ``ask``."""
        ids = "+".join(sorted(self.ids))
        if self.act == "topics":
            return ids
        return f"{self.act}:{ids}" if ids else self.act


GENERAL = "algemeen"
"""The topic that is true of every twitching muscle."""
DECLINED = Outcome("decline")


def parse_outcomes(text: str) -> tuple[Outcome, ...]:
    """Read ``"ask|ooglid|ms+ooglid|flag:now"``.

    Raises:
        ValueError: where an outcome is empty or unknown.
    """
    return tuple(_parse(part.strip()) for part in text.split("|"))


def _parse(text: str) -> Outcome:
    """One outcome of a table."""
    if text == "ask":
        return Outcome("ask")
    if text == "decline":
        return DECLINED
    if text == "followup":
        return Outcome("followup")
    act, colon, name = text.partition(":")
    if colon and name and act == "command":
        return Outcome("command", frozenset({name}))
    if act == "flag" and name in ("now", "soon"):
        return Outcome("flag", frozenset({name}))
    topics = text.split("+")
    if colon or not all(topic.isidentifier() for topic in topics):
        raise ValueError(f"{text!r} is no outcome")
    return Outcome("topics", frozenset(topics))


def outcome_of(result: Result) -> Outcome:
    """The product's result as an outcome."""
    match result:
        case Match(topics):
            claimed = tuple((topic.topic, topic.probability) for topic in topics)
            return Outcome("topics", frozenset(name for name, _ in claimed), claimed)
        case Ambiguous(options):
            claimed = tuple((topic.topic, topic.probability) for topic in options)
            return Outcome("ask", frozenset(name for name, _ in claimed), claimed)
        case RedFlag(grade=grade, probability=probability):
            return Outcome("flag", frozenset({grade}), ((grade, probability),))
        case Command(command, probability):
            return Outcome("command", frozenset({command}), ((command, probability),))
        case FollowUp(part, probability):
            return Outcome("followup", frozenset({part}), ((part, probability),))
    return DECLINED


def judge(outcome: Outcome, expected: Sequence[Outcome]) -> Verdict:
    """The verdict on an answer.

    ``partly`` gave some of the topics asked for and no other, or told the general story beside
    the right one, which bores but misleads nobody; ``asked`` put a question back that holds a
    right topic or names none, or any question to what needed no answer; ``declined`` said nothing.
    A question that names only wrong topics is ``wrong``, as is any answer to chatter.
    """
    if any(_meets(outcome, one) for one in expected):
        return "right"
    topics = [one.ids for one in expected if one.act == "topics"]
    match outcome.act:
        case "decline":
            return "declined"
        case "ask" if DECLINED in expected or any(outcome.ids & ids for ids in topics):
            return "asked"
        case "ask" if topics and not outcome.ids:
            return "asked"
        case "topics" if any(outcome.ids - {GENERAL} <= ids for ids in topics) and (
            outcome.ids != {GENERAL}
        ):
            return "partly"
        case "followup" if topics:
            return "declined"  # it names no topic: outside a conversation nothing is said
    return "wrong"


def _meets(outcome: Outcome, expected: Outcome) -> bool:
    """Whether ``outcome`` is what was expected; a table's ``ask`` and ``followup`` are any."""
    if outcome.act != expected.act:
        return False
    if not expected.ids and expected.act in ("ask", "followup"):
        return True
    return outcome.ids == expected.ids


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """What a person gets to hear where several utterances were heard.

    The first that is answered counts: while the product speaks it hears nothing. That is kind to
    all in noise, which is often heard as words after the sentence, and strict where a pause cut it.
    """
    return next((outcome for outcome in outcomes if outcome.act != "decline"), DECLINED)


def claims(outcome: Outcome, expected: Sequence[Outcome]) -> Iterator[tuple[float, bool]]:
    """(probability, whether right) for each topic answered, and the first asked about."""
    right = {name for one in expected if one.act == "topics" for name in one.ids}
    probabilities = outcome.probabilities
    if outcome.act in ("topics", "ask"):
        for name, probability in probabilities[: 1 if outcome.act == "ask" else None]:
            yield probability, name in right
    elif probabilities:
        yield probabilities[0][1], judge(outcome, expected) == "right"
