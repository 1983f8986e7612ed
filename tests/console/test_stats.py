"""What `main.py stats` shows of counts, and what it says where there are none."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

import main as program
from console import stats
from counters import Entry
from counters.counts_file import CountsFile
from counters.settings import CountersSettings
from errors import CountsError

TODAY = date.today()  # noqa: DTZ011  # as the desk counts days
LONG_AGO = TODAY - timedelta(40)


def counts() -> Counter[Entry]:
    day, before = TODAY.isoformat(), LONG_AGO.isoformat()
    return Counter(
        {
            (before, "start", ""): 1,
            (before, "turn", "match"): 30,
            (before, "topic", "ms"): 30,
            (before, "hour", "09"): 30,
            (day, "visit", ""): 4,
            (day, "turn", "match"): 6,
            (day, "turn", "missed"): 3,
            (day, "turn", "red_flag"): 1,
            (day, "topic", "ooglid"): 6,
            (day, "missed", "off_topic"): 3,
            (day, "red_flag", "scheve_mond"): 1,
            (day, "command", "stop"): 2,
            (day, "hour", "11"): 10,
            (day, "decided_ms", "1000"): 10,
            (day, "answered_ms", "1500"): 5,
            (day, "answered_ms", "2000"): 5,
        }
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "counts.sqlite"
    with CountsFile(path) as kept:
        kept.add(counts())
    return path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert program.main(["stats", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_a_person_sees_a_table_and_plots(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "--file", file)
    assert f"{LONG_AGO:%d-%m-%Y} tot en met {TODAY:%d-%m-%Y}" in out
    assert re.search(r"Keer iets verstaan +40$", out, re.MULTILINE)
    assert re.search(r"beantwoord +36 +90%$", out, re.MULTILINE)
    assert re.search(r"alarmteken +1 +2%$", out, re.MULTILINE)
    assert re.search(r"scheve_mond +1$", out, re.MULTILINE)
    assert re.search(r"tot het eerste woord terug: meestal 1,5 s, 95% binnen (1,9|2,0) s", out)
    for title in ("per dag", "per uur van de dag", "Onderwerpen", "Opdrachten"):
        assert title in out
    assert "\x1b" not in out  # nobody's terminal
    most = re.search(r"ms┤(█+)", out)
    fewer = re.search(r"ooglid┤(█+)", out)
    assert most
    assert fewer
    assert 3 < len(most[1]) / len(fewer[1]) < 7  # 30 against 6


def test_a_program_gets_one_object(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(shown(capsys, "--json", "--file", file))
    assert record["turns"] == 40
    assert record["outcomes"] == {"match": 36, "missed": 3, "red_flag": 1}
    assert record["topics"] == {"ms": 30, "ooglid": 6}
    assert record["answered_ms"] == {"median": 1500, "p95": 1950}
    assert len(record["turns_by_day"]) == 41
    assert sum(record["turns_by_day"].values()) == 40


def test_only_the_last_days_where_that_is_asked(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads(shown(capsys, "--json", "--days", "7", "--file", file))
    assert (record["turns"], record["topics"]) == (10, {"ooglid": 6})
    assert "per dag" not in shown(capsys, "--days", "1", "--file", file)


def test_nothing_counted_yet_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with CountsFile(tmp_path / "leeg.sqlite"):
        pass
    assert "nog niets geteld" in shown(capsys, "--file", tmp_path / "leeg.sqlite")
    assert json.loads(shown(capsys, "--json", "--file", tmp_path / "leeg.sqlite")) == {}


@pytest.mark.parametrize("days", ["0", "-1", "veel", "1.5"])
def test_a_number_of_days_that_is_none_is_explained(
    days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        program.main(["stats", f"--days={days}"])
    assert end.value.code == 2
    assert "geef een aantal dagen" in capsys.readouterr().err


def test_where_nothing_is_kept_it_says_how_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setattr(stats, "SERVICE_FILE", tmp_path / "nergens")
    settings = CountersSettings(file=tmp_path / "weg.sqlite")
    with pytest.raises(CountsError, match="--keep-counts"):
        stats.read(None, None, settings)
    monkeypatch.setattr(stats, "SERVICE_FILE", file)  # a service that keeps them
    found = stats.read(None, None, settings)
    assert found is not None
    assert found.number("turn") == 40


def test_counts_are_kept_where_systemd_the_user_or_the_settings_want_them() -> None:
    place = CountersSettings().path
    assert place({"STATE_DIRECTORY": "/var/lib/spiertolk:/other"}).parent == Path(
        "/var/lib/spiertolk"
    )
    assert place({"XDG_STATE_HOME": "/state"}) == Path("/state/spiertolk/counts.sqlite")
    assert place({}) == Path.home() / ".local/state/spiertolk/counts.sqlite"
    named = CountersSettings(file=Path("/daar"))
    assert named.path({"STATE_DIRECTORY": "/hier"}) == Path("/daar")
