"""What is learnt of trust in a hearing: from real recordings, and in the right direction."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import vosk

from evaluation.conditions import CLEAN, Wishes
from intents.results import Match, TopicMatch
from training import hearing
from training.hearing import (
    Answer,
    Planned,
    Trial,
    all_planned,
    answers_to,
    fit_meaning,
    hear,
    logistic,
    right_share,
    trial_from,
    trials,
    weigh_contrast,
)
from voice.clarity import Evidence, clarity, read_weights
from voice.speech_model import EMBEDDED, SpeechModel, find_model

BABBLE = Wishes(noise="babble:5").conditions()[1]
SPOKEN = Planned("mijn ooglid trilt al dagen", "anika", CLEAN)
EYE = Match((TopicMatch("ooglid", 0.9, "ooglid"),))


@pytest.fixture(scope="module")
def model() -> vosk.Model:
    return find_model(EMBEDDED, {}).load()


def test_a_sentence_and_the_babble_around_it_are_heard_apart(model: vosk.Model) -> None:
    clean = hear(model, SPOKEN)
    nobody = hear(model, replace(SPOKEN, condition=BABBLE, alone=True))
    assert clean.said == SPOKEN.sentence
    assert any(right_share(clean.said, one.text) > 0.5 for one in clean.heard)
    assert nobody.said == ""
    for ghost in nobody.heard:
        assert ghost.evidence.contrast_db < clean.heard[0].evidence.contrast_db
    assert not any(one.kept for one in answers_to([nobody]))
    for trial in (clean, nobody):
        assert trial_from(json.loads(trial.to_json())) == trial


def test_half_of_the_plan_is_noisy_and_in_some_of_it_nobody_speaks() -> None:
    planned = all_planned()
    assert len({one.voice for one in planned}) > 1
    assert sum(one.alone for one in planned) == 150
    spoken = [one for one in planned if not one.alone]
    assert sum(one.condition == CLEAN for one in spoken) < len(spoken) / 2
    assert all(one.condition.noise == "babble" for one in planned if one.alone)


def test_what_was_heard_is_kept_for_the_same_model_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def hear(_: object, planned: Planned) -> Trial:
        heard.append(planned.sentence)
        return Trial(planned.sentence, planned.voice, planned.condition.key, ())

    monkeypatch.setattr(hearing, "hear", hear)
    monkeypatch.setattr(SpeechModel, "load", lambda _: None)
    ours = find_model(EMBEDDED, {})
    assert len(trials(ours, tmp_path, 3)) == len(heard) == 3
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-9])  # a power cut in the last line
    assert [one.said for one in trials(ours, tmp_path, 4)] == heard[:3] + heard[4:]
    assert heard[3] == heard[2]
    trials(replace(ours, path=tmp_path), tmp_path, 3)
    assert len(heard) == 8


def _answers(kept_above_db: float | None) -> list[Answer]:
    """Two hundred answers, kept by chance, or where the voice stands out far enough."""
    dice = random.Random(4)
    answers = []
    for _ in range(200):
        contrast = dice.uniform(0, 30)
        sure = dice.random()
        kept = dice.random() < 0.5 if kept_above_db is None else contrast > kept_above_db
        answers.append(Answer(EYE, Evidence(0.8, sure, 1.0, contrast, 5, 3), 0.6, kept))
    return answers


def test_contrast_weighs_more_only_where_it_tells_of_the_meaning() -> None:
    before = read_weights()
    answers = _answers(kept_above_db=12.0)
    after = weigh_contrast(answers, replace(before, contrast=0.0))
    assert after.contrast > 3
    assert weigh_contrast(_answers(None), replace(before, contrast=0.0)).contrast < 1
    usual = np.mean([one.evidence.contrast_db for one in answers])
    middle = replace(answers[0].evidence, contrast_db=float(usual))
    shift = clarity(middle, after) - clarity(middle, replace(before, contrast=0.0))
    assert abs(shift) < 0.02  # the scale stays where it was


def test_a_meaning_survives_a_clear_hearing() -> None:
    clear, agreement, *_ = fit_meaning(_answers(kept_above_db=12.0), read_weights())
    assert clear > 0
    assert abs(agreement) < 1  # the same for all of these, so it tells nothing


def test_a_logistic_regression_finds_the_chances_it_was_drawn_from() -> None:
    rng = np.random.default_rng(1)
    table = rng.uniform(0, 1, (4_000, 2))
    chance = 1 / (1 + np.exp(-(table @ [2.0, -1.0] - 0.5)))
    weights = logistic(table, (rng.uniform(size=4_000) < chance).astype(np.float64))
    told = 1 / (1 + np.exp(-(table @ weights[:-1] + weights[-1])))
    assert np.abs(told - chance).max() < 0.08
