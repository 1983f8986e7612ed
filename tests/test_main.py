"""The commands as a person or a program uses them: what is printed, and the exit code."""

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import main as program
from tests.program import ENOUGH_SECONDS, EYELID, MAIN, RECORDINGS, run, started
from tests.virtual_sound_card import VirtualSoundCard

FIELDS = {"text", "outcome", "topics", "command", "probability", "reply"}
SILENT_MACHINE = {"PULSE_SERVER": "unix:/nonexistent"}

without_sound_card = pytest.mark.skipif(
    Path("/dev/snd").exists(), reason="NO TESTS WITHOUT SOUND CARD: this machine has one"
)


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def one_sentence(error: str) -> str:
    """The one clear sentence on standard error; no traceback, no second line."""
    assert error.startswith("Spiertolk: ")
    assert error.endswith(".\n")
    assert error.count("\n") == 1
    return error


def test_ask_answers_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["ask", "mijn ooglid trilt al dagen"]) == 0
    shown = capsys.readouterr().out
    assert "U zei:    mijn ooglid trilt al dagen" in shown
    assert "ooglid (" in shown
    assert "Antwoord: " in shown


def test_ask_answers_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["ask", "--json", "mijn ooglid trilt al dagen"]) == 0
    (record,) = records(capsys)
    assert set(record) >= FIELDS
    assert record["outcome"] == "match"
    assert record["topics"] == ["ooglid"]
    assert record["command"] is None
    assert 0.5 < record["probability"] <= 1
    assert "ooglid" in record["reply"]


@pytest.mark.parametrize(
    ("text", "outcome", "code"),
    [
        ("stop", "command", 0),
        ("mijn mond hangt opeens scheef", "red_flag", 0),
        ("de trein naar Utrecht is weer te laat", "not_recognized", 1),
        ("", "not_recognized", 1),
        ("hoe komt dat", "not_recognized", 1),  # there is no topic in hand
    ],
)
def test_each_outcome_has_its_name_and_exit_code(
    text: str, outcome: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["ask", "--json", text]) == code
    (record,) = records(capsys)
    assert record["outcome"] == outcome


def test_lines_are_one_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    program.main(["ask", "--json", "mijn ooglid trilt", "is het gevaarlijk"])
    first, second = records(capsys)
    assert second["outcome"] == "match"
    assert second["topics"] == ["ooglid"]
    assert second["reply"] not in ("", first["reply"])


def test_separate_lines_know_nothing_of_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    program.main(["ask", "--json", "--separate", "mijn ooglid trilt", "is het gevaarlijk"])
    first, second = records(capsys)
    assert first["topics"] == ["ooglid"]
    assert second["topics"] == []


def test_a_dash_reads_lines_and_the_exit_code_tells_whether_any_was_understood() -> None:
    done = run("ask", "--json", "--separate", "-", stdin="mijn kuit trilt\n\nlekker weer\n")
    assert done.returncode == 0
    outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
    assert outcomes == ["match", "not_recognized"]
    assert run("ask", "-", stdin="lekker weer\n").returncode == 1


def test_letters_that_nobody_can_read_stop_nothing() -> None:
    strict = {"PYTHONIOENCODING": "utf-8:strict"}
    done = run("ask", "--json", "mijn ooglid \udce9 trilt", environment=strict)
    assert done.returncode == 0
    assert json.loads(done.stdout)["topics"] == ["ooglid"]
    assert done.stderr == ""


def test_a_name_that_no_file_can_have_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["hear", "x" * 300 + ".wav"]) == 2
    assert "te lang" in one_sentence(capsys.readouterr().err)


def test_hear_names_the_file_and_writes_the_spoken_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["hear", "--json", str(EYELID), "--out", str(tmp_path / "uit")]) == 0
    (record,) = records(capsys)
    assert record["file"] == str(EYELID)
    assert record["topics"] == ["ooglid"]
    (written,) = (tmp_path / "uit").iterdir()
    samples, rate = soundfile.read(written)
    assert len(samples) / rate > len(record["reply"].split()) / 5  # nobody speaks faster
    assert np.abs(samples).max() > 0.1


def test_a_recording_without_words_is_a_line_without_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silence = tmp_path / "stil.wav"
    soundfile.write(silence, np.zeros(8_000 * 60, np.int16), 8_000)
    assert program.main(["hear", "--json", str(silence)]) == 1
    (record,) = records(capsys)
    assert (record["text"], record["outcome"], record["reply"]) == ("", "not_recognized", "")


def test_an_hour_of_silence_ends(tmp_path: Path) -> None:
    hour = tmp_path / "uur.wav"
    soundfile.write(hour, np.zeros(8_000 * 3_600, np.int16), 8_000, "PCM_U8")
    assert run("hear", hour).returncode == 1


def broken_files(folder: Path) -> dict[str, Path]:
    text, empty, headless = folder / "brief.wav", folder / "leeg.wav", folder / "kop.wav"
    text.write_text("Dit is geen geluid.")
    empty.touch()
    headless.write_bytes(EYELID.read_bytes()[:44])
    return {
        "text": text,
        "empty": empty,
        "no samples": headless,
        "missing": folder / "weg.wav",
        "folder": folder,
    }


@pytest.mark.parametrize("kind", ["text", "empty", "no samples", "missing", "folder"])
def test_a_file_that_can_not_be_heard_is_named(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = broken_files(tmp_path)[kind]
    assert program.main(["hear", str(path)]) == 2
    assert path.name in one_sentence(capsys.readouterr().err)


def test_a_folder_among_recordings_is_told_before_any_is_heard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["hear", str(EYELID), str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert "is een map" in one_sentence(told.err)
    assert told.out == ""


def test_to_hear_without_writing_answers_no_voice_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPIERTOLK_SPEAKER__VOICE", "bestaat niet")
    assert program.main(["hear", str(EYELID)]) == 0
    assert program.main(["hear", str(EYELID), "--out", str(tmp_path)]) == 2
    one_sentence(capsys.readouterr().err)


def test_the_volume_of_the_settings_counts_in_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIERTOLK_SPEAKER__VOLUME", "0")
    program.main(["hear", str(EYELID), "--out", str(tmp_path)])
    program.main(["say", "Goedemorgen.", "--out", str(tmp_path / "groet.wav")])
    assert [np.abs(soundfile.read(file)[0]).max() for file in tmp_path.iterdir()] == [0, 0]


def test_say_writes_a_wav(tmp_path: Path) -> None:
    out = tmp_path / "groet.wav"
    assert program.main(["say", "Goedemorgen, waar hebt u last van?", "--out", str(out)]) == 0
    samples, rate = soundfile.read(out)
    assert len(samples) > rate


def test_say_without_a_place_to_write_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bestand"
    file.touch()
    assert program.main(["say", "Goedemorgen.", "--out", str(file / "groet.wav")]) == 2
    one_sentence(capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == [file]


@without_sound_card
@pytest.mark.parametrize("arguments", [["listen"], [], ["say", "Goedemorgen."]])
def test_a_machine_without_sound_card_gets_one_sentence(arguments: list[str]) -> None:
    done = run(*arguments, environment=SILENT_MACHINE)
    assert done.returncode == 2
    assert "sluit een" in one_sentence(done.stderr)


@without_sound_card
def test_without_a_microphone_the_recordings_are_heard(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(MAIN), "listen", "--or-demo"],
        cwd=tmp_path,
        env={**SILENT_MACHINE, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=ENOUGH_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    demo = (RECORDINGS / "demo.txt").read_text().split()
    written = sorted((tmp_path / "answers").iterdir())
    assert len(written) == len(demo)
    for name in demo:
        assert name in done.stdout
    assert "niet begrepen" not in done.stdout


@pytest.mark.parametrize("flag", ["--microphone", "--loudspeaker"])
def test_an_unknown_device_is_named_with_what_there_is(
    flag: str, sound_card: VirtualSoundCard
) -> None:
    done = run("listen", flag, "zolderkamer", environment=sound_card.environment)
    assert done.returncode == 2
    assert "'zolderkamer' is niet gevonden" in done.stderr
    assert "default" in one_sentence(done.stderr)


def test_a_missing_model_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--model", "nergens", "hear", str(EYELID)]) == 2
    assert "nergens" in one_sentence(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("[speaker\n", "TOML"),
        ("[speaker]\nvolume = 'hard'\n", "speaker.volume"),
        ("[speaker]\nvolume = 99\n", "speaker.volume"),
        ("[luidspreker]\n", "luidspreker"),
        ("profile = 'tuin'\n", "profile"),
    ],
)
def test_a_wrong_setting_is_named(
    toml: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(toml)
    assert program.main(["--settings", str(file), "topics"]) == 2
    error = one_sentence(capsys.readouterr().err)
    assert named in error
    assert str(file) in error


def test_a_topic_without_a_text_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phrases = tmp_path / "intents" / "topics"
    phrases.mkdir(parents=True)
    (phrases / "hoofdpijn.toml").write_text('sentences = ["mijn hoofd bonst"]\n')
    assert program.main(["--content", str(tmp_path), "ask", "mijn hoofd bonst"]) == 2
    assert "hoofdpijn" in one_sentence(capsys.readouterr().err)


def test_check_says_how_each_part_does(capsys: pytest.CaptureFixture[str]) -> None:
    program.main(["check", "--json"])
    found = {record["part"]: record for record in records(capsys)}
    assert set(found) == {
        "spraakmodel", "stem", "microfoon", "luidspreker", "teksten", "woorden",
    }  # fmt: skip
    for part in ("spraakmodel", "stem", "teksten", "woorden"):
        assert found[part]["passed"], found[part]["remark"]


def test_speech_models_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["model", "list", "--json"]) == 0
    embedded, *_ = records(capsys)
    assert embedded["state"] == "embedded"
    assert embedded["size"] > 1_000_000
    assert program.main(["--model", embedded["path"], "--json", "model", "verify"]) == 0
    assert all(found["passed"] and found["subject"] for found in records(capsys))


def test_topics_of_a_pack_without_texts_are_not_taken_for_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "intents" / "topics").mkdir(parents=True)
    (tmp_path / "intents" / "topics" / "hik.toml").write_text('phrases = ["ik heb de hik"]')
    assert program.main(["--content", str(tmp_path), "topics"]) == 2
    assert "'hik' heeft geen tekst" in one_sentence(capsys.readouterr().err)


@pytest.mark.parametrize("action", [["list"], ["verify"], ["install", "weg.zip"]])
def test_what_goes_everywhere_goes_after_an_action_too(
    action: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "weg.toml"
    assert program.main(["model", *action, "--settings", str(settings)]) == 2
    assert str(settings) in one_sentence(capsys.readouterr().err)


def test_help_is_dutch(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["hear", "--help"], ["model", "--help"]):
        with pytest.raises(SystemExit) as end:
            program.main(arguments)
        assert end.value.code == 0
        text = capsys.readouterr().out
        assert text.startswith("gebruik: main.py")
        assert not {"usage", "show", "options", "positional"} & set(text.lower().split())


def test_a_wrong_command_line_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["dans"], ["hear"], ["topics", "--luid"], ["--profile", "tuin", "topics"]):
        with pytest.raises(SystemExit) as end:
            program.main(arguments)
        assert end.value.code == 2
        one_sentence(capsys.readouterr().err)


def test_a_closed_pipe_is_a_quiet_end() -> None:
    with started("ask", "--json", *["mijn ooglid trilt"] * 2_000) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
        process.wait(ENOUGH_SECONDS)
    assert error == ""


def redirected(command: str, how: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does, with its streams where the shell puts them."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" "$1" {command} {how}', sys.executable, str(MAIN)],
        capture_output=True,
        text=True,
        timeout=ENOUGH_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("command", ["topics", "ask 'mijn ooglid trilt'", "model list"])
def test_a_full_disk_is_one_sentence(command: str) -> None:
    done = redirected(command, "> /dev/full")
    assert done.returncode == 2
    assert "maak ruimte" in one_sentence(done.stderr)


@pytest.mark.parametrize(
    ("command", "how", "code"),
    [
        ("topics", ">&-", 0),
        ("ask stop", "<&- >&- 2>&-", 0),
        ("ask -", "<&-", 1),
        ("topics", "2>&-", 0),
    ],
)
def test_a_stream_that_is_closed_is_empty(command: str, how: str, code: int) -> None:
    done = redirected(command, how)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_quietly_with_nothing_half_written(
    sign: signal.Signals, tmp_path: Path
) -> None:
    out = tmp_path / "uit"
    with started("hear", *[EYELID] * 200, "--out", out) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(sign)
        error = process.stderr.read()
        process.wait(ENOUGH_SECONDS)
    assert error == ""
    assert process.returncode == 130
    for written in out.iterdir():
        assert soundfile.info(written).frames > 0


def test_a_crash_leaves_no_memory_with_words_on_disk() -> None:
    as_far_as_allowed = 'ulimit -c "$(ulimit -H -c)"; exec "$0" "$@"'
    process = subprocess.Popen(
        ["sh", "-c", as_far_as_allowed, sys.executable, str(MAIN), "ask", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"mijn ooglid trilt\n")
        process.stdin.flush()
        assert process.stdout.readline()
        assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)
        process.communicate(timeout=ENOUGH_SECONDS)
