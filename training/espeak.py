"""espeak-ng without a system package: how a word is pronounced, and how it sounds.

Calls the library that the PyPI package ``espeakng-loader`` brings, through its C interface
(``speak_lib.h``, version 1.52). One caller at a time: the library keeps global state.
"""

import ctypes
from functools import cache
from pathlib import Path

import espeakng_loader
import numpy as np
import soxr
from numpy.typing import NDArray

from training.clips import RATE

_SYNCHRONOUS = 2
"""``AUDIO_OUTPUT_SYNCHRONOUS``: sound goes to a callback; ``espeak_Synth`` returns when it is
done."""
_UTF8 = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
"""``espeak_PARAMETER``: words per minute; 0..200; 0..100; 0..100."""
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class _Library:
    """The loaded library; ``blocks`` collects what the callback gets."""

    def __init__(self) -> None:
        self.lib = ctypes.CDLL(espeakng_loader.get_library_path())
        home = str(Path(espeakng_loader.get_data_path()).parent)
        self.rate = self.lib.espeak_Initialize(_SYNCHRONOUS, 0, home.encode(), 0)
        self.blocks: list[NDArray[np.int16]] = []
        self._callback = _CALLBACK(self._collect)
        self.lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.lib.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int,
        ]  # fmt: skip

    def _collect(
        self, block: "ctypes._Pointer[ctypes.c_short] | None", count: int, _event: int
    ) -> int:
        if block and count > 0:
            self.blocks.append(np.ctypeslib.as_array(block, (count,)).astype(np.int16))
        return 0

    def choose(self, voice: str) -> None:
        """Take a voice, and the sound too, which others in this process may have taken since."""
        self.lib.espeak_SetSynthCallback(self._callback)
        if self.lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice}")


@cache
def _library() -> _Library:
    return _Library()


def mnemonics(text: str) -> str:
    """espeak-ng's phoneme names for Dutch text, separated by ``_``."""
    library = _library()
    library.choose("nl")
    rest = ctypes.c_char_p(text.encode())
    parts = []
    while rest.value is not None:
        clause = library.lib.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, ord("_") << 8)
        parts.append((clause or b"").decode())
    return "_".join(parts)


def speak(
    text: str, variant: str, words_per_minute: int = 150, pitch: int = 50
) -> NDArray[np.int16]:
    """Dutch text in one of espeak-ng's voice variants, at 16 kHz.

    ``pitch`` is 0..100. An empty array where nothing was said.

    Raises:
        ValueError: there is no such variant.
    """
    library = _library()
    library.choose(f"nl+{variant}")
    for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, 50)):
        library.lib.espeak_SetParameter(parameter, value, 0)
    library.blocks.clear()
    data = text.encode() + b"\0"
    library.lib.espeak_Synth(data, len(data), 0, 0, 0, _UTF8, None, None)
    if not library.blocks:
        return np.zeros(0, np.int16)
    sound = np.concatenate(library.blocks).astype(np.float32)
    resampled = soxr.resample(sound, library.rate, RATE)
    return np.asarray(np.clip(np.rint(resampled), -32768, 32767), np.int16)
