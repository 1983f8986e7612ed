"""What is wrong with our ears, so that somebody can be told once, and again when it is over."""

from typing import Literal

from voice.barge_in import OpenEar
from voice.microphone import Microphone
from voice.recognizer import Recognizer

Defect = Literal[
    "microphone_gone",
    "microphone_muted",
    "microphone_stuck",
    "loudspeaker_gone",
    "voice_gone",
    "too_slow",
]
"""``gone``: it delivers or takes nothing and could not be opened anew so far; ``too_slow``: sound
comes in faster than it can be understood."""

_GONE_SECONDS = 4.5  # what the first repair mends is not worth a word
_LOOKS = 10  # 1 s of them: after this process itself was stalled, blocks are still queued
_SLOW_SECONDS, _FAST_SECONDS = 5.0, 1.0  # of sound that waits: from when, and until when


class EarHealth:
    """Looks at a microphone and the recogniser behind it. For one thread."""

    def __init__(self, microphone: Microphone | OpenEar, recognizer: Recognizer) -> None:
        self._microphone = microphone
        self._recognizer = recognizer
        self._slow = False
        self._missing = 0

    def defect(self) -> Defect | None:
        """The worst that is wrong; None where all is well. To be asked ten times a second."""
        is_silent = self._microphone.silent_seconds > _GONE_SECONDS
        self._missing = self._missing + 1 if is_silent else 0
        if self._missing >= _LOOKS:
            return "microphone_gone"
        match self._recognizer.microphone_fault:
            case "muted":
                return "microphone_muted"
            case "stuck":
                return "microphone_stuck"
        backlog = self._recognizer.backlog_seconds
        self._slow = backlog >= (_FAST_SECONDS if self._slow else _SLOW_SECONDS)
        return "too_slow" if self._slow else None
