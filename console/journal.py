"""The log, fit for systemd's journal: levels, the place of a crash, and no word that was said."""

import faulthandler
import logging
import os
import stat
import sys
import threading
import traceback
from types import TracebackType
from typing import TextIO

_LOG = logging.getLogger(__name__)

# The levels of syslog, which the journal reads from the head of a line: sd-daemon(3).
_SYSLOG = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}


class _JournalFormatter(logging.Formatter):
    """One record a line, its level before it as the journal wants it; it has the time itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Put the level before each line."""
        text = f"{record.name}: {record.getMessage()}"
        level = _SYSLOG.get(record.levelno, 2)
        return "\n".join(f"<{level}>{line}" for line in text.splitlines())


def set_up_log(*, verbose: bool) -> None:
    """Log to standard error; where that is the journal, in its way."""
    level = logging.INFO if verbose else logging.WARNING
    if not is_journal(sys.stderr):
        logging.basicConfig(level=level)
        return
    handler = logging.StreamHandler()
    handler.setFormatter(_JournalFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    sys.excepthook = _log_crash
    threading.excepthook = lambda crash: _log_crash(
        crash.exc_type, crash.exc_value, crash.exc_traceback
    )
    faulthandler.enable()  # a crash in C, or systemd's watchdog, shows where every thread was


def is_journal(stream: TextIO) -> bool:
    """Whether a stream goes to the journal: systemd.exec(5), ``$JOURNAL_STREAM``.

    That names one of two where output and errors go there by sockets of their own.
    """
    named = os.environ.get("JOURNAL_STREAM")
    try:
        state = os.fstat(stream.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        return False
    return bool(named) and (
        named == f"{state.st_dev}:{state.st_ino}" or stat.S_ISSOCK(state.st_mode)
    )


def _log_crash(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    """Log where it went wrong, but not the error's text: it may quote what somebody said."""
    del error
    where = "".join(traceback.format_tb(trace))
    _LOG.critical("crashed with %s\n%s", kind.__name__, where)
