"""MFCC features as Kaldi computes them, with a warp of the frequency axis for training.

Sources: Kaldi documentation "Feature extraction" (``feat.html``), ``feat/mel-computations.cc`` and
``feat/feature-window.cc``; N. Jaitly, G. Hinton, "Vocal tract length perturbation (VTLP) improves
speech recognition", ICML workshop 2013 (the warp). Settings are those of ``conf/mfcc.conf``.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from training.clips import RATE

Array = NDArray[np.float32]
COEFFICIENTS = 40
_WINDOW, _SHIFT, _FFT = 400, 160, 512
_LOW, _HIGH = 20.0, 7600.0
_PREEMPHASIS = 0.97
_LIFTER = 22
_FLOOR = np.float32(1.1920929e-07)
_POVEY = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / (_WINDOW - 1))) ** 0.85


def log_mel(samples: NDArray[np.floating], warp: float = 1.0) -> Array:
    """Log energies of shape (frames, 40); ``warp`` > 1 shrinks the frequency axis.

    ``samples`` are at 16 kHz with the range of 16-bit integers, at least one window long.
    """
    count = 1 + (len(samples) - _WINDOW) // _SHIFT
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), _WINDOW)
    frames = windows[::_SHIFT][:count]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    frames = (frames - np.float32(_PREEMPHASIS) * before) * _POVEY.astype(np.float32)
    power = np.abs(np.fft.rfft(frames, _FFT)[:, : _FFT // 2]).astype(np.float32) ** 2
    return np.asarray(np.log(np.maximum(power @ _filters(round(warp, 2)), _FLOOR)), np.float32)


def cepstra(energies: Array) -> Array:
    """Log energies to liftered cepstral coefficients, of the same shape."""
    return energies @ _dct()


def mfcc(samples: NDArray[np.floating], warp: float = 1.0) -> Array:
    """Features of shape (frames, 40)."""
    return cepstra(log_mel(samples, warp))


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(hertz / 700.0))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(700.0 * np.expm1(mel / 1127.0))


def _warped(hertz: NDArray[np.float64], warp: float) -> NDArray[np.float64]:
    """Stretch below a knee, then go straight to the highest frequency."""
    knee = _LOW + (_HIGH - _LOW) * 0.8 / max(warp, 1.0)
    above = warp * knee + (_HIGH - warp * knee) * (hertz - knee) / (_HIGH - knee)
    return np.clip(np.where(hertz < knee, hertz * warp, above), _LOW / 2, RATE / 2 - 10)


@lru_cache(maxsize=64)
def _filters(warp: float) -> Array:
    """Triangular filters, shape (256, 40)."""
    low, high = _mel(np.array([_LOW, _HIGH]))
    edges = _hertz(np.linspace(low, high, COEFFICIENTS + 2))
    corners = _mel(edges if warp == 1.0 else _warped(edges, warp))
    bins = _mel(np.arange(_FFT // 2) * RATE / _FFT)[:, None]
    left, middle, right = corners[None, :-2], corners[None, 1:-1], corners[None, 2:]
    rising, falling = (bins - left) / (middle - left), (right - bins) / (right - middle)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


@lru_cache(maxsize=1)
def _dct() -> Array:
    row = np.arange(COEFFICIENTS)
    matrix = np.cos(np.pi / COEFFICIENTS * (row[None] + 0.5) * row[:, None])
    matrix *= np.sqrt(2.0 / COEFFICIENTS)
    matrix[0] = np.sqrt(1.0 / COEFFICIENTS)
    lifter = 1 + 0.5 * _LIFTER * np.sin(np.pi * row / _LIFTER)
    return np.asarray((matrix * lifter[:, None]).T, np.float32)
