"""Tells a dead microphone from a quiet room: even in the quietest one, samples differ.

Beware of sound servers that suppress noise: their silence is as dead as a muted microphone. So
each time that a "muted" microphone turns out to live, the next silence may last longer.
"""

import logging
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE

_LOG = logging.getLogger(__name__)
_RIPPLE = 1  # of 32 768: what resampling may make of a constant value

_MORE_PATIENCE = 6  # times as long a silence, after one that was over by itself
_MOST_PATIENCE_SECONDS = 3_600.0

Fault = Literal["muted", "stuck"]
"""``muted``: nothing but zeros; ``stuck``: another value that never changes."""


class Flatline:
    """Watches live sound for samples that stay the same."""

    def __init__(self, seconds: float) -> None:
        self._needed = round(seconds * SAMPLE_RATE)
        self._silence = self._needed
        self._most = max(self._needed, round(_MOST_PATIENCE_SECONDS * SAMPLE_RATE))
        self._value = 0
        self._length = 0
        self._fault: Fault | None = None

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the microphone, since ``seconds`` or longer; None: it lives."""
        return self._fault

    def add(self, samples: NDArray[np.int16]) -> None:
        """Add samples of shape ``(n,)``."""
        if not len(samples):
            return
        if not self._continued_by(samples):
            self._value, self._length = int(samples[-1]), 0
        if self._continued_by(samples):
            self._length += len(samples)
        self._report(self._found())

    def _continued_by(self, samples: NDArray[np.int16]) -> bool:
        return bool((np.abs(samples.astype(np.int32) - self._value) <= _RIPPLE).all())

    def _found(self) -> Fault | None:
        is_zero = abs(self._value) <= _RIPPLE
        if self._length < (self._silence if is_zero else self._needed):
            return None
        return "muted" if is_zero else "stuck"

    def _report(self, fault: Fault | None) -> None:
        """Log a change, and only that."""
        if fault == self._fault:
            return
        if self._fault == "muted":
            self._silence = min(_MORE_PATIENCE * self._silence, self._most)
        self._fault = fault
        if fault:
            _LOG.warning("microphone %s for %.0f s", fault, self._length / SAMPLE_RATE)
        else:
            _LOG.info("the microphone lives again")
