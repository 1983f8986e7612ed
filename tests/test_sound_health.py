"""One program, left alone with a sound card that fails in every way: it tells once, and goes on.

All faults befall the same program, one after the other; the last one ends it.
"""

import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from tests.program import ENOUGH_SECONDS, EYELID, comes_true, run
from tests.test_live import AUDIBLE, Lines, ask, listening
from tests.virtual_sound_card import RECORDING_RATE, Recording, VirtualSoundCard

STALLED_SECONDS = 5
PAUSE_SECONDS = 0.6  # longer than between two words of ours
FINISHED_SECONDS = 3.0  # longer than between two sentences, on a busy machine too
A_FEW_WORDS_SECONDS = 0.5  # an earcon is shorter
FLAT_SECONDS = 2
ENVIRONMENT = {
    "SPIERTOLK_RECOGNIZER__FLAT_SECONDS": str(FLAT_SECONDS),
    "SPIERTOLK_MICROPHONE__STALL_SECONDS": "1",
    "SPIERTOLK_DIALOGUE__PACE": "2.5",
    "SPIERTOLK_DIALOGUE__SILENCE_PROMPT_AFTER": "600",
}


@dataclass
class Patient:
    """Talks to the program, and sees what it shows."""

    card: VirtualSoundCard
    process: subprocess.Popen[str]
    lines: Lines
    keyboard: int

    def falls_silent(self, heard: Recording) -> None:
        """Press the key: it need not say all of it."""
        os.write(self.keyboard, b" ")
        begin = len(heard.samples)
        assert comes_true(lambda: quiet_seconds(heard, begin) > PAUSE_SECONDS)

    def is_answered(self, microphone: str = "mic_in") -> bool:
        """Whether a complaint gets its answer, aloud."""
        with self.card.recording() as heard:

            def interrupt() -> None:
                self.falls_silent(heard)

            topics = ask(self.card, self.lines, EYELID, interrupt, microphone)
            begin = len(heard.samples)
            assert comes_true(lambda: loud_seconds(heard, begin) > A_FEW_WORDS_SECONDS)
            self.falls_silent(heard)
        return "ooglid" in topics


@pytest.fixture(scope="module")
def patient() -> Iterator[Patient]:
    """A sound card of its own: what is done to it here must not reach other tests."""
    keyboard, terminal = pty.openpty()
    with (
        pytest.MonkeyPatch.context() as environment,
        VirtualSoundCard() as card,
        card.recording() as heard,
    ):
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        with listening(card, "--profile", "personal", stdin=terminal) as (process, lines):
            assert heard.wait_for_sound(ENOUGH_SECONDS)
            person = Patient(card, process, lines, keyboard)
            person.falls_silent(heard)
            yield person
    os.close(terminal)
    os.close(keyboard)


def loud(heard: Recording, begin: int) -> NDArray[np.int64]:
    """Where something is heard, in samples after ``begin``."""
    return np.flatnonzero(np.abs(heard.samples[begin:].astype(np.int32)) > AUDIBLE)


def loud_seconds(heard: Recording, begin: int = 0) -> float:
    """How much of what came after sample ``begin`` was heard."""
    return len(loud(heard, begin)) / RECORDING_RATE


def quiet_seconds(heard: Recording, begin: int) -> float:
    """How long nothing was heard, since ``begin`` at most."""
    last = loud(heard, begin)[-1:].sum()
    return float(len(heard.samples) - begin - last) / RECORDING_RATE


def test_a_dead_microphone_is_told_aloud_once(patient: Patient) -> None:
    with patient.card.recording() as heard:
        with patient.card.muted_microphone():
            record = patient.lines.next_record(ENOUGH_SECONDS)
            assert (record["defect"], record["mended"]) == ("microphone_muted", False)
            assert "microfoon" in record["sentence"]
            assert comes_true(lambda: loud_seconds(heard) > A_FEW_WORDS_SECONDS)
            assert comes_true(lambda: quiet_seconds(heard, 0) > FINISHED_SECONDS)
            begin = time.monotonic()
            time.sleep(FLAT_SECONDS + 1)  # longer than it took to notice
            assert not heard.loud()[heard.loud() > begin].size
        assert patient.lines.next_defect() == ("microphone_muted", True)
        with patient.card.stuck_microphone():
            assert patient.lines.next_defect() == ("microphone_stuck", False)
        assert patient.lines.next_defect() == ("microphone_stuck", True)


def test_it_outlives_its_sound_server(patient: Patient) -> None:
    patient.card.kill()
    patient.lines.wait_for_defect("microphone_gone")
    patient.card.start()
    patient.lines.wait_for_defect("microphone_gone", mended=True)
    with patient.card.frozen():
        patient.lines.wait_for_defect("microphone_gone")
    patient.lines.wait_for_defect("microphone_gone", mended=True)
    assert patient.is_answered()


def test_it_goes_on_with_another_microphone(patient: Patient) -> None:
    with patient.card.unplugged_microphone():
        patient.card.plug_in("mic_two")
        assert patient.is_answered("mic_two")


def test_it_goes_on_after_it_was_stalled(patient: Patient) -> None:
    patient.process.send_signal(signal.SIGSTOP)
    time.sleep(STALLED_SECONDS)
    patient.process.send_signal(signal.SIGCONT)
    assert patient.is_answered()  # with the first microphone, which was plugged in again


def test_a_voice_that_hangs_is_replaced(patient: Patient) -> None:
    (voice,) = (
        child
        for child in psutil.Process(patient.process.pid).children()
        if "voice.speech_worker" in child.cmdline()
    )
    voice.suspend()
    assert patient.is_answered()


@pytest.mark.parametrize("command", ["devices", "listen", "check"])
def test_who_comes_while_the_sound_server_hangs_is_told(patient: Patient, command: str) -> None:
    with patient.card.frozen():
        told = run(command, environment=patient.card.environment)
    assert told.returncode == 2
    assert "Het geluidssysteem reageert niet" in told.stdout + told.stderr


def test_it_ends_though_the_sound_server_hangs(patient: Patient) -> None:
    with patient.card.frozen():
        time.sleep(3)  # until it tries to open the microphone anew, and hangs too
        patient.process.send_signal(signal.SIGTERM)
        patient.process.wait(ENOUGH_SECONDS)
