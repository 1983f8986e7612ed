"""Adds kept counts up: for some days, by name, by day and by hour."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from counters import Entry
from counters.latency import quantile


@dataclass(frozen=True)
class Summary:
    """What was counted from one day to another."""

    first: date
    last: date
    groups: Mapping[str, Counter[str]]
    """Numbers by group and name; see `Counters`."""
    turns_by_day: Mapping[date, int]
    """Of every day between the two, also where nobody came."""

    def number(self, group: str, name: str | None = None) -> int:
        """How much there is of a name, or in all of a group."""
        counts = self.groups.get(group, Counter())
        return counts.total() if name is None else counts[name]

    def named(self, group: str) -> dict[str, int]:
        """The names of a group and their numbers, most first."""
        return dict(self.groups.get(group, Counter()).most_common())

    def wait(self, group: str, share: float) -> int | None:
        """Milliseconds within which a share of the waits ended; None where there were none."""
        found = quantile(self.groups.get(group, {}), share)
        return None if found is None else round(found)

    def record(self) -> dict[str, Any]:
        """All of it for programs."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "starts": self.number("start"),
            "visits": self.number("visit"),
            "turns": self.number("turn"),
            "outcomes": self.named("turn"),
            "topics": self.named("topic"),
            "red_flags": self.named("red_flag"),
            "commands": self.named("command"),
            "missed": self.named("missed"),
            "interrupted": self.number("interrupted"),
            "decided_ms": {
                "median": self.wait("decided_ms", 0.5),
                "p95": self.wait("decided_ms", 0.95),
            },
            "answered_ms": {
                "median": self.wait("answered_ms", 0.5),
                "p95": self.wait("answered_ms", 0.95),
            },
            "turns_by_day": {day.isoformat(): turns for day, turns in self.turns_by_day.items()},
            "turns_by_hour": dict(sorted(self.named("hour").items())),
        }


def summarise(counts: Mapping[Entry, int]) -> Summary | None:
    """Add counts up; None where there are none."""
    if not counts:
        return None
    days = sorted({date.fromisoformat(day) for day, _, _ in counts})
    first, last = days[0], days[-1]
    turns = {first + timedelta(later): 0 for later in range((last - first).days + 1)}
    groups: dict[str, Counter[str]] = {}
    for (day, group, name), number in counts.items():
        groups.setdefault(group, Counter())[name] += number
        if group == "turn":
            turns[date.fromisoformat(day)] += number
    return Summary(first, last, groups, turns)
