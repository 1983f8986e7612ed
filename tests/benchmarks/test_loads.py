"""What a turn and the idle program cost: measured on one recording and one start."""

from itertools import pairwise

import pytest

from benchmarks import loads
from evaluation.tables import Table
from tests.program import EYELID
from tests.virtual_sound_card import missing_tools


def test_a_turn_is_timed_from_its_end_to_the_first_word() -> None:
    (turn,) = loads._turns([EYELID])
    steps = (0.0, turn.decided, turn.earcon, turn.word)
    assert all(before < after for before, after in pairwise(steps))
    assert 0.1 < turn.waited < 5.0


def test_the_running_program_is_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    if missing := missing_tools():
        pytest.skip(f"NO LOADS TEST: {', '.join(missing)} not installed")
    monkeypatch.setattr(loads, "QUIET_SECONDS", 1.0)
    monkeypatch.setattr(loads, "SENTENCES", 30)
    monkeypatch.setattr(loads, "VOICES_SECONDS", 20.0)
    monkeypatch.setattr(loads, "_turns", lambda _: iter([loads.Turn(0.1, 0.2, 0.3, 1.0)]))
    latency, running = loads.loads(1, lambda _: None)
    assert [row[1] for row in latency.rows] == [100, 200, 300, 1000]
    measured = {str(row[0]): row[1] for row in running.rows}
    assert isinstance(running, Table)
    assert all(isinstance(value, float) and value > 0 for value in measured.values())
    whens = ("", ", after 30 sentences", ", once they are quiet", ", while many people talk")
    at_first, later, quiet, loud = (
        float(str(measured[f"memory with the speech engine, resident{when}, MB"])) for when in whens
    )
    assert 50 < at_first < later < loads.LIMITS["memory"]
    assert quiet < loud - 20
