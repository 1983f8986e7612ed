"""Brings what was counted to disk, in a thread of its own: no answer ever waits for a disk."""

import logging
import sqlite3
import threading
from types import TracebackType
from typing import Self

from counters.counting import Counters
from counters.counts_file import CountsFile

_LOG = logging.getLogger(__name__)

_WRITE_SECONDS = 1.0  # what a power cut may cost
_RETRY_SECONDS = 30.0  # a full disk is not emptied sooner
_CLOSE_SECONDS = 5.0


class Keeper:
    """Writes new counts about once a second; where the disk refuses, they wait in memory.

    Takes over the open file, and closes it.
    """

    def __init__(self, counters: Counters, file: CountsFile) -> None:
        self._counters = counters
        self._file = file
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="counters", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write the rest; waits a few seconds at most. Safe to repeat."""
        self._closing.set()
        self._thread.join(_CLOSE_SECONDS)
        if self._thread.is_alive():
            _LOG.warning("the disk hangs, the last counts are lost")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _work(self) -> None:
        failing = False
        with self._file:
            closing = False
            while not closing:
                closing = self._closing.wait(_RETRY_SECONDS if failing else _WRITE_SECONDS)
                failing = not self._write(silent=failing)

    def _write(self, *, silent: bool) -> bool:
        """Write what is new; False where that failed."""
        new = self._counters.take()
        if not new:
            return True
        try:
            self._file.add(new)
        except sqlite3.Error as error:
            self._counters.give_back(new)
            if not silent:
                _LOG.warning("counts wait in memory, the disk refuses: %s", type(error).__name__)
            return False
        return True
