"""Our own pyttsx3 driver: espeak-ng gives us its sound instead of playing it.

pyttsx3's Linux driver writes each utterance into a temporary WAV, lets ``aplay`` play it and
blocks until that ends. This one collects the samples in memory, with the place in the sound of
every word, and announces them as the event ``synthesized``. It does so inside the call, so there
is no loop to wait in: no lost, repeated or endless utterance.

It runs in a process of its own, see ``speech_worker.py``.
"""

import ctypes
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

_LOG = logging.getLogger(__name__)

DRIVER_NAME = "spiertolk"
"""What to give to ``pyttsx3.init`` after :func:`register`."""

_BUFFER_MILLISECONDS = 100  # how often espeak asks whether to go on
_PHONEME_EVENTS = 0x1  # tell what is said, in espeak's own letters
_DO_NOT_EXIT = 0x8000  # espeak-ng ends the whole process over missing data, unless told so
_EVENT_PHONEME = 7
_PITCH_RANGE = 4
_WORD_GAP = 7  # espeak-ng's number for it; pyttsx3 calls 7 EMPHASIS, which espeak-ng dropped


class EngineMissingError(Exception):
    """There is no espeak-ng library, or none that starts."""


class Proxy(Protocol):
    """What pyttsx3 hands to a driver."""

    def setBusy(self, busy: bool) -> None:  # noqa: N802  # pyttsx3's name
        """Say whether the next command has to wait."""

    def notify(self, topic: str, **values: object) -> None:
        """Tell all who listen to ``topic``."""


class _Event(Protocol):
    """espeak_EVENT of ``speak_lib.h``, as far as we read it."""

    type: int
    text_position: int
    """In characters; the first one is 1."""
    length: int
    audio_position: int
    """In milliseconds."""
    id: ctypes.Union
    """Of a phoneme: up to eight letters."""


def register() -> str:
    """Make this module a driver that ``pyttsx3.init(name)`` finds; give its name.

    Raises:
        EngineMissingError: no espeak-ng on this machine.
    """
    load_espeak()
    sys.modules[f"pyttsx3.drivers.{DRIVER_NAME}"] = sys.modules[__name__]
    return DRIVER_NAME


def buildDriver(proxy: Proxy) -> "Driver":  # noqa: N802  # pyttsx3 looks for this name
    """Make a driver for an engine of pyttsx3."""
    return Driver(proxy)


def load_espeak() -> tuple[Any, bytes | None]:
    """Load pyttsx3's binding to espeak-ng, with the folder that holds espeak-ng's data.

    The library comes from the package ``espeakng-loader``, else from the system (None: the
    system's library knows its own data).

    Raises:
        EngineMissingError: neither is there.
    """
    data = _load_packaged_library()
    try:
        # The packaged library, once loaded, answers to the name that the binding asks for.
        return import_module("pyttsx3.drivers._espeak"), data
    except (ImportError, OSError, RuntimeError) as error:
        raise EngineMissingError("no espeak-ng library") from error


def _load_packaged_library() -> bytes | None:
    try:
        loader = import_module("espeakng_loader")
        data = Path(loader.get_data_path())
        ctypes.CDLL(loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    except (ImportError, OSError, RuntimeError) as error:
        _LOG.info("no packaged espeak-ng (%s), trying the system's", type(error).__name__)
        return None
    return str(data.parent).encode()


class Driver:
    """One espeak-ng, as pyttsx3 wants it. espeak-ng exists once in a process, and so does this."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._espeak, data = load_espeak()
        self._rate: int = self._espeak.Initialize(
            self._espeak.AUDIO_OUTPUT_SYNCHRONOUS,
            _BUFFER_MILLISECONDS,
            data,
            _PHONEME_EVENTS | _DO_NOT_EXIT,
        )
        if self._rate <= 0:
            raise EngineMissingError("espeak-ng does not start")
        self._stopped = False
        self._samples = bytearray()
        self._words: list[tuple[int, int, int]] = []
        self._phonemes: list[str] = []
        self._espeak.SetSynthCallback(self._on_sound)

    def destroy(self) -> None:
        """Nothing to do: the process ends with its engine."""

    def say(self, text: str) -> None:
        """Synthesise now, and announce the result as the event ``synthesized``.

        Its values: ``samples`` (bytes, mono 16-bit), ``rate`` (Hz), ``words`` (a list of position
        in the text, length and milliseconds from the start), ``phonemes`` (as espeak writes them,
        a blank before each word) and ``completed``. Text in ``[[double brackets]]`` is taken as
        phonemes.
        """
        self._stopped = False
        self._proxy.setBusy(True)
        self._proxy.notify("started-utterance")
        self._samples.clear()
        self._words.clear()
        self._phonemes.clear()
        espeak = self._espeak
        result = espeak.Synth(
            text.replace("\0", " ").encode("utf-8", "replace"),
            flags=espeak.CHARS_UTF8 | espeak.PHONEMES,
        )
        completed = result == espeak.EE_OK and not self._stopped
        self._proxy.notify(
            "synthesized",
            samples=bytes(self._samples),
            rate=self._rate,
            words=list(self._words),
            phonemes="".join(self._phonemes),
            completed=completed,
        )
        self._proxy.notify("finished-utterance", completed=completed)
        self._proxy.setBusy(False)

    def stop(self) -> None:
        """Break off the synthesis that runs now; from any thread, without waiting for it."""
        self._stopped = True

    def startLoop(self) -> None:  # noqa: N802  # pyttsx3's name
        """Do all that is queued and return: each command is done when its call returns."""
        self._proxy.setBusy(False)

    def endLoop(self) -> None:  # noqa: N802  # pyttsx3's name
        """Nothing to end, see :meth:`startLoop`."""

    def getProperty(self, name: str) -> object:  # noqa: N802  # pyttsx3's name
        """Read ``voice`` (what is really in use), ``voices``, or a number: see `setProperty`.

        Raises:
            KeyError: there is no such property.
        """
        if name == "voice":
            return self._current_voice()
        if name == "voices":
            return [
                (voice.identifier.decode(), voice.languages[1:].decode("utf-8", "replace"))
                for voice in self._espeak.ListVoices(None)
            ]
        value: int = self._espeak.GetParameter(self._parameter(name))
        return value

    def setProperty(self, name: str, value: str | int) -> None:  # noqa: N802  # pyttsx3's name
        """Set ``voice`` or a number of espeak-ng's.

        ``rate`` is in words a minute, ``volume``, ``pitch`` and ``range`` (of the pitch) go from
        0 to 100, ``gap`` is an extra pause between words in units of about 10 ms.

        Raises:
            KeyError: there is no such property.
            ValueError: there is no such voice.
        """
        if name != "voice":
            self._espeak.SetParameter(self._parameter(name), int(value), 0)
            return
        wanted = str(value)
        result = self._espeak.SetVoiceByName(wanted.encode("utf-8", "replace"))
        # espeak-ng takes an unknown variant (nl+zzz) without a word: read back what it chose.
        variant = wanted.partition("+")[2]
        if result != self._espeak.EE_OK or self._current_voice().partition("+")[2] != variant:
            raise ValueError("no such voice")

    def _current_voice(self) -> str:
        voice = self._espeak.GetCurrentVoice()
        return str(voice.contents.identifier.decode()) if voice else ""

    def _parameter(self, name: str) -> int:
        espeak = self._espeak
        numbers = {
            "rate": espeak.RATE,
            "volume": espeak.VOLUME,
            "pitch": espeak.PITCH,
            "range": _PITCH_RANGE,
            "gap": _WORD_GAP,
        }
        return int(numbers[name])

    def _on_sound(self, wav: ctypes.c_void_p, count: int, events: Sequence["_Event"]) -> int:
        """Take a piece of sound from espeak; 1 breaks off."""
        if self._stopped:
            return 1
        if count > 0:
            self._samples += ctypes.string_at(wav, count * ctypes.sizeof(ctypes.c_short))
        index = 0
        while events[index].type != self._espeak.EVENT_LIST_TERMINATED:
            self._on_event(events[index])
            index += 1
        return 0

    def _on_event(self, event: "_Event") -> None:
        if event.type == self._espeak.EVENT_WORD and event.length > 0:
            place = (event.text_position - 1, event.length, event.audio_position)
            self._words.append(place)
            self._phonemes.append(" ")
        elif event.type == _EVENT_PHONEME:
            letters = ctypes.string_at(ctypes.addressof(event.id), ctypes.sizeof(event.id))
            self._phonemes.append(letters.split(b"\0")[0].decode("utf-8", "replace"))
