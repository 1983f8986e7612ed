"""A second, restricted hearing: only words and word pairs of our phrases, and ``[unk]``.

Vosk makes a bigram model of a list of phrases, so that what it hears need not be one of them.
"""

import json
from collections.abc import Iterable

import vosk

from evaluation.effects import Samples
from training.evaluate import results
from voice.audio import SAMPLE_RATE


def phrase_recognizer(model: vosk.Model, phrases: Iterable[str]) -> vosk.KaldiRecognizer:
    """A recogniser of these phrases; takes a quarter of a second for 27,000 of them."""
    grammar = json.dumps([*dict.fromkeys(phrases), "[unk]"], ensure_ascii=False)
    recognizer = vosk.KaldiRecognizer(model, SAMPLE_RATE, grammar)
    recognizer.SetWords(True)
    return recognizer


def heard_again(recognizer: vosk.KaldiRecognizer, samples: Samples) -> str:
    """All words of a whole recording, without what was unknown."""
    return " ".join(" ".join(results(recognizer, samples)).replace("[unk]", " ").split())
