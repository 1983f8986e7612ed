"""What happens to speech before it reaches a microphone, drawn at random: rooms, noise, telephones.

Levels are in dB; samples are float32 at 16 kHz in the range of 16-bit integers. Sources: T. Ko et
al., "Audio augmentation for speech recognition", Interspeech 2015 (speed); D. Park et al.,
"SpecAugment", Interspeech 2019 (masks); reverberation by exponentially falling noise after J.
Polack, 1988.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from training.clips import RATE
from training.features import Array, cepstra, log_mel

Samples = NDArray[np.float32]
Talker = Callable[[np.random.Generator], Samples]
"""Somebody else's speech, for babble."""
LONG_PAUSE = 0.35
"""Seconds of silence from which on the supervision demands silence there."""
_FAST = 4096
_MUSIC = 0.2
"""Share of the noises that are not other people in which a radio plays."""
_SCALE = (0, 2, 4, 5, 7, 9, 11, 12, 16, 19)
"""Semitones above the root."""


@dataclass(frozen=True)
class Augmentation:
    """How likely each effect is, and how strong."""

    speed: tuple[float, float] = (0.85, 1.18)
    warp: tuple[float, float] = (0.86, 1.16)
    reverb: float = 0.5
    colour: float = 0.5
    telephone: float = 0.08
    noise: float = 0.75
    noise_snr: tuple[float, float] = (3.0, 40.0)
    babble: float = 0.5
    """Share of noises that are other people."""
    babble_snr: tuple[float, float] = (2.0, 24.0)
    level_down: float = 32.0
    gated: float = 0.3
    """Share of clips with digital silence around the words."""
    masks: float = 0.6


@dataclass(frozen=True, eq=False)
class Augmented:
    """Features (frames, 40) and, for each place around the clips, whether silence is certain."""

    features: Array
    silences: tuple[bool, ...]


def augment(
    clips: Sequence[Samples], rng: np.random.Generator, how: Augmentation, talker: Talker
) -> Augmented:
    """One utterance of some clips as a microphone might hear it; of no clips: noise alone."""
    sound, quiet, silences = _joined([_spoken_at_speed(clip, rng, how) for clip in clips], rng)
    if rng.random() < how.reverb:
        sound = _in_a_room(sound, rng)
    if rng.random() < how.colour:
        sound = _coloured(sound, rng)
    level = _level(sound[~quiet]) if (~quiet).any() else 1000.0
    if rng.random() < how.noise or not clips:
        babble = rng.random() < how.babble
        snr = rng.uniform(*(how.babble_snr if babble else how.noise_snr))
        noise = _babble(len(sound), rng, talker) if babble else _noise(len(sound), rng)
        sound = sound + noise * np.float32(level * 10 ** (-snr / 20))
    if rng.random() < how.telephone:
        sound = _telephone(sound)
    peak = float(np.abs(sound).max()) + 1e-3
    sound = sound * np.float32(32767 / peak * 10 ** (-rng.uniform(0, how.level_down) / 20))
    if rng.random() < how.gated:
        sound = np.where(_shrunk(quiet), np.float32(0), sound)
    sound = np.clip(sound, -32768, 32767) + rng.standard_normal(len(sound), np.float32)
    warp = float(rng.uniform(*how.warp)) if clips else 1.0
    energies = log_mel(sound, warp)
    return Augmented(
        cepstra(_masked(energies, rng) if rng.random() < how.masks else energies), silences
    )


def _joined(
    clips: list[Samples], rng: np.random.Generator
) -> tuple[Samples, NDArray[np.bool_], tuple[bool, ...]]:
    """Clips with pauses around them; which samples are pauses; which pauses are long."""
    longest = [1.2, *[1.5] * (len(clips) - 1), 1.6] if clips else [3.0]
    chances = [0.2, *[0.6] * (len(clips) - 1), 0.3] if clips else [1.0]
    parts: list[Samples] = []
    quiet: list[NDArray[np.bool_]] = []
    silences = []
    for place, (most, chance) in enumerate(zip(longest, chances, strict=True)):
        seconds = rng.uniform(0.5, most) if rng.random() < chance else rng.uniform(0.03, 0.3)
        pause = int(seconds * RATE)
        parts.append(np.zeros(pause, np.float32))
        quiet.append(np.ones(pause, np.bool_))
        silences.append(seconds > LONG_PAUSE)
        if place < len(clips):
            parts.append(clips[place])
            quiet.append(np.zeros(len(clips[place]), np.bool_))
    return np.concatenate(parts), np.concatenate(quiet), tuple(silences)


def _spoken_at_speed(clip: Samples, rng: np.random.Generator, how: Augmentation) -> Samples:
    speed = float(rng.uniform(*how.speed))
    faster = soxr.resample(clip.astype(np.float32), RATE, RATE / speed, quality="HQ")
    return np.asarray(faster * 10 ** (rng.uniform(-5, 5) / 20), np.float32)


def _in_a_room(sound: Samples, rng: np.random.Generator) -> Samples:
    """Reverberation of 0.1 to 0.9 s; the weaker the direct sound, the farther the speaker."""
    length = int(rng.uniform(0.1, 0.9) * RATE)
    echo = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    echo[: int(rng.uniform(0.002, 0.01) * RATE)] = 0
    echo *= 10 ** (rng.uniform(-20, 3) / 20) / np.sqrt((echo**2).sum())
    echo[0] = 1
    return _convolved(sound, echo)


def _coloured(sound: Samples, rng: np.random.Generator) -> Samples:
    """A microphone that is not flat: up to some 10 dB up or down in smooth bands."""
    points = rng.normal(0, 5, 9)
    gains = np.interp(np.linspace(0, 1, 129), np.linspace(0, 1, 9) ** 1.7, points - points.mean())
    response = np.roll(np.fft.irfft(10 ** (gains / 20)), 128) * np.hanning(256)
    return _convolved(sound, response)


def _fast(count: int) -> int:
    """The next length whose Fourier transform has no large prime in it, so takes no longer."""
    return -(-count // _FAST) * _FAST


def _convolved(sound: Samples, response: NDArray[np.float64]) -> Samples:
    size = _fast(len(sound) + len(response) - 1)
    product = np.fft.rfft(sound, size) * np.fft.rfft(response.astype(np.float32), size)
    return np.asarray(np.fft.irfft(product, size)[: len(sound)], np.float32)


def _noise(count: int, rng: np.random.Generator) -> Samples:
    """Noise of unit level: coloured, humming, with clicks and knocks, or under music."""
    size = _fast(count)
    spectrum = np.fft.rfft(rng.standard_normal(size, np.float32))
    slope = rng.uniform(0, 1.2)
    falling = (1 + np.arange(len(spectrum), dtype=np.float32) / 40) ** np.float32(-slope)
    noise = np.fft.irfft(spectrum * falling, size)[:count]
    noise = noise / (noise.std() + 1e-6)
    kind = rng.random()
    if kind < 0.2:
        time, pitch = np.arange(count) / RATE, rng.choice([50, 60, 100, 120])
        for overtone in range(1, 7):
            phase = rng.uniform(0, 6.28)
            noise += (
                rng.uniform(0, 1.5) / overtone * np.sin(6.283 * pitch * overtone * time + phase)
            )
    elif kind < 0.35:
        for _ in range(rng.integers(1, 6)):
            length = int(rng.integers(60, 1600))
            start = int(rng.integers(0, max(1, count - length)))
            knock = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 4))
            noise[start : start + length] += (knock * rng.uniform(3, 15))[: count - start]
    elif kind > 1 - _MUSIC:
        noise = 0.3 * noise + _music(count, rng)
    return np.asarray(noise / (noise.std() + 1e-6), np.float32)


def _music(count: int, rng: np.random.Generator) -> Samples:
    """Chords on a beat with a drum, of unit level: a radio that plays."""
    total = np.zeros(count, np.float32)
    beat = int(rng.uniform(0.2, 0.6) * RATE)
    root, dullness, drum = rng.uniform(90, 260), rng.uniform(0.6, 1.6), rng.uniform(0, 4)
    for start in range(-beat - int(rng.integers(beat)), count, beat):
        time = np.arange(2 * beat, dtype=np.float32) / RATE
        steps = rng.choice(_SCALE, (rng.integers(1, 4), 1, 1))
        overtone = np.arange(1, 7)[:, None]
        hertz = root * 2 ** (steps / 12) * overtone
        waves = np.sin((6.283 * hertz).astype(np.float32) * time)
        tones = (waves * overtone**-dullness).sum(axis=(0, 1))
        hit = rng.standard_normal(2 * beat, np.float32) * np.exp(-40 * time) * drum
        chord = tones * np.exp(-rng.uniform(1, 8) * time) + hit
        here = slice(max(0, start), start + 2 * beat)
        total[here] += chord[max(0, -start) :][: len(total[here])]
    return np.asarray(total / (total.std() + 1e-6), np.float32)


def _babble(count: int, rng: np.random.Generator, talker: Talker) -> Samples:
    """One to five people talking elsewhere, of unit level."""
    total = np.zeros(count, np.float32)
    for _ in range(rng.integers(1, 6)):
        voice = np.roll(np.resize(talker(rng), count), rng.integers(count))
        total += voice / (voice.std() + 1) * np.float32(rng.uniform(0.4, 1))
    return np.asarray(total / (total.std() + 1e-6), np.float32)


def _telephone(sound: Samples) -> Samples:
    """300 to 3400 Hz, with 8-bit mu-law's coarse steps."""
    size = _fast(len(sound))
    spectrum = np.fft.rfft(sound, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    narrow = np.fft.irfft(spectrum * ((hertz > 300) & (hertz < 3400)), size)[: len(sound)]
    peak = float(np.abs(narrow).max()) + 1e-3
    coded = np.sign(narrow) * np.log1p(255 * np.abs(narrow) / peak) / np.log(256)
    coded = np.round(coded * 127) / 127
    return np.asarray(
        peak * np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255, np.float32
    )


def _shrunk(quiet: NDArray[np.bool_], tail: int = RATE // 5) -> NDArray[np.bool_]:
    """Pauses without their first 0.2 s, in which a room still sounds."""
    place = np.arange(len(quiet))
    last_sound = np.maximum.accumulate(np.where(quiet, -tail - 1, place))
    return quiet & (place - last_sound > tail)


def _masked(energies: Array, rng: np.random.Generator) -> Array:
    """Hide one or two bands and up to two moments behind the mean."""
    mean = energies.mean(axis=0, keepdims=True)
    masked = energies.copy()
    for _ in range(rng.integers(1, 3)):
        width = int(rng.integers(1, 7))
        low = int(rng.integers(0, energies.shape[1] - width))
        masked[:, low : low + width] = mean[:, low : low + width]
    for _ in range(rng.integers(0, 3)):
        width = int(rng.integers(1, 13))
        start = int(rng.integers(0, max(1, len(energies) - width)))
        masked[start : start + width] = mean
    return masked


def _level(sound: Samples) -> float:
    return float(np.sqrt((sound**2).mean())) + 1e-3
