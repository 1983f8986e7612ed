"""Compares what a recording was understood as with what its folder promises."""

from collections.abc import Sequence
from enum import Enum

from intents.results import Ambiguous, Command, Match, NotRecognized, RedFlag, Result


class Verdict(Enum):
    """How good an outcome is."""

    RIGHT = "as expected"
    GENERAL = "the general answer, true of every twitch, where a specific one was expected"
    ASKED = "a question back where an answer was expected"
    SILENT = "not understood, or only in part"
    MORE = "the right answer, and another beside it"
    MISSED = "a sign that can't wait was taken for something else"
    ACCEPTED = "an answer where silence was expected"
    WRONG = "a wrong topic, command or alarm"


LISTABLE = frozenset(Verdict) - {Verdict.RIGHT, Verdict.WRONG}
"""What may be a known failure. A wrong answer to a patient who asked something never may."""


def judge(folder: str, results: Sequence[Result]) -> Verdict:
    """Judge the results of all utterances of one recording in this folder."""
    heard = [result for result in results if not isinstance(result, NotRecognized)]
    kind, _, expected = folder.partition("/")
    if kind == "off_topic":
        return Verdict.ACCEPTED if heard else Verdict.RIGHT
    if not heard:
        return Verdict.SILENT
    verdicts = [_JUDGES[kind](result, set(expected.split("+"))) for result in heard]
    if kind == "topics" and set(verdicts) == {Verdict.RIGHT}:
        named = {topic for result in heard for topic in _topics(result)}
        return Verdict.RIGHT if named == set(expected.split("+")) else Verdict.SILENT
    return max(verdicts, key=list(Verdict).index)


def _topics(result: Result) -> set[str]:
    match result:
        case Match(topics) | Ambiguous(topics):
            return {topic.topic for topic in topics}
        case _:
            return set()


def _topic(result: Result, expected: set[str]) -> Verdict:
    match result:
        case Match() if _topics(result) <= expected:
            return Verdict.RIGHT
        case Match() if _topics(result) <= expected | {"algemeen"}:
            return Verdict.GENERAL
        case Match() if _topics(result) >= expected:
            return Verdict.MORE
        case Match() | RedFlag() | Command():
            return Verdict.WRONG
        case _:
            return Verdict.ASKED


def _ambiguous(result: Result, expected: set[str]) -> Verdict:
    match result:
        case Ambiguous(options=()):
            return Verdict.ASKED
        case Match() | Ambiguous() if _topics(result) <= expected:
            return Verdict.RIGHT
        case Ambiguous() if _topics(result) & expected:
            return Verdict.ASKED
        case _:
            return Verdict.WRONG


def _command(result: Result, expected: set[str]) -> Verdict:
    match result:
        case Command(command) if command in expected:
            return Verdict.RIGHT
        case Command() | Match() | RedFlag():
            return Verdict.WRONG
        case _:
            return Verdict.ASKED


def _red_flag(result: Result, expected: set[str]) -> Verdict:
    alarmed = isinstance(result, RedFlag) and result.flag in expected
    return Verdict.RIGHT if alarmed else Verdict.MISSED


_JUDGES = {
    "topics": _topic,
    "ambiguous": _ambiguous,
    "commands": _command,
    "red_flags": _red_flag,
}
