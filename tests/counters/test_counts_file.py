"""The file with counts: what kill -9, a power cut, a full disk and a careless person do to it."""

import random
import resource
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from counters.counts_file import CountsFile, DamagedCountsError, RefusedCountsError
from errors import CountsError
from tests.counters.writer import TOPICS
from tests.program import ENOUGH_SECONDS, ROOT

DAY = "2026-11-25"
KILLS = 15


def totals(path: Path) -> set[int]:
    """The different numbers in the file; one, where each commit is there whole or not at all."""
    with CountsFile(path, create=False) as file:
        found = file.read()
    assert len(found) in (0, TOPICS + 1)
    return set(found.values()) or {0}


@contextmanager
def writer(path: Path, *arguments: str, under: Sequence[str] = ()) -> Iterator[Popen[str]]:
    process = Popen(
        [*under, sys.executable, "-m", "tests.counters.writer", str(path), *arguments],
        cwd=ROOT,
        stdout=PIPE,
        text=True,
    )
    try:
        with process:
            try:
                yield process
            finally:
                process.kill()
    finally:
        process.wait()


def test_kill_9_in_the_middle_of_writing_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "counts.sqlite"
    chance = random.Random(9)
    kept = 0
    for _ in range(KILLS):
        with writer(path) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(chance.randint(1, 30))]
            process.kill()  # at whatever place of the next commit it has come to
            lines += process.stdout.readlines()
        done = int([line for line in lines if line.endswith("\n")][-1])
        (found,) = totals(path)
        # The last commit may have been made and not told.
        assert found in (kept + done, kept + done + 1)
        kept = found
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()
    assert kept >= KILLS


def test_a_power_cut_anywhere_in_the_log_leaves_what_was_committed_before(tmp_path: Path) -> None:
    path, wal = tmp_path / "counts.sqlite", tmp_path / "counts.sqlite-wal"
    sizes = [0]
    with CountsFile(path) as file:
        for _ in range(12):
            topics = {(DAY, "topic", f"topic_{topic}"): 1 for topic in range(TOPICS)}
            file.add({(DAY, "turn", "match"): 1, **topics})
            sizes.append(wal.stat().st_size)
        shutil.copy(path, tmp_path / "disk")
        log = wal.read_bytes()
    assert sizes == sorted(sizes)
    chance = random.Random(1)
    for cut in [0, 1, *sizes[1:], *(chance.randrange(len(log)) for _ in range(40))]:
        torn = tmp_path / "torn.sqlite"
        shutil.copy(tmp_path / "disk", torn)
        # What the disk had not written yet may hold anything.
        (tmp_path / "torn.sqlite-wal").write_bytes(log[:cut] + chance.randbytes(cut % 5_000))
        (tmp_path / "torn.sqlite-shm").unlink(missing_ok=True)
        assert totals(torn) == {max(number for number, size in enumerate(sizes) if size <= cut)}


@pytest.mark.skipif(shutil.which("strace") is None, reason="NO PROOF OF FLUSHING: no strace here")
def test_each_commit_is_flushed_to_the_disk_before_it_counts(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    strace = ("strace", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(trace))
    with writer(tmp_path / "counts.sqlite", "20", under=strace) as process:
        process.wait(ENOUGH_SECONDS)
    if process.returncode != 0:
        pytest.skip("NO PROOF OF FLUSHING: strace may not trace here")
    assert trace.read_text().count("counts.sqlite-wal>) = 0") >= 20


def test_somebody_may_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "counts.sqlite"
    with writer(path) as process:
        assert process.stdout is not None
        seen = [0]
        for _ in range(20):
            process.stdout.readline()
            (found,) = totals(path)
            seen.append(found)
    assert seen == sorted(seen)
    assert seen[-1] >= 20


def test_a_full_disk_takes_all_or_nothing(tmp_path: Path) -> None:
    with CountsFile(tmp_path / "counts.sqlite") as file:
        file.add({(DAY, "turn", "match"): 1})
        file._connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            file.add({(DAY, "topic", f"{'x' * 100}{number}"): 1 for number in range(1_000)})
        assert file.read() == {(DAY, "turn", "match"): 1}


def test_days_before_the_one_asked_for_are_left_out(tmp_path: Path) -> None:
    with CountsFile(tmp_path / "counts.sqlite") as file:
        file.add({("2026-11-24", "turn", "match"): 1, (DAY, "turn", "match"): 2})
        file.add({(DAY, "turn", "match"): 3})
        assert file.read(since=DAY) == {(DAY, "turn", "match"): 5}


def test_a_damaged_file_is_told_from_a_wrong_one(tmp_path: Path) -> None:
    path = tmp_path / "counts.sqlite"
    with CountsFile(path) as file:
        file.add({(DAY, "topic", f"topic {number}"): 1 for number in range(1_000)})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedCountsError, match=r"counts\.sqlite"):
        CountsFile(path)
    path.write_text("Dit is een brief.\n" * 100)
    with pytest.raises(DamagedCountsError, match=r"counts\.sqlite"):
        CountsFile(path)
    assert path.read_text().startswith("Dit is een brief.")


def test_other_peoples_databases_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "adressen.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE adressen (naam TEXT)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(CountsError, match=r"adressen\.sqlite"):
        CountsFile(path)
    assert path.read_bytes() == before


def test_a_file_that_can_not_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "bestand").touch()
    for path in (tmp_path, tmp_path / "bestand" / "counts.sqlite"):
        with pytest.raises(CountsError, match=r"niet openen"):
            CountsFile(path)
    with pytest.raises(CountsError, match=r"weg\.sqlite"):
        CountsFile(tmp_path / "weg.sqlite", create=False)
    assert not (tmp_path / "weg.sqlite").exists()


def test_a_full_disk_is_told_from_a_wrong_file(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # no file may grow beyond this
    try:
        with pytest.raises(RefusedCountsError, match=r"counts\.sqlite is vol"):
            CountsFile(tmp_path / "counts.sqlite")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
