"""The microphone that was there at the start, where none is named: another one only stands in.

On bare ALSA the default device is whatever is plugged in. A microphone that is pulled out for some
seconds would lose its place for good to a webcam or a built-in one that nobody talks to.
"""

import math
import os
import time
from pathlib import Path

from voice.devices import Device, find_input, input_devices

_SETTLE_SECONDS = 3.0  # until all of a new card is there, and who may use it is settled
_BETWEEN_SECONDS = 60.0  # each look interrupts the one that stands in, and costs memory for ever


class FirstDevice:
    """Which devices to try, and when to look for the first one again. For one thread at a time."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._stands_in = False
        self._cards = sound_cards()
        self._next_look = math.inf
        self._last_look = -math.inf

    def candidates(self, name: str | None) -> list[Device]:
        """The devices to open, best first; of a name there is one. Raises as `find_input`."""
        chosen = find_input(name)
        if name:
            return [chosen]
        first = [device for device in input_devices() if device.lasting_name == self._name]
        return list(dict.fromkeys([*first[:1], chosen]))

    def opened(self, device: Device, name: str | None) -> None:
        """That device is used from now on; where a ``name`` chose it, no other will stand in."""
        self._name = self._name or device.lasting_name
        self._stands_in = not name and device.lasting_name != self._name
        self._cards, self._next_look = sound_cards(), math.inf

    def may_be_back(self) -> bool:
        """Whether to look for it now: a sound card came or went while another one stands in."""
        if not self._stands_in:
            return False
        now, cards = time.monotonic(), sound_cards()
        if cards != self._cards:
            self._cards = cards
            self._next_look = max(now + _SETTLE_SECONDS, self._last_look + _BETWEEN_SECONDS)
        if now < self._next_look:
            return False
        self._last_look = now
        return True


def sound_cards() -> tuple[int, ...]:
    """Changes where a sound card or a sound server comes or goes; costs next to nothing."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/run"))
    places = (Path("/dev/snd"), runtime, runtime / "pulse")
    return tuple(map(_changed_at, places))


def _changed_at(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:  # not there, gone this moment, or somebody else's
        return 0
