"""A benchmark on a handful of sentences runs from end to end, on the real product."""

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import chatter as chatter_module
from benchmarks.chatter import chatter
from benchmarks.hearing import BEST_LINE, NO_CLARITY, NO_READINGS, RESTRICTED, hearing
from benchmarks.heldout import load_heldout
from benchmarks.peers import PEERS, Example
from benchmarks.scale import write_pack
from benchmarks.systems import contestants
from benchmarks.unavailable import UnavailableError
from evaluation.metrics import Share
from evaluation.outcomes import DECLINED, Outcome
from evaluation.tables import Table
from intents.catalogue import load_catalogue


@pytest.fixture(autouse=True)
def some_chatter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests fetch nothing: two sentences stand for the package."""
    (tmp_path / "sentences.txt").write_text("Waar gaan we heen?\nDat is een fles.\n", "utf-8")
    monkeypatch.setattr(chatter_module, "cache_folder", lambda _: tmp_path)


def test_a_quick_run_prints_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["text", "--quick", "--no-peers", "--json"]) == 0
    tables = {table["title"]: table["rows"] for table in json.loads(capsys.readouterr().out)}
    (whole, *_) = tables["Right, asked, declined, wrong"]
    assert whole["set"] == "all"
    assert whole["system"] == "spiertolk"
    verdicts = [cell["hits"] for name, cell in whole.items() if name.endswith(" %")]
    assert sum(verdicts) == whole["n"]
    assert tables["False answers to chatter"][0]["n"] == len(chatter())
    assert {row["what"] for row in tables["Circumstances"]} >= {"date", "machine", "speech model"}


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command.main(["smell"])
    assert stop.value.code == 2
    assert "smell" in capsys.readouterr().err


def test_without_a_speech_model_it_says_so_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPIERTOLK_MODEL", "/nowhere")
    assert command.main(["text", "--quick"]) == 2
    assert capsys.readouterr().err.startswith("Spiertolk: Er is geen spraakmodel in /nowhere")


def test_sentences_are_spoken_heard_and_understood() -> None:
    systems = contestants(load_catalogue(), lambda _: None, peers=False)
    sentences = [s for s in load_heldout() if s.kind == "topic"][:1]
    try:
        tables = {t.title: t for t in hearing(systems, sentences, lambda _: None)}
    except UnavailableError as error:
        pytest.skip(f"NO HEARING TEST: {error}")
    clean, *_ = tables["Recognition"].rows
    assert clean[:2] == ("clean", 1)
    assert {row[1] for row in tables["Heard and understood"].rows} == {
        "spiertolk",
        BEST_LINE,
        NO_CLARITY,
        NO_READINGS,
        RESTRICTED,
    }


@pytest.mark.parametrize("name", list(PEERS))
def test_every_peer_knows_what_it_was_told(name: str) -> None:
    eye, leg = Outcome("topics", frozenset({"ooglid"})), Outcome("topics", frozenset({"been"}))
    examples = [
        *(Example(f"mijn {side} ooglid trilt {since}", eye) for side, since in _ways()),
        *(Example(f"mijn {side} been schokt {since}", leg) for side, since in _ways()),
        *(Example(f"het {side} weer wordt mooi {since}", DECLINED) for side, since in _ways()),
    ]
    try:
        peer = PEERS[name](examples)
    except UnavailableError as error:
        pytest.skip(f"NO TEST OF THIS PEER: {error}")
    assert peer.understand("Mijn linker ooglid trilt al dagen") == eye
    assert peer.understand("mijn rechter been schokt vandaag") == leg
    assert peer.understand("het linker weer wordt mooi vandaag") == DECLINED
    assert peer.understand("qqq") == DECLINED


def _ways() -> list[tuple[str, str]]:
    return [(a, b) for a in ("linker", "rechter") for b in ("al dagen", "vandaag", "steeds")]


def test_a_synthetic_pack_has_the_phrases_asked_for(tmp_path: Path) -> None:
    write_pack(tmp_path, 1_000)
    assert len(load_catalogue(tmp_path).of("topic")) == 1_000


def test_tables_line_up_and_keep_their_figures() -> None:
    table = Table("Shares", ("who", "share %"), (("a", Share(1, 2)), ("bcd", None)), "Of two.")
    assert table.text().splitlines()[2:] == [
        "who          share %",
        "---  ---------------",
        "a    50.0 [9.5–90.5]",
        "bcd                –",
        "",
        "Of two.",
    ]
    low, high = Share(1, 2).interval
    half = {"hits": 1, "total": 2, "share": 0.5, "low": low, "high": high}
    assert table.data()["rows"] == [{"who": "a", "share %": half}, {"who": "bcd", "share %": None}]
