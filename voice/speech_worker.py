"""The process that speaks: ``python -m voice.speech_worker VOICE``, led by ``speech_engine.py``.

espeak-ng is a C library with global state: a crash or a hang in it would be ours. In a process of
its own it can be ended and replaced. A request is one line of JSON on standard input, a reply one
line of JSON on standard output, followed by as many bytes of sound as it says. Nothing is written
to disk or to the log.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyttsx3

from voice import pyttsx3_driver
from voice.pyttsx3_driver import EngineMissingError


@dataclass(frozen=True)
class Synthesis:
    """The driver's event ``synthesized``: see `pyttsx3_driver.Driver.say`."""

    samples: bytes = b""
    rate: int = 0
    words: Sequence[tuple[int, int, int]] = ()
    phonemes: str = ""
    completed: bool = False
    name: str | None = None


class Voice:
    """A pyttsx3 engine with our driver, whose failures are not swallowed."""

    def __init__(self, name: str) -> None:
        self._errors: list[Exception] = []
        self._result = Synthesis()
        self._engine = pyttsx3.init(pyttsx3_driver.register())
        self._engine.connect("error", self._on_error)
        self._engine.connect("synthesized", self._on_synthesized)
        voices: list[tuple[str, str]] = self._engine.getProperty("voices")
        self.dutch = sorted(identifier for identifier, language in voices if _is_dutch(language))
        """The Dutch voices, as espeak-ng names them."""
        self.set(voice=name)
        if self.name.partition("+")[0] not in self.dutch:
            raise ValueError("not a Dutch voice")

    @property
    def name(self) -> str:
        """The voice that espeak-ng really uses."""
        return str(self._engine.getProperty("voice"))

    def set(self, **properties: str | int) -> None:
        """Set properties of the driver, at once. Raises what the driver raises."""
        for name, value in properties.items():
            self._engine.setProperty(name, value)
        self._run()

    def synthesize(self, text: str) -> Synthesis:
        """Let the driver speak this text."""
        self._result = Synthesis()
        # pyttsx3 ignores blank text without a word; a full stop is as silent, and answered.
        self._engine.say(text if text.strip() else ".")
        self._run()
        return self._result

    def _run(self) -> None:
        self._engine.runAndWait()
        errors, self._errors = self._errors, []
        if errors:
            raise errors[0]

    def _on_error(self, exception: Exception, **_: object) -> None:
        self._errors.append(exception)

    def _on_synthesized(self, **values: Any) -> None:  # noqa: ANN401  # pyttsx3 takes no other form
        self._result = Synthesis(**values)


def _is_dutch(language: str) -> bool:
    return language == "nl" or language.startswith("nl-")


def _answer(voice: Voice, request: dict[str, Any], replies: BinaryIO) -> None:
    text = request.pop("text")
    voice.set(**request)
    result = voice.synthesize(text)
    header = {
        "rate": result.rate,
        "bytes": len(result.samples),
        "words": result.words,
        "phonemes": result.phonemes,
    }
    _send(replies, header, result.samples)


def _send(replies: BinaryIO, header: dict[str, Any], payload: bytes = b"") -> None:
    replies.write(json.dumps(header).encode() + b"\n" + payload)
    replies.flush()


def main() -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is our parent's; it closes our input
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody's print may get among the replies
    try:
        voice = Voice(sys.argv[1])
    except EngineMissingError:
        _send(replies, {"error": "missing"})
        return
    except ValueError:
        _send(replies, {"error": "voice"})
        return
    _send(replies, {"voice": voice.name})
    for line in sys.stdin.buffer:
        _answer(voice, json.loads(line), replies)


if __name__ == "__main__":
    main()
