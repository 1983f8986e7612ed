"""One key of the terminal: Enter or the space bar, without a library."""

import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_KEYS = b" \r\n"


@contextmanager
def key_presses(on_press: Callable[[], None], descriptor: int | None = None) -> Iterator[None]:
    """Call ``on_press`` at each Enter or space while the block runs, from a thread of its own.

    The terminal is left as it was. Without a terminal nothing happens.

    Args:
        on_press: what to do; it must come back quickly.
        descriptor: the terminal; None takes standard input.
    """
    terminal = _standard_input() if descriptor is None else descriptor
    if terminal is None or not os.isatty(terminal):
        yield
        return
    if _in_background(terminal):  # which would stop whoever changes the terminal
        yield
        return
    before = termios.tcgetattr(terminal)
    leave, left = os.pipe()
    reader = threading.Thread(
        target=_read, args=(terminal, leave, on_press), name="keyboard", daemon=True
    )
    tty.setcbreak(terminal)
    try:
        reader.start()
        yield
    finally:
        with suppress(termios.error):  # the terminal itself is gone
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        os.close(left)  # which wakes the reader
        reader.join()
        os.close(leave)


def _in_background(terminal: int) -> bool:
    """Whether the shell gave its terminal to another job than ours."""
    try:
        return os.tcgetpgrp(terminal) != os.getpgrp()
    except OSError:  # it is no shell's
        return False


def _standard_input() -> int | None:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        return None


def _read(terminal: int, leave: int, on_press: Callable[[], None]) -> None:
    """Read keys until the pipe ``leave`` is closed at its other end, or the terminal is gone."""
    while True:
        ready, _, _ = select.select([terminal, leave], [], [])
        if leave in ready:
            return
        try:
            typed = os.read(terminal, 64)
        except OSError:
            return
        if not typed:
            return
        if any(key in _KEYS for key in typed):
            on_press()
