"""One key, on a real pseudo-terminal, which is always given back as it was."""

import os
import pty
import termios
import threading
import tty
from collections.abc import Iterator

import pytest

from console.keyboard import key_presses

ENOUGH_SECONDS = 10.0


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
