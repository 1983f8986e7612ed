"""Learns how far a hearing can be trusted, from sentences of which it is known what was said.

Voices that the speech model never learnt from say the commands of one word, and sentences by
people who had seen no phrase, clean, in babble and in an echoing room; and there is babble in
which nobody speaks to us. What the product's ears make of it all is kept, and two small logistic
regressions are fitted on it: how well it was heard, by the share of the words that are right
(`voice.clarity`), and whether the words still mean what was said (`intents.hearing`). No weight is
set by hand, and no right answer needs to be known: the meaning of what was heard is compared with
the meaning of what was said. All is seeded.
"""

import ctypes
import json
import logging
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import vosk
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from errors import SpiertolkError
from evaluation.conditions import CLEAN, Condition, Wishes
from evaluation.effects import surround
from evaluation.store import files_fingerprint, fingerprint
from evaluation.words import words
from intents import hearing
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from intents.results import NotRecognized, Result
from voice import clarity
from voice.audio import SAMPLE_RATE
from voice.recognizer import transcribe
from voice.speech_model import SpeechModel

_LOG = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent
SENTENCES = ROOT / "tests" / "intents" / "fresh.tsv"
"""By writers who had seen no phrase; a few short ones are in the model's text all the same."""
_EARS = ("voice/*.py", "evaluation/conditions.py", "evaluation/effects.py")
"""What is heard depends on them and on the model: after a change nothing kept is used."""
BABBLE, ROOM = "babble:20,babble:10,babble:5", "0.5"

_SEED = 1848
_ALONE = 150
"""Stretches of babble in which nobody speaks to us."""
_BLOCK_BYTES = 2 * SAMPLE_RATE // 10
_RIDGE = 0.003
"""Pull of the weights to zero; features are about 0 to 1."""
_CONTRAST = [field.name for field in fields(clarity.Weights)].index("contrast")
_HEAVIER = [step / 4 for step in range(25)]
"""How much more the contrast may weigh, tried in turn."""


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
    """Empty where nobody spoke."""
    voice: str
    condition: str
    heard: tuple[Heard, ...]

    def to_json(self) -> str:
        """As one line keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Answer:
    """The answer to what was heard, had it been typed."""

    given: Result
    evidence: clarity.Evidence
    agreement: float
    """The share of all hearings that mean the same, 0 to 1."""
    kept: bool
    """Whether it suits what was said."""


def trial_from(data: Mapping[str, Any]) -> Trial:
    """The reverse of `Trial.to_json`."""
    heard = tuple(
        Heard(one["text"], tuple(one["alternatives"]), clarity.Evidence(**one["evidence"]))
        for one in data["heard"]
    )
    return Trial(data["said"], data["voice"], data["condition"], heard)


@dataclass(frozen=True)
class Planned:
    """One recording that is to be made and heard."""

    sentence: str
    voice: str
    condition: Condition
    alone: bool = False
    """Only the noise of it is heard: nobody says the sentence."""


def plan(sentences: Sequence[str], voices: Sequence[str]) -> Iterator[Planned]:
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
        yield Planned(sentence, voice, CLEAN)
        yield Planned(sentence, voice, babble[turn % len(babble)])
        if turn % 2:
            yield Planned(sentence, voice, rooms[0])


def all_planned() -> list[Planned]:
    """Commands of one word, babble alone, and sentences.

    Raises:
        SpiertolkError: there is no voice here.
    """
    rows = SENTENCES.read_text(encoding="utf-8").splitlines()
    voices = voices_for("fixtures")
    if not voices:
        raise SpiertolkError("Er is hier geen stem die voorleest; installeer espeak-ng.")
    sentences = list(plan([row.partition("\t")[2] for row in rows if row], voices))
    babble = [replace(one, alone=True) for one in sentences if one.condition.noise == "babble"]
    return [*plan(_short_commands(), voices), *babble[:_ALONE], *sentences]


def hear(model: vosk.Model, planned: Planned) -> Trial:
    """Speak one sentence and listen to it as the product does."""
    condition, name = planned.condition, f"{planned.voice} {planned.sentence}"
    sound = surround(_spoken(planned.sentence, planned.voice), 0.5, 2.0)
    noisy = condition.heard(sound, name, _SEED)
    heard = np.clip(noisy.astype(np.int32) - sound, -32768, 32767) if planned.alone else noisy
    stream = heard.astype("<i2").tobytes()
    blocks = (stream[at : at + _BLOCK_BYTES] for at in range(0, len(stream), _BLOCK_BYTES))
    ctypes.CDLL(None).srand(1)  # the decoder's dither: else what came before would change it
    found = tuple(Heard(u.text, u.alternatives, u.evidence) for u in transcribe(model, blocks))
    said = "" if planned.alone else planned.sentence
    return Trial(said, planned.voice, condition.key, found)


@lru_cache(maxsize=1)  # the next trial is of the same sentence; a neural voice takes seconds
def _spoken(said: str, voice: str) -> NDArray[np.int16]:
    return speak(said, voice)


def trials(model: SpeechModel, cache: Path, at_most: int) -> list[Trial]:
    """Hear what was not heard yet; each trial is kept as soon as it is there.

    Args:
        model: the speech model whose hearings are to be judged.
        cache: a folder for the trials, a file for each model, its ears and plan.
        at_most: trials in all.
    """
    cache.mkdir(parents=True, exist_ok=True)
    everything = all_planned()
    path = _kept_in(cache, model, everything)
    kept = _whole_lines(path)
    planned = everything[:at_most]
    loaded = model.load()
    with path.open("a", encoding="utf-8") as file:
        for number, one in enumerate(planned[kept:], kept):
            file.write(hear(loaded, one).to_json() + "\n")
            file.flush()
            _LOG.info("%d of %d: %s, %s", number + 1, len(planned), one.voice, one.condition.key)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [trial_from(json.loads(line)) for line in lines[:at_most]]


def _kept_in(cache: Path, model: SpeechModel, planned: Sequence[Planned]) -> Path:
    """The file for what this model, with these ears, hears of this plan."""
    said = [(one.sentence, one.voice, one.condition.key, one.alone) for one in planned]
    ears = (files_fingerprint(model.path, ["**/*"]), files_fingerprint(ROOT, _EARS))
    return cache / f"{fingerprint(*ears, said)}.jsonl"


def _whole_lines(path: Path) -> int:
    """How many lines are kept; what a kill or a full disk left behind the last is cut away."""
    content = path.read_bytes() if path.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        os.truncate(path, len(whole))
    return whole.count(b"\n")


def _short_commands() -> list[str]:
    """Commands of one word: there is little to hear in them."""
    return sorted({p.text for p in load_catalogue().of("command") if len(p.words) == 1})


def learn(model: SpeechModel, cache: Path, at_most: int) -> None:
    """Hear, fit both regressions and write what was learnt beside the code that reads it."""
    write_learnt(trials(model, cache, at_most), model.name)


def write_learnt(heard: Sequence[Trial], model_name: str) -> None:
    """Fit both regressions on what was heard and write them where they are read."""
    note = f"Learnt by `python -m training hearing` from {len(heard)} recordings, {model_name}."
    answers = answers_to(heard)
    weights = weigh_contrast(answers, clarity.Weights(*fit_clarity(heard)))
    clarity.LEARNT.write_text(_toml(note, asdict(weights)), "utf-8")
    meaning = hearing.Weights(*fit_meaning(answers, weights))
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


def answers_to(heard: Sequence[Trial]) -> list[Answer]:
    """What the product would answer to each hearing, had its words been typed; silence left out."""
    matcher = Matcher(load_catalogue())
    answers: list[Answer] = []
    for trial in heard:
        meant = matcher.understand(trial.said)
        for one in trial.heard:
            given = matcher.understand(one.text, one.alternatives)
            if not isinstance(given, NotRecognized):
                agreed = matcher.agreement(given, one.text, one.alternatives)
                answers.append(Answer(given, one.evidence, agreed, hearing.same(given, meant)))
    return answers


def weigh_contrast(answers: Sequence[Answer], weights: clarity.Weights) -> clarity.Weights:
    """Let the noise count for as much as it tells of the meaning.

    Words that are right tell too little of it: in noise a meaning changes by one word that is not.
    How loud the noise is then counts more, by the step that foretells the answers best.
    """
    usual = np.mean([clarity.features(one.evidence)[_CONTRAST] for one in answers])
    heavier = [
        replace(weights, contrast=weights.contrast + more, bias=weights.bias - more * float(usual))
        for more in _HEAVIER
    ]
    return min(heavier, key=lambda tried: _surprise(answers, tried))


def _surprise(answers: Sequence[Answer], weights: clarity.Weights) -> float:
    """Mean negative log-likelihood of what survived, in nats, with a meaning fitted to it."""
    *slopes, bias = fit_meaning(answers, weights)
    logits = _meaning_table(answers, weights) @ np.array(slopes) + bias
    kept = np.array([one.kept for one in answers], np.float64)
    return float((np.logaddexp(0, logits) - kept * logits).mean())


def fit_meaning(answers: Sequence[Answer], weights: clarity.Weights) -> NDArray[np.float64]:
    """The weights of `intents.hearing`: does the answer to what was heard suit what was said?"""
    kept = np.array([one.kept for one in answers], np.float64)
    return logistic(_meaning_table(answers, weights), kept)


def _meaning_table(answers: Sequence[Answer], weights: clarity.Weights) -> NDArray[np.float64]:
    rows = [
        hearing.features(clarity.clarity(one.evidence, weights), one.agreement, one.given)
        for one in answers
    ]
    return np.array(rows)


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
