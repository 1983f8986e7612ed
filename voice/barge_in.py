"""Notices that somebody speaks while we do: in what the echo canceller leaves of the sound.

What it leaves of our own voice is soft, but often speech-like, so the level decides: against that
of the echo, which the room sets, and against what was left of it so far. Vowels carry it: below
1 kHz they are loud and our remains are not. All levels are root mean squares of int16.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from errors import StuckSoundSystemError
from voice.audio import SAMPLE_RATE
from voice.echo import FRAME, EchoCanceller, EchoFrame
from voice.voicing import is_voiced

BLOCK_SECONDS = 0.02
"""Sound that the microphone should hand over at a time: longer blocks delay every cut-in."""

_FRAME_SECONDS = FRAME / SAMPLE_RATE
_LOW, _HIGH = 100.0, 1000.0  # Hz
_SILENCE = np.zeros(FRAME, np.int16)
_WINDOW = np.hanning(2 * FRAME)
_BAND = slice(round(_LOW * 2 * FRAME / SAMPLE_RATE), round(_HIGH * 2 * FRAME / SAMPLE_RATE))
# Parseval's theorem: both halves of the spectrum, and what the window takes of the power.
_SCALE = 2 / (2 * FRAME) / float(np.sum(_WINDOW**2))
_RINGING_SECONDS = 0.3  # our voice is still in the room
_PLAYING = 200.0  # what we play is louder than this, but for its softest sounds
_SLOWEST = 1 / 300  # the echo's level is the mean of its last 3 s
_QUIET_FRAMES = 1000  # how long the room is listened to for its own level
_QUIET_SHARE = 0.3  # somebody who talks to us pauses for more than this
_LATE_FRAMES = 20  # 0.2 s: by then the vowel of a word that cuts in has begun
_LOOK_SECONDS = 0.1
_LOST_SECONDS = 0.3  # without a block: some of the sound will never come
_JOIN_SECONDS = 5.0
_BEFORE_SECONDS = 0.35  # the soft beginning of a word, which is noticed by its vowel
_BEFORE_BYTES = round(_BEFORE_SECONDS * SAMPLE_RATE) * 2
_ATTACK_BYTES = round(0.1 * SAMPLE_RATE) * 2  # what cut in began at most so long before its notice
_WORD_BYTES = round(0.4 * SAMPLE_RATE) * 2


class BargeInSettings(BaseModel):
    """When sound over our own voice counts as somebody who speaks to us."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(False, description="listen while speaking; else deaf, and the key stops")
    least_level: float = Field(
        100.0, ge=10.0, le=10_000.0, description="softer sound (RMS of int16) never counts"
    )
    first_share: float = Field(
        0.5, gt=0.0, le=2.0, description="of the echo's level, before anything is known of the room"
    )  # what is left of our voice reached 0.34 in bare rooms, once the canceller had learnt them
    least_share: float = Field(
        0.15, gt=0.0, le=2.0, description="of the echo's level, where next to nothing is left of it"
    )
    most_share: float = Field(
        1.0, gt=0.0, le=5.0, description="of the echo's level, where much of it is left: a hall"
    )
    margin: float = Field(2.0, ge=1.0, le=10.0, description="times the most that was left of it")
    ambient_margin: float = Field(
        4.0, ge=1.0, le=20.0, description="times the level of the room while we are silent"
    )
    least_seconds: float = Field(
        0.03, ge=0.01, le=0.5, description="so long without a break; a click is shorter"
    )
    forget_seconds: float = Field(
        4.0, ge=0.5, le=60.0, description="half of what was left of our voice is forgotten after it"
    )
    learn_seconds: float = Field(
        1.0,
        ge=0.0,
        le=10.0,
        description="of our own speech, without a gap, before anybody can cut in",
    )


class CutInDetector:
    """Decides frame by frame; what it learns of the room lasts from one answer to the next."""

    def __init__(self, settings: BargeInSettings) -> None:
        self._settings = settings
        self._before = EchoFrame(_SILENCE, _SILENCE, _SILENCE)
        self._echo_power = 0.0
        self._frames_spoken = 0
        self._frames_learnt = 0
        self._since_played = math.inf
        self._left = settings.first_share / settings.margin
        self._forget = 0.5 ** (_FRAME_SECONDS / settings.forget_seconds)
        self._over_seconds = 0.0
        self._coming: deque[float] = deque()
        self._alone = True
        self._room: deque[float] = deque(maxlen=_QUIET_FRAMES)
        self._ambient = 0.0

    def hear(self, sound: EchoFrame) -> bool:
        """Take the next 10 ms; tells whether somebody has cut in by now."""
        near, clean, far = _levels(self._before, sound)
        self._before = sound
        if sound.gap:
            self._frames_learnt = 0
        self._since_played = 0.0 if far > _PLAYING else self._since_played + _FRAME_SECONDS
        if self._since_played > _RINGING_SECONDS:
            self._room.append(near)
        else:
            self._learn_echo(near)
            self._learn_left(clean)
        learnt = self._frames_learnt * _FRAME_SECONDS >= self._settings.learn_seconds
        cuts_in = self._is_over(clean) and learnt and sound.settled
        if cuts_in:
            self._alone = False
            self._coming.clear()
        return cuts_in

    def begin(self) -> None:
        """We are about to speak: measure how loud the room is by itself."""
        self._over_seconds = 0.0
        self._alone = True
        self._coming.clear()  # who answers at once is heard while our voice still rings
        if self._room:
            self._ambient = float(np.quantile(self._room, _QUIET_SHARE))

    def _learn_echo(self, near: float) -> None:
        self._frames_spoken += 1
        self._frames_learnt += 1
        weight = max(_SLOWEST, 1 / self._frames_spoken)
        self._echo_power += weight * (near**2 - self._echo_power)
        self._left *= self._forget

    def _learn_left(self, clean: float) -> None:
        """Learn what is left of our voice, also where it is over the limit.

        It counts late, and not once somebody has cut in: a voice would raise its own limit.
        """
        if not self._alone or self._echo_power <= 0.0:
            return
        most = self._settings.most_share / self._settings.margin
        self._coming.append(min(clean / math.sqrt(self._echo_power), most))
        if len(self._coming) > _LATE_FRAMES:
            self._left = max(self._left, self._coming.popleft())

    def _is_over(self, clean: float) -> bool:
        """Whether what is left has been over the limit for long enough."""
        settings = self._settings
        share = max(settings.least_share, min(settings.most_share, settings.margin * self._left))
        echo = math.sqrt(self._echo_power)
        limit = max(settings.least_level, settings.ambient_margin * self._ambient, share * echo)
        self._over_seconds = self._over_seconds + _FRAME_SECONDS if clean > limit else 0.0
        return self._over_seconds >= settings.least_seconds - _FRAME_SECONDS / 2


class Source(Protocol):
    """A `voice.microphone.Microphone`, or what stands for one."""

    @property
    def silent_seconds(self) -> float:
        """How long nothing has come from the device."""

    @property
    def repairs(self) -> int:
        """How often the device had to be opened anew."""

    def read(self, timeout: float) -> bytes | None:
        """Give the next block of 16 kHz mono int16; None where none came in time."""

    def without_renewal(self) -> AbstractContextManager[None]:
        """Look for no other device while the block runs."""


class OpenEar:
    """A microphone without our own voice in it, which hears also while we speak.

    For the thread of the conversation; while we speak a thread of its own reads on.
    """

    def __init__(
        self, microphone: Source, canceller: EchoCanceller, settings: BargeInSettings
    ) -> None:
        self._microphone = microphone
        self._canceller = canceller
        self._detector = CutInDetector(settings)
        self._kept: deque[bytes] = deque()
        self._word = b""
        self._noticed_at = 0
        self._lost = False

    @property
    def silent_seconds(self) -> float:
        """How long nothing has come from the device."""
        return self._microphone.silent_seconds

    @property
    def repairs(self) -> int:
        """How often the device had to be opened anew."""
        return self._microphone.repairs

    def read(self, timeout: float) -> bytes | None:
        """Give the next block as `Microphone.read` does; first what was kept of a cut-in."""
        if self._kept:
            return self._kept.popleft()
        clean, _ = self._hear(timeout)
        if 0 < len(self._word) < self._noticed_at + _WORD_BYTES:
            self._word += clean
        return clean or None

    @contextmanager
    def listening(self, on_cut_in: Callable[[], None] | None) -> Iterator[None]:
        """While we speak inside: tell ``on_cut_in`` once, in another thread, if somebody cuts in.

        What they say is given by `read` afterwards. None: nobody can.
        """
        self._kept.clear()
        self._word = b""
        self._detector.begin()
        ended = threading.Event()
        watch = threading.Thread(
            target=self._watch, args=(ended, on_cut_in), name="open ear", daemon=True
        )
        watch.start()
        try:
            with self._microphone.without_renewal():
                yield
        finally:
            ended.set()
            watch.join(_JOIN_SECONDS)

    def was_voiced(self) -> bool:
        """Tell whether what cut in last sounded like a voice, and not like a cough or a knock."""
        begin, end = self._noticed_at - _ATTACK_BYTES, self._noticed_at + _WORD_BYTES
        return is_voiced(np.frombuffer(self._word[max(0, begin) : end], "<i2"))

    def _watch(self, ended: threading.Event, on_cut_in: Callable[[], None] | None) -> None:
        """Read until ``ended``; keep all from shortly before a cut-in on, or nothing."""
        noticed = False
        while not ended.is_set():
            try:
                clean, cut_in = self._hear(_LOOK_SECONDS)
            except StuckSoundSystemError:
                break  # whoever reads next is told, and can end the program
            if clean:
                self._kept.append(clean)
            if cut_in and not noticed and on_cut_in is not None:
                noticed = True
                self._noticed_at = sum(map(len, self._kept))
                on_cut_in()
            while not noticed and sum(map(len, self._kept)) > _BEFORE_BYTES:
                self._kept.popleft()
        if not noticed:
            self._kept.clear()  # the last of our own voice, and no word of anybody else's
        self._word = b"".join(self._kept)

    def _hear(self, timeout: float) -> tuple[bytes, bool]:
        """Give what the microphone has next, without us in it, and whether somebody cuts in."""
        block = self._microphone.read(timeout) or b""
        if self._microphone.silent_seconds > _LOST_SECONDS:
            self._lost = True
        elif block and self._lost:
            self._lost = False
            self._canceller.restart()
        frames = self._canceller.hear(block)
        cuts = [self._detector.hear(frame) for frame in frames]
        return b"".join(frame.clean.tobytes() for frame in frames), any(cuts)


def _levels(before: EchoFrame, now: EchoFrame) -> tuple[float, float, float]:
    """The root mean squares below 1 kHz of near, clean and far, in the 20 ms that end now."""
    sounds = np.empty((3, 2 * FRAME))
    sounds[:, :FRAME] = before.near, before.clean, before.far
    sounds[:, FRAME:] = now.near, now.clean, now.far
    spectra = np.fft.rfft(sounds * _WINDOW)[:, _BAND]
    near, clean, far = np.sqrt(np.sum(spectra.real**2 + spectra.imag**2, axis=1) * _SCALE)
    return float(near), float(clean), float(far)
