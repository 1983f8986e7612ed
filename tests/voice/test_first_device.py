"""A microphone without a name that is pulled out and plugged in again gets its place back.

No sound card here can be pulled out, and behind a sound server all have one name: so the module
`sounddevice` is a fake. The microphone, its watchdog and what renews PortAudio are the real ones.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.program import comes_true
from voice import first_device
from voice.microphone import Microphone, MicrophoneSettings

HEADSET, WEBCAM = "Jabra Evolve: USB Audio (hw:1,0)", "Webcam: USB Audio (hw:2,0)"
HEADSET_AGAIN = "Jabra Evolve: USB Audio (hw:3,0)"
PATIENCE = 30.0


class PortAudioError(Exception):
    """As `sounddevice` calls it."""


class Stream:
    """Gives silence as long as its device is there."""

    def __init__(self, cards: "Cards", options: dict[str, Any]) -> None:
        self._cards = cards
        self._name = cards.listed[options["device"]]
        self._callback = options["callback"]
        self._block = bytes(2 * options["blocksize"])
        self._closed = False
        if self._name not in cards.plugged:
            raise PortAudioError

    @property
    def active(self) -> bool:
        """Whether it goes on."""
        return not self._closed and self._name in self._cards.plugged

    def start(self) -> None:
        """Begin."""
        self._cards.opened.append(self._name)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while self.active:
            self._callback(self._block)
            time.sleep(0.05)

    def close(self, ignore_errors: bool = True) -> None:
        """End."""
        del ignore_errors
        self._closed = True


class Cards(ModuleType):
    """Sound cards that PortAudio sees as it starts, the first one the default."""

    PortAudioError = PortAudioError

    def __init__(self, runtime: Path) -> None:
        super().__init__("sounddevice")
        self._runtime = runtime
        self.plugged = [HEADSET, WEBCAM]
        self.opened: list[str] = []
        self._initialize()

    def now_are(self, *names: str) -> None:
        """Plug in and pull out until these are there; the system notices."""
        self.plugged = list(names)
        os.utime(self._runtime)

    def query_devices(self) -> list[dict[str, Any]]:
        """Those of the last start."""
        return [
            {
                "index": number,
                "name": name,
                "default_samplerate": 16_000.0,
                "max_input_channels": 1,
                "max_output_channels": 0,
            }
            for number, name in enumerate(self.listed)
        ]

    def RawInputStream(self, **options: Any) -> Stream:  # noqa: N802, ANN401  # its name and form
        """Open one."""
        return Stream(self, options)

    def _initialize(self) -> None:
        self._initialized = True
        self.listed = list(self.plugged)
        self.default = SimpleNamespace(device={"input": 0, "output": -1})

    def _terminate(self) -> None:
        self._initialized = False

    def _exit_handler(self) -> None:
        """Nothing to end."""


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cards]:
    """A headset and a webcam."""
    cards = Cards(tmp_path)
    monkeypatch.setitem(sys.modules, "sounddevice", cards)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(first_device, "_SETTLE_SECONDS", 0.5)
    yield cards
    cards.plugged = []


def test_who_comes_back_gets_its_place_back_though_its_number_is_another(cards: Cards) -> None:
    with Microphone(MicrophoneSettings(stall_seconds=0.5)) as microphone:
        assert microphone.read(PATIENCE)
        cards.now_are(WEBCAM)
        assert comes_true(lambda: cards.opened == [HEADSET, WEBCAM], PATIENCE)
        cards.now_are(WEBCAM, HEADSET_AGAIN)  # the default is the webcam
        assert comes_true(lambda: cards.opened == [HEADSET, WEBCAM, HEADSET_AGAIN], PATIENCE)
        before = microphone.repairs
        cards.now_are(HEADSET_AGAIN, WEBCAM)
        time.sleep(2.0)
        assert microphone.repairs == before  # all is as it was


def test_it_is_looked_for_once_a_change_and_not_while_we_speak(cards: Cards) -> None:
    with Microphone(MicrophoneSettings(stall_seconds=0.5)) as microphone:
        cards.now_are(WEBCAM)
        assert comes_true(lambda: cards.opened == [HEADSET, WEBCAM], PATIENCE)
        time.sleep(1.0)
        before = microphone.repairs
        with microphone.muted():
            cards.now_are(WEBCAM, "Something else")
            time.sleep(1.5)
            assert microphone.repairs == before
        assert comes_true(lambda: microphone.repairs == before + 1, PATIENCE)
        cards.now_are(WEBCAM)
        time.sleep(2.0)
        assert microphone.repairs == before + 1  # the next look has to wait
        assert cards.opened[-1] == WEBCAM


def test_a_named_microphone_has_no_stand_in(cards: Cards) -> None:
    with Microphone(MicrophoneSettings(device="jabra", stall_seconds=0.5)) as microphone:
        cards.now_are(WEBCAM)
        assert comes_true(lambda: microphone.repairs >= 2, PATIENCE)
        cards.now_are(WEBCAM, HEADSET_AGAIN)
        assert comes_true(lambda: cards.opened == [HEADSET, HEADSET_AGAIN], PATIENCE)
