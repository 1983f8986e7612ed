"""Sound in, utterances out, in one thread: joins the parts of a sentence and lasts for days."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from voice import heap
from voice.audio import SAMPLE_RATE
from voice.decoder import Decoder
from voice.loudness import Loudness
from voice.utterances import Hypothesis, Part, Partial, Utterance, joined, part_from, utterance_from
from voice.voice_activity import VoiceActivity, VoiceActivitySettings
from voice.vosk_library import vosk

PIECE_SECONDS = 0.1
"""Vosk looks for the end of a sentence only between two pieces, so they are short."""
PIECE_BYTES = round(PIECE_SECONDS * SAMPLE_RATE) * 2

_PREROLL_PIECES = 20  # 2 s: after 1 s, hum joins the first word and soft first words get lost
_HANGOVER_PIECES = 15  # 1.5 s without speech until Vosk sleeps; it is 0.6 s behind
_REST_PIECES = 15  # 1.5 s asleep: by then an answer to what was said was found
_BACKGROUND_SECONDS = 10.0  # who talks alone pauses for half a second within this
_ECHO_SECONDS = 0.3  # a last word rings on; people do not resume within this
_FADE_SECONDS = 0.2  # a word's soft beginning or end, and what the times may be wrong by
_PARTIAL_DELAY_SECONDS = 0.6  # from a word's start until a partial result shows it
_STABLE_SECONDS = 0.2  # words that may still change do so sooner
_BREATH_SECONDS = 0.45  # quiet for less: the voice goes on, as within a word or between two
_HESITATION_SECONDS = 0.35  # a longer pause between two words: that speaker takes time

Completeness = Literal["complete", "open", "unfinished"]
"""``complete``: nothing need follow; ``unfinished``: a word must follow; ``open``: either."""

Judge = Callable[[str, Sequence[str]], Completeness]
"""Judges what was heard so far, and its other readings. Called from the decoder's thread."""


def always_open(text: str, alternatives: Sequence[str]) -> Completeness:
    """The judge who knows no language: any sentence may be over, or go on."""
    del text, alternatives
    return "open"


class RecognizerSettings(BaseModel):
    """How long to wait for a speaker, and how much to hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    join_pause_seconds: float = Field(
        1.0, ge=0.3, le=5.0, description="shorter pauses are within a sentence; 0.6 answers faster"
    )  # people search for a word for up to a second; 1.6 is for those who speak slowly
    complete_pause_seconds: float = Field(
        0.4, ge=0.2, le=5.0, description="the same after what needs no more words"
    )  # a pause within fluent speech is rarely longer
    unfinished_pause_seconds: float = Field(
        1.6, ge=0.3, le=5.0, description="the same after 'mijn', 'omdat' and the like"
    )
    patience_seconds: float = Field(
        0.8, ge=0.0, le=5.0, description="waited in addition where a pause is not silent"
    )
    stale_seconds: float = Field(
        2.0, ge=1.0, le=10.0, description="a sentence without new words for so long is over"
    )
    longest_seconds: float = Field(
        15.0, ge=3.0, le=18.0, description="speech is cut here; a television never pauses"
    )  # Vosk itself cuts at 20 s, the silence before the speech counted in
    alternatives: int = Field(
        10, ge=1, le=20, description="how many readings of a sentence to consider"
    )
    queue_seconds: float = Field(
        10.0, ge=1.0, le=60.0, description="live sound that may wait; more of it is dropped"
    )
    renew_seconds: float = Field(
        60.0, ge=5.0, le=600.0, description="an idle recogniser, which grows, is replaced after it"
    )
    flat_seconds: float = Field(
        10.0, ge=1.0, le=600.0, description="live sound that never changes: the microphone is dead"
    )
    voice_activity: VoiceActivitySettings = VoiceActivitySettings()


class PieceCutter:
    """Cuts a byte stream into pieces of `PIECE_BYTES`, whatever the lengths it comes in."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, block: bytes) -> Iterator[bytes]:
        """Give all whole pieces so far; the rest waits for the next block.

        Raises:
            TypeError: this is not bytes-like.
        """
        data = self._rest + memoryview(block).tobytes()
        whole = len(data) // PIECE_BYTES * PIECE_BYTES
        self._rest = data[whole:]
        return (data[at : at + PIECE_BYTES] for at in range(0, whole, PIECE_BYTES))

    def drop(self) -> None:
        """Forget the rest, but for half a sample: its other half is still to come."""
        self._rest = self._rest[len(self._rest) // 2 * 2 :]

    def last(self) -> bytes:
        """Give what is left at the end of the stream, in whole samples; may be empty."""
        rest, self._rest = self._rest, b""
        return rest[: len(rest) // 2 * 2]


class Listener:
    """Turns pieces of sound into events. For one thread. Every method raises `SpeechModelError`."""

    def __init__(
        self, model: vosk.Model, settings: RecognizerSettings, judge: Judge = always_open
    ) -> None:
        self._model = model
        self._settings = settings
        self._judge = judge
        self._judged: tuple[str, Completeness] = ("", "open")
        self._position = 0
        self._preroll: deque[bytes] = deque(maxlen=_PREROLL_PIECES)
        kept = settings.longest_seconds + 5.0
        self._loudness = Loudness(kept)
        self._activity = VoiceActivity(settings.voice_activity, kept)
        self._pieces_without_speech = self._pieces_asleep = 0
        self._asleep = True
        self._left_until = 0  # in samples
        self._pending: Part | None = None
        self._open(self._position)

    @property
    def now(self) -> float:
        """How much of the stream was heard, in seconds."""
        return self._position / SAMPLE_RATE

    def hear(self, piece: bytes, start: int | None = None) -> Iterator[Utterance | Partial]:
        """Hear at most `PIECE_BYTES` of 16 kHz mono int16.

        Args:
            piece: whole samples.
            start: the number of its first sample in the stream; where that is not the next one,
                sound is missing in between and nothing is joined over the gap.
        """
        if start is not None and start != self._position:
            yield from self._end_here()
            self._forget(start)
        samples = np.frombuffer(piece, "<i2")
        self._position += len(samples)
        self._loudness.add(samples, self.now)
        self._activity.add(samples, self.now)
        self._preroll.append(piece)
        if self._rests():
            return
        if self._asleep or self._should_renew():
            self._asleep = False
            yield from self._decode_again()
        else:
            yield from self._decode(piece)

    def finish(self) -> Iterator[Utterance]:
        """End the stream: what is left of it leaves."""
        yield from self._end_here()
        self._forget(self._position)

    def reset(self) -> None:
        """Forget everything but the time."""
        self._pending = None
        self._forget(self._position)

    def _rests(self) -> bool:
        """Whether to leave Vosk alone: nobody speaks, and nothing waits for an answer."""
        if self._activity.noticed:
            self._pieces_without_speech = self._pieces_asleep = 0
            return False
        self._pieces_without_speech += 1
        if self._pieces_without_speech > _HANGOVER_PIECES and self._idle:
            self._asleep = True
        self._pieces_asleep += self._asleep
        if self._pieces_asleep == _REST_PIECES:
            self._give_back()
        return self._asleep

    def _give_back(self) -> None:
        """Part with what Vosk took for the last sentence: 15 s among many voices cost 100 MB."""
        self._open(self._position)
        heap.give_back()

    @property
    def _idle(self) -> bool:
        return self._pending is None and not self._partial

    def _should_renew(self) -> bool:
        return self._idle and self.now - self._decoder.begins_at > self._settings.renew_seconds

    def _open(self, position: int) -> None:
        """Take a fresh decoder that hears the stream from ``position`` (in samples) on."""
        at = position / SAMPLE_RATE
        self._decoder = Decoder(self._model, self._settings.alternatives, at)
        self._partial = ""
        self._guesses: list[str] = []
        self._changed_at = at
        self._speech_since: float | None = None

    def _forget(self, position: int) -> None:
        """Begin anew at ``position``, with nothing before it."""
        self._position = position
        self._preroll.clear()
        self._loudness.clear()
        self._activity.clear()
        self._pieces_without_speech = self._pieces_asleep = 0
        self._asleep = True
        self._open(position)

    def _decode_again(self) -> Iterator[Utterance | Partial]:
        """Give a fresh decoder what came just before, but nothing that left as words already."""
        start = self._position - sum(map(len, self._preroll)) // 2
        while self._preroll and start < self._left_until:
            start += len(self._preroll.popleft()) // 2
        self._open(start)
        for piece in tuple(self._preroll):
            yield from self._decode(piece)

    def _decode(self, piece: bytes) -> Iterator[Utterance | Partial]:
        """Give one piece to Vosk and pass on what comes of it.

        Vosk takes words that it can't make out, such as those of a strange accent, for silence,
        and sees an end there. Whoever speaks on is not cut: what follows often explains them.
        """
        ended = self._decoder.accept(piece)
        yield from self._look()
        if ended and not self._speaks_on:
            yield from self._add(self._decoder.result())
        if self._over():
            yield from self._add(self._decoder.final())
            self._open(self._position)
        yield from self._settle()

    def _look(self) -> Iterator[Partial]:
        """Notice what is being said."""
        text = self._decoder.partial()
        if text == self._partial:
            return
        self._partial, self._changed_at = text, self.now
        if text:
            self._guesses.append(text)
            if self._speech_since is None:
                self._speech_since = self.now - _PARTIAL_DELAY_SECONDS
            heard = (self._speech_since, self.now)
            if self._activity.is_speech(*heard) and self._is_near(*heard):
                before = f"{self._pending.text} " if self._pending else ""
                yield Partial(before + text, self.now)

    def _over(self) -> bool:
        """Whether to end a part that Vosk would let go on.

        It has become too long, nothing was added for long, all seems to be said, or the speaker
        has stopped and only weaker voices go on.
        """
        if not self._partial or self._speech_since is None:
            return False
        since = self._pending.start if self._pending else self._speech_since
        if self.now - since >= self._settings.longest_seconds:
            return True
        if self._seems_complete():
            return True
        if self.now - self._changed_at >= self._settings.stale_seconds:
            return True
        voice = self._loudness.foreground(self._speech_since)
        pause = self._settings.join_pause_seconds + _FADE_SECONDS
        return voice is not None and self.now - voice[1] >= pause

    def _seems_complete(self) -> bool:
        """Whether it is quiet after words that need no more, by the first guess at them.

        The recogniser then gives its best guess, which is judged once more.
        """
        if self._pending is not None or self.now - self._changed_at < _STABLE_SECONDS:
            return False
        return self._is_quiet and self._judge_once(self._partial) == "complete"

    @property
    def _speaks_on(self) -> bool:
        """Whether the voice whose words are heard has not paused, whatever Vosk makes of it."""
        if not self._partial or self._speech_since is None:
            return False
        if self._activity.quiet_seconds >= _BREATH_SECONDS:
            return False
        voice = self._loudness.foreground(self._speech_since)
        return voice is not None and self.now - voice[1] < _BREATH_SECONDS

    @property
    def _is_quiet(self) -> bool:
        """Whether nobody has spoken for nearly as long as a complete sentence is waited for."""
        pause = self._settings.complete_pause_seconds
        return self._activity.quiet_seconds >= pause - _FADE_SECONDS

    def _judge_once(self, text: str, alternatives: Sequence[str] = ()) -> Completeness:
        """Ask the judge, but not the same again a tenth of a second later."""
        key = "\n".join((text, *alternatives))
        if key != self._judged[0]:
            self._judged = (key, self._judge(text, alternatives))
        return self._judged[1]

    def _pause(self, part: Part) -> float:
        """How long a pause belongs to the sentence that waits."""
        usual = self._settings.join_pause_seconds
        match self._judge_once(part.text, [text for text, _ in part.readings[1:]]):
            case "complete" if self._is_quiet and part.longest_pause < _HESITATION_SECONDS:
                return min(usual, self._settings.complete_pause_seconds)
            case "unfinished":
                return max(usual, self._settings.unfinished_pause_seconds)
            case _:
                return usual

    def _add(self, readings: Sequence[Hypothesis]) -> Iterator[Utterance]:
        """Join a part to the sentence that waits, or let that one leave first."""
        self._partial, self._speech_since = "", None
        guesses, self._guesses = self._guesses, []
        part = self._foreground(self._spoken(readings), guesses)
        if part is None or not self._is_near(part.start, part.end):
            return
        if self._pending and part.start - self._pending.end >= self._pause(self._pending):
            yield from self._release()
        if self._pending:
            part = joined(self._pending, part, self._settings.alternatives)
        self._pending = part
        if self.now - part.start >= self._settings.longest_seconds:
            yield from self._release()

    def _spoken(self, readings: Sequence[Hypothesis]) -> Sequence[Hypothesis]:
        """Leave out what nobody spoke, before and after what somebody did."""
        words = readings[0].words if readings else ()
        spoken = [word for word in words if self._activity.is_speech(*word[1:], margin=0.0)]
        spoken = spoken or [word for word in words if self._activity.is_speech(*word[1:])]
        if not spoken:
            return ()
        return [reading.within(spoken[0][1], spoken[-1][2]) for reading in readings]

    def _is_near(self, start: float, end: float) -> bool:
        """Whether a voice stands out, where others talk all the time; anywhere else it may."""
        before = start - _BACKGROUND_SECONDS
        if not self._activity.is_unbroken(before, start):
            return True
        rise = self._loudness.rise(before, start, end)
        return rise >= self._settings.voice_activity.nearer_db

    def _foreground(self, readings: Sequence[Hypothesis], guesses: Sequence[str]) -> Part | None:
        """Leave out the words of weaker voices before and after the one who speaks to us."""
        part = part_from(readings, guesses)
        if part is None:
            return None
        voice = self._loudness.foreground(part.start - _FADE_SECONDS)
        if voice is None:
            return part
        start, end = voice[0] - _FADE_SECONDS, voice[1] + _FADE_SECONDS
        return part_from([reading.within(start, end) for reading in readings], guesses) or part

    def _settle(self) -> Iterator[Utterance]:
        """Let the waiting sentence leave as soon as nothing more can belong to it."""
        if self._pending is None:
            return
        pause = self._pause(self._pending)
        end = self._pending.end
        voice = self._loudness.onset((self._pending.start, end), end + _ECHO_SECONDS)
        waited = self.now - end
        if voice is not None and voice - end >= pause:
            yield from self._release()
        elif not self._partial or voice is None:
            sure = voice is None and not self._partial
            if waited >= pause + (0.0 if sure else self._settings.patience_seconds):
                yield from self._release()

    def _end_here(self) -> Iterator[Utterance]:
        """Let everything heard so far leave."""
        if not self._asleep:
            yield from self._add(self._decoder.final())
        yield from self._release()

    def _release(self) -> Iterator[Utterance]:
        if self._pending is not None:
            contrast = self._loudness.contrast(self._pending.start, self._pending.end)
            yield utterance_from(self._pending, self.now, contrast)
            self._left_until = round((self._pending.end + _FADE_SECONDS) * SAMPLE_RATE)
            self._pending = None
