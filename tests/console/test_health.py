"""What monitoring relies on: each part by itself, the counts and the service where they are."""

import json
from pathlib import Path

import pytest

import main as program
from console import health, service
from counters.counts_file import CountsFile
from errors import SoundDeviceError
from voice.devices import Device

RUNS = {"ActiveState": "active", "StatusText": "Luistert; 3 keer iets verstaan.", "NRestarts": "0"}
FAILED = {"ActiveState": "failed", "StatusText": "", "NRestarts": "9"}


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    program.main(["check", "--json"])
    records = map(json.loads, capsys.readouterr().out.splitlines())
    return {record["part"]: record for record in records}


def test_kept_counts_are_checked_where_they_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "tellingen" not in findings(capsys)
    path = tmp_path / "counts.sqlite"
    monkeypatch.setenv("SPIERTOLK_COUNTERS__KEEP", "true")
    monkeypatch.setenv("SPIERTOLK_COUNTERS__FILE", str(path))
    assert findings(capsys)["tellingen"]["passed"]
    assert not path.exists()  # looking makes nothing
    with CountsFile(path) as file:
        file.add({("2026-11-25", "turn", "match"): 1})
    assert "1 dagen" in str(findings(capsys)["tellingen"]["remark"])
    path.write_bytes(path.read_bytes()[:5_000])
    damaged = findings(capsys)["tellingen"]
    assert not damaged["passed"]
    assert "beschadigd" in str(damaged["remark"])


@pytest.mark.parametrize(("state", "well"), [(RUNS, True), (FAILED, False)])
def test_the_service_is_checked_where_there_is_one(
    state: dict[str, str],
    well: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(service, "state", lambda: state)
    assert findings(capsys)["dienst"]["passed"] is well


def test_a_card_that_the_service_holds_is_well_but_not_one_that_nobody_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hidden() -> Device:
        raise SoundDeviceError("Er is geen microfoon gevonden.")

    monkeypatch.setattr(service, "state", lambda: RUNS)
    assert health._device("microfoon", hidden).passed
    for state in (FAILED, None):
        monkeypatch.setattr(service, "state", lambda state=state: state)
        with pytest.raises(SoundDeviceError):
            health._device("microfoon", hidden)
