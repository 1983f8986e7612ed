"""The whole street on a real (virtual) sound card, in a process of its own, as a person uses it."""

import json
import os
import pty
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from audio_fixtures.voices import VOICES, is_available, speak
from tests.program import ENOUGH_SECONDS, EYELID, RECORDINGS, started
from tests.virtual_sound_card import RECORDING_RATE, Recording, VirtualSoundCard
from voice.audio import SAMPLE_RATE, Audio, write_wav
from voice.recognizer import transcribe
from voice.speech_model import EMBEDDED, SpeechModel

CALVES = RECORDINGS / "topics" / "arm_of_been" / "mijn_kuiten_trekken_iedere_avond_samen.wav"
TRIES = 6
ANSWER_SECONDS = 8.0
KEY_WORDS = {"ooglid", "onschuldig", "zenuw", "kortsluiting", "trilt", "spiertje", "diagnose"}
AUDIBLE = 100  # of 32 768


class Lines:
    """The lines that a process prints, each within a bound."""

    def __init__(self, pipe: IO[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._collect, args=(pipe,), daemon=True).start()

    def _collect(self, pipe: IO[str]) -> None:
        for line in pipe:
            self._lines.put(line)

    def next_record(self, seconds: float) -> dict[str, Any]:
        """The next one, as JSON; ``queue.Empty`` where none comes in time."""
        found: dict[str, Any] = json.loads(self._lines.get(timeout=seconds))
        return found

    def next_defect(self) -> tuple[str, bool]:
        """The next change in what fails, and whether it is mended; turns before it are skipped."""
        while "defect" not in (record := self.next_record(ENOUGH_SECONDS)):
            pass
        return record["defect"], record["mended"]

    def wait_for_defect(self, defect: str, *, mended: bool = False) -> None:
        """Skip all before this change."""
        while self.next_defect() != (defect, mended):
            pass

    def is_empty(self) -> bool:
        """Whether nothing was printed that was not read."""
        return self._lines.empty()


def ask(
    card: VirtualSoundCard,
    lines: Lines,
    wav: Path,
    before: Callable[[], object] = lambda: None,
    microphone: str = "mic_in",
) -> list[str]:
    """Say it, and as a person does, once more where nothing comes of it; gives the topics.

    On a busy machine the program may still be speaking, and deaf, when it seems to be silent; then
    half a sentence means nothing to it.
    """
    for _ in range(TRIES):
        before()
        card.play_to_microphone(wav, microphone=microphone)
        with suppress(queue.Empty):
            while not (record := lines.next_record(ANSWER_SECONDS)).get("topics"):
                pass
            topics: list[str] = record["topics"]
            return topics
    raise AssertionError("it did not hear")


@contextmanager
def listening(
    card: VirtualSoundCard, *options: str, stdin: int = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen[str], Lines]]:
    command = ("listen", "--json", *options)
    with started(*command, environment=card.environment, stdin=stdin) as process:
        assert process.stdout is not None
        yield process, Lines(process.stdout)


def wait_until_spoken(recording: Recording, begin: int = 0, quiet_seconds: float = 1.5) -> None:
    """Wait until something longer than an earcon was said after sample ``begin``, and it ended."""
    pause = threading.Event()
    deadline = time.monotonic() + ENOUGH_SECONDS
    while time.monotonic() < deadline:
        loud = np.flatnonzero(np.abs(recording.samples[begin:].astype(np.int32)) > AUDIBLE)
        spoken = len(loud) > RECORDING_RATE
        if spoken and len(recording.samples) - begin - loud[-1] > quiet_seconds * RECORDING_RATE:
            return
        pause.wait(0.1)
    raise AssertionError("nothing was said to its end")


def words(recording: Recording, begin: int) -> str:
    """What the embedded model hears the program say."""
    model = SpeechModel(EMBEDDED, EMBEDDED.name, "embedded").load()
    blocks = [Audio(recording.samples[begin:]).to_bytes()]
    return " ".join(utterance.text for utterance in transcribe(model, blocks))


def test_a_spoken_complaint_is_answered_aloud(sound_card: VirtualSoundCard) -> None:
    with sound_card.recording() as heard, listening(sound_card) as (process, lines):
        wait_until_spoken(heard)
        begin = len(heard.samples)
        assert ask(sound_card, lines, EYELID) == ["ooglid"]
        wait_until_spoken(heard, begin)
        answer = words(heard, begin)
        process.send_signal(signal.SIGINT)
        process.wait(ENOUGH_SECONDS)
    assert process.returncode == 0
    # The recogniser may mishear a word of our own speech, but hardly most of them.
    assert len(KEY_WORDS & set(answer.split())) >= 2, answer


def test_it_is_deaf_while_it_speaks(sound_card: VirtualSoundCard) -> None:
    with sound_card.recording() as heard, listening(sound_card) as (process, lines):
        assert heard.wait_for_sound(ENOUGH_SECONDS)
        sound_card.play_to_microphone(EYELID)  # during the welcome
        wait_until_spoken(heard)
        assert lines.is_empty()
        assert ask(sound_card, lines, CALVES) == ["arm_of_been"]
        process.send_signal(signal.SIGTERM)
        process.wait(ENOUGH_SECONDS)
    assert process.returncode == 0


def silent_again(recording: Recording, quiet_seconds: float = 1.5) -> bool:
    """Whether it falls silent, within a bound that no answer would keep."""
    pause = threading.Event()
    deadline = time.monotonic() + ENOUGH_SECONDS
    while time.monotonic() < deadline:
        loud = np.flatnonzero(np.abs(recording.samples.astype(np.int32)) > AUDIBLE)
        if len(recording.samples) - loud[-1] > quiet_seconds * RECORDING_RATE:
            return True
        pause.wait(0.1)
    return False


def test_the_key_silences_it_and_opens_its_ears(sound_card: VirtualSoundCard) -> None:
    typist, terminal = pty.openpty()
    options = ("--profile", "personal", "--listen", "key")
    with (
        sound_card.recording() as heard,
        listening(sound_card, *options, stdin=terminal) as (process, lines),
    ):
        assert heard.wait_for_sound(ENOUGH_SECONDS)
        os.write(typist, b" ")  # in the middle of the welcome
        assert silent_again(heard)
        time.sleep(12)  # its ears are closed again
        sound_card.play_to_microphone(CALVES)
        assert ask(sound_card, lines, EYELID, lambda: os.write(typist, b"\n")) == ["ooglid"]
        process.send_signal(signal.SIGINT)
        process.wait(ENOUGH_SECONDS)
    os.close(terminal)
    os.close(typist)
    assert process.returncode == 0


@pytest.mark.skipif(not is_available(VOICES["edward"]), reason="NO WAKE PHRASE: no espeak-ng here")
def test_it_rests_until_its_wake_phrase(sound_card: VirtualSoundCard, tmp_path: Path) -> None:
    call = tmp_path / "call.wav"
    write_wav(call, speak("hallo computer, mijn ooglid trilt", "edward"), SAMPLE_RATE)
    late = tmp_path / "late.wav"
    write_wav(late, speak("mijn ooglid trilt, hallo computer", "edward"), SAMPLE_RATE)
    with (
        sound_card.recording() as heard,
        listening(sound_card, "--profile", "home") as (process, lines),
    ):
        time.sleep(4)  # it says nothing to tell that it is ready
        sound_card.play_to_microphone(CALVES)
        time.sleep(2)
        assert not (np.abs(heard.samples.astype(np.int32)) > AUDIBLE).any()
        assert lines.is_empty()
        assert ask(sound_card, lines, call) == ["ooglid"]
        wait_until_spoken(heard)
        assert ask(sound_card, lines, CALVES) == ["arm_of_been"]  # now without the phrase
        wait_until_spoken(heard, len(heard.samples))
        assert ask(sound_card, lines, late) == ["ooglid"]  # nor is what comes before it lost
        process.send_signal(signal.SIGINT)
        process.wait(ENOUGH_SECONDS)
    assert process.returncode == 0
