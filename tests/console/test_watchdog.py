"""What systemd is told of each event; `tests/test_supervised.py` has the real program tell it."""

from console.watchdog import DEAF, Watchdog
from events import Alive, Resting


def told(*hears: bool) -> list[str]:
    """All messages but the signs of life, for a program that hears or does not."""
    messages: list[str] = []
    watchdog = Watchdog(messages.append, lambda: "3 keer iets verstaan.")
    watchdog(Resting(0.0))
    assert not messages  # what proves nothing tells nothing
    for at, hearing in enumerate(hears):
        watchdog(Alive(hearing, float(at)))
    assert "WATCHDOG=1" in messages
    return [message for message in messages if message != "WATCHDOG=1"]


def test_a_microphone_that_gives_nothing_is_told_once_and_once_that_it_does_again() -> None:
    listens, deaf = (
        "STATUS=Luistert; 3 keer iets verstaan.",
        f"STATUS={DEAF}; 3 keer iets verstaan.",
    )
    assert told(True, True, False, False, True) == ["READY=1", listens, deaf, listens]
    assert told(False) == ["READY=1", deaf]
