"""Tells systemd that we are ready, alive and ending: ``sd_notify(3)``, through `sdnotify`.

systemd ends and starts anew whatever promised to say that it lives (``WatchdogSec``) and does not.
So the promise is kept by what really works, and by nothing that would go on without it: sound that
came in and was decoded, and words and signs that come out.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sdnotify

from events import Alive, Event, Heard, Sounding, Speaking, WordSpoken

_LOG = logging.getLogger(__name__)

DEAF = "Hoort niets, controleer de microfoon"
"""How the status begins where no sound comes in."""

_SEND_SECONDS = 1.0  # systemd takes a message at once; should it hang, we need not
_PET_SECONDS = 1.0


class Watchdog:
    """A listener of a conversation that reports to whoever supervises this process.

    Args:
        send: takes one assignment such as ``READY=1``.
        status: what it did so far, in Dutch and in numbers, without a word of what was said.
    """

    def __init__(self, send: Callable[[str], None], status: Callable[[], str]) -> None:
        self._send = send
        self._status = status
        self._hears: bool | None = None
        self._next = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Report what the event proves."""
        match event:
            case Alive(hears=hears):
                if self._hears is None:
                    self._send("READY=1")
                if self._hears != hears:
                    self._hears = hears
                    self._report()
                self._pet()
            case WordSpoken() | Sounding() | Speaking():
                self._pet()
            case Heard():
                self._report()

    def _pet(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _PET_SECONDS
            self._send("WATCHDOG=1")

    def _report(self) -> None:
        self._send(f"STATUS={DEAF if self._hears is False else 'Luistert'}; {self._status()}")


@contextmanager
def supervised(status: Callable[[], str]) -> Iterator[Callable[[Event], None] | None]:
    """Report to systemd while the block runs; None where nobody wants to know."""
    if not os.environ.get("NOTIFY_SOCKET"):
        yield None
        return
    try:
        # Without debug it swallows whatever is raised meanwhile, a Ctrl-C too.
        notifier = sdnotify.SystemdNotifier(debug=True)
    except OSError as error:
        _LOG.warning("systemd can't be reached: %s", type(error).__name__)
        yield None
        return
    notifier.socket.settimeout(_SEND_SECONDS)

    def send(message: str) -> None:
        try:
            notifier.notify(message)
        except OSError as error:
            _LOG.warning("systemd does not listen: %s", type(error).__name__)

    try:
        yield Watchdog(send, status)
    finally:
        send("STOPPING=1")
        notifier.socket.close()
