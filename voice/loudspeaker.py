"""The loudspeaker: one stream that stays open, so that sound starts and stops at once.

PortAudio's callback takes what was put in the queue, and silence where there is none. A blocking
write would take up to a second to stop; emptying our queue takes one callback.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from errors import SoundDeviceError
from voice.devices import Device, find_output
from voice.portaudio import SOUND_SYSTEM, load_sounddevice, within_limit

_LOG = logging.getLogger(__name__)

_FADE_SECONDS = 0.008  # a sound cut off at once clicks
_LATENCY_SECONDS = 0.05  # less costs twice the CPU and stops no sooner (measured)
_STALL_SECONDS = 3.0  # a stream that takes nothing for so long is dead; some start 2 s late
_RETRY_SECONDS = 1.0
_PATIENCE_SECONDS = 4.0  # a sound server that was restarted is back by then


Listener = Callable[[bytes, int, int], None]
"""Is told what a device was given to play: interleaved int16, its rate in Hz, its channels."""


class Output(Protocol):
    """Where speech goes."""

    def put(self, samples: NDArray[np.int16]) -> None:
        """Add sound of shape ``(n,)``, at the rate agreed on, behind what is still to be heard."""

    def clear(self) -> None:
        """Be silent now, and forget what was still to be heard."""

    def pending(self) -> float:
        """Seconds until all that was put has been heard."""

    def check(self) -> None:
        """See to it that sound is coming out. SoundDeviceError where it can't be mended."""

    def close(self) -> None:
        """Let go of the device."""


class Loudspeaker:
    """An output device, healing itself.

    Args:
        name: a part of the device's name; None takes the system's default.
        rate: Hz of all that will be put; resampled where the device refuses it.
        listener: told of every block, silence too, in PortAudio's thread: quick, never failing.

    Raises:
        SoundDeviceError: there is no such device, or it does not open.
    """

    def __init__(self, name: str | None, rate: int, listener: Listener | None = None) -> None:
        self._name = name
        self._rate = rate
        self._listener = listener
        self._queue = _Queue()
        self._stream: Any = None  # sounddevice has no types
        self._stream_rate = rate
        self._stream_channels = 1
        self._format_lock = threading.Lock()
        self._latency = 0.0
        self._next_try = 0.0
        self._dead_since: float | None = None
        self._rests = False
        SOUND_SYSTEM.admit(self, self._open)

    def put(self, samples: NDArray[np.int16]) -> None:
        """Add mono sound of shape ``(n,)`` behind what is still to be heard."""
        with self._format_lock:
            data = _as_bytes(samples, self._rate, self._stream_rate, self._stream_channels)
            self._queue.put(data)

    def clear(self) -> None:
        """Fade out within some milliseconds, and forget what was still to be heard."""
        self._dead_since = None  # a device that dies again is waited for again
        with self._format_lock:
            self._queue.cut(int(_FADE_SECONDS * self._bytes_per_second) // 4 * 4)

    def pending(self) -> float:
        """Seconds until all has been heard, the time that the device itself holds sound included.

        An estimate from below: ask again when that time has gone by.
        """
        with self._format_lock:
            waiting = self._queue.waiting / self._bytes_per_second
        if waiting:
            return waiting + self._latency
        return max(0.0, self._queue.last_taken + self._latency - time.monotonic())

    def rest(self) -> None:
        """Close the stream until the next `check`: silence too costs 3 % of a core (measured).

        Where somebody listens to what is played, silence is wanted, and nothing changes.
        """
        if self._listener is not None or self._rests:
            return
        with suppress(SoundDeviceError), SOUND_SYSTEM.held():
            if self._is_alive() and not self._queue.waiting:
                within_limit(self.suspend)
                self._rests = True

    def check(self) -> None:
        """Go on after a rest; renew PortAudio where no sound is taken, once a second at most.

        Raises:
            SoundDeviceError: it has not taken any for some seconds.
        """
        if self._rests:
            self._rests = False
            within_limit(self._reopen)
        with SOUND_SYSTEM.held():
            now = time.monotonic()
            if self._is_alive():
                self._dead_since = None
                return
            since = self._dead_since = self._dead_since or now
        if now >= self._next_try:
            self._next_try = now + _RETRY_SECONDS
            _LOG.warning("loudspeaker takes no sound, renewing PortAudio")
            if not SOUND_SYSTEM.try_to_renew(SOUND_SYSTEM.generation):
                self._dead_since = None
                raise _refused(None)
            if self._is_alive():  # however long ago it died
                self._dead_since = None
                return
        if now - since > _PATIENCE_SECONDS:
            self._dead_since = None
            raise _refused(None)

    def close(self) -> None:
        """Let go of the device."""
        try:
            with SOUND_SYSTEM.held():
                SOUND_SYSTEM.leave(self)
                within_limit(self.suspend)
        except SoundDeviceError:
            _LOG.warning("the sound system hangs, loudspeaker left as it is")

    def suspend(self) -> None:
        """Close the stream; what was still to be heard is kept."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)

    def resume(self) -> None:
        """Open the stream again; where that fails, :meth:`check` tries again later."""
        if self._rests:
            return
        try:
            self._open()
        except SoundDeviceError as error:
            _LOG.warning("loudspeaker not reopened: %s", type(error).__name__)

    def _reopen(self) -> None:
        with SOUND_SYSTEM.lock:
            if self._stream is None:
                self.resume()

    @property
    def _bytes_per_second(self) -> int:
        return 2 * self._stream_rate * self._stream_channels

    def _is_alive(self) -> bool:
        stream = self._stream
        if stream is None or not stream.active:
            return False
        return time.monotonic() - self._queue.last_asked < _STALL_SECONDS

    def _open(self) -> None:
        """Open the stream, with the first format that the device takes."""
        sounddevice = load_sounddevice()
        device = find_output(self._name)
        failure: Exception | None = None
        for rate, channels in _formats(self._rate, device):
            try:
                self._stream = self._start(sounddevice, device, rate, channels)
            except sounddevice.PortAudioError as error:
                failure = error
                continue
            self._latency = float(self._stream.latency)
            _LOG.info("loudspeaker open: %d Hz, %d channels", rate, channels)
            return
        raise _refused(failure)

    def _start(self, sounddevice: ModuleType, device: Device, rate: int, channels: int) -> Any:  # noqa: ANN401  # sounddevice has no types
        def on_device_wants_sound(out: Any, *_: object) -> None:  # noqa: ANN401  # a cffi buffer
            self._queue.on_device_wants_sound(out)
            if self._listener is not None:
                self._listener(bytes(out), rate, channels)

        stream = sounddevice.RawOutputStream(
            device=device.index,
            samplerate=rate,
            channels=channels,
            dtype="int16",
            latency=_LATENCY_SECONDS,
            blocksize=0,
            callback=on_device_wants_sound,
        )
        self._adopt(rate, channels)  # before it starts, and takes what waits
        self._queue.last_asked = time.monotonic()
        try:
            stream.start()
        except sounddevice.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    def _adopt(self, rate: int, channels: int) -> None:
        """Turn what is still to be heard into another format, if it is another."""
        with self._format_lock:
            old_rate, old_channels = self._stream_rate, self._stream_channels
            self._stream_rate, self._stream_channels = rate, channels
            if (rate, channels) == (old_rate, old_channels):
                return

            def convert(data: bytes) -> bytes:
                mono = np.frombuffer(data, "<i2")[::old_channels]
                return _as_bytes(mono, old_rate, rate, channels)

            self._queue.convert(convert)


class _Queue:
    """Bytes on their way to the device."""

    def __init__(self) -> None:
        self.waiting = 0
        """How many bytes the device has not taken yet."""
        self.last_asked = time.monotonic()
        """When the device last wanted sound."""
        self.last_taken = -math.inf
        """When it last got some of ours, and not just silence."""
        self._pieces: deque[memoryview] = deque()
        self._lock = threading.Lock()

    def put(self, data: bytes) -> None:
        """Add int16 samples."""
        with self._lock:
            self._pieces.append(memoryview(data))
            self.waiting += len(data)

    def cut(self, keep: int) -> None:
        """Drop all but the first ``keep`` bytes, and fade those out."""
        with self._lock:
            rest = np.frombuffer(self._take(keep), dtype="<i2")
            self._hold((rest * np.linspace(1.0, 0.0, len(rest))).astype("<i2").tobytes())

    def convert(self, conversion: Callable[[bytes], bytes]) -> None:
        """Replace all that waits by what ``conversion`` makes of it."""
        with self._lock:
            self._hold(conversion(self._take(self.waiting)))

    def on_device_wants_sound(self, out: Any, *_: object) -> None:  # noqa: ANN401  # a cffi buffer
        """Fill PortAudio's buffer. Runs in its thread: quick, and it must not fail."""
        self.last_asked = time.monotonic()
        with self._lock:
            data = self._take(len(out))
        if data:
            self.last_taken = self.last_asked
        out[:] = data.ljust(len(out), b"\0")

    def _hold(self, data: bytes) -> None:
        self._pieces = deque([memoryview(data)] if data else [])
        self.waiting = len(data)

    def _take(self, count: int) -> bytes:
        taken = bytearray()
        while self._pieces and len(taken) < count:
            piece = self._pieces[0][: count - len(taken)]
            taken += piece
            if len(piece) == len(self._pieces[0]):
                self._pieces.popleft()
            else:
                self._pieces[0] = self._pieces[0][len(piece) :]
        self.waiting -= len(taken)
        return bytes(taken)


def _as_bytes(mono: NDArray[np.int16], rate: int, new_rate: int, channels: int) -> bytes:
    """Make of mono sound what a stream takes: interleaved, at its rate."""
    if new_rate != rate:
        mono = soxr.resample(mono, rate, new_rate)
    return np.repeat(mono, channels).astype("<i2").tobytes()


def _formats(rate: int, device: Device) -> list[tuple[int, int]]:
    """List rates and channels to try: ours, then what cheap hardware insists on."""
    rates = dict.fromkeys((rate, device.rate, 48_000))
    return [
        (each, channels) for each in rates for channels in (1, 2) if channels <= device.channels
    ]


def _refused(cause: Exception | None) -> SoundDeviceError:
    error = SoundDeviceError(
        "De luidspreker doet het niet: controleer de aansluiting of kies een andere."
    )
    error.__cause__ = cause
    return error
