"""Tells a voice from a cough, a knock or a door: vowels have a pitch, and last.

The autocorrelation of each 40 ms, divided by that of the window (Boersma 1993, "Accurate
short-term analysis of the fundamental frequency"): 1 is a pure tone, noise stays below a half. A
knock rings with a pitch too, but fades within the length of a vowel, so only what is about as loud
as the loudest counts.
"""

import numpy as np
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE

_WINDOW = round(0.04 * SAMPLE_RATE)  # holds three periods of a low voice
_STEP = round(0.01 * SAMPLE_RATE)
_TAPER = np.hanning(_WINDOW)
_SIZE = 2048  # of the Fourier transforms; at least twice a window, so that it does not wrap
_LOWEST, _HIGHEST = 80, 400  # Hz, of a voice
_BAND = slice(round(70 * _SIZE / SAMPLE_RATE), round(1_500 * _SIZE / SAMPLE_RATE))
_LAGS = slice(SAMPLE_RATE // _HIGHEST, SAMPLE_RATE // _LOWEST)
_SMOOTH = np.ones(3) / 3
_VOICED = 0.55  # of 1, on average of three frames
_VOICED_FRAMES = 3  # 40 ms and 10 for each more; of breath hardly ever two (measured)
_FADE_DB = 8.0
_LASTING_FRAMES = 6  # a knock falls by so many dB within five, the vowel of a "stop" takes seven


def is_voiced(sound: NDArray[np.int16]) -> bool:
    """Tell whether its loudest part lasts, and has the pitch of a voice.

    Args:
        sound: 16 kHz, shape ``(n,)``, about half a second; of less than 40 ms nothing is known.
    """
    if len(sound) < _WINDOW:
        return False
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_STEP].astype(np.float64)
    frames = (frames - frames.mean(axis=1, keepdims=True)) * _TAPER
    power = np.zeros((len(frames), _SIZE // 2 + 1))
    power[:, _BAND] = np.abs(np.fft.rfft(frames, _SIZE)[:, _BAND]) ** 2
    energy = np.maximum(power.sum(axis=1), 1.0)
    alike = _autocorrelation(power)[:, _LAGS].max(axis=1)
    loud = energy > energy.max() * 10 ** (-_FADE_DB / 10)
    voiced = np.convolve(alike, _SMOOTH, "same") > _VOICED
    return _longest_run(loud) >= _LASTING_FRAMES and _longest_run(voiced & loud) >= _VOICED_FRAMES


def _autocorrelation(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """From power spectra, shape ``(n, frequencies)``: 1 at lag 0, and at a period of a tone."""
    taper = np.fft.irfft(np.abs(np.fft.rfft(_TAPER, _SIZE)) ** 2)[:_WINDOW]
    found = np.fft.irfft(power)[:, :_WINDOW]
    alike = found / np.maximum(found[:, :1], 1e-9) / np.maximum(taper / taper[0], 1e-9)
    return np.asarray(alike)


def _longest_run(flags: NDArray[np.bool_]) -> int:
    """How many in a row are true."""
    ends = np.flatnonzero(np.diff(np.pad(flags, 1).astype(np.int8)))
    return int((ends[1::2] - ends[::2]).max(initial=0))
