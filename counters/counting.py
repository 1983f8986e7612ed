"""Counts what happens in conversations, from its events. In memory, and of bounded size.

What is counted has a group and a name out of our own lists (``topic``, ``ooglid``). Nothing that
was said is kept, nor when: a day is as fine as it gets, and only whole turns are told by the hour.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from counters import Entry
from counters.latency import bucket
from events import Event, Heard, Resting, Spoke, WordSpoken
from intents.results import Ambiguous, Command, FollowUp, Match, NotRecognized, RedFlag


def _now() -> datetime:
    return datetime.now().astimezone()


class Counters:
    """A listener of a conversation. Any thread may call any method.

    ``now`` gives the local time, which only says what day and hour to count for.
    """

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._new: Counter[Entry] = Counter()
        self._total: Counter[tuple[str, str]] = Counter()
        self._visiting = False
        self._answering_since: float | None = None
        self._add([("start", "")])

    def __call__(self, event: Event) -> None:
        """Count the event, if there is anything to count in it."""
        match event:
            case Heard():
                self._add([*self._visit(), *_turn(event), ("hour", f"{self._now():%H}")])
                said = event.turn.reply is not None and event.turn.reply.text
                self._answering_since = event.end if said else None
            case WordSpoken(at=at) if self._answering_since is not None:
                self._add([("answered_ms", bucket(at - self._answering_since))])
                self._answering_since = None
            case Spoke(completed=completed):
                self._answering_since = None
                if not completed:
                    self._add([("interrupted", "")])
            case Resting():
                self._visiting = False

    @property
    def total(self) -> Mapping[tuple[str, str], int]:
        """All that was counted since the start, by group and name."""
        with self._lock:
            return Counter(self._total)

    def number(self, group: str) -> int:
        """How much was counted in a group since the start."""
        return sum(number for (found, _), number in self.total.items() if found == group)

    def take(self) -> Counter[Entry]:
        """Give what was counted since the last `take`, for somebody who keeps it."""
        with self._lock:
            taken, self._new = self._new, Counter()
        return taken

    def give_back(self, taken: Counter[Entry]) -> None:
        """What was taken could not be kept: give it again at the next `take`."""
        with self._lock:
            self._new.update(taken)

    def _visit(self) -> Iterator[tuple[str, str]]:
        if not self._visiting:
            self._visiting = True
            yield "visit", ""

    def _add(self, counted: list[tuple[str, str]]) -> None:
        day = f"{self._now():%Y-%m-%d}"
        with self._lock:
            self._total.update(counted)
            self._new.update((day, group, name) for group, name in counted)


def _turn(heard: Heard) -> Iterator[tuple[str, str]]:
    """What to count of one turn."""
    yield "decided_ms", bucket(heard.at - heard.end)
    match heard.turn.result:
        case Match(topics=topics):
            yield "turn", "match"
            yield from (("topic", match.topic) for match in topics)
        case FollowUp() if heard.turn.reply and heard.turn.reply.topics:
            yield "turn", "follow_up"
            yield from (("topic", topic) for topic in heard.turn.reply.topics)
        case Ambiguous():
            yield "turn", "ambiguous"
        case RedFlag(flag=flag):
            yield "turn", "red_flag"
            yield "red_flag", flag
        case Command(command=command):
            yield "turn", "command"
            yield "command", command
        case NotRecognized(reason=reason):
            yield "turn", "missed"
            yield "missed", reason
        case FollowUp():
            yield "turn", "missed"
            yield "missed", "no_topic"
