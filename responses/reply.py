"""What the assistant says next, and how."""

from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Reply:
    """One turn of the assistant; ``text`` may be empty where silence is the answer."""

    sentences: tuple[str, ...] = ()
    """What is said, in order, so that a listener who interrupts can hear the rest later."""
    urgent: bool = False
    """A red flag: show and say it before anything else."""
    pace: float = 1.0
    """Factor on the usual speed."""
    volume: float = 1.0
    """Factor on the usual loudness."""
    earcon: str | None = None
    """Short sound to play first: ``not_understood``, or none."""
    stop_speaking: bool = False
    """Fall silent at once, before anything else."""
    expects_answer: bool = False
    """Keep listening: what is said ends in a question."""
    ends_session: bool = False
    """The conversation is over; the state that comes with it is a fresh one."""
    topics: tuple[str, ...] = ()
    """Topics that this is about."""
    part: str | None = None
    """The part of the answer that this tells: ``kern``, ``uitleg`` …"""

    @property
    def text(self) -> str:
        """All of it, as shown and spoken."""
        return " ".join(self.sentences)

    def sentences_within(self, characters: int) -> int:
        """How many whole sentences lie within the first so many characters of ``text``."""
        ends = accumulate(len(sentence) + 1 for sentence in self.sentences)
        return sum(end - 1 <= characters for end in ends)
