"""Who spoke when, in one conversation on a virtual sound card, and how long each had to wait.

Measured in the sound itself: what went into the microphone and what came out of the loudspeaker.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.unavailable import VoicesUnavailableError
from console.wiring import Parts
from conversation import LiveConversation
from evaluation.tables import Cell, Table
from events import Event, Heard, Speaking, Spoke, WordSpoken
from settings import load_settings
from tests.virtual_sound_card import Recording, VirtualSoundCard, missing_tools
from voice.earcons import LISTENING

RECORDINGS = Path(__file__).parent.parent / "audio_fixtures"
SAID = (
    RECORDINGS / "topics" / "ooglid" / "mijn_ooglid_trilt_al_dagen.wav",
    RECORDINGS / "commands" / "ja" / "ja_graag.wav",
)
"""What the patient says, turn by turn; each answer is cut off with the key."""
_ENOUGH_SECONDS = 60.0
_WORDS_BEFORE_KEY = 6

Kind = TypeVar("Kind", bound=Event)


@dataclass(frozen=True)
class Exchange:
    """One turn of each. All times are seconds on one clock."""

    text: str
    speech_begins: float
    speech_ends: float
    waited: float
    """Seconds of ``decided`` - ``speech_ends`` that it waited for more words."""
    decided: float
    earcon: float
    first_word: float
    key: float
    silence: float


class Events:
    """What the conversation tells, in order."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue()

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        self._events.put(event)

    def next(self, kind: type[Kind]) -> Kind:
        """The next event of this kind; those before it are forgotten."""
        while not isinstance(event := self._events.get(timeout=_ENOUGH_SECONDS), kind):
            pass
        return event


def timeline(say: Callable[[str], None]) -> Iterator[Table]:
    """The timeline, and what follows from it.

    Raises:
        VoicesUnavailableError: there is no sound server to run here.
    """
    if missing := missing_tools():
        raise VoicesUnavailableError(f"the timeline needs {', '.join(missing)}")
    say("holding a conversation")
    exchanges = _converse()
    yield _who_spoke_when(exchanges)
    yield _delays(exchanges)


def _converse() -> tuple[Exchange, ...]:
    with (
        VirtualSoundCard() as card,
        _led_to(card),
        card.recording() as ours,
        card.recording("mic_in") as theirs,
        _live() as (conversation, events),
    ):
        events.next(WordSpoken)
        conversation.press()  # the welcome
        events.next(Spoke)
        time.sleep(1.5)  # until it listens
        return tuple(_exchange(card, wav, conversation, events, (ours, theirs)) for wav in SAID)


def _exchange(
    card: VirtualSoundCard,
    wav: Path,
    conversation: LiveConversation,
    events: Events,
    recordings: tuple[Recording, Recording],
) -> Exchange:
    """Speak, hear the answer begin, and press the key."""
    ours, theirs = recordings
    begin = time.monotonic()
    card.play_to_microphone(wav)
    heard = events.next(Heard)
    speaking = events.next(Speaking)
    for _ in range(_WORDS_BEFORE_KEY):
        events.next(WordSpoken)
    key = time.monotonic()
    conversation.press()
    events.next(Spoke)
    time.sleep(1.5)  # the sign that it listens, and the room's echo
    spoken = [at for at in theirs.loud() if begin <= at <= heard.at]
    sounds = [at for at in ours.loud() if at > heard.at]
    answer = [at for at in sounds if at > speaking.at]
    return Exchange(
        text=heard.turn.text,
        speech_begins=spoken[0],
        speech_ends=spoken[-1],
        waited=heard.at - heard.end,
        decided=heard.at,
        earcon=sounds[0],
        first_word=answer[0],
        key=key,
        silence=max(key, _end_of_speech(answer)),  # it may just have paused between two words
    )


def _end_of_speech(loud: Sequence[float]) -> float:
    """When speech ended that was followed by nothing but the sign that we listen."""
    first, second = LISTENING.notes
    sign = loud[-1] - (second.start - first.start) - second.seconds
    return max(at for at in loud if at < sign)


@contextmanager
def _live() -> Iterator[tuple[LiveConversation, Events]]:
    events = Events()
    with Parts(load_settings(None, {})).live(events) as conversation:
        thread = threading.Thread(target=conversation.run)
        thread.start()
        try:
            yield conversation, events
        finally:
            conversation.stop()
            thread.join(_ENOUGH_SECONDS)


@contextmanager
def _led_to(card: VirtualSoundCard) -> Iterator[None]:
    """Lead this process to the sound card; to be done before a sound device is first opened."""
    saved = dict(os.environ)
    os.environ.update(card.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def _who_spoke_when(exchanges: tuple[Exchange, ...]) -> Table:
    zero = exchanges[0].speech_begins
    moments: list[tuple[float, str, str]] = [
        moment
        for one in exchanges
        for moment in (
            (one.speech_begins, "patient", f"begins: {one.text}"),
            (one.speech_ends, "patient", "falls silent"),
            (one.earcon, "spiertolk", "earcon"),
            (one.first_word, "spiertolk", "first word of the answer"),
            (one.key, "patient", "presses the key"),
            (one.silence, "spiertolk", "silent"),
        )
    ]
    rows = tuple((round(1000 * (at - zero)), who, what) for at, who, what in moments)
    return Table("Timeline of one conversation, in ms", ("ms", "who", "what"), rows)


def _computed(one: Exchange) -> float:
    return one.decided - one.speech_ends - one.waited


def _delays(exchanges: tuple[Exchange, ...]) -> Table:
    spans: tuple[tuple[str, Callable[[Exchange], float]], ...] = (
        ("end of speech to the decision to answer", lambda one: one.decided - one.speech_ends),
        ("- waiting for more words", lambda one: one.waited),
        ("- computing, and the way of the sound", _computed),
        ("decision to earcon", lambda one: one.earcon - one.decided),
        ("end of speech to earcon", lambda one: one.earcon - one.speech_ends),
        ("end of speech to first word", lambda one: one.first_word - one.speech_ends),
        ("key to silence", lambda one: one.silence - one.key),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, *(round(1000 * span(one)) for one in exchanges)) for name, span in spans
    )
    columns = ("from, to", *(f"turn {number}" for number in range(1, len(exchanges) + 1)))
    note = (
        "The wait for a speaker who may go on depends on what was said. The recordings lag some "
        "10 ms. On a busy machine all but that wait is longer."
    )
    return Table("Delays of that conversation, in ms", columns, rows, note)
