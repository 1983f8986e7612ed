"""Noise and rooms on demand: what happens to the sound between mouth and microphone."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast, get_args

import numpy as np

from errors import EvaluationError
from evaluation import effects
from evaluation.effects import Noise, Samples

Effect = Callable[[Samples, np.random.Generator], Samples]

NOISES: dict[Noise, str] = {
    "babble": "geroezemoes",
    "household": "huishouden",
    "white": "ruis",
    "room": "kamerruis",
    "hum": "brom",
}
"""Each noise with its Dutch name."""
_SNR_DB = (-20.0, 60.0)
_RT60 = (0.1, 3.0)
_METRES = (0.5, 20.0)
_CLIP_DB = (0.0, 40.0)


@dataclass(frozen=True)
class Condition:
    """One way to hear all recordings."""

    key: str
    """As it is typed: ``babble:10``."""
    title: str
    """As a report shows it: ``geroezemoes 10 dB``."""
    effect: Effect
    noise: Noise | None = None
    snr_db: float | None = None

    def heard(self, samples: Samples, name: str, seed: int) -> Samples:
        """The sound under this condition: the same for the same name and seed, on any machine."""
        number = zlib.crc32(f"{self.key} {name}".encode())
        return self.effect(samples, np.random.default_rng([seed, number]))


CLEAN = Condition("clean", "zoals opgenomen", lambda samples, _: samples)


@dataclass(frozen=True)
class Wishes:
    """The conditions as they are typed; each becomes one of its own, beside `CLEAN`."""

    noise: str = ""
    """``babble:10,white:20``: a noise and how many dB the speech is louder than it."""
    room: str = ""
    """``0.5,0.8``: seconds until an echo has fallen by 60 dB."""
    far: str = ""
    """``3``: metres from the microphone."""
    clip: str = ""
    """``12``: dB by which the loudest peak is too loud."""
    telephone: bool = False

    def conditions(self) -> tuple[Condition, ...]:
        """`CLEAN`, then what is wished.

        Raises:
            EvaluationError: a noise that does not exist, or a number that makes no sense.
        """
        found = [CLEAN, *self._noises(), *self._others()]
        return tuple({condition.key: condition for condition in found}.values())

    def _noises(self) -> Iterator[Condition]:
        for part in _parts(self.noise):
            kind, _, level = part.partition(":")
            if kind not in get_args(Noise):
                raise EvaluationError(
                    f"Het geluid '{kind}' bij --noise ken ik niet: kies uit {', '.join(NOISES)}, "
                    "met het verschil in dB erachter, zoals babble:10."
                )
            noise = cast(Noise, kind)
            snr = _number("--noise", level, _SNR_DB)
            effect = partial(_noisy, noise, snr)
            yield Condition(f"{kind}:{snr:g}", f"{NOISES[noise]} {snr:g} dB", effect, noise, snr)

    def _others(self) -> Iterator[Condition]:
        for text in _parts(self.room):
            rt60 = _number("--room", text, _RT60)
            yield Condition(f"room:{rt60:g}s", f"galm {rt60:g} s", partial(_reverberant, rt60))
        for text in _parts(self.far):
            metres = _number("--far", text, _METRES)
            yield Condition(f"far:{metres:g}m", f"op {metres:g} m", partial(_distant, metres))
        for text in _parts(self.clip):
            excess = _number("--clip", text, _CLIP_DB)
            title = f"overstuurd {excess:g} dB"
            yield Condition(f"clip:{excess:g}", title, partial(_clipped, excess))
        if self.telephone:
            yield Condition("telephone", "telefoon", lambda samples, _: effects.telephone(samples))


def _noisy(kind: Noise, snr: float, samples: Samples, rng: np.random.Generator) -> Samples:
    return effects.add_noise(samples, kind, snr, rng)


def _reverberant(rt60: float, samples: Samples, rng: np.random.Generator) -> Samples:
    return effects.reverberate(samples, rt60, rng)


def _distant(metres: float, samples: Samples, rng: np.random.Generator) -> Samples:
    return effects.far_field(samples, metres, rng)


def _clipped(excess: float, samples: Samples, rng: np.random.Generator) -> Samples:
    del rng
    return effects.clip(samples, excess)


def _parts(text: str) -> Sequence[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(option: str, text: str, limits: tuple[float, float]) -> float:
    low, high = limits
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise EvaluationError(
            f"De waarde '{text}' bij {option} kan niet: geef een getal van {low:g} tot {high:g}."
        )
    return number
