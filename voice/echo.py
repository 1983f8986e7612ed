"""Takes our own voice out of the microphone's sound, with WebRTC's echo canceller (AEC3).

It has to know what the loudspeaker plays. Both streams run on without a gap, so they are paired by
counting samples; AEC3 finds the delay between them, half a second at most, and follows it slowly.
It can't cancel an echo that arrives before its reference, and with the short buffers of a sound
server the pairing may get that far off: the reference has then queued for longer than the sound was
under way. In that case part of the queued reference is dropped, and from then on the microphone's
sound is delayed by as much, so that a block of the reference that is late still finds its partner.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import pywebrtc_audio
import soxr
from numpy.typing import NDArray

from voice.alignment import lag_of
from voice.audio import SAMPLE_RATE, to_int16

FRAME = SAMPLE_RATE // 100
"""Samples of 10 ms: the echo canceller takes no less."""

_LONGEST = 2 * SAMPLE_RATE  # of what was played and not yet paired; more of it is a lost microphone
_WATCHED_FRAMES = 500  # 5 s, in which the two streams are never as far apart by chance
_SPARE = SAMPLE_RATE // 25  # 40 ms stay between them: blocks come in bursts
_RINGING_FRAMES = 100  # 1 s after our last sound a room is silent again
_ALIGNED_FRAMES = 128  # 1.3 s of our voice, in which the lag is looked for
_LOOKS = 2  # after so many failures to find our voice it is taken to be inaudible: headphones
_LEAST_LAG = round(0.005 * SAMPLE_RATE)
_GOOD_LAG = round(0.012 * SAMPLE_RATE)
_LONGEST_WAIT = SAMPLE_RATE // 10  # of the microphone's sound
_HUSH = 8  # of 32 768; softer is silence


class Reference:
    """What the loudspeaker plays: told by its thread, taken by that of the microphone."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[bytes, int, int]] = deque(maxlen=1000)
        self._format = (0, 0)
        self._resampler: soxr.ResampleStream | None = None
        self._waiting = np.empty(0, np.int16)
        self._least = _LONGEST
        self._takes = 0
        self.gaps = 0
        """How often the loudspeaker's sound was missing when it was asked for."""

    def played(self, block: bytes, rate: int, channels: int) -> None:
        """Tell of interleaved int16 that was handed to the device; quick, and it never fails."""
        self._blocks.append((block, rate, channels))

    def take(self, count: int) -> NDArray[np.int16]:
        """Give the next ``count`` samples, 16 kHz mono: silence where nothing was played."""
        self._collect()
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        if not _is_loud(taken):
            self._catch_up()
        if len(taken) < count and self._resampler is not None:
            self.gaps += 1
        return np.pad(taken, (count - len(taken), 0))

    def skip(self, count: int) -> None:
        """Drop so many samples, as far as they wait: what follows is paired with earlier sound."""
        self._waiting = self._waiting[count:]
        self.gaps += 1

    def restart(self) -> None:
        """The microphone was lost: what was played meanwhile will never be heard."""
        self._collect()
        self._waiting = self._waiting[-2 * _SPARE :]
        self._least, self._takes = _LONGEST, 0
        self.gaps += 1

    def _collect(self) -> None:
        while self._blocks:
            self._waiting = np.append(self._waiting, self._converted(*self._blocks.popleft()))
        self._waiting = self._waiting[-_LONGEST:]

    def _catch_up(self) -> None:
        """Drop silence where the microphone's clock is slow, or some of its sound was lost."""
        self._least = min(self._least, len(self._waiting))
        self._takes += 1
        if self._takes >= _WATCHED_FRAMES:
            excess = max(0, self._least - _SPARE)
            if not _is_loud(self._waiting[:excess]):
                self._waiting = self._waiting[excess:]
            self._least, self._takes = _LONGEST, 0

    def _converted(self, block: bytes, rate: int, channels: int) -> NDArray[np.int16]:
        if (rate, channels) != self._format:
            self._format = (rate, channels)
            self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
        assert self._resampler is not None  # noqa: S101  # for the type checker
        mono = np.frombuffer(block, "<i2").reshape(-1, channels)[:, 0]
        return to_int16(self._resampler.resample_chunk(mono / np.float32(32_768)))


@dataclass(frozen=True, eq=False)
class EchoFrame:
    """10 ms of sound, three times: int16 of shape ``(FRAME,)``."""

    near: NDArray[np.int16]
    """As the microphone heard it."""
    clean: NDArray[np.int16]
    """The same without our own voice, as far as it can be told apart."""
    far: NDArray[np.int16]
    """What the loudspeaker played, some time before it was heard."""
    gap: bool = False
    """Some of that was missing: the canceller has to learn the delay anew."""
    settled: bool = True
    """Since the last gap it was seen that our voice is heard after it was played, or not at all."""


class EchoCanceller:
    """Cancels the echo of `reference`. One thread at a time; it learns the room as it hears it."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._canceller = pywebrtc_audio.EchoCanceller(SAMPLE_RATE)
        self._rest = b""
        self._gaps = 0
        self._settled = False
        self._looks = 0
        self._silent_frames = _RINGING_FRAMES
        self._kept = 0
        self._near: list[NDArray[np.int16]] = []
        self._far: list[NDArray[np.int16]] = []

    def hear(self, block: bytes) -> list[EchoFrame]:
        """Take 16 kHz mono int16 of any length; gives all whole frames so far."""
        data = self._rest + block
        whole = max(0, len(data) - 2 * self._kept) // (2 * FRAME) * 2 * FRAME
        self._rest = data[whole:]
        frames = np.frombuffer(data[:whole], "<i2").reshape(-1, FRAME)
        return [self._hear(frame) for frame in frames]

    def restart(self) -> None:
        """Pair anew what is played and what is heard: the microphone was lost for a while."""
        self._rest = b""
        self._near, self._far = [], []
        self._canceller.reset()
        self._reference.restart()

    def _hear(self, near: NDArray[np.int16]) -> EchoFrame:
        far = self._reference.take(FRAME)
        self._silent_frames = 0 if _is_loud(far) else self._silent_frames + 1
        self._align(near, far)
        clean = self._canceller.process(near, far)
        # Where there is no echo the sound is left as it is; also that of a dead microphone, since
        # the canceller fills silence with a little noise.
        untouched = self._silent_frames > _RINGING_FRAMES or not np.ptp(near)
        gap = self._reference.gaps > self._gaps
        if gap:
            self._gaps = self._reference.gaps
            self._settled = False
            self._looks = 0
            self._near, self._far = [], []
        return EchoFrame(near, near if untouched else clean, far, gap, self._settled)

    def _align(self, near: NDArray[np.int16], far: NDArray[np.int16]) -> None:
        """See to it that our voice is heard after it was played, as it must be."""
        if self._silent_frames > _RINGING_FRAMES:
            self._near, self._far = [], []
            return
        self._near.append(near)
        self._far.append(far)
        if len(self._near) == _ALIGNED_FRAMES:
            lag = lag_of(np.concatenate(self._near), np.concatenate(self._far))
            self._near, self._far = [], []
            self._looks += 1
            self._settled |= lag is not None or self._looks >= _LOOKS
            if lag is not None and lag < _LEAST_LAG:
                self._reference.skip(_GOOD_LAG - lag)
                self._kept = min(self._kept + _GOOD_LAG - lag, _LONGEST_WAIT)


def _is_loud(samples: NDArray[np.int16]) -> bool:
    return bool(len(samples)) and int(np.abs(samples.astype(np.int32)).max()) > _HUSH
