"""Cutting in: does it notice a "stop" over its own voice, and never take that voice for one.

Real answers are said in rooms made of numbers: echo of the walls, a loudspeaker that distorts, two
clocks that differ, noise. What is left goes through the product's own canceller and detector.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from benchmarks.unavailable import VoicesUnavailableError
from evaluation.effects import reverberate, set_level, speech_level
from evaluation.metrics import Share
from evaluation.tables import Cell, Table
from responses.library import load_library
from responses.phrasing import Phrasing
from responses.profiles import PROFILES
from responses.texts import PARTS
from tests.room import Acoustics
from voice.audio import SAMPLE_RATE
from voice.barge_in import BargeInSettings, CutInDetector
from voice.echo import EchoCanceller, Reference
from voice.speaker import Speaker, SpeakerSettings

SAID = ("stop", "mijn kuit trilt")
LEVELS = (0.0, -6.0)
"""Of the voice, in dB to the echo."""
AIM_MS = 300
SILENCE_MS = 40
"""From the order to be silent to silence: measured 33-48 ms at a sound card's monitor."""
_LATENCY = 0.06  # s, of the loudspeaker
_ECHO_DBFS = -22.0
_BLOCK = SAMPLE_RATE // 50
_BEFORE = 4 * SAMPLE_RATE  # of our own voice before anybody cuts in
_PAUSE = np.zeros(SAMPLE_RATE, np.int16)

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

    def echo(self, far: Samples) -> NDArray[np.float64]:
        """What the microphone hears of it."""
        sound = far / 32_768
        if self.distortion:
            sound = np.tanh(sound * self.distortion) / self.distortion
        response = np.pad(self.acoustics.response(), (round(_LATENCY * SAMPLE_RATE), 0))
        size = len(sound) + len(response)
        echo = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
        at = np.arange(len(far)) * (1 + self.drift_ppm * 1e-6)
        heard = np.interp(at, np.arange(size), echo)
        loud = np.asarray(np.clip(heard * 32_768, -32_768, 32_767), np.int16)
        gain = 10 ** ((_ECHO_DBFS - speech_level(loud)) / 20)
        noise = np.random.default_rng(self.acoustics.seed).standard_normal(len(far))
        return np.asarray(heard * 32_768 * gain + self.acoustics.noise * noise)


PLACES = (
    Place("living room", Acoustics(delay=0.03, rt60=0.3, seed=1)),
    Place("waiting room", Acoustics(delay=0.09, rt60=0.6, direct_db=0.0, seed=2)),
    Place("small loudspeaker", Acoustics(delay=0.05, rt60=0.4, seed=3), distortion=1.5),
    Place("two clocks", Acoustics(delay=0.12, rt60=0.4, seed=4), drift_ppm=50.0),
)


def barge_in(most: int, say: Callable[[str], None]) -> Iterator[Table]:
    """Both tables, with at most so many answers and voices.

    Raises:
        VoicesUnavailableError: there is nobody here who could say "stop".
    """
    voices = voices_for("fixtures") + voices_for("benchmark")
    if not voices:
        raise VoicesUnavailableError("cutting in needs espeak-ng")
    answers = _answers()[:most]
    say(f"saying {len(answers)} answers in {len(PLACES)} rooms")
    yield _own_voice(answers)
    say("cutting in")
    yield _cutting_in(answers, voices[:most])


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


def _own_voice(answers: Sequence[Samples]) -> Table:
    """How often it takes its own voice for somebody else's."""
    rows: list[tuple[Cell, ...]] = []
    for place in PLACES:
        stopped = [
            noticed(_microphone(place.echo(far)), far) is not None
            for far in (np.concatenate([answer, _PAUSE]) for answer in answers)
        ]
        minutes = sum(map(len, answers)) / SAMPLE_RATE / 60
        rows.append((place.name, round(minutes, 1), Share(sum(stopped), len(stopped))))
    return Table(
        "Barge-in: answers that its own voice breaks off",
        ("room", "minutes", "broken off"),
        tuple(rows),
        "Each answer begins with a canceller that does not know the room yet.",
    )


def _cutting_in(answers: Sequence[Samples], voices: Sequence[str]) -> Table:
    """How often, and how soon, somebody who speaks over an answer is noticed."""
    rows: list[tuple[Cell, ...]] = []
    for words in SAID:
        for level in LEVELS:
            delays = [
                _delay(place, words, level, voice, answers[(7 * one + 3 * other) % len(answers)])
                for one, voice in enumerate(voices)
                for other, place in enumerate(PLACES)
            ]
            soon = sum(delay <= AIM_MS for delay in delays)
            found = sorted(delay for delay in delays if delay < np.inf)
            rows.append(
                (
                    words,
                    level,
                    Share(len(found), len(delays)),
                    Share(soon, len(delays)),
                    round(float(np.median(found))) if found else None,
                    round(float(np.quantile(found, 0.9))) if found else None,
                )
            )
    return Table(
        "Barge-in: spoken over its own voice",
        ("words", "dB to echo", "noticed", f"silent in {AIM_MS} ms", "median ms", "90 % ms"),
        tuple(rows),
        f"From the first sound of the word (the s of 'stop', {_hiss(voices)} ms before its vowel) "
        f"to silence; {SILENCE_MS} ms for the loudspeaker are counted in. {len(voices)} voices.",
    )


def _delay(place: Place, words: str, level: float, voice: str, answer: Samples) -> float:
    """Milliseconds from the first sound of the words to silence; infinite where unnoticed."""
    far = np.concatenate([answer, _PAUSE])
    begin = min(_BEFORE, len(answer) // 2)
    rng = np.random.default_rng(begin)
    said = set_level(reverberate(speak(words, voice), 0.3, rng, 6.0), _ECHO_DBFS + level)
    near = place.echo(far)
    said = said[: len(near) - begin]
    near[begin : begin + len(said)] += said
    at = noticed(_microphone(near), far)
    if at is None or at < begin or at > begin + len(said) + SAMPLE_RATE // 4:
        return float("inf")
    return 1000 * (at - begin) / SAMPLE_RATE + SILENCE_MS


def _hiss(voices: Sequence[str]) -> str:
    """How long the s of "stop" lasts: until a fifth of its peak is reached, shortest to longest."""
    lengths = []
    for voice in voices:
        size = np.abs(speak(SAID[0], voice).astype(np.float64))
        smooth = np.convolve(size, np.ones(320) / 320, "same")
        lengths.append(1000 * int(np.argmax(smooth > 0.6 * smooth.max())) // SAMPLE_RATE)
    return f"{min(lengths)}-{max(lengths)}"


def _microphone(sound: NDArray[np.float64]) -> Samples:
    return np.asarray(np.clip(np.rint(sound), -32_768, 32_767), np.int16)
