"""One turn in words: understand, answer, remember. Sound is added by `conversation`."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from intents.matcher import Matcher
from intents.results import Command, NotRecognized, RedFlag, Result
from responses.dialogue import Dialogue
from responses.reply import Reply

_LOG = logging.getLogger(__name__)

_SHORT_WORDS = 2  # "stop", "hou op", and what the recogniser makes of them

CutIn = Literal["voice", "sound"]
"""What was noticed over our own voice: surely somebody's voice, or any sound."""


@dataclass(frozen=True)
class Turn:
    """What was heard, what it meant, and what is answered (None: nothing is said)."""

    text: str
    result: Result
    reply: Reply | None


class Assistant:
    """One conversation in words: keeps the dialogue's state and the time.

    ``clock`` gives seconds that never run back: the wall's for a live conversation, the place in
    the recording for a recorded one.
    """

    def __init__(
        self, matcher: Matcher, dialogue: Dialogue, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._matcher = matcher
        self._dialogue = dialogue
        self._clock = clock
        self._state = dialogue.start(clock())

    @property
    def at_rest(self) -> bool:
        """Whether nothing is remembered: nobody has spoken yet, or the last visitor has left."""
        return self._dialogue.deadline(self._state) is None

    def attract(self) -> Reply:
        """An invitation to a room where nobody talks."""
        return self._dialogue.attract()

    def defect(self, name: str) -> Reply:
        """What to say where our ears or mouth fail, or are "mended"."""
        return self._dialogue.defect(name)

    def greet(self) -> Reply:
        """The welcome."""
        self._state, reply = self._dialogue.greet(self._state, self._clock())
        return reply

    def take(
        self,
        text: str,
        alternatives: Sequence[str] = (),
        clarity: float | None = None,
        *,
        cuts_in: CutIn | None = None,
    ) -> Turn:
        """Understand one utterance and decide on the answer.

        ``alternatives`` and ``clarity`` are as for `Matcher.understand`.
        ``cuts_in``: it was said over our own voice. Of a voice, a word or two that are not
        understood, or a single word that is no command, then mean "stop": hardly anything else is
        said so, and silence is never wrong. Where it is doubtful whether there was a word at all,
        we ask whether to go on.
        """
        if cuts_in and len(text.split()) <= 1:
            alternatives = ()  # of one word through our own voice they are all commands there are
        result = self._matcher.understand(text, alternatives, clarity)
        if cuts_in and _is_doubtful(text, result, cuts_in):
            if cuts_in == "sound" or not text:
                self._state, reply = self._dialogue.cut_in(self._state, self._clock())
                return Turn(text, result, reply)
            result = Command("stop", 0.0)  # by its place, not by its words
        self._state, reply = self._dialogue.respond(self._state, result, self._clock(), text)
        _LOG.info("turn: %s", type(result).__name__)
        return Turn(text, result, reply)

    def spoken(self, sentences: int | None = None) -> None:
        """Tell that the reply was said: so many whole sentences of it, or (None) all."""
        self._state = self._dialogue.spoken(self._state, self._clock(), sentences)

    @property
    def owes_alarm(self) -> bool:
        """Whether an alarm was broken off before all of its advice was heard."""
        return bool(self._state.owed)

    def insist(self) -> Reply:
        """That alarm, to be said again."""
        self._state, reply = self._dialogue.insist(self._state, self._clock())
        return reply

    def elapse(self) -> Reply | None:
        """Let time pass: the prompt after a silence, or the session's end; None most times."""
        now = self._clock()
        deadline = self._dialogue.deadline(self._state)
        if deadline is None or now < deadline:
            return None
        self._state, reply = self._dialogue.elapse(self._state, now)
        return reply


def _is_doubtful(text: str, result: Result, cuts_in: CutIn) -> bool:
    """Whether to doubt what was heard through our own voice: "och" may be "stop", "bel" a cough."""
    count = len(text.split())
    match result:
        case NotRecognized():
            return count <= _SHORT_WORDS
        case RedFlag() | Command("stop"):
            return False
        case Command():
            return count <= 1 and cuts_in == "sound"
        case _:
            return count <= 1
