"""The ears: sound in from any thread, utterances out, decoded in a thread of their own.

A microphone can't wait for the decoder: where it falls behind by more than the queue holds, sound
is dropped and counted. A recording can; `transcribe` decodes it in the caller's own thread.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

import numpy as np

from errors import SpeechModelError
from voice.decoder import hung, model_errors
from voice.flatline import Fault, Flatline
from voice.listener import (
    PIECE_BYTES,
    PIECE_SECONDS,
    Judge,
    Listener,
    PieceCutter,
    RecognizerSettings,
    always_open,
)
from voice.utterances import Partial, Utterance, Word
from voice.vosk_library import vosk

__all__ = ["Partial", "Recognizer", "RecognizerSettings", "Utterance", "Word", "transcribe"]

_LOG = logging.getLogger(__name__)
_LONGEST_BLOCK_SECONDS = 1.0  # of one block that counts: much at once is no hang either
_HANG_SECONDS = 30.0  # of live sound beyond the queue, of which the decoder took none
_CLOSE_SECONDS = 5.0  # a piece of 0.1 s takes 0.7 s at worst with a large model

Event = Utterance | Partial


class Recognizer:
    """A decoder thread behind a bounded queue. Every method may be called from any thread.

    Where the decoder fails, `accept`, `poll` and `events` raise its `SpeechModelError` from then
    on; events from before it come first.

    Args:
        model: a loaded model, which may be in use elsewhere too.
        settings: how long to wait for a speaker, and how much to hold.
        judge: says, in the decoder's thread, whether a sentence seems to be complete.
    """

    def __init__(
        self,
        model: vosk.Model,
        settings: RecognizerSettings | None = None,
        judge: Judge = always_open,
    ) -> None:
        self._model = model
        self._judge = judge
        self._settings = settings or RecognizerSettings()
        self._room = round(self._settings.queue_seconds / PIECE_SECONDS)
        self._changed = threading.Condition()  # guards all that follows
        self._cutter = PieceCutter()
        self._flatline = Flatline(self._settings.flat_seconds)
        self._inbox: deque[tuple[int, bytes]] = deque()
        self._outbox: deque[Event] = deque()
        self._position = 0
        self._decoded = 0
        self._dropped = 0
        self._dropping = False
        self._untaken = 0.0  # seconds of live sound since the decoder took a piece
        self._turn = 0
        self._finishing = False
        self._closed = False
        self._ended = False
        self._failure: SpeechModelError | None = None
        self._thread = threading.Thread(target=self._work, name="recognizer", daemon=True)
        self._thread.start()

    @property
    def backlog_seconds(self) -> float:
        """How much sound waits to be decoded."""
        return len(self._inbox) * PIECE_SECONDS

    @property
    def decoded_seconds(self) -> float:
        """How much sound was taken in all; where it stands still and sound waits, Vosk hangs."""
        return self._decoded * PIECE_SECONDS

    @property
    def dropped_seconds(self) -> float:
        """How much live sound was dropped in all, since the queue was full."""
        return self._dropped * PIECE_SECONDS

    @property
    def microphone_fault(self) -> Fault | None:
        """Why live sound holds nothing at all; None where the microphone seems to be well."""
        return self._flatline.fault

    def accept(self, block: bytes, wait: bool) -> bool:
        """Take sound: 16 kHz mono int16, any length, also empty or odd.

        Args:
            block: the next bytes of the stream.
            wait: where the queue is full, wait (a file) or drop and count (a microphone).

        Returns:
            Whether all of it was taken; False too after `finish` or `close`.

        Raises:
            SpeechModelError: the decoder has failed.
        """
        with self._changed:
            self._raise_failure()
            if self._finishing or self._closed:
                return False
            if not wait:
                self._watch_decoder(len(block) / PIECE_BYTES * PIECE_SECONDS)
            taken = [self._put(piece, wait) for piece in self._cutter.add(block)]
            self._raise_failure()
            return all(taken)

    def finish(self) -> None:
        """End the stream: what is left is decoded, then the events end. Does not wait."""
        with self._changed:
            if self._finishing or self._closed:
                return
            if last := self._cutter.last():
                self._inbox.append((self._position, last))
            self._finishing = True
            self._changed.notify_all()

    def reset(self) -> None:
        """Forget what was heard so far, whether it was decoded or not, as after we have spoken."""
        with self._changed:
            self._turn += 1
            self._cutter.drop()
            self._inbox.clear()
            self._outbox.clear()
            self._changed.notify_all()

    def poll(self, timeout: float) -> Event | None:
        """Give the next event; None where none came within ``timeout`` seconds, or all is over.

        Raises:
            SpeechModelError: the decoder has failed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._outbox or self._ended or self._closed, timeout)
            if self._outbox:
                return self._outbox.popleft()
            self._raise_failure()
            return None

    def events(self) -> Iterator[Event]:
        """Give all events until the stream ends (`finish` and decoded, or `close`).

        Raises:
            SpeechModelError: the decoder has failed.
        """
        while (event := self.poll(timeout=threading.TIMEOUT_MAX)) is not None:
            yield event

    def close(self) -> None:
        """Stop at once and forget everything; waits a few seconds at most. Safe to repeat."""
        with self._changed:
            self._closed = True
            self._inbox.clear()
            self._outbox.clear()
            self._changed.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(_CLOSE_SECONDS)
            if self._thread.is_alive():
                _LOG.warning("the decoder did not stop within %.0f s", _CLOSE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _put(self, piece: bytes, wait: bool) -> bool:
        """Put one piece into the queue; False where it was dropped or everything has ended."""
        start = self._position
        self._position += PIECE_BYTES // 2
        if wait:
            self._changed.wait_for(lambda: len(self._inbox) < self._room or self._over)
        else:
            self._flatline.add(np.frombuffer(piece, "<i2"))
        if self._over:
            return False
        # Once too slow, drop until half is free: each gap costs a new decoder and its lead.
        room = self._room // 2 + 1 if self._dropping and not wait else self._room
        full = len(self._inbox) >= room
        if full:
            self._dropped += 1
        else:
            self._inbox.append((start, piece))
            self._changed.notify_all()
        if full != self._dropping:
            self._dropping = full
            _LOG.warning(
                "decoder %s, %.1f s dropped so far",
                "too slow" if full else "has caught up",
                self.dropped_seconds,
            )
        return not full

    def _watch_decoder(self, seconds: float) -> None:
        """Give up a decoder that hangs, by live sound: a computer that slept is no fault."""
        self._untaken += min(seconds, _LONGEST_BLOCK_SECONDS)
        limit = self._settings.queue_seconds + _HANG_SECONDS
        if self._failure is None and self._untaken > limit:
            _LOG.error("the decoder hangs")
            self._failure = hung()

    @property
    def _over(self) -> bool:
        return self._closed or self._ended or self._finishing

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        """Decode until the end. Whatever goes wrong here reaches the caller, never a traceback."""
        failure: SpeechModelError | None = None
        try:
            with model_errors():
                self._listen()
        except SpeechModelError as error:
            _LOG.error("the decoder failed: %s", type(error.__cause__).__name__)
            failure = error
        with self._changed:
            self._failure = self._failure or failure
            self._ended = True
            self._inbox.clear()
            self._changed.notify_all()

    def _listen(self) -> None:
        """Take pieces from the queue until the stream ends or is closed."""
        listener = Listener(self._model, self._settings, self._judge)
        turn = 0
        while (taken := self._take()) is not None:
            current, piece = taken
            if current != turn:
                turn = current
                listener.reset()
            if piece is None:
                self._publish(listener.finish(), turn)
                return
            start, sound = piece
            self._publish(listener.hear(sound, start), turn)

    def _take(self) -> tuple[int, tuple[int, bytes] | None] | None:
        """Wait for the next piece, and the turn it belongs to; no piece at the stream's end."""
        with self._changed:
            self._changed.wait_for(lambda: self._inbox or self._finishing or self._closed)
            if self._closed:
                return None
            piece = self._inbox.popleft() if self._inbox else None
            self._decoded += piece is not None
            self._untaken = 0.0
            self._changed.notify_all()
            return self._turn, piece

    def _publish(self, events: Iterable[Event], turn: int) -> None:
        """Hand events out, unless they belong to a turn that was reset. Decodes as it goes."""
        for event in events:
            with self._changed:
                if turn != self._turn or self._closed:
                    continue
                if self._outbox and isinstance(self._outbox[-1], Partial):
                    self._outbox.pop()  # outdated: nobody may be reading, and memory is bounded
                self._outbox.append(event)
                self._changed.notify_all()


def transcribe(
    model: vosk.Model,
    blocks: Iterable[bytes],
    settings: RecognizerSettings | None = None,
    judge: Judge = always_open,
) -> Iterator[Utterance]:
    """Give the utterances of a whole recording, in bounded memory and in the caller's thread.

    Args:
        model: a loaded model, which may be in use elsewhere too.
        blocks: 16 kHz mono int16, as from `voice.audio.stream_wav`.
        settings: as for `Recognizer`; the queue is not used.
        judge: as for `Recognizer`; a recording can wait, so that it may do without.

    Raises:
        SpeechModelError: the decoder has failed. Errors of ``blocks`` come through.
    """
    cutter = PieceCutter()
    listener = Listener(model, settings or RecognizerSettings(), judge)
    for block in blocks:
        for piece in cutter.add(block):
            yield from _utterances(listener.hear(piece))
    if last := cutter.last():
        yield from _utterances(listener.hear(last))
    yield from listener.finish()


def _utterances(events: Iterable[Event]) -> Iterator[Utterance]:
    return (event for event in events if isinstance(event, Utterance))
