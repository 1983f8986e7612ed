"""Whole programs, from sound to meaning, each heard in a process of its own.

``python -m benchmarks.programs PROGRAM SET=FOLDER ...`` prints one JSON line for each recording,
then one with what the program cost. So its memory is its own too.
"""

import argparse
import importlib
import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import vosk
from rapidfuzz import process

from benchmarks.hearing import model_in_use
from benchmarks.peers import Example, examples_of
from benchmarks.restricted import phrase_recognizer
from benchmarks.systems import Product
from benchmarks.unavailable import PeerUnavailableError
from evaluation.conditions import Condition, Wishes
from evaluation.hearing import Ears, Handed, Heard, ProductEars, measure, read_recording
from evaluation.outcomes import DECLINED, Outcome, outcome_of
from evaluation.samples import Sample, read_samples
from intents.catalogue import Catalogue, load_catalogue
from intents.matcher import Matcher
from voice.audio import SAMPLE_RATE

EXAMPLE = "vosk example + extractOne"
GRAMMAR = "vosk grammar"
WHISPER = "whisper base + our matcher"
PROGRAMS = (Product.name, EXAMPLE, GRAMMAR, WHISPER)
HUMAN_SET = "real voices"
"""The set that is heard as it is, without added noise."""
_EXAMPLE_BYTES = 2 * 4_000  # what vosk's test_simple.py reads at a time


class ExampleEars:
    """Vosk's ``test_simple.py`` and ``rapidfuzz.process.extractOne``, both as they come.

    What a developer writes in an hour: each result goes to the nearest phrase, by WRatio.
    """

    def __init__(self, model: vosk.Model, examples: Sequence[Example]) -> None:
        self._model = model
        self._texts = [example.text for example in examples]
        self._outcomes = [example.outcome for example in examples]

    def __call__(self, blocks: Iterable[bytes]) -> Iterator[Heard]:
        """Hear and understand."""
        recognizer = vosk.KaldiRecognizer(self._model, SAMPLE_RATE)
        recognizer.SetWords(True)
        return _Stream(recognizer).results(blocks, self._understand)

    def _understand(self, text: str) -> Outcome:
        _, _, index = process.extractOne(text, self._texts)
        return self._outcomes[index]


class GrammarEars:
    """Vosk with all phrases as its grammar: what it hears is one of them word for word, or not."""

    def __init__(self, model: vosk.Model, examples: Sequence[Example]) -> None:
        self._outcomes = {example.text: example.outcome for example in examples}
        self._recognizer = phrase_recognizer(model, self._outcomes)
        self._stream = _Stream(self._recognizer)

    def __call__(self, blocks: Iterable[bytes]) -> Iterator[Heard]:
        """Hear and understand."""
        self._recognizer.Reset()
        return self._stream.results(blocks, lambda t: self._outcomes.get(t, DECLINED))


class _Stream:
    """All the sound that one recogniser is given: its word times count from the first of it.

    A ``Reset`` does not set them back, so one that hears several recordings is asked here.
    """

    def __init__(self, recognizer: Any) -> None:  # noqa: ANN401  # vosk has no types
        self._recognizer = recognizer
        self._seconds = 0.0

    def results(
        self, blocks: Iterable[bytes], understand: Callable[[str], Outcome]
    ) -> Iterator[Heard]:
        """Vosk's own loop: results where it finds an end, and the last one at the file's end."""
        handed = Handed(_joined(blocks, _EXAMPLE_BYTES))
        for block in handed:
            self._seconds += len(block) / 2 / SAMPLE_RATE
            if self._recognizer.AcceptWaveform(block):
                yield from self._heard(self._recognizer.Result(), handed, understand)
        yield from self._heard(self._recognizer.FinalResult(), handed, understand)

    def _heard(
        self, result: str, handed: Handed, understand: Callable[[str], Outcome]
    ) -> Iterator[Heard]:
        found = json.loads(result)
        if text := found["text"]:
            outcome = understand(text)
            waited = self._seconds - found["result"][-1]["end"]
            yield Heard(text, outcome, waited + handed.computing)


def _joined(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    pending = b""
    for block in blocks:
        pending += block
        while len(pending) >= size:
            yield pending[:size]
            pending = pending[size:]
    if pending:
        yield pending


class WhisperEars:
    """Whisper base by faster-whisper, in Dutch, with our matcher: the ears alone differ."""

    def __init__(self, matcher: Matcher, folder: Path | None) -> None:
        try:
            whisper = importlib.import_module("faster_whisper")
        except ImportError as error:
            raise PeerUnavailableError("faster-whisper is not installed") from error
        try:
            name = str(folder) if folder else "base"
            self._model = whisper.WhisperModel(name, device="cpu", local_files_only=True)
        except Exception as error:  # each version raises its own
            raise PeerUnavailableError("the weights of Whisper base are not here") from error
        self._matcher = matcher

    def __call__(self, blocks: Iterable[bytes]) -> Iterator[Heard]:
        """Hear and understand, once the whole recording is there: nobody is answered sooner."""
        samples = np.frombuffer(b"".join(blocks), "<i2").astype(np.float32) / 32_768
        begin = time.process_time()
        segments, _ = self._model.transcribe(samples, language="nl", beam_size=5)
        for segment in segments:
            text = " ".join(re.findall(r"[\w'-]+", segment.text.lower()))
            if text:
                result = self._matcher.understand(text)
                silence = len(samples) / SAMPLE_RATE - segment.end
                waited = max(0.0, silence) + time.process_time() - begin
                yield Heard(text, outcome_of(result), waited)


def _ears(name: str, catalogue: Catalogue, whisper: Path | None) -> Ears:
    """The program of this name, ready. Raises PeerUnavailableError."""
    if name == WHISPER:
        return WhisperEars(Matcher(catalogue), whisper)
    model = model_in_use().load()
    if name == EXAMPLE:
        return ExampleEars(model, examples_of(catalogue))
    if name == GRAMMAR:
        return GrammarEars(model, examples_of(catalogue))
    return ProductEars(model, Matcher(catalogue))


def _hear(name: str, folders: Mapping[str, Path], noise: str, whisper: Path | None) -> None:
    """What the process of a program does."""
    vosk.SetLogLevel(-1)
    catalogue = load_catalogue()
    begin = time.perf_counter()
    ears = _ears(name, catalogue, whisper)
    startup = time.perf_counter() - begin
    for title, folder in folders.items():
        conditions = Wishes("" if title == HUMAN_SET else noise).conditions()
        for sample in read_samples(folder, catalogue):
            for condition in conditions:
                line = _line(ears, sample, condition)
                sys.stdout.write(json.dumps({"set": title, **line}, ensure_ascii=False) + "\n")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000  # kB on Linux
    sys.stdout.write(json.dumps({"startup": startup, "memory": memory}) + "\n")


def _line(ears: Ears, sample: Sample, condition: Condition) -> dict[str, Any]:
    sound = read_recording(sample.path)
    measured = measure(ears, sound, condition, sample.name, 0, clock=time.process_time)
    return {"file": sample.name, "condition": condition.key, **measured.to_json()}


def main() -> int:
    """Run one program on folders given as ``set=folder``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.programs", description=__doc__)
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("folders", nargs="+", metavar="SET=FOLDER")
    parser.add_argument("--noise", default="")
    parser.add_argument("--whisper", type=Path)
    options = parser.parse_args()
    pairs = (text.partition("=") for text in options.folders)
    try:
        folders = {title: Path(folder) for title, _, folder in pairs}
        _hear(options.program, folders, options.noise, options.whisper)
    except PeerUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return os.EX_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
