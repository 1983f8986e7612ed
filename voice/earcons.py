"""Short sounds that are no speech, made by formula: soft plucks, like a wood block.

All lie between 750 and 1100 Hz: hearing fades from the top with age. They are told apart by number
and direction: two up (your turn), one (heard), two down (not understood). Each pluck is shorter
than a vowel and has no overtones, because the speech model takes longer or richer ones for words
("hoe", "stop").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PEAK = 0.13  # of full scale: about as loud as the speech that follows
_ATTACK_SECONDS = 0.004  # anything steeper clicks
_RELEASE_SECONDS = 0.01  # to exact silence
_DECAY = 7.0  # how often a pluck fades by a factor e in its time


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
    """A pluck: a smooth attack, then dying away to nothing."""
    time = np.arange(round(note.seconds * rate)) / rate
    attack = 0.5 - 0.5 * np.cos(np.pi * np.clip(time / _ATTACK_SECONDS, 0, 1))
    decay = np.exp(-_DECAY * time / note.seconds)
    release = np.clip((note.seconds - time) / _RELEASE_SECONDS, 0, 1)
    return np.asarray(np.sin(2 * np.pi * note.pitch * time) * attack * decay * release)


LISTENING = Earcon("listening", (Note(831, 0.0, 0.04), Note(1047, 0.15, 0.04)))
"""Your turn: up a third."""

HEARD = Earcon("heard", (Note(880, 0.0, 0.05),))
"""I heard you: one."""

NOT_UNDERSTOOD = Earcon("not_understood", (Note(1047, 0.0, 0.03), Note(784, 0.15, 0.03)))
"""Not understood: down a fourth."""

BY_NAME = {earcon.name: earcon for earcon in (LISTENING, HEARD, NOT_UNDERSTOOD)}
"""As a reply asks for them."""
