"""The conversation aloud: microphone to ears to `assistant` to mouth, in turns, until it is ended.

Half-duplex: deaf while it speaks, so it never answers itself. Three ways to be spoken to: always,
after a wake phrase, or after a key. The key also silences it.

A voice does so only where there is an open ear (``--barge-in``). Words can't be understood through
our own voice, but that somebody speaks can be noticed. So it notices, falls silent, and then
listens: whatever was understood is obeyed, and a short word that was not means "stop". After a
voice without words it asks whether to go on; after a cough or a knock it says the broken-off
sentence again.
"""

import logging
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from threading import Event as Flag
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant import Assistant, CutIn, Turn
from errors import SoundDeviceError, SpeechEngineError
from events import (
    Alive,
    Event,
    Failing,
    Heard,
    Hearing,
    Mended,
    Resting,
    Sounding,
    Speaking,
    Spoke,
    Woken,
    WordSpoken,
)
from intents.wake_phrase import Call, WakePhrase, WakePhraseSettings
from responses.reply import Reply
from voice import earcons
from voice.barge_in import OpenEar
from voice.earcons import Earcon
from voice.health import Defect, EarHealth
from voice.microphone import Microphone
from voice.recognizer import Recognizer, Utterance
from voice.speaker import Speaker, SpokenWord
from voice.vital_signs import VitalSigns

_LOG = logging.getLogger(__name__)

_WORD_SECONDS = 2.0
"""Sound, from shortly before a cut-in, within which a word of it must be known; words lag 0.6 s."""
_DEAF_SECONDS = 10.0
"""How long to wait for that sound at most, on the clock: a busy machine delivers it late."""
_RESUMPTIONS = 2
"""How many times a broken-off answer is resumed; after the last, cut-ins are ignored."""
_REST_SECONDS = 20.0
"""Quiet after which the loudspeaker is closed: nobody is likely to need it at once."""
_INSIST_SECONDS, _BETWEEN_TRIES_SECONDS = 300.0, 5.0
"""How long to try to say an alarm where the loudspeaker or the voice fails, and how often. Each try
costs some memory for ever, and we are deaf while it lasts."""
_LOOK_SECONDS = 0.1
"""How long one read of the microphone may block; `stop` is noticed within this time."""
_SENTENCE_SECONDS = 4.0
"""How long after the last partial words a sentence is taken to be still going on."""


class ConversationSettings(BaseModel):
    """When it listens, and what it does while nobody talks to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: Literal["always", "phrase", "key"] = "always"
    """To whoever speaks; at rest only to the wake phrase; or only after the key was pressed."""
    wake: WakePhraseSettings = WakePhraseSettings()
    key_seconds: float = Field(10.0, ge=2.0, le=60.0)
    """After the key: how long to wait for a first word, and then for each next one."""
    attract_seconds: float | None = Field(None, gt=0.0)
    """Seconds of quiet at rest before an invitation is said aloud, and between two; None: never."""


@dataclass(frozen=True)
class _BrokenOff:
    """What somebody cut in on, until it is known what they want."""

    reply: Reply
    """What was still to be said, from the broken-off sentence on."""
    sentences: int
    """How many whole sentences were heard before that."""
    resumptions: int
    until: float
    """When to stop waiting for words, in seconds of decoded sound."""
    latest: float
    """The same on the clock, where no sound comes."""
    at: float
    """When who cut in was heard last, on the clock."""
    words: str = ""
    """What was understood so far of them."""


class LiveConversation:
    """Listens and speaks in turns.

    ``show`` is told of everything that is heard and said, from the thread that calls `run`. Where
    it fails, the conversation goes on. Where the microphone is an open ear, a voice can cut in.
    """

    def __init__(
        self,
        assistant: Assistant,
        microphone: Microphone | OpenEar,
        recognizer: Recognizer,
        speaker: Speaker,
        show: Callable[[Event], None],
        settings: ConversationSettings | None = None,
    ) -> None:
        self._assistant = assistant
        self._microphone = microphone
        self._recognizer = recognizer
        self._speaker = speaker
        self._show = show
        self._settings = settings or ConversationSettings()
        by_phrase = self._settings.listen == "phrase"
        self._wake = WakePhrase(self._settings.wake) if by_phrase else None
        self._vital_signs = VitalSigns(microphone, recognizer)
        self._stopping = Flag()
        self._pressed = Flag()
        self._ears = EarHealth(microphone, recognizer)
        self._ear_defect: Defect | None = None
        self._told_of_ears = False
        self._mouth_defect: Defect | None = None
        self._insists_until: float | None = None
        self._cut_in = Flag()
        self._broken_off: _BrokenOff | None = None
        self._decoded = 0.0
        self._resting = False
        self._mouth_rests = False
        self._quiet_since = time.monotonic()
        self._sentence_until = -math.inf
        self._open_until = -math.inf if self._settings.listen == "key" else math.inf

    def stop(self) -> None:
        """End the conversation: silence at once, and `run` returns soon. From any thread."""
        self._stopping.set()
        self._speaker.stop()

    def press(self) -> None:
        """The key: fall silent, and listen. From any thread."""
        self._pressed.set()
        self._speaker.stop()

    def run(self) -> None:
        """Converse until `stop`; microphone and loudspeaker heal by themselves.

        Raises:
            SpiertolkError: recognition failed for good, or the sound system is stuck.
        """
        if self._wake is None:
            self._give(self._assistant.greet())
        while not self._stopping.is_set():
            self._attend_to_key()
            self._listen()
            self._attend()
            self._look_after_ears()
            if self._broken_off is None:
                self._let_time_pass()
            else:
                self._decide(self._broken_off)

    def _attend_to_key(self) -> None:
        """Open the ears where the key was pressed; close them where nothing came of it."""
        if self._pressed.is_set():
            self._pressed.clear()
            self._leave_off()
            if self._asleep:
                self._tell(Woken(time.monotonic()))
                self._give(self._assistant.greet())
            else:
                self._sound(earcons.LISTENING)
            self._keep_open()
        elif self._settings.listen == "key" and -math.inf < self._open_until < time.monotonic():
            self._open_until = -math.inf
            self._sound(earcons.NOT_UNDERSTOOD)

    def _keep_open(self) -> None:
        if self._settings.listen == "key":
            self._open_until = time.monotonic() + self._settings.key_seconds

    def _listen(self) -> None:
        """Pass on what the microphone has, unless the ears are closed."""
        self._decoded = self._recognizer.decoded_seconds
        block = self._microphone.read(_LOOK_SECONDS)
        if block is not None and time.monotonic() < self._open_until:
            self._recognizer.accept(block, wait=False)
        if self._vital_signs.beat(block):
            self._tell(Alive(self._vital_signs.hears, time.monotonic()))

    def _attend(self) -> None:
        """Deal with what the recogniser has made of the sound so far."""
        while not self._stopping.is_set():
            event = self._recognizer.poll(0)
            if event is None:
                return
            self._quiet_since = time.monotonic()
            if isinstance(event, Utterance):
                self._sentence_until = -math.inf
                self._hear(event)
                continue
            self._sentence_until = time.monotonic() + _SENTENCE_SECONDS
            if not self._asleep:  # what people say among themselves is not shown
                self._keep_open()
                if self._broken_off is not None:
                    self._broken_off = replace(
                        self._broken_off,
                        until=self._decoded + _SENTENCE_SECONDS,
                        latest=time.monotonic() + _DEAF_SECONDS,
                        at=time.monotonic(),
                        words=event.text,
                    )
                self._tell(Hearing(event.text, time.monotonic()))

    @property
    def _asleep(self) -> bool:
        return self._wake is not None and self._assistant.at_rest

    def _hear(self, utterance: Utterance) -> None:
        """Take one utterance: asleep only for the wake phrase, and what follows it."""
        broken = self._leave_off()
        said = Call(utterance.text, utterance.alternatives)
        call = self._wake.call(said.text, said.alternatives) if self._wake is not None else None
        asleep = self._asleep
        if asleep and call is None:
            return
        if asleep:
            self._tell(Woken(time.monotonic()))
        elif call is not None and not call.text:
            call = Call(call.before, ())
        meant = call or said
        if meant.text:
            self._take_turn(utterance, meant, over=broken)
        elif asleep:
            self._give(self._assistant.greet())
        else:
            self._sound(earcons.LISTENING)

    def _take_turn(self, utterance: Utterance, said: Call, over: _BrokenOff | None) -> None:
        """Understand it, said ``over`` our own voice or not, and answer."""
        cuts_in = None if over is None or over.reply.urgent else self._cut_in_by()
        turn = self._assistant.take(
            said.text, said.alternatives, utterance.clarity, cuts_in=cuts_in
        )
        now = time.monotonic()
        start, end = (now - utterance.settled_at + at for at in (utterance.start, utterance.end))
        self._answer(turn, start, end)

    def _answer(self, turn: Turn, start: float, end: float) -> None:
        """Tell what was heard from ``start`` to ``end``, if there were words, and answer."""
        if turn.text:
            self._tell(Heard(turn, start, end, time.monotonic()))
        if self._settings.listen == "key":
            self._open_until = -math.inf
        if turn.reply is not None:
            earcon = earcons.BY_NAME[turn.reply.earcon or earcons.HEARD.name]
            self._speak(turn.reply, earcon)

    def _look_after_ears(self) -> None:
        """Tell once what is wrong with them, and once that it is over."""
        before, now = self._ear_defect, self._ears.defect()
        if now == before:
            return
        self._ear_defect = now
        self._tell_of_change(before, now)
        if now == "too_slow":
            return  # to speak would be to forget what is still to be heard
        if now or self._told_of_ears:
            self._told_of_ears = now is not None
            self._remark(self._assistant.defect(now or "mended"))

    def _mouth_is(self, now: Defect | None) -> None:
        """The same for the mouth, which can't say it itself."""
        before, self._mouth_defect = self._mouth_defect, now
        if now != before:
            self._tell_of_change(before, now)

    def _tell_of_change(self, before: Defect | None, now: Defect | None) -> None:
        if before is not None:
            self._tell(Mended(before, time.monotonic()))
        if now is not None:
            _LOG.warning("defect: %s", now)
            self._tell(Failing(now, self._assistant.defect(now).text, time.monotonic()))

    def _let_time_pass(self) -> None:
        """Say what silence asks for: a prompt, or at rest an invitation."""
        if time.monotonic() < self._sentence_until:  # somebody speaks: that is no silence
            return
        if self._insist():
            return
        prompt = self._assistant.elapse()
        if prompt is not None and not prompt.urgent and self._ear_defect not in (None, "too_slow"):
            self._assistant.spoken(0)  # who can't hear must not ask
        else:
            self._give(prompt)
        at_rest, now = self._assistant.at_rest, time.monotonic()
        if at_rest and not self._resting:
            self._tell(Resting(now))
        self._resting = at_rest
        if at_rest and not self._mouth_rests and now - self._quiet_since > _REST_SECONDS:
            self._mouth_rests = True
            self._speaker.rest()
        attract = self._settings.attract_seconds
        inviting = at_rest and attract is not None and self._ear_defect is None
        if inviting and attract is not None and now - self._quiet_since >= attract:
            self._give(self._assistant.attract())

    def _insist(self) -> bool:
        """Try again and again to say an alarm that our mouth broke off; whether that still goes on.

        Meanwhile nothing is forgotten.
        """
        now, until, mended = time.monotonic(), self._insists_until, self._mouth_defect is None
        if not self._assistant.owes_alarm or (mended and until is None):
            self._insists_until = None
            return False
        until = self._insists_until = until or now + _INSIST_SECONDS
        if now >= until:
            return False
        if mended or now - self._quiet_since >= _BETWEEN_TRIES_SECONDS:
            self._insists_until = None if mended else until  # who cuts in on it now means that
            self._give(self._assistant.insist())
        return True

    def _give(self, reply: Reply | None) -> None:
        """Say what no utterance asked for: the welcome, or a prompt after silence."""
        if reply is not None:
            self._speak(reply)

    def _remark(self, reply: Reply) -> None:
        """Say what is no turn: what we said before it stays the last thing that we said."""
        self._cut_in.clear()
        with self._spoken_over(_RESUMPTIONS):  # nobody cuts in on a remark
            self._say(reply, None)
        self._recognizer.reset()

    def _sound(self, earcon: Earcon) -> None:
        """A sign without words."""
        self._speak(Reply(), earcon)

    def _speak(
        self, reply: Reply, earcon: Earcon | None = None, before: int = 0, resumptions: int = 0
    ) -> None:
        """Say the reply, then listen with a fresh ear.

        Args:
            reply: what to say.
            earcon: a sound to begin with.
            before: how many sentences of this turn were heard before.
            resumptions: how often it was taken up after somebody cut in.
        """
        self._cut_in.clear()
        with self._spoken_over(resumptions):
            sentences = self._say(reply, earcon)
        self._recognizer.reset()
        self._quiet_since = time.monotonic()
        if self._cut_in.is_set():
            self._keep_open()
        rest = replace(reply, sentences=reply.sentences[sentences:])
        if self._cut_in.is_set() and rest.sentences and not self._pressed.is_set():
            until = self._recognizer.decoded_seconds + _WORD_SECONDS
            latest = self._quiet_since + _DEAF_SECONDS
            self._broken_off = _BrokenOff(
                rest, before + sentences, resumptions, until, latest, self._quiet_since
            )
        else:
            self._assistant.spoken(before + sentences)

    def _spoken_over(self, resumptions: int) -> AbstractContextManager[None]:
        """Be deaf inside, or listen for somebody who cuts in."""
        if isinstance(self._microphone, Microphone):
            return self._microphone.muted()
        return self._microphone.listening(self._fall_silent if resumptions < _RESUMPTIONS else None)

    def _fall_silent(self) -> None:
        """Somebody speaks over us. From the ear's thread."""
        self._cut_in.set()
        self._speaker.stop()

    def _cut_in_by(self) -> CutIn:
        ear = self._microphone
        return "voice" if isinstance(ear, OpenEar) and ear.was_voiced() else "sound"

    def _leave_off(self) -> _BrokenOff | None:
        """Give up what was broken off: it counts as heard as far as it came."""
        broken, self._broken_off = self._broken_off, None
        if broken is not None:
            self._assistant.spoken(broken.sentences)
        return broken

    def _decide(self, broken: _BrokenOff) -> None:
        """Where no words come of a cut-in: somebody said what we can't read, or it was a cough."""
        if self._decoded < broken.until and time.monotonic() < broken.latest:
            return
        cut_in_by = self._cut_in_by()
        if (broken.words or cut_in_by == "voice") and not broken.reply.urgent:
            self._leave_off()
            turn = self._assistant.take(broken.words, cuts_in=cut_in_by)
            self._answer(turn, broken.at, broken.at)
            return
        self._broken_off = None
        self._speak(broken.reply, before=broken.sentences, resumptions=broken.resumptions + 1)

    def _say(self, reply: Reply, earcon: Earcon | None) -> int:
        """Say the reply between its sounds; gives how many whole sentences were heard."""
        sentences, self._mouth_rests = 0, False
        try:
            if earcon is not None:
                self._play(earcon, reply.volume)
            if reply.text and not self._interrupted:
                sentences = self._say_aloud(reply)
            if reply.expects_answer and not self._interrupted:
                self._play(earcons.LISTENING, reply.volume)
        except SoundDeviceError:
            self._mouth_is("loudspeaker_gone")
        except SpeechEngineError:
            self._mouth_is("voice_gone")
        return sentences

    @property
    def _interrupted(self) -> bool:
        return self._stopping.is_set() or self._pressed.is_set() or self._cut_in.is_set()

    def _play(self, earcon: Earcon, volume: float) -> None:
        self._tell(Sounding(earcon.name, time.monotonic()))
        self._speaker.play(earcon, volume)
        self._mouth_is(None)

    def _say_aloud(self, reply: Reply) -> int:
        def on_word(word: SpokenWord) -> None:
            self._tell(WordSpoken(word.text, word.position, time.monotonic()))

        self._tell(Speaking(reply, time.monotonic()))
        if self._interrupted:  # while those who were told took their time
            self._tell(Spoke(0, completed=False, at=time.monotonic()))
            return 0
        try:
            spoken = self._speaker.say(reply.text, reply.pace, reply.volume, on_word)
        except (SoundDeviceError, SpeechEngineError):
            self._tell(Spoke(0, completed=False, at=time.monotonic()))
            raise
        self._mouth_is(None)
        sentences = reply.sentences_within(spoken.characters)
        self._tell(Spoke(sentences, spoken.completed, time.monotonic()))
        return sentences

    def _tell(self, event: Event) -> None:
        try:
            self._show(event)
        except BrokenPipeError:
            raise  # whoever started us has left
        except Exception as error:  # noqa: BLE001  # no fault of a listener may end a conversation
            _LOG.error("a listener failed: %s", type(error).__name__)
