"""Two complaints in one breath: how pairs are made, and that both are meant by them."""

import pytest

from intents.catalogue import Catalogue
from intents.linear import Example, fit
from intents.matcher import Matcher
from intents.pairs import alarmed, joined
from intents.results import Match, RedFlag

EYE, CALF, STRESS, FAINT = range(4)
SAID = {
    EYE: ("mijn oog trilt", "er trilt een ooglid", "mijn oog springt", "mijn ooglid trekt"),
    CALF: ("mijn kuit trilt", "kramp in mijn kuit", "mijn been springt", "mijn been trekt"),
    STRESS: ("ik heb stress", "ik ben gespannen", "komt het door stress", "spanning op mijn werk"),
}
COMPLAINTS = [
    Example(tuple(sentence.split()), (topic,), (10 * topic + number,))
    for topic, sentences in SAID.items()
    for number, sentence in enumerate(sentences)
]
SIGNS = [
    Example(tuple(sentence.split()), (FAINT,), (100 + number,))
    for number, sentence in enumerate(("hij valt flauw", "ze is bewusteloos", "hij is out gegaan"))
]


def test_a_pair_is_of_two_topics_and_knows_both_templates() -> None:
    pairs = list(joined(COMPLAINTS))
    assert len(pairs) == len(COMPLAINTS) // 2
    assert pairs == list(joined(COMPLAINTS))
    known = {example.groups[0]: example for example in COMPLAINTS}
    for pair in pairs:
        one, other = (known[group] for group in pair.groups)
        assert pair.classes == one.classes + other.classes
        assert one.classes != other.classes
        assert pair.words[: len(one.words)] == one.words
        assert pair.words[-len(other.words) :] == other.words


def test_one_topic_alone_makes_no_pair() -> None:
    assert not list(joined(COMPLAINTS[: len(SAID[EYE])]))
    assert not list(joined([]))


def test_pairs_teach_that_the_second_thing_counts_too() -> None:
    said = ["mijn", "oog", "trekt", "en", "kramp", "in", "mijn", "been"]
    alone = fit(COMPLAINTS, len(SAID), folds=False).linear.scores(said)
    taught = fit([*COMPLAINTS, *joined(COMPLAINTS)], len(SAID), folds=False).linear.scores(said)
    assert min(taught[[EYE, CALF]]) > max(taught[STRESS], min(alone[[EYE, CALF]]))


def test_an_alarm_is_paired_with_any_complaint_and_comes_first_or_last() -> None:
    signs = SIGNS * 8
    pairs = list(alarmed(COMPLAINTS, signs))
    assert len(pairs) == len(signs) // 2
    assert {pair.classes.index(FAINT) for pair in pairs} == {0, 1}
    assert {topic for pair in pairs for topic in pair.classes} == {EYE, CALF, STRESS, FAINT}
    assert not list(alarmed([], SIGNS))
    assert not list(alarmed(COMPLAINTS, []))


@pytest.mark.parametrize(
    "said",
    [
        "mijn ooglid trilt en mijn man wist ineens niet meer hoe hij heette",
        "ze viel zomaar van de stoel en reageert niet en mijn kuit springt ook al dagen",
        "ik heb kramp in mijn tenen maar ook zakt mijn mondhoek sinds vanmorgen naar beneden",
    ],
)
def test_an_alarm_in_indirect_words_is_heard_beside_a_complaint(
    said: str, catalogue: Catalogue
) -> None:
    assert isinstance(Matcher(catalogue).understand(said), RedFlag)


def test_who_names_two_things_gets_both(catalogue: Catalogue) -> None:
    """In one clause: what is said between "en" and "maar" is read by itself anyway."""
    result = Matcher(catalogue).understand("mijn oogleden en mijn kuiten trillen allebei")
    assert isinstance(result, Match)
    assert {topic.topic for topic in result.topics} == {"ooglid", "arm_of_been"}
