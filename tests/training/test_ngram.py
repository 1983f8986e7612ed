"""Smoothing, mixing and pruning of n-gram models."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.ngram import BEGIN, END, NGram, Words, mix, perplexity, prune, train, tune, unigrams

WORDS = ("oog", "been", "trilt", "mijn", "een")
sentences = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(tuple), min_size=1, max_size=20
)


def assert_sums_to_one(model: NGram) -> None:
    for history in model.histories():
        total = sum(model.probability(word, history) for word in model.vocabulary)
        assert total == pytest.approx(1, abs=1e-6)


@settings(deadline=None)  # a slow machine is no error
@given(sentences)
def test_what_can_follow_sums_to_one(text: list[Words]) -> None:
    assert_sums_to_one(train([*text, WORDS]))


@settings(deadline=None)  # a slow machine is no error
@given(sentences)
def test_a_mixture_is_the_weighted_sum_of_its_parts(text: list[Words]) -> None:
    parts = [train([*text, WORDS]), unigrams(dict.fromkeys(WORDS, 1.0))]
    mixed = mix(parts, [0.7, 0.3], {"[unk]": 0.01})
    assert_sums_to_one(mixed)
    for history in parts[0].histories():
        for word in parts[0].following(history):
            wanted = sum(
                w * p.probability(word, p.state(history))
                for w, p in zip((0.7, 0.3), parts, strict=True)
            )
            if history:
                assert mixed.probability(word, history) == pytest.approx(wanted, abs=1e-9)


def test_seen_orders_are_likelier_and_unseen_ones_possible() -> None:
    model = train([("mijn", "oog", "trilt")] * 5 + [("mijn", "been", "trilt")])
    history = model.state((BEGIN, "mijn"))
    assert model.probability("oog", history) > model.probability("been", history)
    assert 0 < model.probability("mijn", history) < model.probability("been", history)
    assert model.probability("buik", history) == 0


def test_a_word_in_many_contexts_is_likelier_after_a_new_one() -> None:
    """The point of Kneser-Ney: "hague" is common but only after "den"."""
    text = [("den", "haag")] * 6 + [(w, "oog") for w in ("mijn", "een", "dit")]
    model = train(text, order=2)
    assert model.probability("oog", ("trilt",)) > model.probability("haag", ("trilt",))


def test_weights_follow_the_held_out_text() -> None:
    text, other = [("mijn", "oog", "trilt")] * 3, [("een", "been")] * 3
    models = [train(text), train(other)]
    weights = tune(models, [("mijn", "oog", "trilt")])
    assert weights[0] > 0.95
    assert math.isclose(sum(weights), 1)
    assert perplexity(mix(models, weights, {}), text) < perplexity(
        mix(models, weights[::-1], {}), text
    )


def test_pruning_keeps_a_distribution_and_the_surprising_ngrams() -> None:
    model = train([("mijn", "oog", "trilt"), ("een", "been"), ("mijn", "been", "trilt")] * 3)
    small = prune(model, 0.1)
    assert small.size < model.size
    assert_sums_to_one(small)
    assert set(small.following(())) == set(model.following(()))


def test_unigrams_end_sentences() -> None:
    model = unigrams({"ja": 3, "nee": 1})
    assert model.probability("ja", ()) == pytest.approx(3 * model.probability("nee", ()))
    assert model.probability(END, ()) == pytest.approx(1 / 9)
