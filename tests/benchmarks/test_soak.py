"""A short soak in a process of its own: every kind of fault, no hang, no growth, nothing wrong.

`make soak` is the compressed week. Five minutes of it, as a release wants them, would be a third of
the time that all tests may take; so a test run lives through some dozens of turns, in which each
kind of fault and noise comes once, and ``pytest --soak-minutes 5`` through as many as fit.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import Turn
from benchmarks.soak.__main__ import Soak, passed
from benchmarks.soak.record import Record, Sample
from benchmarks.soak.script import Room, Said, Script, Sounded
from events import Heard
from intents.results import Match, NotRecognized, Result, TopicMatch
from tests.program import ROOT

SHORT_TURNS = 30
FAULTS = (
    *("engine killed", "engine hangs", "card gone"),
    *("gap", "overflow", "muted", "stuck"),
)
_MOST_MINUTES = 5.0
"""Where a busy machine takes longer, the soak ends before its turns do."""


def test_a_short_soak(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    minutes = request.config.getoption("--soak-minutes")
    length = ["--minutes", str(minutes or _MOST_MINUTES)]
    length += [] if minutes else ["--turns", str(SHORT_TURNS)]
    figures = tmp_path / "soak.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", "--json", str(figures), *length],
        cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=60 * (minutes or _MOST_MINUTES) + 300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    tables: dict[str, Any] = {
        table["title"]: table["rows"] for table in json.loads(figures.read_text())["tables"]
    }
    parts = {row["what"]: row["times"] for row in tables["Parts"]}
    assert parts["hangs"] == 0
    scenes = {row["what"] for row in tables["Between the turns"]}
    cut_short = next(row for row in tables["Soak"] if row["what"] == "ended early")["how much"]
    assert cut_short != "no" or {f"fault: {kind}" for kind in FAULTS} <= scenes
    turns = next(row for row in tables["Turns"] if row["what was said"] == "all")
    assert turns["right"] > turns["worse than listed"] + turns["wrong"]
    first, *_, last = tables["Memory, handles, threads"]
    assert last["file handles"] <= first["file handles"] + 5
    assert last["threads"] <= first["threads"] + 3


def test_figures_that_a_power_cut_leaves_do_not_say_that_it_ended_well(tmp_path: Path) -> None:
    figures = tmp_path / "soak.json"
    soak = Soak(SHORT_TURNS, 1, None, figures)
    told = []
    for keep in (soak.keep, soak.finish):
        keep()
        (soak_table, *_) = json.loads(figures.read_text())["tables"]
        told += [row["how much"] for row in soak_table["rows"] if row["what"] == "ended early"]
    assert told == ["not yet over", "no"]


EYELID = Said("topics/ooglid", "topics/ooglid/mijn_ooglid_trilt_al_dagen.wav", "")


def _record(result: Result, said: Said, growth: float = 0.0) -> Record:
    record = Record()
    record.show(Heard(Turn("", result, None), 0.0, 1.0, 2.0))
    record.report(said)
    record.samples = [Sample(0, 0.0, 100.0 + mb, 10.0, 5, 5) for mb in (0.0, 0.0, growth)]
    return record


def _match(topic: str) -> Match:
    return Match((TopicMatch(topic, 1.0, ""),))


def test_what_is_wrong_broken_or_growing_does_not_pass() -> None:
    assert passed(_record(_match("ooglid"), EYELID))
    wrong = _record(_match("als"), EYELID)
    assert wrong.wrong == 1
    wrong.show(Heard(Turn("", _match("als"), None), 0.0, 1.0, 2.0))
    wrong.report(EYELID)
    assert not passed(wrong)
    damaged = Said(EYELID.folder, EYELID.path, "gap")
    assert _record(_match("als"), damaged).wrong == 0
    assert not passed(_record(_match("ooglid"), EYELID, growth=100.0))
    broken = _record(_match("ooglid"), EYELID)
    broken.ended_early = "De stem geeft geen antwoord."
    assert not passed(broken)
    assert not passed(Record())


def test_what_was_heard_in_between_is_not_held_against_the_next_sentence() -> None:
    record = _record(NotRecognized("unsure"), EYELID)
    assert record.surprises
    record.show(Heard(Turn("", _match("als"), None), 0.0, 1.0, 2.0))
    record.report(Sounded("music"))
    record.show(Heard(Turn("", _match("ooglid"), None), 0.0, 1.0, 2.0))
    record.report(EYELID)
    assert record.verdicts["topics", "right"] == 1


def test_a_script_is_the_same_each_time_and_plays_all_its_turns() -> None:
    assert _played(2) == _played(2)
    assert _played(2) != _played(3)


def _played(seed: int) -> list[str]:
    scenes: list[str] = []
    answers = iter(range(1_000))
    room = Room(
        answers=lambda: next(answers),  # at once
        settled=lambda: True,
        faults={},
        press=lambda _: None,
        report=lambda scene: scenes.append(getattr(scene, "path", scene.__class__.__name__)),
    )
    for _ in _blocks(seed, room):
        pass
    assert sum(scene.endswith(".wav") for scene in scenes) >= 5
    return scenes


def _blocks(seed: int, room: Room) -> Iterator[bytes]:
    return Script(5, seed).play(room)
