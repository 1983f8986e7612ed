"""What rooms, noise and telephones do to speech: pure functions of samples and a seed.

Samples are int16, mono, 16 kHz, shape ``(n,)``. Levels are in dB below full scale (dBFS), of the
speech alone: pauses do not count, so a slow speaker is not made louder.
"""

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from voice.audio import SAMPLE_RATE
from voice.speech_engine import SpeechEngine

Samples = NDArray[np.int16]
_Sound = NDArray[np.float64]  # -1 to 1, shape (n,)

Noise = Literal["room", "white", "hum", "babble", "household"]
"""``room``: the rumble of an empty room; ``hum``: mains, 50 Hz and overtones; ``babble``: a full
waiting room, six people talking; ``household``: a vacuum cleaner, a running tap and dishes."""

_FRAME = SAMPLE_RATE // 50  # 20 ms, short enough to fall between words
_PAUSE_DB = 25.0  # a frame so far below the loudest one is a pause
_SILENT = 1e-9  # stands for zero where a logarithm is taken
_SPEED_OF_SOUND = 343.0  # m/s


def speech_level(samples: Samples) -> float:
    """Measure the level of the speech, without its pauses, in dBFS."""
    sound = _to_sound(samples)
    padded = np.pad(sound, (0, -len(sound) % _FRAME))
    power = np.mean(padded.reshape(-1, _FRAME) ** 2, axis=1)
    if not len(power) or power.max() < _SILENT**2:
        return float(20 * np.log10(_SILENT))
    active = power > power.max() * 10 ** (-_PAUSE_DB / 10)
    return float(10 * np.log10(np.mean(power[active])))


def set_level(samples: Samples, dbfs: float) -> Samples:
    """Bring the speech to this level; what does not fit is clipped, as by a microphone."""
    gain = 10 ** ((dbfs - speech_level(samples)) / 20)
    return _to_samples(_to_sound(samples) * gain)


def surround(samples: Samples, before: float, after: float) -> Samples:
    """Put digital silence around the speech, in seconds; noise comes over it afterwards."""
    return np.pad(samples, (round(before * SAMPLE_RATE), round(after * SAMPLE_RATE)))


def make_noise(kind: Noise, seconds: float, dbfs: float, rng: np.random.Generator) -> Samples:
    """Make noise without any speech at this mean level in dBFS."""
    return _to_samples(_noise(kind, round(seconds * SAMPLE_RATE), rng) * 10 ** (dbfs / 20))


def add_noise(samples: Samples, kind: Noise, snr_db: float, rng: np.random.Generator) -> Samples:
    """Mix noise in: the speech is ``snr_db`` louder than the mean of the noise."""
    gain = 10 ** ((speech_level(samples) - snr_db) / 20)
    return _to_samples(_to_sound(samples) + gain * _noise(kind, len(samples), rng))


def reverberate(
    samples: Samples, rt60: float, rng: np.random.Generator, direct_db: float = 3.0
) -> Samples:
    """Let the speech sound in a room; the level stays, the tail makes it longer.

    Args:
        samples: the speech as it leaves the mouth.
        rt60: seconds until the echo has fallen by 60 dB: 0.3 a furnished room, 0.8 a bare hall.
        rng: shapes the echo: another room for each seed.
        direct_db: how much louder the direct sound is than all echo together.
    """
    length = round(rt60 * SAMPLE_RATE)
    time = np.arange(length) / SAMPLE_RATE
    echo = rng.standard_normal(length) * 10 ** (-3 * time / rt60)
    echo[: round(0.003 * SAMPLE_RATE)] = 0.0  # nothing comes back within a metre
    echo *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(echo**2))
    echo[0] = 1.0
    wet = _convolve(_to_sound(samples), echo)
    return set_level(_to_samples(wet / max(1.0, np.max(np.abs(wet)))), speech_level(samples))


def far_field(samples: Samples, metres: float, rng: np.random.Generator) -> Samples:
    """Put the speaker away from the microphone, in a room of 50 m3 with an rt60 of 0.4 s.

    The direct sound falls by 6 dB for each doubling of the distance while the echo stays, and
    the level is that at this distance if ``samples`` were recorded at 0.5 m.
    """
    critical = 0.057 * np.sqrt(50.0 / 0.4)  # metres; there echo and direct sound are equal
    wet = reverberate(samples, 0.4, rng, direct_db=20 * float(np.log10(critical / metres)))
    loss = 10 * np.log10((metres**-2 + critical**-2) / (0.5**-2 + critical**-2))
    delay = round(metres / _SPEED_OF_SOUND * SAMPLE_RATE)
    return set_level(np.pad(wet, (delay, 0)), speech_level(samples) + float(loss))


def telephone(samples: Samples) -> Samples:
    """Send the speech through a telephone line: 300-3400 Hz, 8 kHz, 8-bit mu-law."""
    narrow = soxr.resample(_band(_to_sound(samples), 300.0, 3_400.0), SAMPLE_RATE, 8_000)
    coded = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    coded = np.round(np.clip(coded, -1, 1) * 127) / 127
    heard = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
    wide: _Sound = soxr.resample(heard, 8_000, SAMPLE_RATE)
    return _to_samples(wide)


def clip(samples: Samples, excess_db: float) -> Samples:
    """Turn the microphone up so far that the loudest peak is ``excess_db`` above what fits."""
    peak = float(np.max(np.abs(_to_sound(samples)), initial=_SILENT))
    return _to_samples(_to_sound(samples) * 10 ** (excess_db / 20) / peak)


def _noise(kind: Noise, length: int, rng: np.random.Generator) -> _Sound:
    """Make noise with a root mean square of 1."""
    if not length:
        return np.zeros(0)
    sound = _GENERATORS[kind](length, rng)
    return sound / max(_SILENT, float(np.sqrt(np.mean(sound**2))))


def _white(length: int, rng: np.random.Generator) -> _Sound:
    return rng.standard_normal(length)


def _room(length: int, rng: np.random.Generator) -> _Sound:
    """Let white noise fall by 6 dB an octave above 200 Hz, as the noise of rooms does."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    return np.asarray(np.fft.irfft(spectrum / (1 + frequency / 200), length))


def _mains(length: int, rng: np.random.Generator) -> _Sound:
    """Sum 50 Hz and its first nine overtones, each weaker than the one before."""
    time = np.arange(length) / SAMPLE_RATE
    phases = rng.uniform(0, 2 * np.pi, 10)
    tones = [np.sin(2 * np.pi * 50 * n * time + phases[n - 1]) / n for n in range(1, 11)]
    return np.asarray(np.sum(tones, axis=0)) + 0.02 * rng.standard_normal(length)


def _babble(length: int, rng: np.random.Generator) -> _Sound:
    """Sum six people who each read the same chatter from a place of their own."""
    talkers = _talkers()
    starts = rng.integers(0, [len(talker) for talker in talkers])
    heard = [
        np.resize(np.roll(talker, -start), length)
        for talker, start in zip(talkers, starts, strict=True)
    ]
    return np.asarray(np.sum(heard, axis=0))


def _household(length: int, rng: np.random.Generator) -> _Sound:
    """Sum a vacuum cleaner (motor and air), a running tap and a dish that clinks each second."""
    time = np.arange(length) / SAMPLE_RATE
    speed = 110.0 * (1 + 0.02 * np.sin(2 * np.pi * 0.3 * time + rng.uniform(0, 2 * np.pi)))
    turns = 2 * np.pi * np.cumsum(speed) / SAMPLE_RATE
    motor = np.sum([np.sin(n * turns + rng.uniform(0, 2 * np.pi)) / n for n in range(1, 15)], 0)
    air = _band(rng.standard_normal(length), 300.0, 2_500.0)
    tap = _band(rng.standard_normal(length), 2_000.0, 6_500.0)
    return np.asarray(0.5 * motor + air + 0.7 * tap + _clinks(length, rng))


def _clinks(length: int, rng: np.random.Generator) -> _Sound:
    """Let dishes ring: three decaying tones each, at random moments, about one a second."""
    sound = np.zeros(length)
    ring = np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE
    for start in rng.integers(0, length, max(1, length // SAMPLE_RATE)):
        pitches = rng.uniform(1_500.0, 6_000.0, 3)
        clink = 6.0 * np.exp(-25 * ring) * np.sum(np.sin(2 * np.pi * pitches[:, None] * ring), 0)
        end = min(length, start + len(clink))
        sound[start:end] += clink[: end - start]
    return sound


_GENERATORS: dict[Noise, Callable[[int, np.random.Generator], _Sound]] = {
    "room": _room,
    "white": _white,
    "hum": _mains,
    "babble": _babble,
    "household": _household,
}

_CHATTER = (
    "Heeft u een afspraak? Ik zit hier al een half uur. Mijn dochter komt straks met de kinderen."
    " Het was druk op de weg vanmorgen. Neemt u nog koffie? Wij gaan in juni weer naar Zeeland."
    " De buurman heeft een nieuwe schutting gezet. Zet uw tas maar op die stoel, hoor."
)
"""About daily things; nobody in the waiting room names a complaint."""


_TALKERS = {"f2": 160, "adam": 150, "linda": 175, "max": 145, "belinda": 165, "robert": 155}
"""espeak-ng's variants and their speed; none of them speaks in the fixtures or the benchmarks."""
_TALKERS_LOCK = Lock()


def _talkers() -> tuple[_Sound, ...]:
    """Six equally loud voices. Raises SpeechEngineError where there is no Dutch voice."""
    with _TALKERS_LOCK:  # or several threads would all speak them
        return _spoken_by_all()


@cache
def _spoken_by_all() -> tuple[_Sound, ...]:
    return tuple(_spoken(f"nl+{variant}", speed) for variant, speed in _TALKERS.items())


def _spoken(voice: str, speed: int) -> _Sound:
    engine = SpeechEngine(voice)
    try:
        rendering = engine.render(_CHATTER, rate=speed)
    finally:
        engine.close()
    heard = soxr.resample(rendering.samples.astype(np.float64), rendering.rate, SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(heard) > 0.01 * np.max(np.abs(heard)))
    spoken = heard[loud[0] : loud[-1]]  # without the silence around it
    return _to_sound(set_level(np.asarray(np.rint(spoken), np.int16), -20.0))


def _band(sound: _Sound, low: float, high: float) -> _Sound:
    """Keep ``low`` to ``high`` Hz, with edges of about an eighth of an octave."""
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    passed = 1 / (1 + (low / np.maximum(frequency, 1.0)) ** 16) / (1 + (frequency / high) ** 16)
    return np.asarray(np.fft.irfft(spectrum * passed, len(sound)))


def _convolve(sound: _Sound, response: _Sound) -> _Sound:
    length = len(sound) + len(response) - 1
    product = np.fft.rfft(sound, length) * np.fft.rfft(response, length)
    return np.asarray(np.fft.irfft(product, length))


def _to_sound(samples: Samples) -> _Sound:
    return samples.astype(np.float64) / 32_768


def _to_samples(sound: _Sound) -> Samples:
    return np.asarray(np.clip(np.rint(sound * 32_768), -32_768, 32_767), np.int16)
