"""The engine that turns a sentence into sound: a process with pyttsx3, led from here.

Every wait for it has a limit. A process that crashed or hangs is ended and replaced, once a
sentence; whoever asks gets sound or a :class:`SpeechEngineError`, never silence for ever.
"""

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from errors import SpeechEngineError

_LOG = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 20.0  # importing on a slow machine with a cold disk
_ANSWER_SECONDS = 4.0  # a sentence takes some milliseconds; a busy machine is not a hang
_CHUNK = 65_536


@dataclass(frozen=True)
class Mark:
    """A word in the sound: its place in the text, and when it begins, in seconds."""

    position: int
    length: int
    at: float


@dataclass(frozen=True, eq=False)
class Rendering:
    """What the engine made of a text."""

    samples: NDArray[np.int16]
    """Shape ``(n,)``, mono, at ``rate`` Hz."""
    rate: int
    marks: tuple[Mark, ...]
    phonemes: str
    """What was really said, in espeak-ng's letters, a blank before each word."""


class SpeechEngine:
    """A voice in a process of its own. Several threads may use it; they wait for each other.

    Args:
        voice: espeak-ng's name for it (``nl``, ``nl+f3``).
        answer_seconds: how long a sentence may take before the process is replaced.

    Raises:
        SpeechEngineError: there is no espeak-ng, or no such Dutch voice.
    """

    def __init__(self, voice: str, answer_seconds: float = _ANSWER_SECONDS) -> None:
        if not voice.isprintable():
            raise _unknown_voice(voice)
        self._wanted = voice
        self._answer_seconds = answer_seconds
        self._lock = threading.Lock()
        self._closed = False
        self._process = self._start()

    def render(self, text: str, **properties: int) -> Rendering:
        """Synthesise one sentence; ``properties`` are those of our pyttsx3 driver.

        Raises:
            SpeechEngineError: the engine failed twice.
        """
        request = json.dumps({"text": text, **properties}).encode() + b"\n"
        with self._lock:
            if self._closed:
                raise SpeechEngineError("De stem is al uitgezet: start het programma opnieuw.")
            try:
                return self._ask(request)
            except (OSError, ValueError, EOFError, TimeoutError) as error:
                _LOG.warning("speech engine replaced after %s", type(error).__name__)
                self._end()
                self._process = self._start()
            try:
                return self._ask(request)
            except (OSError, ValueError, EOFError, TimeoutError) as error:
                self._end()  # or its late answer would be taken for that to the next sentence
                raise SpeechEngineError(
                    "De stem geeft geen antwoord: start het programma opnieuw."
                ) from error

    def close(self) -> None:
        """End the process; nothing can be synthesised any more."""
        with self._lock:
            self._closed = True
            self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                [sys.executable, "-m", "voice.speech_worker", self._wanted],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # espeak-ng may quote text there
            )
        except OSError as error:  # no memory left, or no process
            raise SpeechEngineError(
                "De stem start niet, want de computer is vol: sluit andere programma's, of start "
                "de computer opnieuw."
            ) from error
        self._process = process
        try:
            greeting = self._read_header(time.monotonic() + _START_SECONDS)
        except (OSError, ValueError, EOFError, TimeoutError) as error:
            self._end()
            raise _missing() from error
        if "voice" in greeting:
            _LOG.info("speech engine started with voice %s", greeting["voice"])
            return process
        self._end()
        raise _missing() if greeting.get("error") == "missing" else _unknown_voice(self._wanted)

    def _ask(self, request: bytes) -> Rendering:
        deadline = time.monotonic() + self._answer_seconds
        if self._process.stdin is None:
            raise EOFError
        self._process.stdin.write(request)
        self._process.stdin.flush()
        header = self._read_header(deadline)
        payload = self._read(header["bytes"], deadline)
        return Rendering(
            np.frombuffer(payload, dtype="<i2").astype(np.int16),
            header["rate"],
            tuple(Mark(place, length, at / 1000) for place, length, at in header["words"]),
            header["phonemes"],
        )

    def _read_header(self, deadline: float) -> dict[str, Any]:
        line = bytearray()
        while not line.endswith(b"\n"):
            line += self._read(1, deadline)
        header: dict[str, Any] = json.loads(line)
        return header

    def _read(self, count: int, deadline: float) -> bytes:
        """Read exactly ``count`` bytes before the deadline."""
        if self._process.stdout is None:
            raise EOFError
        pipe = self._process.stdout.fileno()
        data = bytearray()
        while len(data) < count:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            piece = os.read(pipe, min(_CHUNK, count - len(data)))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def _end(self) -> None:
        self._process.kill()  # it keeps nothing that could be lost
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written
                    pipe.close()


def _missing() -> SpeechEngineError:
    return SpeechEngineError(
        "De spraak espeak-ng ontbreekt: installeer die met 'sudo apt install espeak-ng' en "
        "probeer het opnieuw."
    )


def _unknown_voice(name: str) -> SpeechEngineError:
    return SpeechEngineError(
        f"De Nederlandse stem '{name}' bestaat niet: kies 'nl', of 'nl' met een klankkleur van "
        "espeak-ng, zoals 'nl+f2' of 'nl+m3'."
    )
