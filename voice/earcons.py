"""Short sounds that are no speech, made by formula.

All tones lie between 300 and 1200 Hz: hearing fades from the top with age, and what is left there
carries further. They are told apart by direction and rhythm, not only by pitch: up (your turn),
one short knock (heard), twice down (not understood).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PEAK = 0.18  # of full scale: about as loud as soft speech
_ATTACK_SECONDS = 0.012  # anything steeper clicks
_OVERTONE = 0.25  # an octave up, so that a tone is not a mere beep


@dataclass(frozen=True)
class Note:
    """A tone of ``pitch`` Hz that begins at ``start`` and has died away after ``seconds``."""

    pitch: float
    start: float
    seconds: float


@dataclass(frozen=True)
class Earcon:
    """A sound of one or more notes."""

    name: str
    notes: tuple[Note, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return max(note.start + note.seconds for note in self.notes)

    def samples(self, rate: int) -> NDArray[np.int16]:
        """Make the sound: shape ``(n,)``, mono at ``rate`` Hz, from and to silence."""
        sound = np.zeros(round(self.seconds * rate))
        for note in self.notes:
            tone = _tone(note, rate)
            start = round(note.start * rate)
            stop = min(start + len(tone), len(sound))
            sound[start:stop] += tone[: stop - start]
        return np.asarray(np.round(sound / np.abs(sound).max() * _PEAK * 32_767), dtype=np.int16)


def _tone(note: Note, rate: int) -> NDArray[np.float64]:
    """A soft bell: a fundamental and its octave, a smooth attack, then dying away to nothing."""
    time = np.arange(round(note.seconds * rate)) / rate
    wave = np.sin(2 * np.pi * note.pitch * time)
    wave += _OVERTONE * np.sin(4 * np.pi * note.pitch * time)
    attack = 0.5 - 0.5 * np.cos(np.pi * np.clip(time / _ATTACK_SECONDS, 0, 1))
    decay = 0.5 + 0.5 * np.cos(np.pi * time / note.seconds)
    return np.asarray(wave * attack * decay)


LISTENING = Earcon("listening", (Note(440, 0.0, 0.11), Note(587, 0.08, 0.12)))
"""Your turn: two notes up, a fourth."""

HEARD = Earcon("heard", (Note(523, 0.0, 0.09),))
"""I heard you: one short note."""

NOT_UNDERSTOOD = Earcon("not_understood", (Note(415, 0.0, 0.1), Note(311, 0.09, 0.11)))
"""Not understood: two notes down, lower than the others."""

BY_NAME = {earcon.name: earcon for earcon in (LISTENING, HEARD, NOT_UNDERSTOOD)}
"""By name, as a reply asks for them."""
