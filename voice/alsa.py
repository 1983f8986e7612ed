"""Keeps ALSA from writing on standard error, before the eyes of a person at a desk.

ALSA prints every device it can't open and every underrun through one handler, which a program may
replace: ``snd_lib_error_set_handler`` in ALSA's own documentation (``group___error.html``).
"""

import ctypes
import functools
import logging

_LOG = logging.getLogger(__name__)

# void (*)(const char *file, int line, const char *function, int err, const char *fmt, ...);
# the words after fmt are left where they are: the caller clears them away.
_Handler = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)


@functools.cache
def quieten() -> None:
    """Send ALSA's messages to our log, for the rest of this process. Fine without ALSA."""
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        alsa.snd_lib_error_set_handler(_HANDLER)
    except (OSError, AttributeError):
        _LOG.debug("no ALSA here, nothing to quieten")


def _on_message(_file: bytes, _line: int, function: bytes, error: int, _words: bytes) -> None:
    _LOG.debug("ALSA: %s, error %d", function.decode(errors="replace"), error)


_HANDLER = _Handler(_on_message)  # kept for ever: ALSA calls it as long as the process lives
