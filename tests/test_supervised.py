"""The program as a service: what it tells systemd, what it logs, what it counts.

One real conversation on the virtual sound card, with the test in systemd's place: it listens to
the socket that the program reports to, and its pipe is the journal.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from counters.counts_file import CountsFile
from responses.library import load_library
from tests.program import ENOUGH_SECONDS, EYELID, MAIN, RECORDINGS, run
from tests.virtual_sound_card import VirtualSoundCard

CROOKED = RECORDINGS / "red_flags" / "scheve_mond" / "mijn_mond_hangt_scheef.wav"
FAST = {"SPIERTOLK_DIALOGUE__PACE": "2.5", "SPIERTOLK_PROFILE": "personal"}
TRIES = 10


class Supervisor:
    """systemd's end of the socket: keeps each message, with the moment it came."""

    def __init__(self, address: Path) -> None:
        self.address = address
        self.messages: list[tuple[float, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def count(self, message: str) -> int:
        """How often a message came that begins like this."""
        with self._changed:
            return sum(said.startswith(message) for _, said in self.messages)

    def wait_for(self, message: str, count: int = 1) -> None:
        """Wait until the message came so many times."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: sum(said.startswith(message) for _, said in self.messages) >= count,
                4 * ENOUGH_SECONDS,  # a start and a welcome, on a machine that is very busy
            )
        assert found, f"no {message} among {self.messages}"

    def close(self) -> None:
        """Stop listening."""
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as own:
            own.sendto(b"", str(self.address))
        self._thread.join(ENOUGH_SECONDS)
        self._socket.close()

    def _collect(self) -> None:
        while message := self._socket.recv(4096):
            with self._changed:
                self.messages.append((time.monotonic(), message.decode()))
                self._changed.notify_all()


@dataclass
class Service:
    """The program, as systemd would have started it."""

    process: subprocess.Popen[bytes]
    supervisor: Supervisor
    journal: Path
    counts: Path

    def say(self, card: VirtualSoundCard, wav: Path, wanted: str) -> None:
        """Say it until it was understood: a busy machine may be deaf, or drop some of it."""
        for _ in range(TRIES):
            card.play_to_microphone(wav)
            until = time.monotonic() + 8.0
            while time.monotonic() < until:
                if f"turn: {wanted}\n" in self.journal.read_text():
                    return
                time.sleep(0.1)
        raise AssertionError(f"no {wanted} in {self.journal.read_text()}")


@contextmanager
def service(card: VirtualSoundCard, folder: Path) -> Iterator[Service]:
    supervisor = Supervisor(folder / "notify")
    journal = folder / "journal"
    with journal.open("wb") as log:
        state = os.fstat(log.fileno())
        process = subprocess.Popen(
            # Not --quiet, as the unit has it: what goes to the journal shows no words anyway.
            [sys.executable, str(MAIN), "listen", "--verbose", "--keep-counts"],
            env={
                **card.child_environment,
                **FAST,
                "NOTIFY_SOCKET": str(supervisor.address),
                "STATE_DIRECTORY": str(folder / "state"),
                "JOURNAL_STREAM": f"{state.st_dev}:{state.st_ino}",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield Service(process, supervisor, journal, folder / "state" / "counts.sqlite")
    finally:
        process.kill()
        process.wait()
        supervisor.close()


@pytest.fixture(scope="module")
def ended(
    sound_card: VirtualSoundCard, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service that heard a complaint and an alarm sign, and was stopped as systemd stops it."""
    with service(sound_card, tmp_path_factory.mktemp("service")) as running:
        running.supervisor.wait_for("READY=1")
        running.say(sound_card, EYELID, "Match")
        running.say(sound_card, CROOKED, "RedFlag")
        petted = running.supervisor.count("WATCHDOG=1")
        running.supervisor.wait_for("WATCHDOG=1", petted + 2)
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(ENOUGH_SECONDS)
        yield running


def test_systemd_is_told_of_each_step_in_order(ended: Service) -> None:
    assert ended.process.returncode == 0, ended.journal.read_text()
    kinds = [message.partition("=")[0] for _, message in ended.supervisor.messages]
    assert kinds.count("READY") == kinds.count("STOPPING") == 1
    assert kinds.index("READY") < kinds.index("STATUS")
    assert kinds[-1] == "STOPPING"
    assert ended.supervisor.count("READY=1") == ended.supervisor.count("STOPPING=1") == 1


def test_the_watchdog_is_petted_all_the_time_but_not_all_too_often(ended: Service) -> None:
    pets = [at for at, message in ended.supervisor.messages if message == "WATCHDOG=1"]
    gaps = [after - before for before, after in pairwise(pets)]
    assert len(pets) > 5
    assert max(gaps) < 30  # half of the unit's WatchdogSec, on a machine as busy as it likes
    assert len(pets) <= pets[-1] - pets[0] + 2


def test_the_status_tells_numbers(ended: Service) -> None:
    last = [said for _, said in ended.supervisor.messages if said.startswith("STATUS=")][-1]
    assert re.match(r"STATUS=(Luistert|Hoort niets, .*); \d+ keer iets verstaan, ", last)
    assert re.search(r" en [1-9]\d* een alarmteken", last)
    said = [message for _, message in ended.supervisor.messages]
    assert any(message.startswith("STATUS=Luistert; ") for message in said)


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-zà-ÿ]{5,}", text.lower()))


def texts_in(value: object) -> Iterator[str]:
    """All texts that some nested data holds, the names of its fields aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts_in(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from texts_in(item)
    elif hasattr(value, "__dict__"):
        yield from texts_in(vars(value))


def test_the_journal_holds_no_word_of_what_was_said(ended: Service) -> None:
    journal = ended.journal.read_text()
    said = f"{EYELID.stem} {CROOKED.stem}".replace("_", " ")
    told = " ".join([said, *texts_in(vars(load_library(None)))])
    assert {"ooglid", "trilt", "scheef", "kortsluiting", "waarschuw"} <= words(told)
    assert "turn: Match" in journal  # the turns were logged
    assert "turn: RedFlag" in journal
    assert not words(told) & words(journal)


def test_each_line_of_the_journal_has_its_level(ended: Service) -> None:
    lines = ended.journal.read_text().splitlines()
    assert all(re.match(r"<[2-7]>[a-z]", line) for line in lines), lines
    assert any(line.startswith("<6>assistant: turn: ") for line in lines)


def test_the_counts_are_kept_and_hold_nothing_else(ended: Service) -> None:
    with CountsFile(ended.counts, create=False) as file:
        kept = Counter[tuple[str, str]]()
        for (_, group, name), number in file.read().items():
            kept[group, name] += number
    assert kept["start", ""] == 1
    assert kept["topic", "ooglid"] >= 1
    assert kept["red_flag", "scheve_mond"] == kept["turn", "red_flag"] >= 1
    assert sum(number for (group, _), number in kept.items() if group == "hour") == sum(
        number for (group, _), number in kept.items() if group == "turn"
    )
    assert b"trilt" not in ended.counts.read_bytes()
    shown = run("stats", "--json", "--file", ended.counts)
    assert json.loads(shown.stdout)["red_flags"] == {"scheve_mond": kept["turn", "red_flag"]}


def test_a_crash_is_logged_without_its_words(tmp_path: Path) -> None:
    crash = (
        "import os, sys, threading\n"
        "from console.journal import set_up_log\n"
        "set_up_log(verbose=False)\n"
        "def fail(): raise ValueError('mijn ooglid trilt')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "try: fail()\n"
        "except ValueError: sys.excepthook(*sys.exc_info())\n"
        "os.abort()  # as systemd's watchdog does it\n"
    )
    journal = tmp_path / "journal"
    with journal.open("wb") as log:
        state = os.fstat(log.fileno())
        done = subprocess.run(
            [sys.executable, "-c", crash],
            cwd=MAIN.parent,
            env={**os.environ, "JOURNAL_STREAM": f"{state.st_dev}:{state.st_ino}"},
            stderr=log,
            check=False,
        )
    logged = journal.read_text()
    assert done.returncode == -signal.SIGABRT
    assert logged.count("crashed with ValueError") == 2
    assert logged.count("in fail") == 2
    assert "Fatal Python error: Aborted" in logged
    assert "ooglid" not in logged
