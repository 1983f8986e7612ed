"""Every way in which a model can be named, found, damaged and proved, on the real model."""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from errors import SpeechModelError
from tests.voice.without_root import not_as_root
from voice import speech_model
from voice.model_manifest import (
    MANIFEST,
    QUICK_BYTES,
    first_problem,
    read_manifest,
    write_manifest,
)
from voice.model_proof import decode_a_second
from voice.speech_model import (
    EMBEDDED,
    SpeechModel,
    check_model,
    find_model,
    knows,
    prove_in_child,
    unknown_words,
    verify,
)


@pytest.fixture(autouse=True)
def _no_system_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_model, "SYSTEM_DIRECTORY", tmp_path / "usr-share-vosk")


def copy_of_model(directory: Path, name: str = "vosk-model-nl-kopie") -> Path:
    return Path(shutil.copytree(EMBEDDED, directory / name))


def without_manifest(model: Path) -> Path:
    (model / MANIFEST).unlink()
    return model


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def complaint_about(model: Path) -> str:
    """The sentence a person gets who names this model."""
    with pytest.raises(SpeechModelError) as caught:
        find_model(model, {}).load()
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert sentence.endswith((".", "?"))
    sentence.encode("utf-8")
    return sentence


# Finding


def test_an_empty_environment_gives_the_embedded_model() -> None:
    found = find_model(None, {})
    assert found == SpeechModel(EMBEDDED, EMBEDDED.name, "embedded")


def test_each_place_goes_before_the_next(tmp_path: Path) -> None:
    named, variable = (copy_of_model(tmp_path, name) for name in "ab")
    kept = copy_of_model(tmp_path / ".cache" / "vosk", "vosk-model-nl-bewaard")
    home = {"HOME": str(tmp_path)}
    environment = home | {"SPIERTOLK_MODEL": str(variable)}
    assert find_model(named, environment) == SpeechModel(named, "a", "named")
    assert find_model(None, environment) == SpeechModel(variable, "b", "environment")
    assert find_model(None, home) == SpeechModel(kept, "vosk-model-nl-bewaard", "vosk")
    assert find_model(None, {"HOME": "/nergens"}).source == "embedded"


def test_models_are_found_where_vosk_keeps_them(tmp_path: Path) -> None:
    by_home = copy_of_model(tmp_path / ".cache" / "vosk")
    by_cache = copy_of_model(tmp_path / "cache" / "vosk")
    by_variable = copy_of_model(tmp_path / "modellen")
    environment = {"HOME": str(tmp_path)}
    assert find_model(None, environment).path == by_home
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    assert find_model(None, environment).path == by_cache
    environment["VOSK_MODEL_PATH"] = str(tmp_path / "modellen")
    assert find_model(None, environment).path == by_variable
    environment["VOSK_MODEL_PATH"] = str(by_home)
    assert find_model(None, environment).path == by_home


def test_a_free_official_model_goes_before_others_and_other_languages_do_not_count(
    tmp_path: Path,
) -> None:
    copy_of_model(tmp_path, "vosk-model-en-us-0.22")
    environment = {"VOSK_MODEL_PATH": str(tmp_path)}
    assert find_model(None, environment).source == "embedded"
    copy_of_model(tmp_path, "vosk-model-nl-spraakherkenning-0.6-lgraph")
    small = copy_of_model(tmp_path, "vosk-model-small-nl-0.22")
    assert find_model(None, environment).path == small


def test_a_bare_name_and_a_tilde_are_understood(tmp_path: Path) -> None:
    kept = copy_of_model(tmp_path / ".cache" / "vosk", "mijn-model")
    home = {"HOME": str(tmp_path)}
    assert find_model(Path("mijn-model"), home).path == kept
    assert find_model(Path("~/.cache/vosk/mijn-model"), home).path == kept
    assert find_model(Path(EMBEDDED.name), {}).path == EMBEDDED


@pytest.mark.parametrize("variable", ["SPIERTOLK_MODEL", "VOSK_MODEL_PATH"])
def test_a_variable_that_leads_nowhere_is_no_silent_fall_back(
    variable: str, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "weg")
    with pytest.raises(SpeechModelError, match="weg"):
        find_model(None, {variable: nowhere})
    assert find_model(None, {variable: ""}).source == "embedded"


def test_a_damaged_model_that_nobody_named_is_passed_over_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = copy_of_model(tmp_path, "vosk-model-nl-a")
    second = copy_of_model(tmp_path, "vosk-model-nl-b")
    cut(first / "am" / "final.mdl")
    with caplog.at_level(logging.WARNING):
        assert find_model(None, {"VOSK_MODEL_PATH": str(tmp_path)}).path == second
    assert str(first) in caplog.text


# What can be wrong with a model that was named


def test_no_directory(tmp_path: Path) -> None:
    assert "Er is geen spraakmodel" in complaint_about(tmp_path / "weg")


@pytest.mark.parametrize("name", ["a\0b", "a\udcffb", "x" * 300, "ë\n"])
def test_names_that_no_file_can_have(name: str, tmp_path: Path) -> None:
    with pytest.raises(SpeechModelError) as caught:
        find_model(tmp_path / name, {})
    str(caught.value).encode("utf-8")


def test_a_file_instead_of_a_directory(tmp_path: Path) -> None:
    file = tmp_path / "model.txt"
    file.touch()
    assert "is geen map" in complaint_about(file)


def test_a_zip_file_says_how_to_install_it(tmp_path: Path) -> None:
    file = tmp_path / "model.zip"
    file.touch()
    assert "main.py model install" in complaint_about(file)


def test_an_empty_directory(tmp_path: Path) -> None:
    assert "geen volledig spraakmodel" in complaint_about(tmp_path)


def test_the_directory_around_a_model_says_which_one_is_meant(tmp_path: Path) -> None:
    assert f"bedoelt u {copy_of_model(tmp_path)}?" in complaint_about(tmp_path)


def test_a_pipe_instead_of_a_file_does_not_hang(tmp_path: Path) -> None:
    model = copy_of_model(tmp_path)
    (model / "am" / "final.mdl").unlink()
    os.mkfifo(model / "am" / "final.mdl")
    assert "geen volledig spraakmodel" in complaint_about(model)


@pytest.mark.parametrize("file", ["am/final.mdl", "graph/HCLr.fst", "graph/words.txt"])
@pytest.mark.parametrize("damage", [cut, Path.unlink])
def test_damage_shows_in_the_checksums(
    file: str, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    model = copy_of_model(tmp_path)
    damage(model / file)
    complaint_about(model)


def scramble(file: Path) -> None:
    """Turn part of a file to garbage; in a graph, to states that kill Vosk, which trusts them."""
    content = bytearray(file.read_bytes())
    begin, end = (len(content) // part // 4 * 4 for part in (10, 5))
    content[begin + 3 : end : 4] = b"\x7f" * len(content[begin + 3 : end : 4])
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("am/final.mdl", cut),
        ("graph/HCLr.fst", Path.unlink),
        ("graph/Gr.fst", scramble),
        ("graph/words.txt", Path.unlink),
        ("conf/mfcc.conf", scramble),
    ],
)
def test_damage_without_checksums_shows_in_the_proof_and_kills_only_the_child(
    file: str, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    model = without_manifest(copy_of_model(tmp_path))
    damage(model / file)
    assert "beschadigd" in complaint_about(model)


@pytest.mark.parametrize("prepare", [without_manifest, lambda model: model])
def test_another_language(prepare: Callable[[Path], Path], tmp_path: Path) -> None:
    model = prepare(copy_of_model(tmp_path))
    words = model / "graph" / "words.txt"
    lines = (line.split() for line in words.read_text("utf-8").splitlines())
    words.write_text("".join(f"단어{number} {number}\n" for _, number in lines), "utf-8")
    if (model / MANIFEST).exists():
        write_manifest_again(model)
    assert "niet Nederlands" in complaint_about(model)


def write_manifest_again(model: Path) -> None:
    (model / MANIFEST).unlink()
    write_manifest(model)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"geen som\n",
        b"0" * 64 + b"  ../final.mdl\n",
        b"0" * 64 + b"  /etc/final.mdl\n",
        b"0" * 64 + b"  conf/model.conf\n",
    ],
)
def test_a_manifest_that_is_none(content: bytes, tmp_path: Path) -> None:
    model = copy_of_model(tmp_path)
    (model / MANIFEST).write_bytes(content)
    assert "niet lezen" in complaint_about(model)


@pytest.mark.parametrize("closed", [".", "am", "am/final.mdl", "graph", MANIFEST])
def test_no_permission_to_read(closed: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        model = copy_of_model(Path(directory))
        (model / closed).chmod(0)
        try:
            with not_as_root():
                complaint_about(model)
        finally:
            (model / closed).chmod(0o755)


def test_a_model_that_takes_too_long() -> None:
    with pytest.raises(SpeechModelError, match="reageert niet"):
        prove_in_child(EMBEDDED, seconds=0.01)


def test_a_file_that_changes_after_a_good_check_is_noticed(tmp_path: Path) -> None:
    model = copy_of_model(tmp_path)
    check_model(model)
    cut(model / "graph" / "words.txt")
    with pytest.raises(SpeechModelError, match=r"words\.txt heeft een andere lengte"):
        check_model(model)


# Loading


def test_the_embedded_model_hears_and_knows_its_words() -> None:
    model = find_model(None, {}).load()
    decode_a_second(model)
    assert knows(model, "ooglid")
    assert not knows(model, "qwxz")
    assert unknown_words(model, ["trilt", "qwxz", "", "qwxz", "Ooglid"]) == ("qwxz", "", "Ooglid")


def test_a_model_without_manifest_loads_after_its_proof(tmp_path: Path) -> None:
    model = without_manifest(copy_of_model(tmp_path))
    assert knows(SpeechModel(model, "kopie", "named").load(), "ooglid")


# Verifying


def test_verify_looks_at_every_file_of_the_embedded_model() -> None:
    checks = list(verify(EMBEDDED))
    assert all(check.passed for check in checks)
    files = {
        file.relative_to(EMBEDDED).as_posix() for file in EMBEDDED.rglob("*") if file.is_file()
    }
    assert {check.subject for check in checks} == files - {MANIFEST} | {"proef"}


def test_verify_names_the_damage_and_goes_on(tmp_path: Path) -> None:
    model = copy_of_model(tmp_path)
    cut(model / "am" / "final.mdl")
    failed = {check.subject: check.remark for check in verify(model) if not check.passed}
    assert failed.keys() == {"am/final.mdl", "proef"}
    assert failed["am/final.mdl"] == "am/final.mdl heeft een andere lengte"


def test_verify_says_where_there_are_no_checksums(tmp_path: Path) -> None:
    checks = list(verify(without_manifest(copy_of_model(tmp_path))))
    assert [check.subject for check in checks] == [MANIFEST, "proef"]
    assert all(check.passed for check in checks)


def test_verify_needs_a_model(tmp_path: Path) -> None:
    with pytest.raises(SpeechModelError, match="geen volledig spraakmodel"):
        list(verify(tmp_path))


def test_manifests_are_what_sha256sum_reads(tmp_path: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", MANIFEST], cwd=EMBEDDED, check=True)
    model = copy_of_model(tmp_path)
    write_manifest_again(model)
    subprocess.run(["sha256sum", "--check", "--strict", MANIFEST], cwd=model, check=True)


def test_a_large_model_is_checked_by_size_at_each_start(tmp_path: Path) -> None:
    model = copy_of_model(tmp_path)
    write_manifest_again(model)
    manifest = read_manifest(model)
    assert manifest
    words = model / "graph" / "words.txt"
    content = words.read_bytes()
    words.write_bytes(content.swapcase())
    assert first_problem(model, manifest, QUICK_BYTES + 1) is None
    assert first_problem(model, manifest, QUICK_BYTES) == "graph/words.txt is veranderd"
    words.write_bytes(content + b"\n")
    assert first_problem(model, manifest, QUICK_BYTES + 1) == (
        "graph/words.txt heeft een andere lengte"
    )
