"""A sound card faster than the clock, which can fail: it stands in for the module `sounddevice`.

Everything above PortAudio is the product: its microphone, the watchdog that opens it anew, its
queues. Only the card is not, since none delivers an hour of sound in minutes.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType, SimpleNamespace
from typing import Any

_PATIENCE_SECONDS = 0.05  # until a block counts as heard that nobody took: deaf while it speaks
_NAME = "soak"


class PortAudioError(Exception):
    """As `sounddevice` calls it."""


class FastSoundCard(ModuleType):
    """One microphone, which delivers ``blocks`` as fast as they are taken.

    Args:
        blocks: mono int16 of 0.1 s each; may call `fail`.
        has_room: whether whoever decodes can take more; asked before each block.
    """

    PortAudioError = PortAudioError

    def __init__(self, blocks: Iterator[bytes], has_room: Callable[[], bool]) -> None:
        super().__init__("sounddevice")
        self._blocks = blocks
        self._has_room = has_room
        self._back_at = threading.Event()
        self._back_at.set()
        self._failed = False
        self._heard = threading.Event()
        self._initialized = True
        self.default = SimpleNamespace(device={"input": 0, "output": -1})
        self.pressing = False
        """Whether to deliver without asking for room, as a real card does."""

    def heard(self) -> None:
        """A block has been taken: the next one may come."""
        self._heard.set()

    def fail(self, gone_seconds: float) -> None:
        """End the stream without a word; the device is listed again after so many seconds."""
        self._failed = True
        self._back_at.clear()
        timer = threading.Timer(gone_seconds, self._back_at.set)
        timer.daemon = True
        timer.start()

    def query_devices(self) -> list[dict[str, Any]]:
        """The one microphone, unless it is gone."""
        if not self._back_at.is_set():
            return []
        device = {"index": 0, "name": _NAME, "default_samplerate": 16_000.0}
        return [{**device, "max_input_channels": 1, "max_output_channels": 0}]

    def RawInputStream(self, **options: Any) -> "FastStream":  # noqa: N802, ANN401  # its name and form
        """Open the microphone."""
        if not self._back_at.is_set():
            raise PortAudioError
        return FastStream(self, options["callback"])

    def _initialize(self) -> None:
        self._initialized = True

    def _terminate(self) -> None:
        self._initialized = False

    def _exit_handler(self) -> None:
        """Nothing to end."""

    def begin(self) -> None:
        """A stream begins: what was broken is mended."""
        self._failed = False

    def deliver(self, callback: Callable[..., None], closed: threading.Event) -> None:
        """Hand out blocks until the card fails, the stream is closed or all has been played."""
        for block in self._blocks:
            self._heard.clear()
            callback(block, len(block) // 2, None, None)
            if not self.pressing:
                self._heard.wait(_PATIENCE_SECONDS)
                while not self._has_room() and not closed.is_set():
                    self._heard.clear()
                    self._heard.wait(_PATIENCE_SECONDS / 10)
            if self._failed or closed.is_set():
                return


class FastStream:
    """What `sounddevice.RawInputStream` gives, as far as the product uses it."""

    def __init__(self, card: FastSoundCard, callback: Callable[..., None]) -> None:
        self._card = card
        self._callback = callback
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="card", daemon=True)

    @property
    def active(self) -> bool:
        """Whether blocks still come."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to deliver."""
        self._card.begin()
        self._thread.start()

    def close(self, ignore_errors: bool = True) -> None:
        """Deliver no more."""
        del ignore_errors
        self._closed.set()
        if self._thread is not threading.current_thread():
            with suppress(RuntimeError):  # it was never started
                self._thread.join(5)

    def _run(self) -> None:
        self._card.deliver(self._callback, self._closed)
