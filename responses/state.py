"""What the conversation remembers: one frozen value, forgotten as a whole."""

from dataclasses import dataclass
from enum import Enum

from intents.results import RedFlag, Result
from responses.reply import Reply

Sentences = tuple[str, ...]
Topics = tuple[str, ...]
"""Names of topics."""


@dataclass(frozen=True)
class Step:
    """A part of a topic that is still to be told."""

    topic: str
    part: str


class Ask(Enum):
    """A question that waits for yes or no, or for a topic."""

    MORE = "more"
    ANYTHING_ELSE = "anything_else"
    WHICH = "which"
    DANGER = "danger"
    """Whether 112 is needed after all; only "nee" ends the alarm."""


@dataclass(frozen=True)
class Choice:
    """The question which topic is meant: two options, or one to say yes or no to."""

    options: Topics
    after_no: bool = False
    """The other option was turned down."""


@dataclass(frozen=True)
class SystemTurn:
    """Something we said: ``reply.sentences[start:stop]`` of it tell part of an answer."""

    reply: Reply
    question: "Question | None"
    """What its last sentence asks."""
    start: int = 0
    stop: int = 0


@dataclass(frozen=True)
class GoOn:
    """The question whether to go on, after somebody cut in and was not understood."""

    turn: SystemTurn
    """What is left of what we said; ``rest`` does without it meanwhile."""


Question = Ask | Choice | GoOn


@dataclass(frozen=True)
class State:
    """The whole memory of a conversation. Times are seconds on the caller's clock."""

    quiet_since: float
    """When the last turn ended, or is thought to end while we speak."""
    pace: float
    volume: float
    privacy_told: bool = False
    disclaimed: bool = False
    topics: Topics = ()
    """The topics in hand."""
    todo: tuple[Step, ...] = ()
    """What "ja" tells next."""
    rest: Sentences = ()
    """What was cut off by an interruption; "ja" tells it before ``todo``."""
    question: Question | None = None
    waits: Result | None = None
    """What was understood, and waits until there is no danger, or (a question) for its topic."""
    refused: Topics = ()
    """The topics that "nee" turned down since the last one that was understood."""
    closed: bool = False
    """The topics were left; only "meer" and questions about them take them up again."""
    alarm: Sentences = ()
    """What to do about a red flag. At 112 it stands until help turns out not to be needed."""
    flag: RedFlag | None = None
    """The red flag that it is about."""
    owed: Sentences = ()
    """The same where it was cut off: it goes before whatever is said next."""
    last: SystemTurn | None = None
    """What "herhaal" says again."""
    saying: SystemTurn | None = None
    """What is being said, or was said last."""
    heard: int | None = 0
    """How many of its sentences were heard to the end; None as long as it isn't known."""
    misses: int = 0
    """Utterances in a row that were not understood."""
    prompted: bool = False
    """The one prompt after silence was given."""

    @property
    def in_danger(self) -> bool:
        """Whether an alarm stands at which 112 has to be called."""
        return self.flag is not None and self.flag.grade == "now"

    @property
    def cut(self) -> Sentences:
        """The sentences that an interruption kept from being heard."""
        if self.saying is None or self.heard is None:
            return ()
        return self.saying.reply.sentences[self.heard :]

    @property
    def untold(self) -> Sentences:
        """Those of them that tell part of an answer; they are the first of ``rest``."""
        if self.saying is None or self.heard is None:
            return ()
        start = max(self.heard, self.saying.start)
        return self.saying.reply.sentences[start : self.saying.stop]
