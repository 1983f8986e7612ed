"""Signs of life: given while microphone and recogniser work, and while the one is being mended."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import vosk

from tests.program import ENOUGH_SECONDS
from tests.virtual_sound_card import VirtualSoundCard
from voice.listener import Listener
from voice.microphone import Microphone
from voice.portaudio import SOUND_SYSTEM
from voice.recognizer import Recognizer
from voice.vital_signs import VitalSigns


class Ears:
    """A microphone and a recogniser, read as a conversation does."""

    def __init__(self, model: vosk.Model) -> None:
        self._recognizer = Recognizer(model)
        self.microphone = Microphone()
        self._signs = VitalSigns(self.microphone, self._recognizer)

    def beats(self, seconds: float) -> int:
        """How many signs of life there are in so many seconds."""
        deadline = time.monotonic() + seconds
        found = 0
        while time.monotonic() < deadline:
            found += self._listen()
        return found

    def wait_for_beats(self, count: int) -> None:
        """Listen until so many came."""
        deadline = time.monotonic() + ENOUGH_SECONDS
        while count and time.monotonic() < deadline:
            count -= self._listen()
        assert not count

    def _listen(self) -> bool:
        block = self.microphone.read(0.1)
        if block is not None:
            self._recognizer.accept(block, wait=False)
        return self._signs.beat(block)

    @property
    def hears(self) -> bool:
        """Whether sound comes in."""
        return self._signs.hears

    def close(self) -> None:
        """Let go of everything."""
        self.microphone.close()
        self._recognizer.close()


@pytest.fixture
def ears(sound_card: VirtualSoundCard, model: vosk.Model) -> Iterator[Ears]:
    del sound_card
    open_ears = Ears(model)
    try:
        yield open_ears
    finally:
        open_ears.close()


@contextmanager
def without_sound_server(card: VirtualSoundCard) -> Iterator[None]:
    card.kill()
    try:
        yield
    finally:
        card.start()


def test_they_come_about_once_a_second(ears: Ears) -> None:
    ears.wait_for_beats(1)
    assert ears.hears
    assert 1 <= ears.beats(3.0) <= 3


def test_a_microphone_that_is_being_looked_for_is_alive_but_not_one_that_hangs(
    ears: Ears, sound_card: VirtualSoundCard
) -> None:
    ears.wait_for_beats(1)
    with without_sound_server(sound_card):
        ears.wait_for_beats(2)
        assert not ears.hears
        with SOUND_SYSTEM.lock:  # where PortAudio hangs while it is renewed, nobody else gets it
            ears.beats(1.0)  # what was under way
            assert ears.beats(8.0) == 0  # more than one try, however rare
    ears.wait_for_beats(2)


def test_a_recogniser_that_hangs_is_not_alive(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    ears.wait_for_beats(1)
    go_on = threading.Event()
    hear: Callable[..., object] = Listener.hear

    def hang(*arguments: object) -> object:
        go_on.wait(ENOUGH_SECONDS)
        return hear(*arguments)

    monkeypatch.setattr(Listener, "hear", hang)  # Vosk can't be made to hang
    try:
        ears.beats(1.5)
        assert ears.beats(4.0) == 0
    finally:
        go_on.set()
    ears.wait_for_beats(2)
