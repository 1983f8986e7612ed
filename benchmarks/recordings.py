"""The held-out sentences spoken by voices that nobody trained on, in rooms and noise; seeded."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio_fixtures.voices import (
    SAMPLE_RATE,
    VOICES,
    VoiceUnavailableError,
    engine_version,
    speak,
    voices_for,
)
from benchmarks.cache import cache_folder
from benchmarks.heldout import Sentence
from benchmarks.unavailable import VoicesUnavailableError
from evaluation.effects import add_noise, reverberate, surround
from voice.audio import write_wav

Samples = NDArray[np.int16]
LEAD = 0.5
"""Seconds before the first word, as a microphone that is already open hears them."""
TAIL = 2.0
"""Seconds after the last one: long enough to notice by itself that the sentence is over."""


def _babble(snr_db: float) -> Callable[[Samples, np.random.Generator], Samples]:
    return lambda samples, rng: add_noise(samples, "babble", snr_db, rng)


CONDITIONS: Mapping[str, Callable[[Samples, np.random.Generator], Samples]] = {
    "clean": lambda samples, _: samples,
    "babble 20 dB": _babble(20),
    "babble 10 dB": _babble(10),
    "babble 5 dB": _babble(5),
    "reverb 0.5 s": lambda samples, rng: reverberate(samples, 0.5, rng),
}
"""What happens to the sound between mouth and microphone, by name."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A sentence as one voice says it, dry."""

    sentence: Sentence
    voice: str
    samples: Samples
    """Shape (n,), 16 kHz mono."""
    seed: int

    @property
    def ends(self) -> float:
        """Second of the stream in which the last word ends."""
        return LEAD + len(self.samples) / SAMPLE_RATE

    def heard(self, condition: str) -> Samples:
        """The whole stream under a condition: the same on every call."""
        stream = surround(self.samples, LEAD, TAIL)
        return CONDITIONS[condition](stream, np.random.default_rng(self.seed))


def record(sentences: Sequence[Sentence], say: Callable[[str], None]) -> Iterator[Recording]:
    """Let the voices of the benchmark take turns, kept in the cache once spoken.

    Raises:
        VoicesUnavailableError: where no voice is installed.
    """
    voices = voices_for("benchmark")
    if missing := [v for v in VOICES if VOICES[v].purpose == "benchmark" and v not in voices]:
        say(f"voices left out, not installed: {', '.join(missing)}")
    if not voices:
        raise VoicesUnavailableError("no voice of the benchmark is installed")
    say(f"speaking {len(sentences)} sentences in {len(voices)} voices")
    turns = np.random.default_rng(0).permutation(len(sentences))
    for number, sentence in enumerate(sentences):
        voice = voices[int(turns[number]) % len(voices)]
        yield Recording(sentence, voice, spoken(sentence.text, voice), number)


def write_spoken(sentences: Sequence[Sentence], folder: Path, say: Callable[[str], None]) -> None:
    """Write a folder of spoken sentences with a manifest, as ``evaluation.samples`` reads it.

    Raises:
        VoicesUnavailableError: where no voice is installed.
    """
    lines = []
    for recording in record(sentences, say):
        name = f"{recording.seed:04}.wav"
        write_wav(folder / name, recording.samples, SAMPLE_RATE)
        row = {
            "path": name,
            "text": recording.sentence.text,
            "expected": "|".join(map(str, recording.sentence.expected)),
            "speaker": recording.voice,
            "kind": "synthetic",
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    (folder / "manifest.jsonl").write_text("".join(lines), encoding="utf-8")


def spoken(text: str, voice: str) -> Samples:
    """One sentence in one voice, from the cache where it was spoken before by the same engine.

    Raises:
        VoicesUnavailableError: where the voice is not installed.
    """
    try:
        key = f"{text}|{VOICES[voice]}|{engine_version(VOICES[voice])}"
        name = hashlib.sha256(key.encode()).hexdigest()[:24]
        path = cache_folder("spoken") / f"{name}.wav"
        if not path.exists():
            whole = path.with_suffix(".part")
            soundfile.write(whole, speak(text, voice), SAMPLE_RATE, format="WAV")
            whole.replace(path)
    except VoiceUnavailableError as error:
        raise VoicesUnavailableError(str(error)) from error
    samples, _ = soundfile.read(path, dtype="int16")
    return np.asarray(samples, np.int16)
