"""Learns how far a hearing can be trusted, from sentences of which it is known what was said.

Voices that the speech model never learnt from say the commands of one word, and sentences that
stand in no text of its recipe, clean, in babble and in an echoing room. What the product's ears
make of them is kept, and two small logistic regressions are fitted on it: the share of the words
that are right (`voice.clarity`), and whether the words still mean what was said
(`intents.hearing`). No weight is set by hand, and no right answer needs to be known: the meaning of
what was heard is compared with the meaning of what was said. All is seeded.
"""

import ctypes
import json
import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import vosk  # type: ignore[import-untyped]  # no stubs exist
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from evaluation.conditions import CLEAN, Condition, Wishes
from evaluation.effects import surround
from evaluation.words import words
from intents import hearing
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from intents.results import NotRecognized
from voice import clarity
from voice.audio import SAMPLE_RATE
from voice.recognizer import transcribe
from voice.speech_model import SpeechModel

_LOG = logging.getLogger(__name__)

SENTENCES = Path(__file__).parent.parent / "tests" / "intents" / "fresh.tsv"
"""By writers who had seen no phrase; in no text of the speech model."""
HEARINGS = "hearings.jsonl"
BABBLE, ROOM = "babble:20,babble:10,babble:5", "0.5"

_SEED = 1848
_BLOCK_BYTES = 2 * SAMPLE_RATE // 10
_RIDGE = 0.003
"""Pull of the weights to zero; features are about 0 to 1."""


@dataclass(frozen=True)
class Heard:
    """What one utterance of a recording was heard as."""

    text: str
    alternatives: tuple[str, ...]
    evidence: clarity.Evidence


@dataclass(frozen=True)
class Trial:
    """One sentence, as one voice said it under one condition, and what was heard."""

    said: str
    voice: str
    condition: str
    heard: tuple[Heard, ...]

    def to_json(self) -> str:
        """As one line keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)


def trial_from(data: Mapping[str, Any]) -> Trial:
    """The reverse of `Trial.to_json`."""
    heard = tuple(
        Heard(one["text"], tuple(one["alternatives"]), clarity.Evidence(**one["evidence"]))
        for one in data["heard"]
    )
    return Trial(data["said"], data["voice"], data["condition"], heard)


def plan(sentences: Sequence[str], voices: Sequence[str]) -> Iterator[tuple[str, str, Condition]]:
    """What is said by whom, and under which condition: each once clean and once in babble.

    Every other sentence is also heard in the echoing room. The order is drawn once, so that any
    beginning of it is a fair sample.
    """
    dice = random.Random(_SEED)
    drawn = list(sentences)
    dice.shuffle(drawn)
    babble = Wishes(noise=BABBLE).conditions()[1:]
    rooms = Wishes(room=ROOM).conditions()[1:]
    for number, sentence in enumerate(drawn):
        voice = voices[number % len(voices)]
        turn = number // len(voices)
        yield sentence, voice, CLEAN
        yield sentence, voice, babble[turn % len(babble)]
        if turn % 2:
            yield sentence, voice, rooms[0]


def hear(model: vosk.Model, said: str, voice: str, condition: Condition) -> Trial:
    """Speak one sentence and listen to it as the product does."""
    sound = surround(_spoken(said, voice), 0.5, 2.0)
    stream = condition.heard(sound, f"{voice} {said}", _SEED).astype("<i2").tobytes()
    blocks = (stream[at : at + _BLOCK_BYTES] for at in range(0, len(stream), _BLOCK_BYTES))
    ctypes.CDLL(None).srand(1)  # the decoder's dither: else what came before would change it
    heard = tuple(Heard(u.text, u.alternatives, u.evidence) for u in transcribe(model, blocks))
    return Trial(said, voice, condition.key, heard)


@lru_cache(maxsize=1)  # the next trial is of the same sentence; a neural voice takes seconds
def _spoken(said: str, voice: str) -> NDArray[np.int16]:
    return speak(said, voice)


def trials(model: SpeechModel, cache: Path, at_most: int) -> list[Trial]:
    """Hear what was not heard yet; each trial is kept as soon as it is there.

    Args:
        model: the speech model whose hearings are to be judged.
        cache: a folder for `HEARINGS`; to be emptied when the model or its ears change.
        at_most: trials in all.
    """
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / HEARINGS
    kept = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = SENTENCES.read_text(encoding="utf-8").splitlines()
    sentences = [row.partition("\t")[2] for row in rows if row]
    voices = voices_for("fixtures")
    planned = [*plan(_short_commands(), voices), *plan(sentences, voices)][:at_most]
    loaded = model.load()
    with path.open("a", encoding="utf-8") as file:
        for number, (said, voice, condition) in enumerate(planned[len(kept) :], len(kept)):
            file.write(hear(loaded, said, voice, condition).to_json() + "\n")
            file.flush()
            _LOG.info("%d of %d: %s, %s", number + 1, len(planned), voice, condition.key)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [trial_from(json.loads(line)) for line in lines[:at_most]]


def _short_commands() -> list[str]:
    """Commands of one word: there is little to hear in them."""
    return sorted({p.text for p in load_catalogue().of("command") if len(p.words) == 1})


def learn(model: SpeechModel, cache: Path, at_most: int) -> None:
    """Hear, fit both regressions and write what was learnt beside the code that reads it."""
    write_learnt(trials(model, cache, at_most), model.name)


def write_learnt(heard: Sequence[Trial], model_name: str) -> None:
    """Fit both regressions on what was heard and write them where they are read."""
    note = f"Learnt by `python -m training hearing` from {len(heard)} recordings, {model_name}."
    weights = clarity.Weights(*fit_clarity(heard))
    clarity.LEARNT.write_text(_toml(note, asdict(weights)), "utf-8")
    meaning = hearing.Weights(*fit_meaning(heard, weights))
    hearing.LEARNT.write_text(_toml(note, asdict(meaning)), "utf-8")
    _LOG.info("clarity %s, meaning %s", weights, meaning)


def right_share(said: str, heard: str) -> float:
    """Share of the words that were heard which were said, in that order, 0 to 1."""
    ours, theirs = words(said), words(heard)
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(1, len(theirs))


def fit_clarity(heard: Sequence[Trial]) -> NDArray[np.float64]:
    """The weights of `voice.clarity`."""
    pairs = [(trial.said, one) for trial in heard for one in trial.heard]
    table = np.array([clarity.features(one.evidence) for _, one in pairs])
    share = np.array([right_share(said, one.text) for said, one in pairs])
    return logistic(table, share)


def fit_meaning(heard: Sequence[Trial], weights: clarity.Weights) -> NDArray[np.float64]:
    """The weights of `intents.hearing`: does the answer to what was heard suit what was said?"""
    matcher = Matcher(load_catalogue())
    table: list[tuple[float, ...]] = []
    kept: list[bool] = []
    for trial in heard:
        meant = matcher.understand(trial.said)
        for one in trial.heard:
            given = matcher.understand(one.text, one.alternatives)
            if isinstance(given, NotRecognized):
                continue
            agreed = matcher.agreement(given, one.text, one.alternatives)
            clear = clarity.clarity(one.evidence, weights)
            table.append(hearing.features(clear, agreed, given))
            kept.append(hearing.same(given, meant))
    return logistic(np.array(table), np.array(kept, np.float64))


def logistic(table: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Newton's method for a ridge-penalised logistic regression.

    Args:
        table: (N, F).
        share: what is to be foretold, 0 to 1, (N,).

    Returns:
        the weights, the bias last, (F + 1,).
    """
    design = np.hstack([table, np.ones((len(table), 1))])
    pull = np.diag([_RIDGE] * table.shape[1] + [1e-9])
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        told = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (told - share) / len(design) + pull @ weights
        curve = (design * (told * (1 - told))[:, None]).T @ design / len(design) + pull
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _toml(note: str, values: Mapping[str, float]) -> str:
    return f"# {note}\n" + "".join(f"{name} = {value:.3f}\n" for name, value in values.items())
