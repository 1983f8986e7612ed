"""Whether the ears work: what a watchdog wants to know before it lets a program live."""

import time

from voice.microphone import Microphone
from voice.recognizer import Recognizer

_BEAT_SECONDS = 1.0


class VitalSigns:
    """Watches that microphone and recogniser get on with their work. For one thread.

    A microphone that is unplugged and being looked for is alive: ending the program would not
    plug it in. One that neither hears nor looks is not, and neither is a recogniser that leaves
    sound waiting without decoding any.
    """

    def __init__(self, microphone: Microphone, recognizer: Recognizer) -> None:
        self._microphone = microphone
        self._recognizer = recognizer
        self._heard = False
        self._repairs = microphone.repairs
        self._decoding = False
        self._decoded = recognizer.decoded_seconds
        self._next = time.monotonic()

    def beat(self, block: bytes | None) -> bool:
        """Tell what the microphone just gave; True at most once a second, if both did something."""
        repairs, decoded = self._microphone.repairs, self._recognizer.decoded_seconds
        self._heard |= block is not None or repairs != self._repairs
        self._decoding |= decoded != self._decoded or self._recognizer.backlog_seconds == 0
        self._repairs, self._decoded = repairs, decoded
        if not (self._heard and self._decoding) or time.monotonic() < self._next:
            return False
        self._heard = self._decoding = False
        self._next = time.monotonic() + _BEAT_SECONDS
        return True
