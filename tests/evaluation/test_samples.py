"""Folders, manifests and collections: what is said in each recording and what must come of it."""

import json
import shutil
from pathlib import Path

import pytest

from errors import EvaluationError
from evaluation.outcomes import DECLINED, Outcome
from evaluation.samples import HUMAN, SYNTHETIC, Sample, read_samples, without_consent
from intents.catalogue import Catalogue
from tests.program import EYELID, RECORDINGS

EYE = Outcome("topics", frozenset({"ooglid"}))


def test_the_name_of_a_file_is_its_text(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "dag").mkdir()
    for name in ("dag/Mijn_oog_trilt.WAV", "_stilte.wav", "lees_mij.txt"):
        shutil.copy(EYELID, tmp_path / name)
    silence, eye = read_samples(tmp_path, catalogue)
    assert (silence.name, silence.text) == ("_stilte.wav", "")
    assert (eye.name, eye.text) == ("dag/Mijn_oog_trilt.WAV", "Mijn oog trilt")
    assert (eye.expected, eye.speaker, eye.kind) == ((), "", "")


def test_a_collection_says_what_must_come_out_and_who_speaks(catalogue: Catalogue) -> None:
    samples = {sample.name: sample for sample in read_samples(RECORDINGS, catalogue)}
    eye = samples["topics/ooglid/mijn_ooglid_trilt_al_dagen.wav"]
    assert (eye.text, eye.expected, eye.kind) == ("Mijn ooglid trilt al dagen.", (EYE,), SYNTHETIC)
    assert eye.speaker
    mouth = samples["red_flags/scheve_mond/mijn_mond_hangt_scheef.wav"]
    assert mouth.expected == (Outcome("flag", frozenset({"now"})),)
    assert samples["off_topic/_ruis.wav"].expected == (DECLINED,)
    assert samples["off_topic/_ruis.wav"].text == ""
    assert samples["commands/ja/ja_graag.wav"].expected[0] == Outcome("command", frozenset({"ja"}))
    assert all(sample.expected for sample in samples.values())


def test_a_folder_within_a_collection_keeps_its_promise(catalogue: Catalogue) -> None:
    inner = read_samples(RECORDINGS / "topics" / "ms+als", catalogue)
    assert {sample.expected for sample in inner} == {(Outcome("topics", frozenset({"ms", "als"})),)}
    doubt, *_ = read_samples(RECORDINGS / "ambiguous" / "arm_of_been+ms", catalogue)
    assert doubt.expected[0] == Outcome("ask", frozenset({"arm_of_been", "ms"}))


def test_a_manifest_of_a_program(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [
        {"path": "a.wav", "text": "Mijn oog trilt", "expected": "ooglid|ask", "speaker": "s1"},
        {"path": "b.wav", "expected": "flag:scheve_mond", "kind": "human"},
        {"path": "c.wav", "topic": "decline"},
    ]
    lines = "\n\n".join(json.dumps(row) for row in rows)
    (tmp_path / "manifest.jsonl").write_text(lines, "utf-8")
    first, second, third = read_samples(tmp_path, catalogue)
    assert first == Sample(
        tmp_path / "a.wav", "a.wav", "Mijn oog trilt", (EYE, Outcome("ask")), "s1", ""
    )
    assert second.expected == (Outcome("flag", frozenset({"now"})),)
    assert (second.text, second.kind) == (None, HUMAN)
    assert third.expected == (DECLINED,)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_manifest_of_a_practice(separator: str, tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [["Bestand", "Tekst", "Onderwerp", "Spreker", "Soort"],
            ["a.wav", '"ja, graag"', "command:ja", "k3", "Mens"]]  # fmt: skip
    text = "\r\n".join(separator.join(row) for row in rows)
    (tmp_path / "manifest.csv").write_text(text, "utf-8-sig")
    (sample,) = read_samples(tmp_path, catalogue)
    assert (sample.text, sample.speaker, sample.kind) == ("ja, graag", "k3", HUMAN)
    assert sample.expected == (Outcome("command", frozenset({"ja"})),)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("manifest.jsonl", b'{"path": "a.wav"}\nrommel\n', ("regel 2", "JSON")),
        ("manifest.jsonl", b'{"text": "ja"}\n', ("regel 1", "'path'")),
        ("manifest.jsonl", b'{"path": "a.wav", "expected": "oor"}', ("regel 1", "'oor'")),
        ("manifest.jsonl", b'{"path": "a.wav", "expected": "flag:jeuk"}', ("regel 1", "jeuk")),
        ("manifest.jsonl", b'{"path": "a.wav", "expected": "command:vlieg"}', ("'vlieg'",)),
        ("manifest.csv", b"path,text\n,ja\n", ("regel 2", "'path'")),
        ("manifest.csv", b"path,text\n\xff,ja\n", ("UTF-8",)),
        ("manifest.csv", b"path,text\na.wav," + b"a" * 200_000, ("aanhalingstekens",)),
        ("lees_mij.txt", b"", ("geen opnamen", "WAV")),
    ],
)
def test_a_folder_that_cannot_be_used_is_one_sentence(
    name: str, content: bytes, words: tuple[str, ...], tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EvaluationError) as error:
        read_samples(tmp_path, catalogue)
    sentence = str(error.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert all(word in sentence for word in words), sentence


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(EvaluationError, match="is er niet"):
        read_samples(tmp_path / "weg", catalogue)


@pytest.mark.parametrize(
    ("content", "refused"),
    [("consent = true\nwording = 1\n", False), ("consent = false\n", True), ("rommel", True)],
)
def test_nobody_is_measured_without_consent(
    content: str, refused: bool, tmp_path: Path, catalogue: Catalogue
) -> None:
    folder = tmp_path / "abc234" / "topics" / "ooglid"
    folder.mkdir(parents=True)
    shutil.copy(EYELID, folder)
    (tmp_path / "abc234" / "speaker.toml").write_text(content, "utf-8")
    (sample,) = read_samples(tmp_path, catalogue)
    assert sample.expected == (EYE,)
    assert without_consent(sample, tmp_path) is refused
