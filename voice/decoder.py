"""One Vosk recogniser, fenced in: some input ends the whole process, so none of it gets there.

What Vosk dies of, and what keeps it away: a sample rate of 0 (a constant here), a bad or late
grammar (none is ever set), use from two threads (a decoder belongs to one `voice.listener`),
anything but `bytes` (`voice.listener.PieceCutter` makes them).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from errors import SpeechModelError
from voice.audio import SAMPLE_RATE
from voice.utterances import Hypothesis
from voice.vosk_library import vosk

_LEAD_SECONDS = 0.3
"""Quiet before the sound: without any, one first word in fifty more is wrong (measured)."""
_LEAD = bytes(2 * round(_LEAD_SECONDS * SAMPLE_RATE))


class Decoder:
    """Decodes sound from one moment of the stream on. Every method raises `SpeechModelError`."""

    def __init__(self, model: vosk.Model, alternatives: int, begins_at: float) -> None:
        self.begins_at = begins_at
        """Seconds of stream before the first sound that it is given."""
        with model_errors():
            self._vosk = vosk.KaldiRecognizer(model, float(SAMPLE_RATE))
            self._vosk.SetWords(True)  # Vosk takes it by position
            self._vosk.SetMaxAlternatives(alternatives)
            self._vosk.AcceptWaveform(_LEAD)

    def accept(self, piece: bytes) -> bool:
        """Take whole samples, 16 kHz mono int16; True where a part of speech has ended."""
        with model_errors():
            return bool(self._vosk.AcceptWaveform(piece))

    def partial(self) -> str:
        """What is being said; empty in silence."""
        with model_errors():
            return str(json.loads(self._vosk.PartialResult())["partial"])

    def result(self) -> tuple[Hypothesis, ...]:
        """How to read the part that ended, best first; to be called after `accept` said so."""
        with model_errors():
            return self._readings(self._vosk.Result())

    def final(self) -> tuple[Hypothesis, ...]:
        """How to read what is left where the sound ends; no use can be made of this after it."""
        with model_errors():
            return self._readings(self._vosk.FinalResult())

    def _readings(self, result: str) -> tuple[Hypothesis, ...]:
        """Read Vosk's JSON. ``confidence`` in it is a log-probability, despite its name."""
        return tuple(self._reading(item) for item in json.loads(result)["alternatives"])

    def _reading(self, item: dict[str, Any]) -> Hypothesis:
        words = tuple(
            (word["word"], self._time(word["start"]), self._time(word["end"]))
            for word in item.get("result", ())
        )
        return Hypothesis(item["text"].strip(), item["confidence"], words)

    def _time(self, vosk_time: float) -> float:
        return self.begins_at + max(0.0, vosk_time - _LEAD_SECONDS)


@contextmanager
def model_errors() -> Iterator[None]:
    """Turn whatever goes wrong inside into the one sentence that a person can act on."""
    try:
        yield
    except SpeechModelError:
        raise
    except Exception as error:  # Vosk raises nothing narrower
        raise hung() from error


def hung() -> SpeechModelError:
    """The error of a decoder that failed, or hangs."""
    return SpeechModelError(
        "Het spraakmodel is vastgelopen tijdens het luisteren: controleer het met "
        "'main.py model verify' en start het programma opnieuw."
    )
