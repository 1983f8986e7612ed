"""Cutting in: does it notice a "stop" over its own voice, and never take that voice for one.

Real answers are said in rooms made of numbers: echo of the walls, a loudspeaker that distorts, two
clocks that differ, noise. What is left goes through the product's own canceller and ear, and what
was said through its recogniser and its dialogue. Its thresholds were chosen in other rooms, with
the voices of the fixtures.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from assistant import CutIn
from audio_fixtures.voices import speak, voices_for
from benchmarks.unavailable import VoicesUnavailableError
from console.wiring import Parts
from evaluation.effects import reverberate, set_level, speech_level
from evaluation.metrics import Share
from evaluation.tables import Cell, Table
from intents.results import Command
from responses.library import load_library
from responses.phrasing import Phrasing
from responses.profiles import PROFILES
from responses.texts import PARTS
from settings import load_settings
from tests.room import Acoustics
from voice.audio import SAMPLE_RATE
from voice.barge_in import BargeInSettings, CutInDetector, OpenEar
from voice.echo import EchoCanceller, Reference
from voice.recognizer import transcribe
from voice.speaker import Speaker, SpeakerSettings
from voice.speech_model import EMBEDDED

SAID = (("stop", 0.0), ("stop", -6.0), ("mijn kuit trilt", 0.0))
"""Words, and how loud they are, in dB to the echo."""
NOISES = 12
NOISE_DB = 6.0
"""Coughs and knocks are louder than words."""
AIM_MS = 300
SILENCE_MS = 40
"""From the order to be silent to silence: measured 33-48 ms at a sound card's monitor."""
_LATENCY = 0.06  # s, of the loudspeaker
_ECHO_DBFS = -22.0
_BLOCK = SAMPLE_RATE // 50
_BEFORE = 4 * SAMPLE_RATE  # of our own voice before anybody cuts in
_WELCOME = 4 * SAMPLE_RATE
_AFTER = 3 * SAMPLE_RATE  # until it is decided what was said
_PAUSE = np.zeros(SAMPLE_RATE, np.int16)
_COMPLAINT = "mijn ooglid trilt al dagen"
_ENOUGH_SECONDS = 120.0
OUTCOMES = ("stops", "answers it", "asks", "other", "talks on", "unnoticed")

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Place:
    """A room with its devices."""

    name: str
    acoustics: Acoustics
    distortion: float = 0.0
    """How far the loudspeaker is driven into its limits; 1: peaks lose a quarter."""
    drift_ppm: float = 0.0
    """How much slower the microphone's clock is."""

    def echo(self, far: Samples, played: Samples | None = None) -> NDArray[np.float64]:
        """What the microphone hears of ``far``, of which only ``played`` was played."""
        heard = self._heard(far)
        loud = np.asarray(np.clip(heard * 32_768, -32_768, 32_767), np.int16)
        gain = 10 ** ((_ECHO_DBFS - speech_level(loud)) / 20)
        heard = heard if played is None else self._heard(played)
        noise = np.random.default_rng(self.acoustics.seed).standard_normal(len(far))
        return np.asarray(heard * 32_768 * gain + self.acoustics.noise * noise)

    def _heard(self, far: Samples) -> NDArray[np.float64]:
        sound = far / 32_768
        if self.distortion:
            sound = np.tanh(sound * self.distortion) / self.distortion
        response = np.pad(self.acoustics.response(), (round(_LATENCY * SAMPLE_RATE), 0))
        size = len(sound) + len(response)
        echo = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
        at = np.arange(len(far)) * (1 + self.drift_ppm * 1e-6)
        return np.asarray(np.interp(at, np.arange(size), echo))


PLACES = (
    Place("living room", Acoustics(delay=0.03, rt60=0.3, seed=1)),
    Place("waiting room", Acoustics(delay=0.09, rt60=0.6, direct_db=0.0, seed=2)),
    Place("small loudspeaker", Acoustics(delay=0.05, rt60=0.4, seed=3), distortion=1.5),
    Place("two clocks", Acoustics(delay=0.12, rt60=0.4, seed=4), drift_ppm=50.0),
)

HALL = Place("bare hall", Acoustics(delay=0.04, rt60=0.9, direct_db=-2.0, noise=20.0, seed=5))
"""Rings longer than the canceller can follow: nobody has to be noticed here."""


class Scene:
    """A microphone in a place where an answer is said, and somebody speaks over it."""

    def __init__(self, place: Place, far: Samples, said: Samples, begin: int) -> None:
        self._place, self._far, self._played, self._said = place, far, far, said
        self.begin = begin
        self.reference = Reference()
        self.noticed_at: int | None = None
        self.over = threading.Event()
        """Somebody was noticed, or all was said."""
        self._at = 0
        self._near = self._hear()

    @property
    def silent_seconds(self) -> float:
        """It always gives sound."""
        return 0.0

    @property
    def repairs(self) -> int:
        """It never breaks."""
        return 0

    def without_renewal(self) -> AbstractContextManager[None]:
        """There is no other device to look for."""
        return nullcontext()

    def read(self, timeout: float) -> bytes | None:
        """The next 20 ms."""
        here = slice(self._at, self._at + _BLOCK)
        block = self._near[here].tobytes()
        if not block:
            self.over.set()
            time.sleep(timeout / 10)
            return None
        self.reference.played(self._played[here].tobytes(), SAMPLE_RATE, 1)
        self._at += _BLOCK
        return block

    def fall_silent(self) -> None:
        """Somebody was noticed: the answer is broken off."""
        self.noticed_at = self._at
        self._played = self._far.copy()
        self._played[self._at + SILENCE_MS * SAMPLE_RATE // 1000 :] = 0
        self._near = self._hear()
        self.over.set()

    def _hear(self) -> Samples:
        near = self._place.echo(self._far, self._played)
        said = self._said[: len(near) - self.begin]
        near[self.begin : self.begin + len(said)] += said
        return _microphone(near)


@dataclass(frozen=True)
class Trial:
    """What came of one attempt to cut in."""

    delay: float
    """Milliseconds from its first sound to silence; infinite where unnoticed."""
    outcome: str
    """One of `OUTCOMES`."""


class Stage:
    """Where somebody cuts in on the answer to a complaint about an eyelid."""

    def __init__(self, answers: Sequence[Samples]) -> None:
        self._parts = Parts(load_settings(None, {"model": EMBEDDED}))
        self._answers = answers

    def play(self, place: Place, number: int, said: Samples) -> Trial:
        """Say it over one of the answers; another one was heard before, as a welcome is."""
        welcome, answer = (self._answers[(number + n) % len(self._answers)] for n in range(2))
        before = np.concatenate([welcome[:_WELCOME], _PAUSE])
        begin = len(before) + min(_BEFORE, len(answer) // 2)
        far = np.concatenate([before, answer, _PAUSE])
        length = begin + len(said) + _AFTER
        far = np.pad(far, (0, max(0, length - len(far))))[:length]
        scene = Scene(place, far, said, begin)
        ear = OpenEar(scene, EchoCanceller(scene.reference), self._parts.settings.barge_in)
        with ear.listening(scene.fall_silent):
            scene.over.wait(_ENOUGH_SECONDS)
        at = scene.noticed_at
        if at is None or at < begin or at > begin + len(said) + SAMPLE_RATE // 4:
            return Trial(float("inf"), "unnoticed")
        delay = 1000 * (at - begin) / SAMPLE_RATE + SILENCE_MS
        return Trial(delay, self._outcome(ear))

    def _outcome(self, ear: OpenEar) -> str:
        """What is done about it, as `conversation.LiveConversation` decides."""
        blocks = list(iter(lambda: ear.read(0.0) or b"", b""))
        settings = self._parts.settings.recognizer
        heard = next(transcribe(self._parts.loaded_model, blocks, settings), None)
        by_voice = ear.was_voiced()
        if heard is None and not by_voice:
            return "talks on"
        assistant = self._parts.assistant()
        assistant.take(_COMPLAINT)
        assistant.spoken(1)
        if heard is None:
            turn = assistant.take("", cuts_in="sound")
        else:
            cuts_in: CutIn = "voice" if by_voice else "sound"
            turn = assistant.take(heard.text, heard.alternatives, heard.clarity, cuts_in=cuts_in)
        if isinstance(turn.result, Command) and turn.result.command in ("stop", "nee"):
            return "stops"
        if turn.reply is not None and turn.reply.topics == ("arm_of_been",):
            return "answers it"
        question = load_library().prompts.answer.go_on
        asks = turn.reply is not None and turn.reply.sentences == (question,)
        return "asks" if asks else "other"


def barge_in(most: int, thorough: bool, say: Callable[[str], None]) -> Iterator[Table]:
    """Both tables, with at most so many answers and voices.

    Args:
        most: answers and voices.
        thorough: say every answer in every room, and not in one of them.
        say: is told of the progress.

    Raises:
        VoicesUnavailableError: there is nobody here who could say "stop".
    """
    voices = voices_for("benchmark")
    if not voices:
        raise VoicesUnavailableError("cutting in needs espeak-ng")
    answers = _answers()
    say(f"saying {len(answers[:most])} answers")
    yield _own_voice(answers[:most], thorough)
    say("cutting in")
    yield _cutting_in(Stage(answers), voices[:most], min(most, NOISES))


def noticed(near: Samples, far: Samples) -> int | None:
    """The sample at which a cut-in is noticed in what the microphone heard; None: nowhere."""
    reference = Reference()
    canceller = EchoCanceller(reference)
    detector = CutInDetector(BargeInSettings())
    detector.begin()
    for at in range(0, len(near) - _BLOCK, _BLOCK):
        reference.played(far[at : at + _BLOCK].tobytes(), SAMPLE_RATE, 1)
        for frame in canceller.hear(near[at : at + _BLOCK].tobytes()):
            if detector.hear(frame):
                return at + _BLOCK
    return None


def _answers() -> list[Samples]:
    """Every part of every topic's answer, as we say it, 16 kHz."""
    library = load_library()
    phrasing = Phrasing(library, PROFILES["kiosk"])
    with Speaker(SpeakerSettings()) as speaker:
        speeches = [
            speaker.synthesize(" ".join(phrasing.part((topic,), part)))
            for topic in library.topics
            for part in PARTS
        ]
    return [
        np.asarray(soxr.resample(speech.samples, speech.rate, SAMPLE_RATE), np.int16)
        for speech in speeches
    ]


def _own_voice(answers: Sequence[Samples], thorough: bool) -> Table:
    """How often it takes its own voice for somebody else's."""
    rows: list[tuple[Cell, ...]] = []
    places = (*PLACES, HALL)
    for number, place in enumerate(places):
        here = answers if thorough else answers[number :: len(places)]
        stopped = [
            noticed(_microphone(place.echo(far)), far) is not None
            for far in (np.concatenate([answer, _PAUSE]) for answer in here)
        ]
        minutes = sum(map(len, here)) / SAMPLE_RATE / 60
        rows.append((place.name, round(minutes, 1), Share(sum(stopped), len(stopped))))
    return Table(
        "Barge-in: answers that its own voice breaks off",
        ("room", "minutes", "broken off"),
        tuple(rows),
        "Each answer begins with a canceller that does not know the room yet.",
    )


def _cutting_in(stage: Stage, voices: Sequence[str], noises: int) -> Table:
    """How often and how soon somebody who speaks over an answer is noticed, and what then."""
    rows = [
        _row(f"{words}, {level:+.0f} dB", [
            stage.play(place, 7 * one + 3 * other, _spoken(words, level, voice, one + other))
            for one, voice in enumerate(voices)
            for other, place in enumerate(PLACES)
        ])
        for words, level in SAID
    ]  # fmt: skip
    rows += [
        _row(f"{name}, {NOISE_DB:+.0f} dB", [
            stage.play(PLACES[n % len(PLACES)], 5 * n, set_level(make(n), _ECHO_DBFS + NOISE_DB))
            for n in range(noises)
        ])
        for name, make in (("a cough", cough), ("knocks", knocks))
    ]  # fmt: skip
    return Table(
        "Barge-in: spoken over its own voice, in dB to the echo",
        ("what", "n", "noticed", f"silent in {AIM_MS} ms", "median ms", "90 % ms", *OUTCOMES),
        tuple(rows),
        f"From the first sound (the s of 'stop', {_hiss(voices)} ms before its vowel) to silence; "
        f"{SILENCE_MS} ms for the loudspeaker are counted in. {len(voices)} voices.",
    )


def _row(what: str, trials: Sequence[Trial]) -> tuple[Cell, ...]:
    found = sorted(trial.delay for trial in trials if trial.delay < np.inf)
    soon = sum(delay <= AIM_MS for delay in found)
    outcomes = Counter(trial.outcome for trial in trials)
    return (
        what,
        len(trials),
        Share(len(found), len(trials)),
        Share(soon, len(trials)),
        round(float(np.median(found))) if found else None,
        round(float(np.quantile(found, 0.9))) if found else None,
        *(outcomes[name] for name in OUTCOMES),
    )


def _spoken(words: str, level: float, voice: str, seed: int) -> Samples:
    """Somebody says it in the room."""
    rng = np.random.default_rng(seed)
    return set_level(reverberate(speak(words, voice), 0.3, rng, 6.0), _ECHO_DBFS + level)


def cough(seed: int) -> Samples:
    """A burst of breath without a voice, a quarter of a second long, duller or sharper."""
    rng = np.random.default_rng(seed)
    length, width = SAMPLE_RATE // 4, int(rng.integers(6, 24))
    breath = np.convolve(rng.standard_normal(length), np.ones(width) / width, "same")
    return _scaled(breath * np.exp(-rng.uniform(3, 6) * np.linspace(0, 1, length)))


def knocks(seed: int) -> Samples:
    """One to three knocks on wood, which rings."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(0.19 * SAMPLE_RATE)) / SAMPLE_RATE
    out = np.zeros(round(0.7 * SAMPLE_RATE))
    for number in range(int(rng.integers(1, 4))):
        pitch = rng.uniform(90, 350)
        ring = np.sin(2 * np.pi * pitch * at) + 0.6 * np.sin(2 * np.pi * 2.3 * pitch * at)
        knock = np.exp(-rng.uniform(25, 60) * at) * ring
        knock += 0.3 * np.exp(-200 * at) * rng.standard_normal(len(at))
        begin = round((0.02 + 0.18 * number) * SAMPLE_RATE)
        out[begin : begin + len(at)] += knock[: len(out) - begin]
    return _scaled(out)


def _scaled(sound: NDArray[np.float64]) -> Samples:
    return np.asarray(12_000 * sound / np.abs(sound).max(), np.int16)


def _hiss(voices: Sequence[str]) -> str:
    """How long the s of "stop" lasts: until 0.6 of the peak is reached, shortest to longest."""
    lengths = []
    for voice in voices:
        size = np.abs(speak(SAID[0][0], voice).astype(np.float64))
        smooth = np.convolve(size, np.ones(320) / 320, "same")
        lengths.append(1000 * int(np.argmax(smooth > 0.6 * smooth.max())) // SAMPLE_RATE)
    return f"{min(lengths)}-{max(lengths)}"


def _microphone(sound: NDArray[np.float64]) -> Samples:
    return np.asarray(np.clip(np.rint(sound), -32_768, 32_767), np.int16)
