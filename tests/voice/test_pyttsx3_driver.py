"""Our driver under pyttsx3's own engine, with the traps of its stock driver one by one."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
import pyttsx3

from errors import SpeechEngineError
from voice import pyttsx3_driver
from voice.speech_engine import SpeechEngine

LONG = "Dit is een lange zin over trillende spieren. " * 500


class _Engine(Protocol):
    """What we use of pyttsx3's engine."""

    def connect(self, topic: str, cb: Callable[..., None]) -> object: ...
    def disconnect(self, token: object) -> None: ...
    def say(self, text: str, name: str | None = None) -> None: ...
    def runAndWait(self) -> None: ...  # noqa: N802  # pyttsx3's name
    def stop(self) -> None: ...
    def getProperty(self, name: str) -> int | str: ...  # noqa: N802  # pyttsx3's name
    def setProperty(self, name: str, value: int | str) -> None: ...  # noqa: N802  # pyttsx3's name


@dataclass
class Heard:
    """All that the engine announced."""

    speech: list[dict[str, Any]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)


@pytest.fixture(scope="module")
def engine() -> _Engine:
    engine: _Engine = pyttsx3.init(pyttsx3_driver.register())
    return engine


@pytest.fixture
def heard(engine: _Engine) -> Iterator[Heard]:
    heard = Heard()
    tokens = [
        engine.connect("synthesized", lambda **values: heard.speech.append(values)),
        engine.connect("error", lambda exception, **_: heard.errors.append(exception)),
    ]
    engine.setProperty("voice", "nl")
    engine.setProperty("rate", 160)
    engine.runAndWait()
    yield heard
    for token in tokens:
        engine.disconnect(token)


def words(speech: dict[str, Any], text: str) -> list[str]:
    return [text[position : position + length] for position, length, _ in speech["words"]]


def test_speech_is_complete_when_the_call_returns(engine: _Engine, heard: Heard) -> None:
    engine.say("Een trillend ooglid.", "naam")
    engine.runAndWait()
    (speech,) = heard.speech
    assert speech["completed"]
    assert speech["name"] == "naam"
    assert len(speech["samples"]) > speech["rate"]  # more than half a second
    assert words(speech, "Een trillend ooglid.") == ["Een", "trillend", "ooglid"]


def test_no_text_is_lost_where_two_wait(engine: _Engine, heard: Heard) -> None:
    engine.say("Het eerste.", "een")
    engine.say("Het tweede.", "twee")
    engine.runAndWait()
    assert [speech["name"] for speech in heard.speech] == ["een", "twee"]


def test_nothing_is_repeated_where_nothing_waits(engine: _Engine, heard: Heard) -> None:
    engine.say("Eén keer.")
    for _ in range(3):
        engine.runAndWait()
    assert len(heard.speech) == 1


def test_hundred_runs_do_not_hang(engine: _Engine, heard: Heard) -> None:
    def run() -> None:
        for _ in range(100):
            engine.say("Ja.")
            engine.runAndWait()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert len(heard.speech) == 100


def test_stop_from_another_thread_breaks_off_and_leaves_a_working_engine(
    engine: _Engine, heard: Heard
) -> None:
    started = threading.Event()
    token = engine.connect("started-utterance", lambda **_: started.set())

    def run() -> None:
        engine.say(LONG)
        engine.runAndWait()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    engine.stop()
    thread.join(10)
    engine.disconnect(token)
    assert not thread.is_alive()
    assert not heard.speech[0]["completed"]
    engine.say("Verder.")
    engine.runAndWait()
    assert heard.speech[-1]["completed"]


@pytest.mark.parametrize("name", ["nl+zzz", "xx", "", "nl+", "nl\0", "é" * 500])
def test_unknown_voice_is_an_error_and_is_not_taken(
    engine: _Engine, heard: Heard, name: str
) -> None:
    engine.setProperty("voice", name)
    engine.runAndWait()
    taken = engine.getProperty("voice")
    assert taken == "gmw/nl"
    assert name in ("nl+", "nl\0") or [type(error) for error in heard.errors] == [ValueError]


def test_variant_is_read_back(engine: _Engine, heard: Heard) -> None:
    engine.setProperty("voice", "nl+f3")
    engine.runAndWait()
    assert engine.getProperty("voice") == "gmw/nl+f3"
    assert not heard.errors


def test_numbers_are_really_set(engine: _Engine, heard: Heard) -> None:
    assert not heard.errors
    for name, value in {"rate": 123, "volume": 77, "pitch": 44, "range": 33, "gap": 2}.items():
        before = engine.getProperty(name)
        engine.setProperty(name, value)
        engine.runAndWait()
        assert engine.getProperty(name) == value
        engine.setProperty(name, before)
    engine.runAndWait()


def test_unknown_property_is_an_error(engine: _Engine, heard: Heard) -> None:
    engine.setProperty("colour", 1)
    engine.runAndWait()
    assert [type(error) for error in heard.errors] == [KeyError]
    with pytest.raises(KeyError):
        engine.getProperty("colour")


@pytest.mark.parametrize("text", ["é ë: oogleden, m'n oog", "één  twee\tdrie\nvier"])
def test_words_are_counted_in_characters(engine: _Engine, heard: Heard, text: str) -> None:
    engine.say(text)
    engine.runAndWait()
    found = words(heard.speech[0], text)
    assert found
    assert all(word == word.strip(" ,:\t\n") for word in found)


def test_word_times_lie_in_the_sound(engine: _Engine, heard: Heard) -> None:
    engine.say("Rustig bewegen en rekken helpt vaak.")
    engine.runAndWait()
    (speech,) = heard.speech
    times = [at for _, _, at in speech["words"]]
    assert times == sorted(times)
    assert times[-1] < len(speech["samples"]) / 2 / speech["rate"] * 1000


def run_without(tmp_path: Path, *blocked: str) -> "subprocess.CompletedProcess[str]":
    """Start the engine in a Python that lacks these: the package, or every espeak-ng."""
    lines = ["import ctypes, sys", "sys.modules['espeakng_loader'] = None"]
    if "system" in blocked:
        lines += ["def refuse(self, name): raise OSError(name)"]
        lines += ["ctypes.LibraryLoader.LoadLibrary = refuse"]
    (tmp_path / "sitecustomize.py").write_text("\n".join(lines))
    code = (
        "from voice.speech_engine import SpeechEngine\n"
        "try: print(len(SpeechEngine('nl').render('Hallo.', rate=160).samples) > 0)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_system_library_stands_in_for_the_package(tmp_path: Path) -> None:
    try:
        __import__("ctypes").CDLL("libespeak-ng.so.1")
    except OSError:
        pytest.skip("the system has no espeak-ng of its own")
    assert run_without(tmp_path, "package").stdout == "True\n"


def test_no_library_at_all_is_a_sentence(tmp_path: Path) -> None:
    answer = run_without(tmp_path, "package", "system").stdout
    assert answer.startswith("SpeechEngineError De spraak espeak-ng ontbreekt")


@pytest.mark.parametrize("voice", ["nl+zzz", "xx", "en", "", "nl\0x", "-h", "gmw/en+f3"])
def test_voice_that_is_not_dutch_is_a_sentence(voice: str) -> None:
    with pytest.raises(SpeechEngineError, match="Nederlandse stem"):
        SpeechEngine(voice)


@pytest.mark.parametrize("voice", ["nl", "dutch", "gmw/nl", "nl+f2", "nl+m3"])
def test_dutch_voices_speak(voice: str) -> None:
    engine = SpeechEngine(voice)
    try:
        assert len(engine.render("Hallo.", rate=160).samples) > 5_000
    finally:
        engine.close()


def test_a_late_answer_is_not_taken_for_the_next_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SpeechEngine("nl")
    try:
        expected = engine.render("Het is onschuldig.", rate=160).phonemes
        monkeypatch.setattr(engine, "_answer_seconds", 0.0)
        with pytest.raises(SpeechEngineError):
            engine.render("bel nu een ambulance " * 50, rate=160)
        monkeypatch.undo()
        assert engine.render("Het is onschuldig.", rate=160).phonemes == expected
    finally:
        engine.close()
