"""What an utterance can mean. Not being understood is a result, not an exception."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal["now", "soon"]
"""How urgent a red flag is: ``now`` is 112, ``soon`` is the general practitioner today."""


@dataclass(frozen=True)
class TopicMatch:
    """One topic with its calibrated probability, in 0..1, and the phrase that came nearest."""

    topic: str
    probability: float
    phrase: str


@dataclass(frozen=True)
class Match:
    """The utterance is about these topics, in the order in which they were said; never empty."""

    topics: tuple[TopicMatch, ...]
    part: str | None = None
    """What is asked about them ("hoe lang duurt een trillend ooglid"), as in :class:`FollowUp`."""


@dataclass(frozen=True)
class Ambiguous:
    """A complaint of which it is not sure what it is about: ask.

    It may be about two topics, the likelier first, or says so little ("het trilt zo") that it may
    be about any.
    """

    options: tuple[TopicMatch, TopicMatch] | tuple[()]


@dataclass(frozen=True)
class RedFlag:
    """A sign that can't wait, with the topics that were named beside it."""

    flag: str
    grade: Grade
    probability: float
    topics: tuple[TopicMatch, ...] = ()


@dataclass(frozen=True)
class Command:
    """Steering of the conversation (``stop``, ``herhaal``, ``ja`` …); ``commands.toml`` has all."""

    command: str
    probability: float


@dataclass(frozen=True)
class FollowUp:
    """A question about the topic in hand ("hoe komt dat?"), told by the part that answers it."""

    part: str
    probability: float


@dataclass(frozen=True)
class NotRecognized:
    """Nothing we may answer. ``probability`` is that of the best topic that was turned down."""

    reason: Literal["empty", "off_topic", "unsure"]
    probability: float = 0.0


Result = Match | Ambiguous | RedFlag | Command | FollowUp | NotRecognized
