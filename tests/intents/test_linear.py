"""The linear classifier on a handful of sentences."""

import numpy as np
import pytest

from intents.linear import COLUMNS, Example, Fitted, features, fit, sample

SENTENCES = [
    tuple(sentence.split())
    for sentence in (
        "mijn oog trilt", "mijn ooglid trilt niet meer", "mijn ooglid springt", "er trilt een oog",
        "mijn kuit trilt", "kramp in mijn been", "mijn been springt", "er zit kramp in mijn kuit",
    )
]  # fmt: skip
CLASSES = [0, 2, 0, 0, 1, 1, 1, 1]
EXAMPLES = [
    Example(sentence, (label,), (group,))
    for group, (sentence, label) in enumerate(zip(SENTENCES, CLASSES, strict=True))
]


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(EXAMPLES, 3, folds=True)


def test_it_knows_what_it_was_taught(fitted: Fitted) -> None:
    found = [int(fitted.linear.scores(s).argmax()) for s in SENTENCES]
    assert found == CLASSES


def test_it_tells_a_denial_from_what_is_denied(fitted: Fitted) -> None:
    scores = fitted.linear.scores(["mijn", "oog", "springt", "niet", "meer"])
    assert scores.argmax() == 2


def test_the_same_again_is_the_same(fitted: Fitted) -> None:
    again = fit(EXAMPLES, 3, folds=False)
    assert np.array_equal(again.linear.weights, fitted.linear.weights)


def test_a_template_left_out_is_less_sure(fitted: Fitted) -> None:
    said = SENTENCES[1]
    assert fitted.without(said, 1)[2] < fitted.without(said, None)[2]


def test_features_are_counted_once() -> None:
    seen = features(["mijn", "oog", "mijn", "oog", "mijn", "oog"])
    assert len(set(seen.columns.tolist())) == len(seen.columns)
    assert seen.columns.max() < COLUMNS


def test_every_template_is_sampled_before_its_variants() -> None:
    groups = np.repeat(np.arange(10, dtype=np.int32), 16)
    assert {int(groups[i]) for i in sample(groups, 10)} == set(range(10))
    assert len(sample(groups)) == 40
