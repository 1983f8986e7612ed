"""Live sound from a microphone, for months: it heals itself when the device goes away.

PortAudio's callback only puts blocks into a queue. A watchdog thread looks whether they keep
coming; where they don't, PortAudio is renewed and the device, found by its name, opened again.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType, TracebackType
from typing import Any, Self

import numpy as np
import soxr
from pydantic import BaseModel, ConfigDict, Field

from errors import SoundDeviceError
from voice.audio import SAMPLE_RATE, to_int16
from voice.devices import Device
from voice.first_device import FirstDevice, sound_cards
from voice.portaudio import SOUND_SYSTEM, load_sounddevice, within_limit

_LOG = logging.getLogger(__name__)

_BLOCK_SECONDS = 0.1
_START_SECONDS = 2.0  # a sound server may take that long to deliver a first block
_WATCH_SECONDS = 0.5
_FIRST_RETRY_SECONDS = 0.5
_LAST_RETRY_SECONDS = 2.0  # a microphone that is plugged in works within this and a start
_EAGER_SECONDS = 600.0  # then less often: each renewal costs 13 kB for ever (PortAudio 19.6)
_CHANGED_SECONDS = 60.0  # a card that was just plugged in may need a moment
_PATIENT_SECONDS = 20.0  # looking is a sign of life, and a watchdog waits for a minute
_CLOSE_SECONDS = 5.0
_LONGEST_REPLY_SECONDS = 60.0  # no reply takes longer; what does is stuck, and may be broken off


class MicrophoneSettings(BaseModel):
    """Which microphone, and when to worry about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str | None = Field(
        None, description="part of the microphone's name; None: the system's default"
    )
    queue_seconds: float = Field(
        10.0, ge=1.0, le=60.0, description="sound that may wait to be read; more is dropped"
    )
    stall_seconds: float = Field(
        2.0, ge=0.5, le=60.0, description="a device that is silent for so long is opened anew"
    )
    tail_seconds: float = Field(
        0.3, ge=0.0, le=5.0, description="deaf after we spoke: the room and the buffers ring on"
    )


class Microphone:
    """An input device that delivers 16 kHz mono int16, whatever it does itself.

    Args:
        settings: which one, and when to worry.
        block_seconds: how much sound it hands over at a time.

    Raises:
        SoundDeviceError: there is none to start with. Once it runs it heals.
    """

    def __init__(
        self, settings: MicrophoneSettings | None = None, block_seconds: float = _BLOCK_SECONDS
    ) -> None:
        self._settings = settings or MicrophoneSettings()
        self._block_seconds = block_seconds
        self._blocks: queue.Queue[tuple[_Converter, bytes] | None] = queue.Queue(
            round(self._settings.queue_seconds / block_seconds)
        )
        self._stream: Any = None  # sounddevice has no types
        self._last_block = 0.0
        self._dropped = 0
        self._repairs = 0
        self._heard_at = time.monotonic() + _START_SECONDS
        self._mute_lock = threading.Lock()
        self._mutes = 0
        self._deaf_until = 0.0
        self._no_renewal_until = 0.0
        self._cards = sound_cards()
        self._eager_until = self._next_look = 0.0
        self._first = FirstDevice()
        self._closing = threading.Event()
        SOUND_SYSTEM.admit(self, self._open)
        self._watchdog = threading.Thread(target=self._watch, name="microphone", daemon=True)
        self._watchdog.start()

    @property
    def dropped_seconds(self) -> float:
        """How much sound was dropped in all, since nobody read it in time."""
        return self._dropped * self._block_seconds

    @property
    def repairs(self) -> int:
        """How often the device had to be opened anew."""
        return self._repairs

    @property
    def silent_seconds(self) -> float:
        """How long the device has delivered nothing, not even silence."""
        return max(0.0, time.monotonic() - self._heard_at)

    def read(self, timeout: float) -> bytes | None:
        """Give the next block of 16 kHz mono int16.

        Returns:
            None where nothing came within ``timeout`` seconds: muted, ill, or closed.

        Raises:
            StuckSoundSystemError: nothing will ever come.
        """
        SOUND_SYSTEM.check()
        deadline = time.monotonic() + timeout
        while not self._closing.is_set():
            try:
                item = self._blocks.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            if item is not None and (block := item[0].convert(item[1])):
                return block
        return None

    def blocks(self) -> Iterator[bytes]:
        """Give blocks as they come, until `close`."""
        while not self._closing.is_set():
            block = self.read(timeout=_WATCH_SECONDS)
            if block is not None:
                yield block

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Be deaf inside, and for a tail after it, so that we never answer ourselves.

        What was heard before and not yet read is dropped too. May be nested.
        """
        with self._mute_lock:
            self._mutes += 1
        self._drain()
        try:
            yield
        finally:
            with self._mute_lock:
                self._deaf_until = time.monotonic() + self._settings.tail_seconds
                self._mutes -= 1
            self._drain()

    @contextmanager
    def without_renewal(self) -> Iterator[None]:
        """Hear inside, but look for no other device, which would break our own voice off.

        For so long as one of our replies may take; a device that died is then looked for again.
        """
        self._no_renewal_until = time.monotonic() + _LONGEST_REPLY_SECONDS
        try:
            yield
        finally:
            self._no_renewal_until = 0.0

    def close(self) -> None:
        """Let go of the device; waits a few seconds at most. Safe to repeat."""
        self._closing.set()
        with suppress(queue.Full):  # then nobody is waiting for a block either
            self._blocks.put_nowait(None)
        self._watchdog.join(_CLOSE_SECONDS)
        try:
            with SOUND_SYSTEM.held():
                SOUND_SYSTEM.leave(self)
                within_limit(self.suspend)
        except SoundDeviceError:
            _LOG.warning("the sound system hangs, microphone left as it is")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def suspend(self) -> None:
        """Close the stream, since PortAudio is about to end."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)

    def resume(self) -> None:
        """Open the stream again; where that fails, the watchdog tries again later."""
        if self._closing.is_set():
            return
        try:
            self._open()
        except SoundDeviceError as error:
            _LOG.debug("microphone not reopened: %s", type(error.__cause__ or error).__name__)

    def _open(self) -> None:
        """Open the stream, in the first format that the device takes."""
        sounddevice = load_sounddevice()
        failure: Exception | None = None
        for device in self._first.candidates(self._settings.device):
            for rate, channels in _formats(device):
                try:
                    self._stream = self._start(sounddevice, device, rate, channels)
                except sounddevice.PortAudioError as error:
                    failure = error
                    continue
                _LOG.info("microphone open: %d Hz, %d channels", rate, channels)
                self._first.opened(device, self._settings.device)
                return
        raise SoundDeviceError(
            "De microfoon doet het niet: controleer de aansluiting of kies een andere."
        ) from failure

    def _start(self, sounddevice: ModuleType, device: Device, rate: int, channels: int) -> Any:  # noqa: ANN401  # sounddevice has no types
        converter = _Converter(rate, channels)
        self._last_block = time.monotonic() + _START_SECONDS

        def on_block(data: Any, *_: object) -> None:  # noqa: ANN401  # a cffi buffer
            self._take(converter, bytes(data))

        stream = sounddevice.RawInputStream(
            device=device.index,
            samplerate=rate,
            channels=channels,
            dtype="int16",
            blocksize=round(rate * self._block_seconds),
            callback=on_block,
        )
        try:
            stream.start()
        except sounddevice.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    def _take(self, converter: "_Converter", data: bytes) -> None:
        """Take a block. Runs in PortAudio's thread: quick, and it must not fail."""
        now = time.monotonic()
        self._last_block = max(now, self._last_block)
        self._heard_at = max(now, self._heard_at)
        if self._mutes or now < self._deaf_until:
            return
        try:
            self._blocks.put_nowait((converter, data))
        except queue.Full:
            self._dropped += 1

    def _drain(self) -> None:
        """Forget what nobody has read."""
        with suppress(queue.Empty):
            while True:
                self._blocks.get_nowait()

    def _watch(self) -> None:
        """Look after the stream until `close`, trying ever more slowly where nothing helps."""
        retry = _FIRST_RETRY_SECONDS
        ill_since: float | None = None
        while not self._closing.wait(_WATCH_SECONDS if ill_since is None else retry):
            if self._is_alive():
                if ill_since is None:
                    self._look_for_first()
                    continue
                if self._heard_at < ill_since:  # opened, but nothing has come of it yet
                    retry = _FIRST_RETRY_SECONDS
                    continue
                _LOG.info("microphone back after %.1f s", time.monotonic() - ill_since)
                ill_since, retry = None, _FIRST_RETRY_SECONDS
            elif self._may_renew and (ill_since is None or self._is_worth_a_look()):
                if ill_since is None:
                    ill_since = time.monotonic()
                    self._eager_until = ill_since + _EAGER_SECONDS
                    _LOG.warning("microphone delivers nothing, renewing PortAudio until it does")
                else:
                    retry = min(2 * retry, _LAST_RETRY_SECONDS)
                self._repair()

    def _look_for_first(self) -> None:
        """Renew where another device stands in for that of the start, which may be back."""
        if self._may_renew and self._first.may_be_back():
            _LOG.warning("another microphone stands in, renewing PortAudio")
            self._renew()

    @property
    def _may_renew(self) -> bool:
        """Whether no renewal would interrupt our own voice."""
        return not self._mutes and time.monotonic() >= self._no_renewal_until

    def _is_worth_a_look(self) -> bool:
        """Whether to look for a device now: seldom after long, unless one came or went."""
        now, cards = time.monotonic(), sound_cards()
        if cards != self._cards:
            self._cards, self._eager_until = cards, max(self._eager_until, now + _CHANGED_SECONDS)
        if now >= self._eager_until and now < self._next_look:
            return False
        self._next_look = now + _PATIENT_SECONDS
        return True

    def _is_alive(self) -> bool:
        with SOUND_SYSTEM.lock:
            if self._stream is None or not self._stream.active:
                return False
            return time.monotonic() - self._last_block < self._settings.stall_seconds

    def _repair(self) -> None:
        """Renew PortAudio where our stream is dead."""
        with SOUND_SYSTEM.lock:
            if not self._is_alive():  # another holder was quicker
                self._renew()

    def _renew(self) -> None:
        """Renew PortAudio, which opens our stream again, unless we speak or end."""
        with SOUND_SYSTEM.lock:
            if self._closing.is_set():
                return
            if not self._may_renew:  # we have begun to speak; whoever speaks waits for the lock
                return
            self._repairs += 1
            try:
                SOUND_SYSTEM.renew(SOUND_SYSTEM.generation)
            except SoundDeviceError as error:
                _LOG.debug("PortAudio not renewed: %s", type(error).__name__)


class _Converter:
    """Makes 16 kHz mono of what one stream delivers; keeps the resampler's state between blocks."""

    def __init__(self, rate: int, channels: int) -> None:
        self._channels = channels
        self._resampler = (
            None
            if rate == SAMPLE_RATE
            else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
        )

    def convert(self, data: bytes) -> bytes:
        """Convert interleaved int16; may give nothing at first, while the resampler fills."""
        if self._channels == 1 and self._resampler is None:
            return data
        frames = np.frombuffer(data, "<i2").reshape(-1, self._channels)
        mono = frames.mean(axis=1, dtype=np.float32) / np.float32(32_768)
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(mono)
        return to_int16(mono).astype("<i2").tobytes()


def _formats(device: Device) -> list[tuple[int, int]]:
    """List rates and channels to try: what we want, then what cheap hardware insists on."""
    rates = dict.fromkeys((SAMPLE_RATE, device.rate, 48_000, 44_100))
    return [
        (rate, channels) for rate in rates for channels in (1, 2) if channels <= device.channels
    ]
