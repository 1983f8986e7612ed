"""Joining readings: probabilities stay probabilities, and words keep their places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.clarity import Evidence
from voice.utterances import Hypothesis, Part, joined, part_from, utterance_from

WORDS = st.lists(
    st.sampled_from(["mijn", "oog", "ooglid", "trilt", "niet"]), min_size=1, max_size=5
)


def _reading(words: list[str], log_probability: float) -> Hypothesis:
    times = tuple((word, 0.5 * at, 0.5 * at + 0.4) for at, word in enumerate(words))
    return Hypothesis(" ".join(words), log_probability, times)


READINGS = st.lists(st.builds(_reading, WORDS, st.floats(-900.0, 900.0)), min_size=1, max_size=5)


def _best_first(readings: list[Hypothesis]) -> Part:
    part = part_from(sorted(readings, key=lambda reading: -reading.log_probability))
    assert part is not None
    return part


@given(READINGS)
def test_a_part_is_its_best_reading(readings: list[Hypothesis]) -> None:
    part = _best_first(readings)
    assert part.text == " ".join(word.text for word in part.words)
    assert all(0 < word.confidence <= 1 + 1e-9 for word in part.words)
    texts = [text for text, _ in part.readings]
    assert len(set(texts)) == len(texts)


@given(READINGS, READINGS, st.integers(1, 6))
def test_joining_keeps_the_best_of_both_first(
    one: list[Hypothesis], other: list[Hypothesis], most: int
) -> None:
    first, second = _best_first(one), _best_first(other)
    both = joined(first, second, most)
    assert both.text == f"{first.text} {second.text}"
    assert both.words == first.words + second.words
    assert len(both.readings) <= most
    weights = [weight for _, weight in both.readings]
    assert weights == sorted(weights, reverse=True)


def test_a_word_that_other_readings_do_not_have_is_less_sure() -> None:
    part = _best_first([_reading(["mijn", "oog"], 0.0), _reading(["mijn", "ooglid"], 0.0)])
    assert [word.confidence for word in part.words] == [1.0, 0.5]
    utterance = utterance_from(part, settled_at=3.0, contrast_db=25.0)
    assert (utterance.text, utterance.alternatives) == ("mijn oog", ("mijn ooglid",))
    assert (utterance.start, utterance.end, utterance.settled_at) == (0.0, 0.9, 3.0)
    assert utterance.evidence == Evidence(0.75, 0.5, 1.0, 25.0, 2, 2)


def test_the_likeliest_readings_leave_with_it() -> None:
    said = [["mijn", "oog"], ["mijn", "ooglid"], ["mijn", "been"], ["oog"], ["ik"], ["ja"]]
    part = _best_first([_reading(words, -1.5 * at) for at, words in enumerate(said)])
    utterance = utterance_from(part, 3.0, 25.0)
    assert utterance.alternatives == ("mijn ooglid", "mijn been", "oog", "ik")
    assert utterance.evidence.readings == 6


def test_guesses_that_were_given_up_count_against_it() -> None:
    readings = [_reading(["mijn", "ooglid"], 0.0)]
    first = part_from(readings, ["mijn", "mijn oog", "mijn ooglid"])
    second = part_from(readings, ["stop"])
    assert first is not None
    assert second is not None
    both = joined(first, second, 1)
    assert (first.guessed, first.kept) == (5, 4)
    assert (both.guessed, both.kept) == (6, 4)
    assert utterance_from(both, 3.0, 25.0).evidence.kept == pytest.approx(4 / 6)


def test_silence_is_no_part() -> None:
    assert part_from([]) is None
    assert part_from([Hypothesis("", 55.0, ())]) is None


def test_words_outside_a_stretch_are_left_out() -> None:
    inside = _reading(["mijn", "oog", "trilt"], 1.0).within(0.45, 0.95)
    assert (inside.text, inside.log_probability) == ("oog", 1.0)
