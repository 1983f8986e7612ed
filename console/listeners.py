"""Who is told of what happens in a live conversation: the screen, the counts, systemd."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from console.watchdog import supervised
from counters.counting import Counters
from counters.counts_file import CountsFile, DamagedCountsError, RefusedCountsError
from counters.keeper import Keeper
from counters.settings import CountersSettings
from events import Event
from settings import Settings

_LOG = logging.getLogger(__name__)

Listener = Callable[[Event], None]


@contextmanager
def listeners(
    settings: Settings, screen: Callable[[], Listener] | None
) -> Iterator[Callable[[Event], None]]:
    """All who listen, as one; the screen, where there is one, opens last. Raises CountsError."""
    counters = Counters()
    told: list[Listener] = [counters]
    with ExitStack() as stack:
        stack.callback(_log, counters)
        _keep(counters, settings.counters, stack)
        if watchdog := stack.enter_context(supervised(lambda: _status(counters))):
            told.append(watchdog)
        if screen:
            told.append(screen())
        yield Told(told)


class Told:
    """Tells everybody, whoever fails; afterwards the first failure is raised."""

    def __init__(self, listeners: list[Listener]) -> None:
        self._listeners = listeners

    def __call__(self, event: Event) -> None:
        """Pass the event on."""
        failures: list[Exception] = []
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001  # raised below
                failures.append(error)
        if failures:
            raise failures[0]


def _keep(counters: Counters, settings: CountersSettings, stack: ExitStack) -> None:
    """Write the counts to disk, where that is wanted. A broken file is no reason not to talk."""
    if not settings.keep:
        return
    try:
        file = CountsFile(settings.path(os.environ))
    except DamagedCountsError:
        _LOG.error("the file with counts is damaged, they stay in memory")
        return
    except RefusedCountsError:
        _LOG.error("the disk does not take the counts, they stay in memory")
        return
    stack.enter_context(Keeper(counters, file))


def _status(counters: Counters) -> str:
    """What the service did since it was started, in numbers."""
    total = counters.total
    missed, alarms = total["turn", "missed"], total["turn", "red_flag"]
    return (
        f"{counters.number('turn')} keer iets verstaan, waarvan {missed} niet begrepen "
        f"en {alarms} een alarmteken."
    )


def _log(counters: Counters) -> None:
    total = counters.total
    _LOG.info(
        "ends after %d visits, %d turns, %d missed, %d red flags",
        total["visit", ""],
        counters.number("turn"),
        total["turn", "missed"],
        total["turn", "red_flag"],
    )
