"""How a turn looks: a few lines for people, one JSON object a line for programs."""

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from assistant import Turn
from intents.results import Ambiguous, Command, FollowUp, Match, NotRecognized, RedFlag, Result

WIDTH = 88
"""Characters of a line at most; longer ones are hard to read."""
MARGIN = 12
"""Characters before a value, where its name stands."""
CLEAR_LINE = "\r\x1b[K"
"""What empties the line that the cursor is on (ECMA-48)."""


def outcome(turn: Turn) -> str:
    """What became of the utterance: ``match``, ``ambiguous`` and so on.

    A question about the topic in hand counts as a match with that topic; without a topic in
    hand there is nothing to answer, so it counts as not recognised.
    """
    match turn.result:
        case Match():
            return "match"
        case Ambiguous():
            return "ambiguous"
        case RedFlag():
            return "red_flag"
        case Command():
            return "command"
        case FollowUp():
            return "match" if turn.reply and turn.reply.topics else "not_recognized"
        case NotRecognized():
            return "not_recognized"


def is_understood(turn: Turn) -> bool:
    """Whether the utterance meant something to us."""
    return outcome(turn) != "not_recognized"


def topics(turn: Turn) -> list[str]:
    """The topics that the utterance is about; for an ambiguous one those that it may be about."""
    match turn.result:
        case Match(topics=found) | RedFlag(topics=found) | Ambiguous(options=found):
            return [match.topic for match in found]
        case FollowUp() if turn.reply:
            return list(turn.reply.topics)
        case _:
            return []


def probability(result: Result) -> float:
    """The probability of what was understood; the lowest where there are several topics."""
    match result:
        case Match(topics=found):
            return min(match.probability for match in found)
        case Ambiguous(options=options):
            return options[0].probability if options else 0.0
        case RedFlag() | Command() | FollowUp() | NotRecognized():
            return result.probability


def as_record(turn: Turn, file: str | None = None) -> dict[str, Any]:
    """The turn as one flat JSON object."""
    result = turn.result
    record: dict[str, Any] = {
        "text": turn.text,
        "outcome": outcome(turn),
        "topics": topics(turn),
        "command": result.command if isinstance(result, Command) else None,
        "red_flag": result.flag if isinstance(result, RedFlag) else None,
        "grade": result.grade if isinstance(result, RedFlag) else None,
        "probability": round(probability(result), 4),
        "reply": turn.reply.text if turn.reply else "",
    }
    return record if file is None else {"file": file, **record}


def as_json(turn: Turn, file: str | None = None) -> str:
    """The turn as one line of JSON."""
    return json.dumps(as_record(turn, file), ensure_ascii=False)


def as_text(turn: Turn, names: Mapping[str, str], file: str | None = None) -> str:
    """The turn as a person reads it; ``names``: what each topic is called."""
    lines = [] if file is None else [file]
    lines.append(heard(turn, names))
    if turn.reply and turn.reply.text:
        lines.append(field("Antwoord", turn.reply.text))
    return "\n".join(lines) + "\n"


def heard(turn: Turn, names: Mapping[str, str]) -> str:
    """What was said and what it was taken for, as a person reads it."""
    said = field("U zei", turn.text or "(niets verstaan)")
    return said + "\n" + field("Begrepen", _meaning(turn, names))


def _meaning(turn: Turn, names: Mapping[str, str]) -> str:
    percent = f"({probability(turn.result):.0%} zeker)"
    named = [names[topic] for topic in topics(turn)]
    match turn.result:
        case Match() | FollowUp() if is_understood(turn):
            return f"een vraag over {' en '.join(named)} {percent}"
        case Ambiguous():
            return f"{' of '.join(named) or 'een klacht, maar welke'}?"
        case RedFlag(grade=grade):  # which one is nobody's business who looks over a shoulder
            return f"een alarmteken, {'bel nu' if grade == 'now' else 'bel vandaag nog'}"
        case Command(command=command):
            return f"opdracht {command} {percent}"
        case _:
            return "niet begrepen"


def field(name: str, value: str) -> str:
    """A named value, in as many lines as it needs."""
    head = f"  {name + ':'}".ljust(MARGIN)
    wrapped = textwrap.fill(value, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
    return wrapped or head
