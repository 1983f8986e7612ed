"""One key of the terminal: Enter or the space bar, without a library."""

import os
import select
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_KEYS = b" \r\n"
_LOOK_SECONDS = 0.5  # the shell takes its terminal and gives it back ("fg") without a word to us
_GIVING_BACK = threading.RLock()  # or the reader would take the keys again before we stand still


@contextmanager
def key_presses(on_press: Callable[[], None], descriptor: int | None = None) -> Iterator[None]:
    """Call ``on_press`` at each Enter or space while the block runs, from a thread of its own.

    The terminal is left as it was, also at Ctrl-Z, and after ``fg`` the keys count again. Without
    a terminal nothing happens. For the main thread, which alone may look after signals.

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

    def give_back() -> None:
        if not _in_background(terminal):
            with suppress(termios.error):  # the terminal itself is gone
                termios.tcsetattr(terminal, termios.TCSANOW, before)  # a blocked one never drains

    _take_keys(terminal)
    try:
        with _giving_back_when_suspended(give_back):
            reader.start()
            try:
                yield
            finally:
                os.close(left)  # which wakes the reader
                reader.join()
                os.close(leave)
    finally:
        give_back()  # after the reader, which would take them again


@contextmanager
def _giving_back_when_suspended(give_back: Callable[[], None]) -> Iterator[None]:
    """Call ``give_back`` before Ctrl-Z suspends us: not every shell sees to its terminal itself."""

    def suspend(signum: int, _frame: FrameType | None) -> None:
        with _GIVING_BACK:
            give_back()
            signal.signal(signum, signal.SIG_DFL)
            signal.raise_signal(signum)  # and here we stand still, until somebody lets us go on
            signal.signal(signum, suspend)

    before = signal.getsignal(signal.SIGTSTP)
    if before is not signal.SIG_DFL:  # whoever started us wants no Ctrl-Z
        yield
        return
    signal.signal(signal.SIGTSTP, suspend)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)


def _take_keys(terminal: int) -> None:
    """Have each key at once and unseen, where that is not so already.

    Ctrl-S is a key like any other: it would stop whoever writes to the terminal, which is us.
    """
    with suppress(termios.error):  # the terminal itself is gone
        mode = termios.tcgetattr(terminal)
        if not (mode[tty.LFLAG] & termios.ICANON or mode[tty.IFLAG] & termios.IXON):
            return
        mode[tty.IFLAG] &= ~termios.IXON
        mode[tty.LFLAG] &= ~(termios.ICANON | termios.ECHO)
        mode[tty.CC][termios.VMIN], mode[tty.CC][termios.VTIME] = 1, 0
        termios.tcsetattr(terminal, termios.TCSANOW, mode)


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
        with _GIVING_BACK:
            ours = not _in_background(terminal)  # if not, to read would be to be stopped
            if ours:
                _take_keys(terminal)
        watched = [leave, terminal] if ours else [leave]
        ready, _, _ = select.select(watched, [], [], _LOOK_SECONDS)
        if leave in ready:
            return
        if terminal not in ready or _in_background(terminal):
            continue
        try:
            typed = os.read(terminal, 64)
        except OSError:
            return
        if not typed:
            return
        if any(key in _KEYS for key in typed):
            on_press()
