"""One program, left alone with a sound card that fails in every way: it tells once, and goes on."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]  # no stubs here
import pytest

from tests.program import ENOUGH_SECONDS, EYELID
from tests.test_live import TRIES, Lines, ask, listening, wait_until_spoken, words
from tests.virtual_sound_card import Recording, VirtualSoundCard

STALLED_SECONDS = 5
ENVIRONMENT = {
    "SPIERTOLK_RECOGNIZER__FLAT_SECONDS": "3",
    "SPIERTOLK_DIALOGUE__PACE": "2",
    "SPIERTOLK_DIALOGUE__SILENCE_PROMPT_AFTER": "600",
}


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualSoundCard]:
    """A sound card of its own: what is done to it here must not reach other tests."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with VirtualSoundCard() as card:
        yield card


@dataclass
class Patient:
    """Talks to the program, and sees what it shows."""

    card: VirtualSoundCard
    process: subprocess.Popen[str]
    lines: Lines

    def is_answered(self, microphone: str = "mic_in") -> bool:
        """Whether a complaint gets its answer, aloud; half of it may fall into our own speech."""
        with self.card.recording() as heard:
            for _ in range(TRIES):
                begin = len(heard.samples)
                if ask(self.card, self.lines, EYELID, microphone=microphone) == ["ooglid"]:
                    wait_until_spoken(heard, begin)
                    return True
                wait_until_spoken(heard, begin)  # it asks back
        return False


@contextmanager
def patient(card: VirtualSoundCard) -> Iterator[Patient]:
    with card.recording() as heard, listening(card, "--profile", "personal") as (process, lines):
        wait_until_spoken(heard)
        yield Patient(card, process, lines)


def says(heard: Recording, begin: int) -> set[str]:
    wait_until_spoken(heard, begin)
    return set(words(heard, begin).split())


def test_a_dead_microphone_is_told_aloud_once(card: VirtualSoundCard) -> None:
    with patient(card) as person, card.recording() as heard:
        with card.muted_microphone():
            assert person.lines.next_defect() == ("microphone_muted", False)
            assert "microfoon" in says(heard, 0)
            begin = time.monotonic()
            time.sleep(4)  # longer than it took to notice
            assert not heard.loud()[heard.loud() > begin].size
        assert person.lines.next_defect() == ("microphone_muted", True)
        with card.stuck_microphone():
            assert person.lines.next_defect() == ("microphone_stuck", False)
        assert person.lines.next_defect() == ("microphone_stuck", True)
        assert person.is_answered()


def test_it_goes_on_after_whatever_happens_to_the_sound(card: VirtualSoundCard) -> None:
    with patient(card) as person:
        card.kill()
        person.lines.wait_for_defect("microphone_gone")
        card.start()
        person.lines.wait_for_defect("microphone_gone", mended=True)
        assert person.is_answered()

        with card.frozen():
            person.lines.wait_for_defect("microphone_gone")
        person.lines.wait_for_defect("microphone_gone", mended=True)

        with card.unplugged_microphone():
            time.sleep(3)  # the sound server lends it another one meanwhile
        assert person.is_answered()

        card.plug_in("mic_two")
        assert person.is_answered("mic_two")

        person.process.send_signal(signal.SIGSTOP)
        time.sleep(STALLED_SECONDS)
        person.process.send_signal(signal.SIGCONT)
        assert person.is_answered("mic_two")

        _hang_the_voice_of(person.process.pid)
        assert person.is_answered("mic_two")

        with card.frozen():
            person.lines.wait_for_defect("microphone_gone")
            person.process.send_signal(signal.SIGTERM)
            person.process.wait(ENOUGH_SECONDS)  # what hangs in the sound system does not keep it


def _hang_the_voice_of(program: int) -> None:
    (voice,) = (
        child
        for child in psutil.Process(program).children()
        if "voice.speech_worker" in child.cmdline()
    )
    voice.suspend()
