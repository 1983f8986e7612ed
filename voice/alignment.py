"""How long after it was played our own voice is heard: the lag between two streams of sound.

Generalised cross-correlation with phase transform (Knapp and Carter 1976, "The generalized
correlation method for estimation of time delay"): every frequency counts alike, so that a room's
echo and a voice that speaks through ours leave one sharp peak.
"""

import numpy as np
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE

_EARLIEST = round(0.15 * SAMPLE_RATE)
_LATEST = round(0.5 * SAMPLE_RATE)
_SHARP = 20.0  # standard deviations; in eight rooms 47 or more, by chance rarely over 17


def lag_of(near: NDArray[np.int16], far: NDArray[np.int16]) -> int | None:
    """Samples by which ``far`` is heard later in ``near``; negative where it is heard earlier.

    Args:
        near: what the microphone heard, 16 kHz, shape ``(n,)``, a second or more.
        far: what was played, of the same shape.

    Returns:
        At most 0.5 s, at least -0.15 s; None where it is not heard.
    """
    size = 2 * len(near)
    cross = np.fft.rfft(near, size) * np.conj(np.fft.rfft(far, size))
    alike = np.fft.irfft(cross / np.maximum(np.abs(cross), 1.0), size)
    searched = np.concatenate([alike[-_EARLIEST:], alike[:_LATEST]])
    peak = int(np.argmax(searched))
    if searched[peak] <= _SHARP * float(np.std(searched)):
        return None
    return peak - _EARLIEST
