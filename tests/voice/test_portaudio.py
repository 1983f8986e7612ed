"""Whoever uses the sound system waits for it, but never for ever."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from errors import SoundDeviceError
from tests.program import ROOT
from tests.virtual_sound_card import VirtualSoundCard, missing_tools
from voice import portaudio
from voice.loudspeaker import Loudspeaker
from voice.microphone import Microphone
from voice.portaudio import SOUND_SYSTEM, SoundSystem, within_limit

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


@pytest.mark.parametrize("part", [Microphone, lambda: Loudspeaker(None, 22_050)])
def test_a_server_that_is_frozen_keeps_nobody_who_opens_a_first_stream(
    sound_card: VirtualSoundCard,
    monkeypatch: pytest.MonkeyPatch,
    part: Callable[[], Microphone | Loudspeaker],
) -> None:
    part().close()  # PortAudio has started
    monkeypatch.setattr(portaudio, "_START_SECONDS", 1.0)
    begin = time.monotonic()
    with sound_card.frozen():
        with pytest.raises(SoundDeviceError, match="reageert niet"):
            part()
        assert time.monotonic() - begin < PATIENCE / 2
    assert SOUND_SYSTEM.lock.acquire(timeout=PATIENCE)  # what was begun has come to its end
    try:
        assert not SOUND_SYSTEM._holders
    finally:
        SOUND_SYSTEM.lock.release()
    part().close()


def test_what_opens_too_late_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Holder:
        suspended = threading.Event()

        def suspend(self) -> None:
            self.suspended.set()

        def resume(self) -> None:
            """Never asked to."""

    monkeypatch.setattr(portaudio, "_START_SECONDS", 0.1)
    system, holder, thaws = SoundSystem(), Holder(), threading.Event()
    with pytest.raises(SoundDeviceError, match="reageert niet"):
        system.admit(holder, lambda: thaws.wait(PATIENCE))
    thaws.set()
    assert holder.suspended.wait(PATIENCE)
    with system.lock:
        assert not system._holders


DYING = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from tests.virtual_sound_card import VirtualSoundCard

with VirtualSoundCard() as card:
    os.environ.update(card.environment)
    from errors import StuckSoundSystemError
    from voice.microphone import Microphone, MicrophoneSettings

    microphone = Microphone(MicrophoneSettings())
    microphone.read(10.0)
    card._control("suspend-sink", "mic_in", "1")
    while not microphone.repairs:
        time.sleep(0.01)
    time.sleep(1.0)
    card.kill()  # under a stream that has not given a block yet
    time.sleep(3.0)
    card.start()
    deadline = time.monotonic() + 60.0
    try:
        while microphone.silent_seconds > 0.3 and time.monotonic() < deadline:
            microphone.read(0.1)
    except StuckSoundSystemError as error:
        print(error)
        sys.exit(2)
    print("BACK" if microphone.silent_seconds < 0.3 else "DEAF")
"""


def test_a_server_that_dies_under_a_young_stream_leaves_nobody_deaf_for_ever() -> None:
    if missing_tools():
        pytest.skip(f"NO VIRTUAL SOUND CARD: {', '.join(missing_tools())} missing")
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(ROOT)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # PortAudio writes 100,000 lines a second there
        text=True,
        timeout=120.0,
        check=False,
    )
    assert (done.returncode, done.stdout.split(":")[0].strip()) in (
        (0, "BACK"),
        (2, "Het geluidssysteem is vastgelopen"),
    )


SLOW = """
import os
from voice import portaudio

portaudio._STUCK_SECONDS = 0.2
system = portaudio.SoundSystem()
for _ in range(2):
    with system._watched():
        while not system.is_stuck:
            pass
        os.write(2, b"DROWNED")
    os.write(2, b"SEEN")
system.check()
"""


def test_what_comes_back_after_all_is_not_stuck_and_may_write_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SLOW],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr.count("SEEN") == 2
    assert "DROWNED" not in done.stderr
