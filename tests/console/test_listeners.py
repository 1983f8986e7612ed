"""Who listens to a conversation: each is told, whoever fails, and a broken file stops nobody."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.listeners import Listener, Told, listeners
from counters.counts_file import CountsFile
from errors import CountsError
from events import Alive, Event
from settings import Settings
from tests.program import ENOUGH_SECONDS, ROOT

EVENT = Alive(hears=True, at=1.0)
OWN_MOUNTS = ("unshare", "--map-root-user", "--mount")
ON_A_READ_ONLY_DISK = """
import subprocess
import sys
from console.listeners import listeners
from settings import Settings

def talks(name):
    with listeners(Settings(counters={"keep": True, "file": f"{disk}/{name}"}), None):
        print("talks")

disk = sys.argv[1]
subprocess.run(["mount", "-t", "tmpfs", "none", disk], check=True)
talks("was_there.sqlite")
subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
for name in ("was_there.sqlite", "new.sqlite", "folder/new.sqlite"):
    talks(name)
"""


def keeping(file: Path) -> Settings:
    return Settings(counters={"keep": True, "file": file})


def test_each_is_told_whoever_fails() -> None:
    told: list[Event] = []

    def broken(_: Event) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Told([told.append, broken, told.append])(EVENT)
    assert told == [EVENT, EVENT]


def test_counts_are_kept_only_where_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with listeners(Settings(), None) as tell:
        tell(EVENT)
    assert not list(tmp_path.iterdir())
    file = tmp_path / "map" / "counts.sqlite"
    with listeners(keeping(file), None) as tell:
        tell(EVENT)
    with CountsFile(file, create=False) as kept:
        assert [(what, number) for (_, what, _), number in kept.read().items()] == [("start", 1)]


def test_the_screen_opens_once_all_else_is_there_and_is_told(tmp_path: Path) -> None:
    seen: list[Event] = []
    opened: list[bool] = []

    def screen() -> Listener:
        opened.append((tmp_path / "counts.sqlite").exists())
        return seen.append

    with listeners(keeping(tmp_path / "counts.sqlite"), screen) as tell:
        tell(EVENT)
    assert (opened, seen) == ([True], [EVENT])


def test_a_damaged_file_does_not_keep_it_from_talking(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "counts.sqlite"
    file.write_bytes(b"\x00rubbish" * 1_000)
    with listeners(keeping(file), None) as tell:
        tell(EVENT)
    assert "damaged" in caplog.text
    assert file.read_bytes().startswith(b"\x00rubbish")


def may_mount() -> bool:
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(
            [*OWN_MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
        ).returncode
    )


@pytest.mark.skipif(not may_mount(), reason="NO TEST OF A READ-ONLY DISK: nothing may be mounted")
def test_a_disk_that_went_read_only_does_not_keep_it_from_talking(tmp_path: Path) -> None:
    done = subprocess.run(
        [*OWN_MOUNTS, sys.executable, "-c", ON_A_READ_ONLY_DISK, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=ENOUGH_SECONDS,
        check=False,
    )
    assert done.stdout.count("talks") == 4, done.stderr
    assert done.stderr.count("the disk does not take the counts, they stay in memory") == 3


def test_a_place_that_can_not_be_is_an_error_at_once(tmp_path: Path) -> None:
    settings = keeping(tmp_path)
    with (
        pytest.raises(CountsError, match="niet openen"),
        listeners(settings, None),
    ):
        pytest.fail("it began")
