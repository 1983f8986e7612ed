"""Whole programs on real sound: the product, and what a developer would write in an hour."""

import json
import shutil
from pathlib import Path

import pytest
import vosk

from benchmarks.disk import folder_bytes, own_packages, packages_bytes
from benchmarks.heldout import Sentence
from benchmarks.peers import Example
from benchmarks.programs import (
    EXAMPLE,
    HUMAN_SET,
    PROGRAMS,
    ExampleEars,
    GrammarEars,
    WhisperEars,
    _joined,
)
from benchmarks.recordings import write_spoken
from benchmarks.street import street
from benchmarks.unavailable import PeerUnavailableError, UnavailableError
from evaluation.conditions import CLEAN
from evaluation.hearing import Ears, measure, read_recording
from evaluation.outcomes import DECLINED, Outcome, parse_outcomes
from evaluation.samples import read_samples
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from tests.program import EYELID, RECORDINGS
from voice.speech_model import EMBEDDED, find_model

EYE, LEG = (Outcome("topics", frozenset({name})) for name in ("ooglid", "arm_of_been"))
EXAMPLES = (Example("mijn ooglid trilt al dagen", EYE), Example("mijn kuit trilt", LEG))
OFF_TOPIC = RECORDINGS / "off_topic" / "als_het_regent_blijf_ik_liever_thuis.wav"


@pytest.fixture(scope="module")
def model() -> vosk.Model:
    return find_model(EMBEDDED, {}).load()


def outcome(ears: Ears, path: Path) -> tuple[Outcome, float | None]:
    measured = measure(ears, read_recording(path), CLEAN, "", 0)
    return measured.outcome, measured.delay


def test_vosks_example_answers_everything(model: vosk.Model) -> None:
    ears = ExampleEars(model, EXAMPLES)
    found, delay = outcome(ears, EYELID)
    assert found == EYE
    assert delay is not None
    assert 0.2 < delay < 30
    assert outcome(ears, OFF_TOPIC)[0] in (EYE, LEG)  # it has learnt no other


def test_a_grammar_knows_its_phrases_and_nothing_else(model: vosk.Model) -> None:
    ears = GrammarEars(model, EXAMPLES)
    first, off_topic, again = (outcome(ears, path) for path in (EYELID, OFF_TOPIC, EYELID))
    assert [found for found, _ in (first, off_topic, again)] == [EYE, DECLINED, EYE]
    for _, delay in (first, again):  # its words are counted from the first recording on
        assert delay is not None
        assert 0.2 < delay < 30


def test_blocks_are_cut_as_the_example_reads_them() -> None:
    assert list(_joined([b"abc", b"defgh", b"i"], 4)) == [b"abcd", b"efgh", b"i"]


def test_without_its_package_or_weights_whisper_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(PeerUnavailableError):
        WhisperEars(Matcher(load_catalogue()), tmp_path)


def test_programs_are_compared_on_the_same_recordings(tmp_path: Path) -> None:
    for name, path, expected in (("spoken", EYELID, "ooglid"), ("human", OFF_TOPIC, "decline")):
        (tmp_path / name).mkdir()
        shutil.copy(path, tmp_path / name / "a.wav")
        row = {"path": "a.wav", "expected": expected}
        (tmp_path / name / "manifest.jsonl").write_text(json.dumps(row), "utf-8")
    folders = {"sealed": tmp_path / "spoken", HUMAN_SET: tmp_path / "human"}
    said: list[str] = []
    sets, against = street(folders, "", True, tmp_path, said.append, PROGRAMS[:2])
    rows = {(row[0], row[1]): row for row in sets.rows}
    assert set(rows) == {
        (title, name) for title in ("sealed, clean", f"{HUMAN_SET}, clean") for name in PROGRAMS[:2]
    }
    own, peer, ratios = against.rows
    assert (own[0], peer[0]) == PROGRAMS[:2]
    assert own[1:4] == (100.0, 0.0, 0.0)
    assert all(isinstance(figure, float) for figure in peer[1:])
    assert str(ratios[7]).startswith("× ")
    memory, disk = own[7], own[8]
    assert isinstance(memory, float)
    assert isinstance(disk, float)
    assert memory > 50
    assert disk > 50


def test_disk_counts_what_a_package_needs() -> None:
    assert packages_bytes(["vosk"]) > packages_bytes(["cffi"]) > 100_000
    assert packages_bytes(["no-such-package"]) == 0
    assert {"vosk", "rapidfuzz", "numpy"} <= set(own_packages())
    assert folder_bytes(EMBEDDED) > 20_000_000


def test_spoken_sentences_are_a_folder_to_evaluate(tmp_path: Path) -> None:
    expected = parse_outcomes("ask|ms+als|flag:now")
    try:
        write_spoken([Sentence("Heb ik ALS?", "topic", expected)], tmp_path, lambda _: None)
    except UnavailableError as error:
        pytest.skip(f"NO SPOKEN SENTENCES: {error}")
    (sample,) = read_samples(tmp_path, load_catalogue())
    assert (sample.text, sample.expected, sample.kind) == ("Heb ik ALS?", expected, "synthetic")
    assert len(read_recording(sample.path)) > 8_000
    assert EXAMPLE in PROGRAMS
