"""Writes to a terminal or a pipe without ever waiting for it.

A terminal that is held (tmux, a connection that is lost) takes nothing, for minutes or for ever,
and whoever writes to it waits that long. A conversation may not: it has an alarm to say.
"""

import io
import logging
import os
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_ROOM = 1_000
"""Pieces of text that may wait; those that come after them are dropped."""
_LAST_SECONDS = 2.0
"""How long the last of them may take to be written, as we end."""


@contextmanager
def never_waiting() -> Iterator[TextIO]:
    """Give what writes to standard output; the log too goes its way while the block runs."""
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr
    ]
    with outlet(sys.stdout) as out, outlet(sys.stderr) as errors:
        for handler in handlers:
            handler.setStream(errors)
        try:
            yield out
        finally:
            for handler in handlers:
                handler.setStream(sys.stderr)


@contextmanager
def outlet(stream: TextIO) -> Iterator[TextIO]:
    """Give what writes to the same file, from a thread of its own; in memory there is no waiting.

    Where writing failed, the next `flush` raises that: BrokenPipeError where nobody reads any more.
    """
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        yield stream
        return
    stream.flush()  # what was written before comes before
    out = _Outlet(descriptor, stream.encoding, is_terminal=stream.isatty())
    try:
        yield out
    finally:
        out.end()


class _Outlet(io.StringIO):
    """Each flush hands one piece of text over, which is written whole or not at all."""

    def __init__(self, descriptor: int, encoding: str, *, is_terminal: bool) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._encodes_to = encoding
        self._is_terminal = is_terminal
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_ROOM)
        self._failure: OSError | None = None
        self._writer = threading.Thread(target=self._write_all, name="outlet", daemon=True)
        self._writer.start()

    def isatty(self) -> bool:
        """Whether what is behind it is a terminal."""
        return self._is_terminal

    def flush(self) -> None:
        """Hand over what was written since. Raises the OSError of an earlier piece."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        if text:
            self._hand_over(text.encode(self._encodes_to, errors="replace"))

    def end(self) -> None:
        """Let what waits be written, if that does not take long."""
        self._hand_over(None)
        self._writer.join(_LAST_SECONDS)

    def _hand_over(self, piece: bytes | None) -> None:
        try:
            self._pieces.put_nowait(piece)
        except queue.Full:  # nobody sees it anyway
            return

    def _write_all(self) -> None:
        """Write what comes. Not through the stream: who waits inside it locks out whoever ends."""
        while (piece := self._pieces.get()) is not None:
            try:
                while piece:
                    piece = piece[os.write(self._descriptor, piece) :]
            except OSError as error:
                self._failure = error
