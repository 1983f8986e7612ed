"""How well a model hears: word error rates on the development set, by condition and kind of voice.

The development sentences (``text/development.txt``) are in no text of the language model, and their
voices and rooms are used in no training: they choose between models. Half of the voices are those
of the benchmarks, whose sentences no model may see.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import vosk
from numpy.typing import NDArray

from audio_fixtures.voices import VOICES, EspeakVoice, is_available, speak
from errors import SpiertolkError
from evaluation.effects import add_noise, reverberate, surround
from evaluation.words import ErrorRate, count_errors, total, words
from training.clips import RATE, Clip, make_clips
from training.corpus import read_sentences

_LOG = logging.getLogger(__name__)
_HIGH = frozenset({"f5", "anika"})
MEN, WOMEN, NEURAL = KINDS = ("men, formant", "women, formant", "neural, accent")
"""Kinds of voice: espeak-ng's, and Kokoro's Japanese speakers."""
_BLOCK = RATE // 10

Samples = NDArray[np.int16]
CONDITIONS: Mapping[str, Callable[[Samples, np.random.Generator], Samples]] = {
    "clean": lambda sound, rng: add_noise(sound, "room", 40.0, rng),
    "babble 10 dB": lambda sound, rng: add_noise(sound, "babble", 10.0, rng),
    "reverb 0.6 s": lambda sound, rng: reverberate(
        add_noise(sound, "room", 40.0, rng), 0.6, rng, direct_db=0.0
    ),
}


def development_clips(folder: Path) -> list[Clip]:
    """The development sentences, each by two formant voices and, where installed, a neural one.

    Of what the folder holds of an earlier list of sentences or voices, nothing is given.

    Raises:
        SpiertolkError: there is no voice here.
    """
    usable = sorted(voice.name for voice in VOICES.values() if is_available(voice))
    formant = [name for name in usable if isinstance(VOICES[name], EspeakVoice)]
    neural = [name for name in usable if name not in formant]
    if not formant:
        raise SpiertolkError("Er is hier geen stem die voorleest; installeer espeak-ng.")

    spoken = []
    for number, sentence in enumerate(read_sentences("development.txt")):
        chosen = [formant[number % len(formant)], formant[(number + 3) % len(formant)]]
        chosen += [neural[number % len(neural)]] if neural else []
        spoken += [(" ".join(sentence), voice) for voice in chosen]
    names = [f"{text} ({voice})" for text, voice in spoken]

    def make(number: int) -> Clip:
        text, voice = spoken[number]
        return Clip(names[number], voice, text, speak(_written(text), voice))

    store = make_clips(folder / "development", names, make)
    places = {store.name(place): place for place in range(len(store))}
    return [store[places[name]] for name in names]


def _written(text: str) -> str:
    """The disease in capitals, so that it is spelled aloud."""
    disease = ("aan als", "over als", "is als", "geen als", "bij als", "ik als", "tegen als")
    for phrase in disease:
        text = text.replace(phrase, phrase[:-3] + "ALS")
    return text.replace(" ms", " MS").replace("ms ", "MS ") if "ms" in text.split() else text


def error_rates(model: vosk.Model, clips: Sequence[Clip]) -> dict[tuple[str, str], ErrorRate]:
    """Error rates by condition and voice."""
    table: defaultdict[tuple[str, str], ErrorRate] = defaultdict(ErrorRate)
    for name, effect in CONDITIONS.items():
        for number, clip in enumerate(clips):
            rng = np.random.default_rng(number)
            heard = decode(model, effect(surround(clip.samples, 0.3, 0.6), rng))
            table[name, clip.speaker] += count_errors(clip.text, " ".join(heard))
    return dict(table)


def kind_of(voice: str) -> str:
    """Which of `KINDS` a voice is."""
    if not isinstance(VOICES[voice], EspeakVoice):
        return NEURAL
    return WOMEN if voice in _HIGH else MEN


def results(recognizer: vosk.KaldiRecognizer, samples: Samples) -> list[str]:
    """Every result that is not empty, of the pieces in which a live microphone brings sound."""
    pieces = (samples[start : start + _BLOCK] for start in range(0, len(samples), _BLOCK))
    found = [
        recognizer.Result()
        for piece in pieces
        if recognizer.AcceptWaveform(piece.astype("<i2").tobytes())
    ]
    found.append(recognizer.FinalResult())
    return [text for result in found if (text := json.loads(result)["text"])]


def decode(model: vosk.Model, samples: Samples) -> list[str]:
    """All words that the model hears with open decoding."""
    return words(" ".join(results(vosk.KaldiRecognizer(model, RATE), samples)))


def report(rates: Mapping[tuple[str, str], ErrorRate]) -> str:
    """A table by condition and kind of voice, for the model card."""
    lines = ["| condition | voices | word error rate |", "|---|---|---|"]
    for condition in CONDITIONS:
        for kind in ("all", *KINDS):
            found = [
                rate
                for (where, voice), rate in rates.items()
                if where == condition and kind in ("all", kind_of(voice))
            ]
            if found:
                lines.append(f"| {condition} | {kind} | {total(found)} |")
    return "\n".join(lines)
