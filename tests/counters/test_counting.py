"""What each event counts for, and how counts get to the disk."""

import sqlite3
import threading
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assistant import Turn
from counters import keeper
from counters.counting import Counters
from counters.counts_file import CountsFile
from counters.keeper import Keeper
from counters.summary import summarise
from events import Alive, Event, Heard, Hearing, Resting, Sounding, Speaking, Spoke, WordSpoken
from intents.results import (
    Ambiguous,
    Command,
    FollowUp,
    Match,
    NotRecognized,
    RedFlag,
    Result,
    TopicMatch,
)
from responses.reply import Reply
from tests.program import ENOUGH_SECONDS

EYELID, CALF = TopicMatch("ooglid", 0.9, "mijn ooglid trilt"), TopicMatch("been", 0.8, "mijn kuit")
ANSWER = Reply(("Een trillend ooglid is onschuldig.",), topics=("ooglid",))
MORNING = datetime(2026, 11, 25, 9, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))


class Calendar:
    """A clock on the wall that a test can turn."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        """The time now."""
        return self.now


def heard(result: Result, reply: Reply | None = ANSWER) -> Heard:
    """Words that took until 12.0, understood at 13.2."""
    return Heard(Turn("mijn ooglid trilt", result, reply), 10.0, 12.0, 13.2)


@pytest.mark.parametrize(
    ("event", "counted"),
    [
        (heard(Match((EYELID, CALF))), {"turn match", "topic ooglid", "topic been"}),
        (heard(Ambiguous((EYELID, CALF))), {"turn ambiguous"}),
        (heard(RedFlag("scheve_mond", "now", 0.9)), {"turn red_flag", "red_flag scheve_mond"}),
        (heard(Command("harder", 0.9)), {"turn command", "command harder"}),
        (heard(FollowUp("uitleg", 0.9)), {"turn follow_up", "topic ooglid"}),
        (heard(FollowUp("uitleg", 0.9), None), {"turn missed", "missed no_topic"}),
        (heard(NotRecognized("off_topic")), {"turn missed", "missed off_topic"}),
    ],
)
def test_each_turn_counts_for_what_it_was(event: Event, counted: set[str]) -> None:
    counters = Counters(Calendar())
    counters(event)
    beside = {"start ", "visit ", "hour 09", "decided_ms 1500"}
    assert {" ".join(entry) for entry in counters.total} == counted | beside


def test_an_answer_is_waited_for_from_the_last_word_to_its_first() -> None:
    counters = Counters(Calendar())
    counters(heard(Match((EYELID,))))
    counters(Sounding("heard", 13.2))
    counters(Speaking(ANSWER, 13.4))
    counters(WordSpoken("Een", 0, 13.6))
    counters(WordSpoken("trillend", 4, 13.9))
    counters(Spoke(0, completed=False, at=14.0))
    assert counters.total["answered_ms", "2000"] == counters.number("answered_ms") == 1
    assert counters.total["interrupted", ""] == 1


def test_nobody_waits_for_the_words_of_a_silent_reply() -> None:
    counters = Counters(Calendar())
    counters(heard(Command("stop", 1.0), Reply(stop_speaking=True)))
    counters(WordSpoken("Welkom", 0, 612.0))
    assert counters.number("answered_ms") == 0


def test_a_visit_lasts_until_it_rests() -> None:
    counters = Counters(Calendar())
    for event in (Resting(1.0), *2 * (heard(Command("stop", 1.0)),), Resting(30.0)):
        counters(event)
    counters(heard(Command("stop", 1.0)))
    assert counters.total["visit", ""] == 2


def test_words_and_signs_of_life_count_for_nothing() -> None:
    counters = Counters(Calendar())
    for event in (
        Hearing("mijn ooglid", 1.0),
        Alive(hears=True, at=1.0),
        WordSpoken("Welkom", 0, 1.0),
    ):
        counters(event)
    assert set(counters.total) == {("start", "")}


def test_nothing_that_was_said_is_among_the_names() -> None:
    counters = Counters(Calendar())
    counters(Hearing("mijn ooglid trilt", 1.0))
    counters(heard(Match((EYELID,))))
    counters(Speaking(ANSWER, 13.4))
    assert "trilt" not in str(counters.take())


def test_what_is_given_back_is_given_again_and_days_are_kept_apart() -> None:
    calendar = Calendar()
    counters = Counters(calendar)
    first = counters.take()
    counters.give_back(first)
    calendar.now = calendar.now.replace(day=26)
    counters(heard(Command("stop", 1.0)))
    both = counters.take()
    assert both["2026-11-25", "start", ""] == both["2026-11-26", "turn", "command"] == 1
    assert not counters.take()
    summary = summarise(both)
    assert summary is not None
    assert list(summary.turns_by_day.values()) == [0, 1]
    assert summary.record()["commands"] == {"stop": 1}


def test_nothing_counted_is_no_summary() -> None:
    assert summarise({}) is None


def kept(path: Path) -> int:
    with CountsFile(path, create=False) as file:
        return sum(number for (_, group, _), number in file.read().items() if group == "turn")


def test_counts_reach_the_disk_by_themselves_and_the_rest_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "counts.sqlite"
    counters = Counters()
    with Keeper(counters, CountsFile(path)):
        counters(heard(Command("stop", 1.0)))
        deadline = time.monotonic() + ENOUGH_SECONDS
        while not kept(path) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert kept(path) == 1
        counters(heard(Command("stop", 1.0)))
    assert kept(path) == 2


class FullDisk(CountsFile):
    """A disk that is full until a page more fits in."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.refused = threading.Event()
        self._connection.execute("PRAGMA max_page_count = 1")

    def add(self, counted: object) -> None:
        """Try, as always; tell where it fails."""
        try:
            super().add(counted)  # type: ignore[arg-type]
        except sqlite3.Error:
            self.refused.set()
            raise


def test_where_the_disk_is_full_counts_wait_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "_RETRY_SECONDS", 0.1)
    monkeypatch.setattr(keeper, "_WRITE_SECONDS", 0.1)
    path = tmp_path / "counts.sqlite"
    counters = Counters()
    file = FullDisk(path)
    with Keeper(counters, file):
        for number in range(2_000):
            counters(heard(Command(f"command_{number}", 1.0)))
        assert file.refused.wait(ENOUGH_SECONDS)
        file._connection.execute("PRAGMA max_page_count = 100000")
    assert kept(path) == 2_000
    assert caplog.text.count("counts wait in memory") == 1
