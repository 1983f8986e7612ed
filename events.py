"""What happens in a conversation, as it happens: for captions, and for whoever else listens.

Each event is told at the moment it happens; ``at`` is that moment, in seconds on the clock of
``time.monotonic``.
"""

from dataclasses import dataclass

from assistant import Turn
from responses.reply import Reply
from voice.health import Defect


@dataclass(frozen=True)
class Resting:
    """The session is over and forgotten; where a wake phrase is set, only that is listened for."""

    at: float


@dataclass(frozen=True)
class Alive:
    """The ears did their work, about once a second; where they hang, it is not told."""

    hears: bool
    """Sound came in and was decoded; else a microphone that is gone or silent is looked for."""
    at: float


@dataclass(frozen=True)
class Woken:
    """The wake phrase was heard."""

    at: float


@dataclass(frozen=True)
class Hearing:
    """Words as they come in; they may still change."""

    text: str
    at: float


@dataclass(frozen=True)
class Heard:
    """Somebody has finished speaking, and what comes of it is decided."""

    turn: Turn
    start: float
    """When the first word began."""
    end: float
    """When the last word ended."""
    at: float


@dataclass(frozen=True)
class Sounding:
    """A short sound begins."""

    earcon: str
    at: float


@dataclass(frozen=True)
class Speaking:
    """We begin to say something."""

    reply: Reply
    at: float


@dataclass(frozen=True)
class WordSpoken:
    """One word of the reply begins to be heard."""

    text: str
    position: int
    """Where it begins in ``reply.text``, in characters."""
    at: float


@dataclass(frozen=True)
class Spoke:
    """We have fallen silent: after all of the reply, or after so many whole sentences of it."""

    sentences: int
    completed: bool
    at: float


@dataclass(frozen=True)
class Failing:
    """Something is wrong with our ears or mouth; told once, until it is mended."""

    defect: Defect
    sentence: str
    """What is wrong and what to do, for a person; said aloud too where that is possible."""
    at: float


@dataclass(frozen=True)
class Mended:
    """That is over."""

    defect: Defect
    at: float


Event = (
    Alive
    | Resting
    | Woken
    | Hearing
    | Heard
    | Sounding
    | Speaking
    | WordSpoken
    | Spoke
    | Failing
    | Mended
)
