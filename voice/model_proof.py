"""Proves that a Vosk model can hear.

Run as a program it does so in a process of its own: a damaged model can kill the process, hang or
fill the memory instead of raising. Exit status 0 is proof, ``NOT_DUTCH`` says that it hears another
language; anything else, a signal too, is damage. No proof finds all damage (checksums do), but it
finds what is missing and what makes a model useless from the first word.
"""

import contextlib
import json
import sys
from pathlib import Path

import numpy as np
import vosk
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
NOT_DUTCH = 3
COMMON_DUTCH_WORDS = ("ik", "het", "een", "niet")
"""Words that every Dutch model knows and that no other language has all at once."""


def babble() -> NDArray[np.int16]:
    """A second of something like a voice, shape (16000,): it sends the search through words.

    Noise alone does not leave the silence, and passed over damage that babble fell into.
    """
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    swing = np.sin(2 * np.pi * 3 * time)
    formants = (500 + 300 * swing, 1500 - 700 * swing, np.full_like(time, 2500.0))  # Hz
    pitch = 200  # Hz
    voice = np.zeros_like(time)
    for harmonic in range(pitch, 3200, pitch):
        loudness = sum(np.exp(-(((harmonic - formant) / 150) ** 2)) for formant in formants)
        voice += loudness * np.sin(2 * np.pi * harmonic * time)
    syllables = np.sin(2 * np.pi * 3.5 * time) ** 2
    breath = np.random.default_rng(0).uniform(-100, 100, SAMPLE_RATE)
    return np.asarray(3000 * voice * syllables + breath, dtype=np.int16)


def decode_a_second(model: vosk.Model) -> None:
    """Decode a second of babble: the first use of parts that loading alone does not read.

    Raises:
        Exception: Vosk's only kind of error, where a part is missing or damaged.
    """
    recognizer = vosk.KaldiRecognizer(model, SAMPLE_RATE)
    recognizer.AcceptWaveform(babble().tobytes())
    json.loads(recognizer.FinalResult())


def speaks_dutch(model: vosk.Model) -> bool:
    """Whether the loaded model knows the commonest Dutch words."""
    return all(model.vosk_model_find_word(word) >= 0 for word in COMMON_DUTCH_WORDS)


def main(path: str) -> None:
    """Load and prove the model at ``path``; be the first to go where memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    vosk.SetLogLevel(-1)
    model = vosk.Model(path)
    decode_a_second(model)
    sys.exit(0 if speaks_dutch(model) else NOT_DUTCH)


if __name__ == "__main__":
    main(sys.argv[1])
