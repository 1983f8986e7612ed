"""Proves that a Vosk model can hear.

Run as a program it does so in a process of its own: a damaged model can kill the process or fill
the memory instead of raising. Exit status 0 is proof, ``NOT_DUTCH`` says that it hears another
language; anything else, a signal too, is damage.
"""

import contextlib
import json
import sys
from pathlib import Path

import numpy as np
import vosk  # type: ignore[import-untyped]  # no stubs exist

SAMPLE_RATE = 16_000
NOT_DUTCH = 3
COMMON_DUTCH_WORDS = ("ik", "het", "een", "niet")
"""Words that every Dutch model knows and that no other language has all at once."""


def decode_a_second(model: vosk.Model) -> None:
    """Decode a second of faint noise: the first use of parts that loading alone does not read.

    Raises:
        Exception: Vosk's only kind of error, where a part is missing or damaged.
    """
    noise = np.random.default_rng(0).integers(-500, 500, SAMPLE_RATE, dtype=np.int16)
    recognizer = vosk.KaldiRecognizer(model, SAMPLE_RATE)
    recognizer.AcceptWaveform(noise.tobytes())
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
