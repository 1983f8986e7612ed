"""New speakers from recorded ones: WORLD moves pitch and formants apart from each other.

Few speakers is what a small corpus lacks most. The vocoder takes speech apart into pitch, spectral
envelope and aperiodicity; an envelope stretched along the frequency axis is a shorter vocal tract,
a woman's or a child's. Sources: M. Morise, F. Yokomori, K. Ozawa, "WORLD: A vocoder-based
high-quality speech synthesis system", IEICE Trans. 2016; ratios of tract lengths and pitch after
R. Peterson and H. Barney, "Control methods used in a study of the vowels", JASA 1952.
"""

import warnings
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.clips import RATE, Clip

_FRAME_MS = 5.0


@dataclass(frozen=True)
class Kind:
    """A kind of speaker: ranges of the median pitch in Hz and of formants against a man's."""

    name: str
    pitch: tuple[float, float]
    formants: tuple[float, float]


MAN = Kind("man", (85.0, 150.0), (0.92, 1.06))
WOMAN = Kind("woman", (170.0, 250.0), (1.08, 1.22))
CHILD = Kind("child", (240.0, 330.0), (1.22, 1.42))
KINDS = (MAN, WOMAN, WOMAN, CHILD)
"""Drawn from evenly, so that half of the new speakers are women."""
_WOMAN_FROM_HZ = 165.0
"""A median pitch above this is taken for a woman's, whose formants are already high."""
_WOMAN_FORMANTS = 1.15


@cache
def _vocoder() -> Any:  # noqa: ANN401  # pyworld has no types
    """WORLD; only the training needs it, and it warns of the way in which it finds its version."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return import_module("pyworld")


def new_speaker(clip: Clip, rng: np.random.Generator) -> Clip | None:
    """The clip as another speaker would say it; None where no voice is found in it."""
    world = _vocoder()
    sound = clip.samples.astype(np.float64) / 32768
    rough, times = world.dio(sound, RATE, frame_period=_FRAME_MS)
    pitch = world.stonemask(sound, rough, times, RATE)
    voiced = pitch[pitch > 0]
    if len(voiced) < 10:
        return None
    kind = KINDS[rng.integers(len(KINDS))]
    median = float(np.median(voiced))
    base = _WOMAN_FORMANTS if median > _WOMAN_FROM_HZ else 1.0
    ratio = float(rng.uniform(*kind.formants)) / base
    target = float(rng.uniform(*kind.pitch))
    lively = float(rng.uniform(0.7, 1.4))
    moved = np.where(pitch > 0, target * (np.maximum(pitch, 1.0) / median) ** lively, 0.0)
    envelope = world.cheaptrick(sound, pitch, times, RATE)
    noise = world.d4c(sound, pitch, times, RATE)
    new = world.synthesize(moved, stretch(envelope, ratio), stretch(noise, ratio), RATE, _FRAME_MS)
    level = 0.9 / max(0.9, float(np.abs(new).max()))
    samples = np.rint(new * level * 32767).astype(np.int16)
    return Clip(f"{clip.name}@{kind.name}", f"{clip.speaker}@{kind.name}", clip.text, samples)


def stretch(envelope: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Move all that is at frequency f in (frames, bins) to f x ratio; the top is held."""
    bins = envelope.shape[1]
    source = np.minimum(np.arange(bins) / ratio, bins - 1)
    low = np.floor(source).astype(int)
    high = np.minimum(low + 1, bins - 1)
    part = source - low
    return np.ascontiguousarray(envelope[:, low] * (1 - part) + envelope[:, high] * part)
