"""A room instead of a sound card: a loudspeaker and a microphone that hears it, in numpy.

What is played is heard some time later with the echo of the walls, as loud as people who speak in
the room. Both run on one clock that counts samples, so unlike a virtual sound card it has no
drop-outs on a busy machine: its time stands still while nobody listens, and passes more slowly.
"""

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE
from voice.echo import Reference
from voice.speaker import RATE

TICK = SAMPLE_RATE // 50
"""Samples of 20 ms: so often the room's time goes on."""

_OUT_TICK = RATE // 50
_LATENCY_TICKS = 3  # of the loudspeaker: what it has taken can't be called back
_FADE = round(0.008 * RATE)
_UNHEARD_TICKS = 10  # time waits for who listens as a sound card's would not


@dataclass(frozen=True)
class Acoustics:
    """How the loudspeaker is heard."""

    delay: float = 0.03
    """Seconds from the loudspeaker to the microphone's program, beyond the latency of 60 ms."""
    rt60: float = 0.3
    """Seconds until the echo has fallen by 60 dB."""
    direct_db: float = 3.0
    """How much louder the direct sound is than all echo together."""
    gain: float = 0.5
    noise: float = 10.0
    """Root mean square of int16."""
    seed: int = 1

    def response(self) -> NDArray[np.float64]:
        """The impulse response, shape ``(n,)``."""
        rng = np.random.default_rng(self.seed)
        length = round(self.rt60 * SAMPLE_RATE) + 1
        at = np.arange(length) / SAMPLE_RATE
        echo = rng.standard_normal(length) * 10 ** (-3 * at / max(self.rt60, 1e-3))
        echo[:48] = 0.0
        total = np.sqrt(np.sum(echo**2))
        echo *= 10 ** (-self.direct_db / 20) / total if total else 0.0
        echo[0] = 1.0
        return np.asarray(np.pad(self.gain * echo, (round(self.delay * SAMPLE_RATE), 0)))


class Room:
    """`Output` of a `Speaker` and `Microphone` of a conversation at once; time passes in `open`."""

    def __init__(self, acoustics: Acoustics, reference: Reference) -> None:
        self._reference = reference
        self._response = acoustics.response()
        self._noise = acoustics.noise
        self._rng = np.random.default_rng(acoustics.seed)
        self._resampler = soxr.ResampleStream(RATE, SAMPLE_RATE, 1, dtype="float32")
        self._lock = threading.Lock()
        self._coming = np.empty(0, np.int16)
        self._latent = [np.zeros(_OUT_TICK, np.int16)] * _LATENCY_TICKS
        self._ring = np.zeros(len(self._response) + 4 * TICK)
        self._played = np.zeros(TICK, np.float32)  # the resampler's own delay
        self._said = np.empty(0)
        self._blocks: queue.Queue[bytes] = queue.Queue()
        self._heard: list[NDArray[np.int16]] = []
        self._ended = threading.Event()

    @property
    def silent_seconds(self) -> float:
        """It always gives sound."""
        return 0.0

    @property
    def repairs(self) -> int:
        """`Microphone`: it never breaks."""
        return 0

    def without_renewal(self) -> AbstractContextManager[None]:
        """There is no other device to look for."""
        return nullcontext()

    @property
    def out(self) -> NDArray[np.int16]:
        """All that left the loudspeaker so far, at `RATE`, silence too."""
        with self._lock:
            return np.concatenate([np.empty(0, np.int16), *self._heard])

    def say(self, sound: NDArray[np.int16]) -> float:
        """Somebody speaks in the room, now; gives the room's time in seconds."""
        with self._lock:
            self._said = sound.astype(np.float64)
            return len(self._heard) * TICK / SAMPLE_RATE

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let time pass inside."""
        thread = threading.Thread(target=self._run, name="room", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(10.0)

    def put(self, samples: NDArray[np.int16]) -> None:
        """`Output`: add sound at `RATE`."""
        with self._lock:
            self._coming = np.append(self._coming, samples)

    def clear(self) -> None:
        """`Output`: fade out."""
        with self._lock:
            rest = self._coming[:_FADE]
            self._coming = (rest * np.linspace(1.0, 0.0, len(rest))).astype(np.int16)

    def pending(self) -> float:
        """`Output`: seconds until all was heard."""
        latency = _LATENCY_TICKS * TICK / SAMPLE_RATE
        return len(self._coming) / RATE + latency if len(self._coming) else 0.0

    def check(self) -> None:
        """`Output`: always works."""

    def close(self) -> None:
        """`Output`: nothing to let go of."""

    def read(self, timeout: float) -> bytes | None:
        """`Microphone`: the next 20 ms."""
        try:
            return self._blocks.get(timeout=timeout)
        except queue.Empty:
            return None

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(0.005):
            while due <= time.monotonic() and self._blocks.qsize() < _UNHEARD_TICKS:
                self._tick()
                due += TICK / SAMPLE_RATE
            if self._blocks.qsize() >= _UNHEARD_TICKS:
                due = time.monotonic()

    def _tick(self) -> None:
        with self._lock:
            taken, self._coming = self._coming[:_OUT_TICK], self._coming[_OUT_TICK:]
            taken = np.pad(taken, (0, _OUT_TICK - len(taken)))
            self._reference.played(taken.astype("<i2").tobytes(), RATE, 1)
            self._latent.append(taken)
            audible = self._latent.pop(0)
            self._heard.append(audible)
            voice, self._said = self._said[:TICK], self._said[TICK:]
        more = self._resampler.resample_chunk(audible.astype(np.float32))
        self._played = np.append(self._played, more)
        self._add_echo(self._played[:TICK])
        self._played = self._played[TICK:]
        near = self._ring[:TICK] + self._noise * self._rng.standard_normal(TICK)
        near[: len(voice)] += voice
        self._ring = np.append(self._ring[TICK:], np.zeros(TICK))
        self._blocks.put(np.clip(np.rint(near), -32_768, 32_767).astype("<i2").tobytes())

    def _add_echo(self, played: NDArray[np.float32]) -> None:
        if played.any():
            size = len(played) + len(self._response) - 1
            echo = np.fft.irfft(np.fft.rfft(played, size) * np.fft.rfft(self._response, size), size)
            self._ring[: len(echo)] += echo
