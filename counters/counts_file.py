"""Counts on disk: one small SQLite file that a power cut can't break.

Write-ahead log with ``synchronous=FULL``: what was committed has reached the disk
(https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

import errno
import os
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from counters import Entry
from errors import CountsError

_OURS = 0x53507465  # PRAGMA application_id: tells our files from other people's
_VERSION = 1
_BUSY_SECONDS = 5.0  # `stats` may be reading
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS counts (
    day TEXT NOT NULL,
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (day, what, name)
) WITHOUT ROWID;
PRAGMA application_id = {_OURS};
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
_ADD = """
INSERT INTO counts VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET number = number + excluded.number
"""


class DamagedCountsError(CountsError):
    """The file is ours, but a disk has lost part of it; nobody did anything wrong."""


class RefusedCountsError(CountsError):
    """The disk is full, failing or read-only: nobody did anything wrong, and it may pass."""


class CountsFile:
    """The open file. For one thread at a time.

    Args:
        path: made, with its folder, where there is none yet and ``create`` is set.
        create: whether to make it.

    Raises:
        CountsError: it can't be opened, or holds something else.
        DamagedCountsError: it is damaged.
        RefusedCountsError: its disk takes nothing.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        try:
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(path, create=create)
        except OSError as error:
            raise (_refused if error.errno in _DISK else _unusable)(path) from error
        except sqlite3.OperationalError as error:
            raise _why_not_opened(error, path) from error
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            self.close()
            raise _why_not_opened(error, path) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # it may quote the damage
            self.close()
            raise _damaged(path) from error
        except CountsError:
            self.close()
            raise

    def _prepare(self) -> None:
        """See to it that this is our file, whole, and as durable as a disk allows."""
        query = self._connection.execute
        (application,) = query("PRAGMA application_id").fetchone()
        (version,) = query("PRAGMA user_version").fetchone()
        (tables,) = query("SELECT count(*) FROM sqlite_schema").fetchone()
        if (application, version) != (_OURS, _VERSION) and (application, version, tables) != (
            (0, 0, 0)
        ):
            raise CountsError(
                f"Het bestand {self.path} is geen bestand met tellingen van deze versie: geef "
                "een ander bestand op."
            )
        if query("PRAGMA quick_check").fetchone() != ("ok",):
            raise _damaged(self.path)
        query("PRAGMA journal_mode = WAL")
        query("PRAGMA synchronous = FULL")
        if not tables:
            self._connection.executescript(_SCHEMA)

    def add(self, counted: Mapping[Entry, int]) -> None:
        """Add to what is there: all of it or, where the power fails, nothing.

        Raises:
            sqlite3.Error: the disk is full or broken; nothing was added.
        """
        rows = [(*entry, number) for entry, number in counted.items()]
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_ADD, rows)

    def read(self, since: str = "") -> Counter[Entry]:
        """All counts from a day on (``2026-11-25``).

        Raises:
            DamagedCountsError: it can't be read to its end.
        """
        question = "SELECT day, what, name, number FROM counts WHERE day >= ?"
        try:
            with closing(self._connection.execute(question, (since,))) as rows:
                return Counter({(day, what, name): number for day, what, name, number in rows})
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise _damaged(self.path) from error

    def close(self) -> None:
        """Let go of the file. Safe to repeat."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _connect(path: Path, *, create: bool) -> sqlite3.Connection:
    mode = "rwc" if create else "rw"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,  # transactions are our own
        check_same_thread=False,  # opened by one thread, then handed to another
    )


def _unusable(path: Path) -> CountsError:
    return CountsError(
        f"Ik kan de tellingen in {path} niet openen: controleer de naam en de rechten, of zet er "
        "sudo voor."
    )


def _why_not_opened(error: sqlite3.OperationalError, path: Path) -> CountsError:
    """Tell a disk that takes nothing from a path or a permission that is wrong."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF  # https://www.sqlite.org/rescode.html
    full_or_failing = primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    return (_refused if full_or_failing or _is_read_only(path.parent) else _unusable)(path)


def _is_read_only(folder: Path) -> bool:
    """Whether its disk takes no writing at all, as the system makes one that fails."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _refused(path: Path) -> RefusedCountsError:
    return RefusedCountsError(
        f"De schijf met de tellingen in {path} is vol, stuk of alleen te lezen: maak ruimte of "
        "geef een ander bestand op."
    )


def _damaged(path: Path) -> DamagedCountsError:
    return DamagedCountsError(
        f"De tellingen in {path} zijn beschadigd: zet dat bestand weg, dan begin ik een nieuw."
    )
