"""What is written to a reader who takes nothing holds nobody up, and arrives in whole pieces."""

import io
import logging
import os
import pty
import select
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from typing import TextIO

import pytest

from console import outlet as outlets
from console.outlet import never_waiting, outlet
from tests.program import ENOUGH_SECONDS, ROOT, comes_true

LINE = "een regel van een gesprek"


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """The reader's end, and a file that writes into the other one."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        yield reader, stream
    os.close(reader)


def test_a_reader_who_takes_nothing_holds_nobody_up_and_gets_whole_lines_later(
    pipe: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlets, "_LAST_SECONDS", 0.1)
    reader, stream = pipe
    begin = time.monotonic()
    with outlet(stream) as out:
        for number in range(20_000):  # a pipe holds 65,536 bytes
            print(LINE, number, file=out, flush=True)
    assert time.monotonic() - begin < ENOUGH_SECONDS / 4
    seen = b""
    while select.select([reader], [], [], 1.0)[0]:
        seen += os.read(reader, 65_536)
    lines = seen.decode().split("\n")[:-1]
    numbers = [int(line.removeprefix(LINE)) for line in lines]  # some were dropped, none was cut
    assert numbers == sorted(numbers)
    assert len(numbers) >= 1_000  # as many as may wait


def test_what_was_written_is_there_when_it_ends(pipe: tuple[int, TextIO]) -> None:
    reader, stream = pipe
    stream.write("eerst; ")  # not flushed
    with outlet(stream) as out:
        assert not out.isatty()
        out.write("é\n")
        out.flush()
    assert os.read(reader, 64).decode() == "eerst; é\n"


def test_a_reader_who_has_left_is_told() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream, outlet(stream) as out:
        out.write(LINE)
        out.flush()
        with pytest.raises(BrokenPipeError):
            assert not comes_true(out.flush, 5.0)


def test_what_has_no_file_behind_it_is_left_as_it_is() -> None:
    memory = io.StringIO()
    with outlet(memory) as out:
        assert out is memory


def test_a_log_on_a_terminal_that_is_held_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "_LAST_SECONDS", 0.1)
    typist, terminal = pty.openpty()
    handler = logging.StreamHandler(os.fdopen(terminal, "w", encoding="utf-8"))
    monkeypatch.setattr(sys, "stderr", handler.stream)
    root = logging.getLogger()
    root.addHandler(handler)

    def log() -> None:
        with never_waiting():
            for _ in range(5_000):
                root.warning(LINE)

    try:
        termios.tcflow(terminal, termios.TCOOFF)
        logger = threading.Thread(target=log, daemon=True)
        logger.start()
        logger.join(ENOUGH_SECONDS / 4)
        assert not logger.is_alive()
    finally:
        root.removeHandler(handler)
        termios.tcflow(terminal, termios.TCOON)
        assert LINE.encode() in os.read(typist, 4096)
        os.close(typist)


HELD = """
import sys
from console.outlet import outlet
with outlet(sys.stdout) as out:
    for _ in range(100_000):
        out.write("x" * 80 + "\\n")
        out.flush()
sys.stdout.flush()
"""


def test_a_program_ends_though_nobody_takes_its_last_words() -> None:
    with subprocess.Popen([sys.executable, "-c", HELD], cwd=ROOT, stdout=subprocess.PIPE) as held:
        try:
            assert held.wait(ENOUGH_SECONDS / 2) == 0
        finally:
            held.kill()
