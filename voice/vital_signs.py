"""Whether the ears work: what a watchdog wants to know before it lets a program live."""

import time

from voice.barge_in import OpenEar
from voice.microphone import Microphone
from voice.recognizer import Recognizer

_BEAT_SECONDS = 1.0


class VitalSigns:
    """Watches that microphone and recogniser get on with their work. For one thread.

    A microphone that is unplugged and being looked for is alive: ending the program would not
    plug it in. One that neither hears nor looks is not, and neither is a recogniser that leaves
    sound waiting without decoding any.
    """

    def __init__(self, microphone: Microphone | OpenEar, recognizer: Recognizer) -> None:
        self._microphone = microphone
        self._recognizer = recognizer
        self.hears = True
        """Whether the last beat came of sound, and not of looking for a microphone that is gone or
        gives nothing but the same value."""
        self._heard = self._mended = False
        self._repairs = microphone.repairs
        self._decoding = False
        self._decoded = recognizer.decoded_seconds
        self._next = time.monotonic()

    def beat(self, block: bytes | None) -> bool:
        """Tell what the microphone just gave; True at most once a second, if both did something."""
        repairs, decoded = self._microphone.repairs, self._recognizer.decoded_seconds
        self._heard |= block is not None
        self._mended |= repairs != self._repairs
        self._decoding |= decoded != self._decoded or self._recognizer.backlog_seconds == 0
        self._repairs, self._decoded = repairs, decoded
        alive = (self._heard or self._mended) and self._decoding
        if not alive or time.monotonic() < self._next:
            return False
        self.hears = self._heard and self._recognizer.microphone_fault is None
        self._heard = self._mended = self._decoding = False
        self._next = time.monotonic() + _BEAT_SECONDS
        return True
