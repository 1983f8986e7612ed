"""How loud it was of late: tells whether somebody spoke on after a pause, before words are known.

The recogniser is half a second behind. Waiting for it would make each answer later, so the sound
itself is asked. It decides whether to wait a little longer, and how far a voice stands out; never
what was said. Only the band of speech counts: a fridge, traffic or a microphone that is off zero
disturbs the recogniser little, however loud it is.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE

_FRAME_SECONDS = 0.02
_FRAME = round(_FRAME_SECONDS * SAMPLE_RATE)
_FADE_SECONDS = 0.2  # by so much a voice may have begun before the word that was found
_LOW, _HIGH = 200.0, 4_000.0  # Hz
_BAND = slice(round(_LOW * _FRAME_SECONDS), round(_HIGH * _FRAME_SECONDS) + 1)
_WINDOW = np.hanning(_FRAME)
# Parseval's theorem: both halves of the spectrum, and what the window takes of the power.
_SCALE = 2 / (_FRAME * float(np.sum(_WINDOW**2)))
_SUSTAINED_FRAMES = 3  # 60 ms; a click is shorter, a vowel is longer
_BELOW_SPEECH_DB = (
    14.0  # breath, echo and the next table are weaker; of 371 words none was (measured)
)


class Loudness:
    """The loudness of the last ``seconds`` of a stream, in frames of 20 ms.

    All times are in seconds since the start of the stream.
    """

    def __init__(self, seconds: float) -> None:
        self._frames: deque[float] = deque(maxlen=round(seconds / _FRAME_SECONDS))
        self._until = 0.0

    def add(self, samples: NDArray[np.int16], until: float) -> None:
        """Add samples of shape ``(n,)``, the last of which was heard at ``until``."""
        whole = len(samples) // _FRAME * _FRAME
        frames = samples[:whole].reshape(-1, _FRAME).astype(np.float64)
        spectra = np.fft.rfft(frames * _WINDOW)[:, _BAND]
        power = _SCALE * (spectra.real**2 + spectra.imag**2).sum(axis=1)
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
        runs = self._loud_runs(self._index(speech[0]), self._index(speech[1]), self._index(after))
        return self._time(runs[0][0]) if runs else None

    def foreground(self, since: float) -> tuple[float, float] | None:
        """From when until when the loudest voice ``since`` then was heard; None if none stands out.

        In a waiting room the one who speaks to us is nearest, and the rest is weaker.
        """
        first, end = self._index(since), len(self._frames)
        runs = self._loud_runs(first, end, first)
        return (self._time(runs[0][0]), self._time(runs[-1][1])) if runs else None

    def rise(self, before: float, start: float, end: float) -> float:
        """By how much (dB) the voice from ``start`` to ``end`` is louder than what came before it.

        Args:
            before: what came from here until ``start``, as far as it is still known.
            start: when the voice began; from here on nothing counts as before it.
            end: when it ended.
        """
        frames = np.array(self._frames)
        voice = frames[self._index(start) : self._index(end)]
        earlier = frames[self._index(before) : self._index(start - _FADE_SECONDS)]
        if not len(voice) or not len(earlier):
            return np.inf
        return float(np.percentile(voice, 90) - np.median(earlier))

    def contrast(self, start: float, end: float) -> float:
        """By how much (dB) the voice from ``start`` to ``end`` is louder than its surroundings.

        Those are the quietest tenth of what is still known: what lies between the words, and
        around them.
        """
        frames = np.array(self._frames)
        voice = frames[self._index(start) : self._index(end)]
        if not len(voice):
            return 0.0
        return float(np.percentile(voice, 90) - np.percentile(frames, 10))

    def _loud_runs(self, start: int, end: int, first: int) -> list[tuple[int, int]]:
        """Find stretches from ``first`` on that are as loud as the speech in ``start:end``."""
        frames = np.array(self._frames)
        if start >= end:
            return []
        level, floor = np.percentile(frames[start:end], 90), np.percentile(frames, 10)
        threshold = max((level + floor) / 2, level - _BELOW_SPEECH_DB)
        loud = np.concatenate([[False], frames[first:] > threshold, [False]])
        edges = np.flatnonzero(loud[1:] != loud[:-1]) + first
        return [
            (int(begin), int(stop))
            for begin, stop in edges.reshape(-1, 2)
            if stop - begin >= _SUSTAINED_FRAMES
        ]

    def _index(self, time: float) -> int:
        index = len(self._frames) - round((self._until - time) / _FRAME_SECONDS)
        return min(max(index, 0), len(self._frames))

    def _time(self, index: int) -> float:
        return self._until - (len(self._frames) - index) * _FRAME_SECONDS
