"""One turn: hear, understand, answer, speak. The only place where the rooms meet."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from errors import SoundDeviceError
from intents.matcher import Matcher
from intents.results import Result
from responses.dialogue import Dialogue
from responses.reply import Reply
from voice import earcons
from voice.earcons import Earcon
from voice.microphone import Microphone
from voice.recognizer import Partial, Recognizer
from voice.speaker import Speaker

_LOG = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
"""How long one look at the microphone may wait; a wish to stop is noticed as soon."""


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

    def greet(self) -> Reply:
        """The welcome."""
        self._state, reply = self._dialogue.greet(self._state, self._clock())
        return reply

    def take(self, text: str, alternatives: Sequence[str] = ()) -> Turn:
        """Understand one utterance and decide on the answer."""
        result = self._matcher.understand(text, alternatives)
        self._state, reply = self._dialogue.respond(self._state, result, self._clock(), text)
        _LOG.info("turn: %s", type(result).__name__)
        return Turn(text, result, reply)

    def spoken(self, sentences: int | None = None) -> None:
        """Tell that the reply was said: so many whole sentences of it, or (None) all."""
        self._state = self._dialogue.spoken(self._state, self._clock(), sentences)

    def elapse(self) -> Reply | None:
        """Let time pass: the prompt after a silence, or the session's end; None most times."""
        now = self._clock()
        deadline = self._dialogue.deadline(self._state)
        if deadline is None or now < deadline:
            return None
        self._state, reply = self._dialogue.elapse(self._state, now)
        return reply


Shown = Partial | Turn | Reply
"""What there is to show: words as they come in, a finished turn, a reply that nobody asked for."""


class LiveConversation:
    """Listens and speaks in turns (half-duplex): deaf while it speaks, so it never answers itself.

    ``show`` is told of everything that is heard and said, from the thread that calls `run`.
    """

    def __init__(
        self,
        assistant: Assistant,
        microphone: Microphone,
        recognizer: Recognizer,
        speaker: Speaker,
        show: Callable[[Shown], None],
    ) -> None:
        self._assistant = assistant
        self._microphone = microphone
        self._recognizer = recognizer
        self._speaker = speaker
        self._show = show
        self._stopping = Event()

    def stop(self) -> None:
        """End the conversation: silence at once, and `run` returns soon. From any thread."""
        self._stopping.set()
        self._speaker.stop()

    def run(self) -> None:
        """Converse until `stop`; microphone and loudspeaker heal by themselves.

        Raises:
            SpiertolkError: recognition or speech failed for good.
        """
        self._give(self._assistant.greet())
        while not self._stopping.is_set():
            block = self._microphone.read(_LOOK_SECONDS)
            if block is not None:
                self._recognizer.accept(block, wait=False)
            self._attend()
            self._give(self._assistant.elapse())

    def _attend(self) -> None:
        """Deal with what the recogniser has made of the sound so far."""
        while not self._stopping.is_set():
            event = self._recognizer.poll(0)
            if event is None:
                return
            if isinstance(event, Partial):
                self._show(event)
                continue
            turn = self._assistant.take(event.text, event.alternatives)
            self._show(turn)
            if turn.reply is not None:
                earcon = earcons.BY_NAME[turn.reply.earcon or earcons.HEARD.name]
                self._speak(turn.reply, earcon)

    def _give(self, reply: Reply | None) -> None:
        """Say what no utterance asked for: the welcome, or a prompt after silence."""
        if reply is not None:
            self._show(reply)
            self._speak(reply)

    def _speak(self, reply: Reply, earcon: Earcon | None = None) -> None:
        """Say the reply with the microphone deaf, then listen with a fresh ear."""
        with self._microphone.muted():
            completed = self._say(reply, earcon)
        self._recognizer.reset()
        self._assistant.spoken(None if completed else 0)

    def _say(self, reply: Reply, earcon: Earcon | None) -> bool:
        """Say the reply between its sounds; False where it was cut off or nobody could hear it."""
        try:
            if earcon is not None:
                self._speaker.play(earcon, reply.volume)
            if not self._speaker.say(reply.text, reply.pace, reply.volume).completed:
                return False
            if reply.expects_answer:
                self._speaker.play(earcons.LISTENING, reply.volume)
        except SoundDeviceError as error:
            _LOG.error("the loudspeaker is gone, the reply was not heard: %s", error)
            return False
        return True
