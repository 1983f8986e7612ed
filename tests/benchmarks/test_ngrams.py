"""The n-gram models that the hassil peer gets are probability models."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ngrams import UNKNOWN, train

_SENTENCES = st.lists(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=8
)


@given(_SENTENCES, st.lists(st.sampled_from("abcde"), max_size=3))
def test_what_may_follow_adds_up_to_one(sentences: list[str], context: list[str]) -> None:
    model = train(sentences)
    total = sum(10 ** model.word_log_prob(("<s>", *context)[-3:], w, None) for w in model.words)
    assert total == pytest.approx(1.0, abs=1e-6)


def test_a_known_sentence_is_likelier_than_its_words_shuffled() -> None:
    model = train(["mijn oog trilt", "mijn oog springt", "mijn linkeroog trilt"])
    known = model.get_log_prob(("<s>", "mijn", "oog", "trilt", "</s>"))
    assert known > model.get_log_prob(("<s>", "trilt", "oog", "mijn", "</s>"))


def test_an_unknown_word_has_the_probability_that_is_given_for_it() -> None:
    model = train(["mijn oog trilt"])
    assert model.word_log_prob((), "bus", None) == UNKNOWN
    assert model.word_log_prob((), "bus", lambda _: -7.0) == -7.0
