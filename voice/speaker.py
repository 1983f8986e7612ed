"""The mouth: text to Dutch speech, heard from the loudspeaker, silent the moment it is told to."""

import math
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from errors import SoundDeviceError, SpeechEngineError
from voice.earcons import Earcon
from voice.loudspeaker import Listener, Loudspeaker, Output
from voice.portaudio import SOUND_SYSTEM
from voice.pronunciation import SpokenForm, spoken_form
from voice.sentences import Sentence, split_sentences
from voice.speech_engine import Rendering, SpeechEngine

RATE = 22_050
"""Hz; what espeak-ng makes."""

_USUAL_WORDS_PER_MINUTE = 140.0
_PARAGRAPH_FACTOR = 1.6  # a blank line is a longer pause
# espeak's "rate" for one word a minute of our short sentences, pauses counted in; measured to hold
# from 80 to 280 words a minute. Text with longer words takes more time: 126 instead of 140.
_ESPEAK_PER_WORD = 1.04
_SLOWEST, _FASTEST = 80, 450  # espeak's limits
_WORDS_PER_MINUTE_LIMITS = (40.0, 430.0)  # below 77 only the pauses grow longer
_AHEAD_SECONDS = 3.0  # synthesise the next sentence while this much is still to be heard
_LOOK_SECONDS = 0.25  # how often to look whether the device still takes sound
_SHORTEST_WAIT = 0.01  # seconds; the time still to be heard is an estimate
_MARGIN_SECONDS = 10.0  # beyond the length of the speech, for a device that has to come back
_RENEWAL_SECONDS = 1.0  # between two looks for a loudspeaker: each interrupts the microphone
_KNEE = 0.7  # of full scale: louder samples are bent, not clipped
_FULL_SCALE = 32_767.0
_WORD_END = re.compile(r"\s|$")


class SpeakerSettings(BaseModel):
    """How it sounds, and where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    voice: str = Field("nl", description="espeak-ng's voice: nl, or nl with a timbre such as nl+f2")
    device: str | None = Field(
        None, description="part of the loudspeaker's name; None: the system's default"
    )
    words_per_minute: float = Field(
        _USUAL_WORDS_PER_MINUTE,
        ge=60.0,
        le=300.0,
        description="pauses counted in; slow is easier with old ears",
    )
    volume: float = Field(1.0, ge=0.0, le=4.0, description="factor; over 1 peaks are rounded off")
    sentence_pause: float = Field(
        0.5, ge=0.0, le=3.0, description="seconds after a sentence, at 140 words a minute"
    )


@dataclass(frozen=True)
class SpokenWord:
    """A word of the text, and when it is heard, in seconds from the start of the speech."""

    text: str
    start: float
    end: float
    position: int
    """Where it begins in the original text, in characters."""


@dataclass(frozen=True, eq=False)
class Speech:
    """Spoken text: mono samples of shape ``(n,)`` at ``rate`` Hz, and its words for captions."""

    samples: NDArray[np.int16]
    rate: int
    words: tuple[SpokenWord, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class Spoken:
    """What came of saying something: how long it was heard, and whether to its end."""

    seconds: float
    completed: bool
    characters: int = 0
    """How much of the text was heard, in whole words with their punctuation."""


class Speaker:
    """Says Dutch texts. Any thread may call it; texts of several threads wait their turn.

    Args:
        settings: voice, loudspeaker, speed and loudness.
        output: where the sound goes instead of the loudspeaker that the settings name, which is
            opened when it is needed first: `synthesize` works without a sound card.
        listener: told of all that this loudspeaker plays, see `Loudspeaker`.

    Raises:
        SpeechEngineError: there is no espeak-ng, or no such Dutch voice.
    """

    def __init__(
        self,
        settings: SpeakerSettings,
        output: Output | None = None,
        listener: Listener | None = None,
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._output = output
        self._engine = SpeechEngine(settings.voice)
        self._turn = threading.Lock()
        self._change = threading.Condition()
        self._stops = 0
        self._unheard = 0.0
        self._next_renewal = 0.0

    def open(self) -> None:
        """Open the loudspeaker now, and not at the first word. SoundDeviceError without one."""
        with self._turn:
            self._opened()

    def synthesize(self, text: str, pace: float = 1.0) -> Speech:
        """Make speech of a text, at ``pace`` times the usual speed; nothing is heard.

        Raises:
            SpeechEngineError: the voice broke down.
        """
        parts = list(self._sentences(text, pace))
        if not parts:
            return Speech(np.empty(0, np.int16), RATE, ())
        words: list[SpokenWord] = []
        offset = 0.0
        for part in parts:
            words += (_shifted(word, offset) for word in part.words)
            offset += part.seconds
        return Speech(np.concatenate([part.samples for part in parts]), RATE, tuple(words))

    def say(
        self,
        text: str,
        pace: float = 1.0,
        volume: float = 1.0,
        on_word: Callable[[SpokenWord], None] | None = None,
    ) -> Spoken:
        """Say a text and come back when it has been heard, or when `stop` was called.

        Never takes longer than the speech itself and some seconds. ``on_word`` is told of each
        word as it begins to be heard, from the thread that called.

        Raises:
            SpeechEngineError: the voice broke down.
            SoundDeviceError: there is no loudspeaker, or it was lost and did not come back.
        """
        progress = _Progress(text, on_word)
        return self._play(self._sentences(text, pace), volume, progress)

    def play(self, earcon: Earcon, volume: float = 1.0) -> Spoken:
        """Play a short sound, and come back when it has been heard. Raises as `say`."""
        sound = Speech(earcon.samples(RATE), RATE, ())
        return self._play(iter([sound]), volume, _Progress("", None))

    def rest(self) -> None:
        """Nothing will be said for long: let the loudspeaker rest until then."""
        with self._turn:
            if isinstance(self._output, Loudspeaker):
                self._output.rest()

    def stop(self) -> None:
        """Be silent now. From any thread; whoever is in `say` or waits for it comes back."""
        with self._change:
            self._stops += 1
            if self._output is not None:
                # A second stop finds an empty output: what the first one cut off counts.
                self._unheard = max(self._unheard, self._output.pending())
                self._output.clear()
            self._change.notify_all()

    def close(self) -> None:
        """Stop, and let go of the voice and the loudspeaker."""
        self.stop()
        with self._turn:
            self._engine.close()
            if self._output is not None:
                self._output.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _sentences(self, text: str, pace: float) -> Iterator[Speech]:
        """Synthesise sentence by sentence, each with the pause that follows it."""
        words_per_minute = np.clip(
            self._settings.words_per_minute * pace, *_WORDS_PER_MINUTE_LIMITS
        )
        rate = round(np.clip(words_per_minute * _ESPEAK_PER_WORD, _SLOWEST, _FASTEST))
        pause = self._settings.sentence_pause * _USUAL_WORDS_PER_MINUTE / words_per_minute
        sentences = list(split_sentences(text))
        for sentence in sentences:
            form = spoken_form(sentence.text)
            rendering = self._engine.render(form.text, rate=rate)
            longer = _PARAGRAPH_FACTOR if sentence.ends_paragraph else 1.0
            after = 0.0 if sentence is sentences[-1] else pause * longer
            silence = np.zeros(round(after * rendering.rate), np.int16)
            yield Speech(
                np.concatenate([rendering.samples, silence]),
                rendering.rate,
                tuple(_words(sentence, form, rendering)),
            )

    def _play(self, parts: Iterator[Speech], volume: float, progress: "_Progress") -> Spoken:
        """Play parts in our turn; gives how far they were heard."""
        ticket = self._stops  # taken before waiting for our turn: a stop meanwhile counts
        gain = volume * self._settings.volume
        with self._turn:
            with self._change:
                self._unheard = 0.0
            try:
                completed = self._play_all(parts, gain, ticket, progress)
            except BaseException:
                if self._output is not None:
                    self._output.clear()  # or the rest would be said later
                raise
            unheard = 0.0 if completed else self._unheard
            return progress.spoken(max(0.0, progress.seconds - unheard), completed=completed)

    def _play_all(
        self, parts: Iterator[Speech], gain: float, ticket: int, progress: "_Progress"
    ) -> bool:
        """Put one part after the other, each only when it is nearly needed; False if stopped."""
        limit = time.monotonic() + _MARGIN_SECONDS
        try:
            for part in parts:
                output = self._opened()
                if not self._put(output, amplify(part.samples, gain), ticket):
                    break
                progress.add(part)
                # From now on: a slow voice is no fault of the loudspeaker.
                limit = time.monotonic() + output.pending() + _MARGIN_SECONDS
                if not self._wait(ticket, limit, progress, until=_AHEAD_SECONDS):
                    return False
        except SpeechEngineError:
            self._wait(ticket, limit, progress, until=0.0)  # what was put is heard to its end
            raise
        return self._wait(ticket, limit, progress, until=0.0)

    def _opened(self) -> Output:
        """Give the output, sure to take sound at this moment."""
        if self._output is None:
            self._output = self._loudspeaker()
        self._output.check()
        return self._output

    def _loudspeaker(self) -> Loudspeaker:
        """Open the loudspeaker; where that fails, PortAudio may know only those of its start."""
        generation = SOUND_SYSTEM.generation
        try:
            return Loudspeaker(self._settings.device, RATE, self._listener)
        except SoundDeviceError:
            if time.monotonic() < self._next_renewal:
                raise
            renewed = SOUND_SYSTEM.try_to_renew(generation)
            self._next_renewal = time.monotonic() + _RENEWAL_SECONDS
            if not renewed:
                raise
        return Loudspeaker(self._settings.device, RATE, self._listener)

    def _put(self, output: Output, samples: NDArray[np.int16], ticket: int) -> bool:
        """Hand over a part, unless we were stopped: never both, so a stop misses nothing."""
        with self._change:
            if self._stops == ticket:
                output.put(samples)
            return self._stops == ticket

    def _wait(self, ticket: int, limit: float, progress: "_Progress", until: float) -> bool:
        """Wait until at most ``until`` seconds are still to be heard; False if stopped first."""
        output = self._output
        while True:
            with self._change:
                if self._stops != ticket:  # which emptied the output: what it held was not heard
                    return False
                left = output.pending() if output else 0.0
            # Not under the lock: whoever is told may take its time, and a stop must not wait.
            next_word = progress.tell(progress.seconds - left)
            with self._change:
                if self._stops != ticket:
                    return False
                left = output.pending() - until if output else 0.0
                if output is None or left <= 0:
                    return True
                self._change.wait(min(left, _LOOK_SECONDS, max(next_word, _SHORTEST_WAIT)))
                if self._stops != ticket:
                    return False
            output.check()
            if time.monotonic() > limit:
                raise SoundDeviceError(
                    "De luidspreker neemt geen geluid aan: controleer de aansluiting en probeer "
                    "het opnieuw."
                )


class _Progress:
    """How far a text has been heard; tells of each word as it begins."""

    def __init__(self, text: str, on_word: Callable[[SpokenWord], None] | None) -> None:
        self.seconds = 0.0
        """How much sound was handed over so far."""
        self._text = text
        self._on_word = on_word
        self._words: list[SpokenWord] = []
        self._coming: deque[SpokenWord] = deque()

    def add(self, part: Speech) -> None:
        """A part was handed over."""
        words = [_shifted(word, self.seconds) for word in part.words]
        self._words += words
        self._coming += words
        self.seconds += part.seconds

    def tell(self, at: float) -> float:
        """Tell of the words that have begun ``at`` so many seconds; gives those until the next."""
        while self._coming and self._coming[0].start <= at:
            word = self._coming.popleft()
            if self._on_word is not None:
                self._on_word(word)
        return self._coming[0].start - at if self._coming else math.inf

    def spoken(self, at: float, *, completed: bool) -> Spoken:
        """What was heard where speech ended ``at`` so many seconds."""
        ended = [word for word in self._words if completed or word.end <= at]
        if not ended:
            return Spoken(at, completed)
        end = _WORD_END.search(self._text, ended[-1].position + len(ended[-1].text))
        return Spoken(at, completed, end.start() if end else len(self._text))


class Tape:
    """An output for machines without a sound card: keeps all that is said, and takes no time."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.int16]] = []

    @property
    def samples(self) -> NDArray[np.int16]:
        """All that was said so far: shape ``(n,)``, at `RATE` Hz."""
        return np.concatenate([np.empty(0, np.int16), *self._parts])

    def put(self, samples: NDArray[np.int16]) -> None:
        """Keep the samples."""
        self._parts.append(samples)

    def clear(self) -> None:
        """Nothing is still to be heard."""

    def pending(self) -> float:
        """Nothing is still to be heard."""
        return 0.0

    def check(self) -> None:
        """Always works."""

    def close(self) -> None:
        """Keeps what was said."""


def amplify(samples: NDArray[np.int16], gain: float) -> NDArray[np.int16]:
    """Make samples louder or softer; above a knee they are bent towards full scale, not clipped.

    Speech has rare high peaks, so it gets louder without crackling.
    """
    if gain == 1.0:
        return samples
    wave = samples / _FULL_SCALE * max(0.0, gain)
    size = np.abs(wave)
    bent = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    return np.asarray(
        np.sign(wave) * np.where(size > _KNEE, bent, size) * _FULL_SCALE, dtype=np.int16
    )


def _words(sentence: Sentence, form: SpokenForm, rendering: Rendering) -> Iterator[SpokenWord]:
    """Point the engine's word marks into the original text; what was replaced is one word."""
    seconds = len(rendering.samples) / rendering.rate
    starts: dict[tuple[int, int], float] = {}
    for mark in rendering.marks:
        starts.setdefault(form.origin(mark.position, mark.length), mark.at)
    ends = [*starts.values(), seconds][1:]
    for ((position, length), start), end in zip(starts.items(), ends, strict=True):
        word = sentence.text[position : position + length]
        yield SpokenWord(word, start, end, sentence.position + position)


def _shifted(word: SpokenWord, seconds: float) -> SpokenWord:
    return replace(word, start=word.start + seconds, end=word.end + seconds)
