"""PortAudio's life cycle: one owner, since renewing it ends every stream of the process.

PortAudio looks for devices only while it starts. A microphone that was unplugged, or a sound
daemon that was restarted, is seen again only after terminating and starting it anew, and that
must not happen under a stream that somebody else still holds. So whoever holds a stream joins
`SOUND_SYSTEM`, and is told to close it before, and to open it after.
"""

import atexit
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from types import ModuleType
from typing import Protocol

from errors import SoundDeviceError, StuckSoundSystemError
from voice.alsa import quieten

_LOG = logging.getLogger(__name__)

_PATIENCE_SECONDS = 4.0
"""A sound server that is frozen keeps PortAudio, and whoever called it, until it thaws."""

_START_SECONDS = 10.0
"""PortAudio looks at every device as it starts, and a first stream is opened in every format that
the device might take; on a slow machine either takes a second or two."""

_STUCK_SECONDS, _STUCK_SHARE = 10.0, 0.3
"""A renewal that takes longer than this, and that share of a core meanwhile: PortAudio 19.6 spins
for ever where a sound server dies under a stream that gave nothing yet (PortAudio #1037). A server
that is frozen takes no core, and is waited for."""

_FAILED = 2
"""The exit code of `StuckSoundSystemError`, as of every other error that a person can mend."""

_NO_ANSWER = (
    "Het geluidssysteem reageert niet: controleer de geluidskaart en start het programma opnieuw."
)


class StreamHolder(Protocol):
    """Someone with an open stream: the microphone, the loudspeaker. Neither method may raise."""

    def suspend(self) -> None:
        """Close the stream, if one is open; PortAudio is about to end."""

    def resume(self) -> None:
        """Open the stream again, if it is wanted; choose the device anew, numbers have changed."""


def load_sounddevice() -> ModuleType:
    """Import `sounddevice`, which starts PortAudio; in a thread, for a frozen server keeps it.

    Raises:
        SoundDeviceError: PortAudio is not installed, does not start, or not within seconds.
    """
    found: list[ModuleType | SoundDeviceError] = []

    def load() -> None:
        try:
            found.append(_imported())
        except SoundDeviceError as error:
            found.append(error)

    with _errors_shown():
        started = within_limit(load, _START_SECONDS)
    if not started:
        raise SoundDeviceError(_NO_ANSWER)
    if isinstance(found[0], SoundDeviceError):
        raise found[0]
    _end_within_a_limit(found[0])
    return found[0]


@contextmanager
def _errors_shown() -> Iterator[None]:
    """Give standard error back: sounddevice leads it nowhere while PortAudio starts."""
    try:
        errors = os.dup(2)
    except OSError:  # closed, so there is nothing to give back
        yield
        return
    try:
        yield
    finally:
        os.dup2(errors, 2)
        os.close(errors)


def _imported() -> ModuleType:
    """Imported here, so that what needs no sound card works without PortAudio."""
    quieten()
    try:
        import sounddevice  # noqa: PLC0415  # see above
    except OSError as error:
        raise SoundDeviceError(
            "Het geluidssysteem PortAudio ontbreekt: installeer het met "
            "'sudo apt install libportaudio2' en probeer het opnieuw."
        ) from error
    except Exception as error:  # PortAudioError can't be named: it lives in the failed module
        raise SoundDeviceError(
            "Het geluidssysteem PortAudio start niet: controleer de geluidskaart en probeer het "
            "opnieuw."
        ) from error
    assert isinstance(sounddevice, ModuleType)  # noqa: S101  # for the type checker, it is untyped
    return sounddevice


@cache
def _end_within_a_limit(sounddevice: ModuleType) -> None:
    """Keep PortAudio, which ends as Python ends, from keeping the process for ever."""
    end = sounddevice._exit_handler  # noqa: SLF001  # there is no public way
    atexit.unregister(end)

    def end_or_be_ended() -> None:
        # No thread may be started any more as Python ends; an alarm ends what hangs in C.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(round(_PATIENCE_SECONDS))
        if SOUND_SYSTEM.is_stuck:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError, AttributeError):  # closed, or none
                    stream.flush()
            os._exit(_FAILED)  # what spins there would break Python's own ending off
        end()
        signal.alarm(0)

    atexit.register(end_or_be_ended)


def within_limit(action: Callable[[], object], seconds: float = _PATIENCE_SECONDS) -> bool:
    """Do it in a thread of its own; False where it goes on after so many seconds."""
    thread = threading.Thread(target=action, name="sound system", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


class SoundSystem:
    """Who holds a stream, and how PortAudio is renewed beneath them.

    ``lock`` guards every call that opens, closes or lists. Whoever has a lock of its own takes
    this one first, so that a renewal in another thread can't deadlock with it.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._holders: list[StreamHolder] = []
        self._generation = 0
        self.is_stuck = False

    @property
    def generation(self) -> int:
        """How often PortAudio was renewed; device numbers hold within one generation."""
        return self._generation

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock, but don't wait for it as long as a frozen sound server would.

        Raises:
            SoundDeviceError: somebody has held it for seconds.
        """
        if not self.lock.acquire(timeout=_PATIENCE_SECONDS):
            raise SoundDeviceError(_NO_ANSWER)
        try:
            yield
        finally:
            self.lock.release()

    def check(self) -> None:
        """See to it that there is still something to wait for.

        Raises:
            StuckSoundSystemError: only a new process helps.
        """
        if self.is_stuck:
            raise StuckSoundSystemError(
                "Het geluidssysteem is vastgelopen: start het programma opnieuw."
            )

    def admit(self, holder: StreamHolder, open_stream: Callable[[], object]) -> None:
        """Have ``holder`` open its first stream, and from now on tell it about renewals.

        Raises:
            SoundDeviceError: as ``open_stream``; or it takes too long, for a frozen sound server
                keeps it. What it opens after that is closed again.
        """
        failures: list[Exception] = []
        decided = threading.Lock()  # taken for good by whoever is first: the opening, or our limit

        def open_and_join() -> None:
            with self.lock:
                try:
                    open_stream()
                except Exception as error:  # noqa: BLE001  # raised below
                    failures.append(error)
                    return
                if decided.acquire(blocking=False):
                    self._holders.append(holder)
                else:
                    holder.suspend()

        if not within_limit(open_and_join, _START_SECONDS) and decided.acquire(blocking=False):
            raise SoundDeviceError(_NO_ANSWER)
        if failures:
            raise failures[0]

    def leave(self, holder: StreamHolder) -> None:
        """Tell ``holder`` no more; fine if it never joined."""
        with self.lock:
            self._holders = [known for known in self._holders if known is not holder]

    def renew(self, generation: int) -> None:
        """Close all streams, start PortAudio anew and open them again.

        ``generation`` is the one in which the caller saw trouble: where another holder has
        renewed since, there is nothing left to do.

        Raises:
            SoundDeviceError: PortAudio is missing or does not start again.
        """
        with self.lock:
            if generation != self._generation:
                return
            with self._watched():
                self._renew(tuple(self._holders))

    def try_to_renew(self, generation: int) -> bool:
        """Renew, or log that it failed; False where that still goes on after some seconds."""

        def renew() -> None:
            try:
                self.renew(generation)
            except SoundDeviceError as error:
                _LOG.warning("PortAudio not renewed: %s", type(error).__name__)

        return within_limit(renew)

    def _renew(self, holders: tuple[StreamHolder, ...]) -> None:
        for holder in holders:
            holder.suspend()
        try:
            _restart(load_sounddevice())
        finally:
            self._generation += 1
            _LOG.debug("PortAudio renewed, generation %d", self._generation)
            for holder in holders:
                holder.resume()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Notice where PortAudio is stuck inside, which only another thread can."""
        ended = threading.Event()
        watch = threading.Thread(
            target=self._watch, args=(ended,), name="sound system watch", daemon=True
        )
        watch.start()
        try:
            yield
        finally:
            ended.set()
            watch.join()  # or it might still say so
            if self.is_stuck:  # it did come back
                self.is_stuck = False
                os.dup2(sys.stderr.fileno(), 2)

    def _watch(self, ended: threading.Event) -> None:
        before = time.process_time()
        while not ended.wait(_STUCK_SECONDS):
            now = time.process_time()
            if now - before > _STUCK_SHARE * _STUCK_SECONDS:
                _LOG.critical("PortAudio spins and never comes back: only a new process helps")
                _leave_standard_error()
                self.is_stuck = True
                return
            before = now


def _leave_standard_error() -> None:
    """Lead what PortAudio writes there nowhere, or its flood would drown our one sentence."""
    with suppress(OSError, ValueError):  # closed
        sys.stderr.flush()
        ours, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        sys.stderr = os.fdopen(ours, "w", buffering=1, errors="replace")


def _restart(sounddevice: ModuleType) -> None:
    """Terminate PortAudio and start it: the only way to see new devices (sounddevice #125)."""
    try:
        if sounddevice._initialized:  # noqa: SLF001  # there is no public way
            sounddevice._terminate()  # noqa: SLF001
        sounddevice._initialize()  # noqa: SLF001
    except sounddevice.PortAudioError as error:
        raise SoundDeviceError(
            "Het geluidssysteem start niet opnieuw: controleer de geluidskaart en start het "
            "programma opnieuw."
        ) from error


SOUND_SYSTEM = SoundSystem()
"""The one of this process, as PortAudio itself is one."""
