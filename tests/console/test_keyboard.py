"""One key, on a real pseudo-terminal, which is always given back as it was."""

import os
import pty
import shutil
import subprocess
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from console.keyboard import key_presses
from tests.program import ROOT, comes_true

ENOUGH_SECONDS = 30.0


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The typist's end and the program's."""
    typist, program = pty.openpty()
    yield typist, program
    os.close(program)
    os.close(typist)


@pytest.mark.parametrize("key", [b" ", b"\n", b"\r"])
def test_enter_and_space_count_other_keys_do_not(terminal: tuple[int, int], key: bytes) -> None:
    typist, program = terminal
    presses: list[int] = []
    pressed = threading.Event()

    def on_press() -> None:
        presses.append(1)
        pressed.set()

    with key_presses(on_press, program):
        os.write(typist, b"abc")
        os.write(typist, key)
        assert pressed.wait(ENOUGH_SECONDS)
    assert len(presses) == 1


def test_the_terminal_is_given_back_whatever_happens(terminal: tuple[int, int]) -> None:
    _, program = terminal
    before = termios.tcgetattr(program)

    def interrupted() -> None:
        with key_presses(lambda: None, program):
            assert not termios.tcgetattr(program)[tty.LFLAG] & termios.ICANON
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert termios.tcgetattr(program) == before


def test_ctrl_s_stops_nobody_who_writes_not_even_one_from_before(
    terminal: tuple[int, int],
) -> None:
    typist, program = terminal
    os.write(typist, b"\x13")
    with key_presses(lambda: None, program):
        os.write(typist, b"\x13")
        writer = threading.Thread(target=os.write, args=(program, b"Antwoord"), daemon=True)
        writer.start()
        writer.join(ENOUGH_SECONDS)
        assert not writer.is_alive()
        assert os.read(typist, 64).endswith(b"Antwoord")


def test_without_a_terminal_nothing_happens() -> None:
    descriptor, other = os.pipe()
    with key_presses(lambda: None, descriptor):
        assert threading.active_count() >= 1
    os.close(descriptor)
    os.close(other)


def test_a_terminal_that_goes_away_ends_the_reading() -> None:
    typist, program = pty.openpty()
    with key_presses(lambda: None, program):
        (reader,) = (thread for thread in threading.enumerate() if thread.name == "keyboard")
        os.close(typist)
        reader.join(ENOUGH_SECONDS)
        assert not reader.is_alive()
    os.close(program)


PROGRAM = """
import signal, threading
from console.keyboard import key_presses

signal.signal(signal.SIGTERM, signal.default_int_handler)
with key_presses(lambda: print("PRESSED", flush=True)):
    print("READY", flush=True)
    threading.Event().wait(60)
"""


class Shell:
    """A shell that owns a pseudo-terminal, and leaves it as programs leave it."""

    def __init__(self) -> None:
        self._typist, self._terminal = pty.openpty()
        self._process = subprocess.Popen(
            ["setsid", "-c", "dash", "-i"],
            cwd=ROOT,
            stdin=self._terminal,
            stdout=self._terminal,
            stderr=self._terminal,
            env={**os.environ, "PS1": "$ "},
        )
        self._seen = b""
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    def _collect(self) -> None:
        with suppress(OSError):  # the terminal is gone, and so are we
            while more := os.read(self._typist, 4096):
                self._seen += more

    def type(self, keys: bytes, expected: bytes) -> None:
        """Type, and wait for what is expected to be shown."""
        begin = len(self._seen)
        os.write(self._typist, keys)
        assert comes_true(lambda: expected in self._seen[begin:], ENOUGH_SECONDS), self._seen[
            begin:
        ]

    @property
    def is_sane(self) -> bool:
        """Whether lines can be typed, and seen."""
        flags = termios.tcgetattr(self._terminal)[tty.LFLAG]
        return bool(flags & termios.ICANON and flags & termios.ECHO)

    def close(self) -> None:
        """End it and its jobs: one of them would keep the terminal."""
        for job in psutil.Process(self._process.pid).children(recursive=True):
            job.kill()
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)  # the last one, which ends the collecting
        self._collector.join(ENOUGH_SECONDS)
        os.close(self._typist)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """One in which a program listens to its keys."""
    if not shutil.which("dash"):
        pytest.skip("NO SHELL that leaves the terminal alone: install dash")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    shell = Shell()
    try:
        shell.type(f"PYTHONPATH={ROOT} {sys.executable} {program}\n".encode(), b"READY\r\n")
        yield shell
    finally:
        shell.close()


@pytest.mark.parametrize("meanwhile", [b"", b"bg\n"])
def test_keys_count_again_after_the_shell_had_its_terminal_back(
    shell: Shell, meanwhile: bytes
) -> None:
    shell.type(b" ", b"PRESSED")
    shell.type(b"\x1a", b"Stopped")
    assert shell.is_sane
    if meanwhile:
        shell.type(meanwhile, b"[1]")
        shell.type(b"jobs\n", b"Running")
        assert shell.is_sane
    shell.type(b"fg\n", b"program.py")
    assert comes_true(lambda: not shell.is_sane, ENOUGH_SECONDS)
    shell.type(b" ", b"PRESSED")


def test_what_listens_in_the_background_can_be_ended(shell: Shell) -> None:
    shell.type(b"\x1a", b"Stopped")
    shell.type(b"bg\n", b"[1]")
    shell.type(b"kill %1\n", b"KeyboardInterrupt")
    assert shell.is_sane
