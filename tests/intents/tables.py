"""Reads tables of sentences with what may come of them, and puts a result into the same words."""

from pathlib import Path

from intents.results import Ambiguous, Command, FollowUp, Match, RedFlag, Result


def rows(path: Path) -> list[tuple[str, str]]:
    """The sentences of a table: (what may come of it, what is said)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t", 1) for line in lines if line and not line.startswith("#")]
    return [(expected, said) for expected, said in pairs]


def name(result: Result) -> str:
    """A result in the words of a table: "ooglid", "ms+als", "ask:ms/als", "stop", "none"."""
    match result:
        case Match(topics):
            return "+".join(t.topic for t in topics)
        case Ambiguous(options):
            return "ask:" + "/".join(t.topic for t in options)
        case RedFlag(flag):
            return flag
        case Command(command):
            return command
        case FollowUp(part):
            return part
        case _:
            return "none"


def is_right(expected: str, result: Result) -> bool:
    """Whether a result is one that the table allows."""
    return name(result) in expected.split("|")


def is_fair(expected: str, result: Result) -> bool:
    """Whether it is right, silent, or a question that offers what is meant."""
    said = name(result)
    if said == "ask:":  # an open question misleads nobody
        return True
    if said.startswith("ask:"):
        return not set(said[4:].split("/")).isdisjoint(expected.replace("+", "|").split("|"))
    return said == "none" or is_right(expected, result)
