"""Whoever uses the sound system waits for it, but never for ever."""

import threading
import time

import pytest

from errors import SoundDeviceError
from voice import portaudio
from voice.portaudio import SoundSystem, within_limit

PATIENCE = 30.0


def test_a_sound_system_that_somebody_keeps_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "_PATIENCE_SECONDS", 0.1)
    system, held, done = SoundSystem(), threading.Event(), threading.Event()

    def keep() -> None:
        with system.lock:
            held.set()
            done.wait(PATIENCE)

    keeper = threading.Thread(target=keep)
    keeper.start()
    assert held.wait(PATIENCE)
    with pytest.raises(SoundDeviceError, match="reageert niet"), system.held():
        pass
    done.set()
    keeper.join(PATIENCE)
    with system.held(), system.held():
        pass


def test_what_takes_too_long_goes_on_without_us() -> None:
    done = threading.Event()
    begin = time.monotonic()
    assert not within_limit(lambda: done.wait(PATIENCE), 0.1)
    assert time.monotonic() - begin < PATIENCE / 2
    done.set()
    assert within_limit(lambda: None, PATIENCE)
