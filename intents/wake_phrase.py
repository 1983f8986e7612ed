"""The words that wake the assistant, looked for in whatever was recognised.

Found in full decoding: a recogniser that knows nothing but the phrase hears it everywhere. Errors
of the recogniser are allowed for by likeness of letters, word boundaries aside: "ha low computer".
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, field_validator
from rapidfuzz import fuzz

_VOWELS = re.compile(r"ij|[aeiouy]+")
_FEWEST_SYLLABLES = 3  # shorter ones are in everybody's mouth all day


class WakePhraseSettings(BaseModel):
    """Which words, and how well they must be heard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str = Field(
        "hallo computer", description="three syllables or more, rarely said together"
    )
    likeness: float = Field(
        0.85, gt=0.5, le=1.0, description="1 takes only the very letters; less wakes by mistake"
    )  # in 2.5 hours of other people's speech: no false wake at 0.85, one at 0.8, seven at 0.75

    @field_validator("words")
    @classmethod
    def _long_enough(cls, words: str) -> str:
        if syllables(words) < _FEWEST_SYLLABLES:
            raise ValueError("kies woorden van samen minstens drie lettergrepen")
        return words


@dataclass(frozen=True)
class Call:
    """The phrase was said; ``text`` is what followed in the same breath, often nothing."""

    text: str
    alternatives: tuple[str, ...]
    """Other readings of what followed."""
    before: str = ""
    """What was said before it, in the likeliest reading that has it."""


class WakePhrase:
    """Finds the phrase in utterances."""

    def __init__(self, settings: WakePhraseSettings | None = None) -> None:
        self._settings = settings or WakePhraseSettings()
        self._words = len(self._settings.words.split())
        self._letters = _letters(self._settings.words)

    def call(self, text: str, alternatives: Sequence[str] = ()) -> Call | None:
        """Look for the phrase in the readings of one utterance; None where it is in none."""
        found = [around for reading in (text, *alternatives) if (around := self._around(reading))]
        if not found:
            return None
        first, *others = dict.fromkeys(after for _, after in found)
        return Call(first, tuple(other for other in others if other), found[0][0])

    def _around(self, reading: str) -> tuple[str, str] | None:
        """What stands before and after the phrase in one reading; None where it is not in it."""
        words = reading.split()
        best: tuple[float, int, int] | None = None
        for start in range(len(words)):
            for count in range(max(1, self._words - 1), self._words + 2):
                score = self.likeness(words[start : start + count])
                if best is None or score > best[0]:
                    best = score, start, start + count
        if best is None or best[0] < self._settings.likeness:
            return None
        return " ".join(words[: best[1]]), " ".join(words[best[2] :])

    def likeness(self, words: Sequence[str]) -> float:
        """How much these words look like the phrase, 0 to 1."""
        return fuzz.ratio(self._letters, _letters(" ".join(words))) / 100


def syllables(text: str) -> int:
    """About how many syllables Dutch words have: their groups of vowels."""
    return len(_VOWELS.findall(_plain(text)))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _plain(text))


def _plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
