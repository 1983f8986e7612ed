"""What monitoring relies on: each part by itself, the counts and the service where they are."""

import json
import shutil
from pathlib import Path

import pytest

import main as program
from console import health, service
from console.wiring import Parts
from counters.counts_file import CountsFile
from errors import CountsError, SoundDeviceError
from intents.pack import OWN_CONTENT
from responses import library
from settings import load_settings
from voice.devices import Device

RUNS = {"ActiveState": "active", "StatusText": "Luistert; 3 keer iets verstaan.", "NRestarts": "0"}
FAILED = {"ActiveState": "failed", "StatusText": "", "NRestarts": "9"}


def parts(file: Path | None = None) -> Parts:
    counters = {} if file is None else {"keep": True, "file": file}
    return Parts(load_settings(None, {"counters": counters}))


def test_kept_counts_are_checked_where_they_are_wanted(tmp_path: Path) -> None:
    assert not list(health._counts(parts()))
    path = tmp_path / "counts.sqlite"
    (finding,) = health._counts(parts(path))
    assert finding.passed
    assert not path.exists()  # looking makes nothing
    with CountsFile(path) as file:
        file.add({("2026-11-25", "turn", "match"): 1})
    (finding,) = health._counts(parts(path))
    assert "1 dagen" in finding.remark
    path.write_bytes(path.read_bytes()[:5_000])
    with pytest.raises(CountsError, match="beschadigd"):
        list(health._counts(parts(path)))


@pytest.mark.parametrize(("state", "well"), [(RUNS, [True]), (FAILED, [False]), (None, [])])
def test_the_service_is_checked_where_there_is_one(
    state: dict[str, str] | None, well: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "state", lambda: state)
    assert [finding.passed for finding in health._service(parts())] == well


def test_a_broken_part_does_not_hide_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "counts.sqlite").write_bytes(b"rubbish" * 1_000)
    monkeypatch.setenv("SPIERTOLK_COUNTERS__KEEP", "true")
    monkeypatch.setenv("SPIERTOLK_COUNTERS__FILE", str(tmp_path / "counts.sqlite"))
    monkeypatch.setattr(service, "state", lambda: RUNS)
    assert program.main(["check", "--json"]) == 2
    found = {
        record["part"]: record for record in map(json.loads, capsys.readouterr().out.splitlines())
    }
    assert not found["tellingen"]["passed"]
    assert found["dienst"]["passed"]


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


def test_what_is_wrong_with_phrases_and_with_texts_is_told_at_once_and_once(
    tmp_path: Path,
) -> None:
    for folder in ("intents", "responses"):
        (tmp_path / folder / "topics").mkdir(parents=True)
        (tmp_path / folder / "topics" / "hik.toml").write_text("zinnen = 3\n")
    broken = Parts(load_settings(None, {"content": tmp_path}))
    found = list(health._content(broken))
    assert not any(finding.passed for finding in found)
    assert "'zinnen' is onbekend" in found[0].remark
    assert [finding.remark.split("'")[1] for finding in found[1:]].count("title") == 1
    assert "'zinnen'" in found[-1].remark
    assert not list(health._words(broken))


def test_a_phrase_that_stands_with_the_wrong_topic_is_an_error_with_its_place(
    tmp_path: Path,
) -> None:
    shutil.copytree(OWN_CONTENT / "topics", tmp_path / "intents" / "topics")
    shutil.copytree(library.OWN_CONTENT / "topics", tmp_path / "responses" / "topics")
    path = tmp_path / "intents" / "topics" / "als.toml"
    text = path.read_text(encoding="utf-8")
    slip = "er springt iets onder mijn rechteroog"
    path.write_text(text.replace("phrases = [", f'phrases = [\n"{slip}",', 1), encoding="utf-8")
    found = health._content(Parts(load_settings(None, {"content": tmp_path})))
    (failure,) = [finding.remark for finding in found if not finding.passed]
    assert f"'{slip}' ({path}" in failure
    assert "'ooglid'" in failure
