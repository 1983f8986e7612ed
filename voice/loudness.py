"""How loud it was of late: tells whether somebody spoke on after a pause, before words are known.

The recogniser is half a second behind. Waiting for it would make each answer later, so the sound
itself is asked. It only decides whether to wait a little longer, never what was said.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE

_FRAME_SECONDS = 0.02
_FRAME = round(_FRAME_SECONDS * SAMPLE_RATE)
_SUSTAINED_FRAMES = 3  # 60 ms; a click is shorter, a vowel is longer
_BELOW_SPEECH_DB = 20.0  # breath and echo are weaker than that, words are not


class Loudness:
    """The loudness of the last ``seconds`` of a stream, in frames of 20 ms."""

    def __init__(self, seconds: float) -> None:
        self._frames: deque[float] = deque(maxlen=round(seconds / _FRAME_SECONDS))
        self._until = 0.0

    def add(self, samples: NDArray[np.int16], until: float) -> None:
        """Add samples of shape ``(n,)``, the last of which was heard at ``until``."""
        whole = len(samples) // _FRAME * _FRAME
        frames = samples[:whole].reshape(-1, _FRAME).astype(np.float64)
        power = np.square(frames).mean(axis=1)
        self._frames.extend((10 * np.log10(power + 1.0)).tolist())
        self._until = until

    def clear(self) -> None:
        """Forget what was heard, as after a gap in the stream."""
        self._frames.clear()

    def onset(self, speech: tuple[float, float], after: float) -> float | None:
        """When sound as loud as speech began again after a pause; None if it stayed quiet.

        Args:
            speech: start and end of what that voice said just now: its own measure of loud.
            after: look from here on.
        """
        frames = np.array(self._frames)
        spoken = frames[self._index(speech[0]) : self._index(speech[1])]
        if not len(spoken):
            return None
        level, floor = np.percentile(spoken, 80), np.percentile(frames, 10)
        threshold = max((level + floor) / 2, level - _BELOW_SPEECH_DB)
        first = self._index(after)
        run = 0
        for index, loud in enumerate(frames[first:] > threshold, start=first):
            run = run + 1 if loud else 0
            if run == _SUSTAINED_FRAMES:
                return self._time(index + 1 - run)
        return None

    def _index(self, time: float) -> int:
        index = len(self._frames) - round((self._until - time) / _FRAME_SECONDS)
        return min(max(index, 0), len(self._frames))

    def _time(self, index: int) -> float:
        return self._until - (len(self._frames) - index) * _FRAME_SECONDS
