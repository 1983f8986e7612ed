"""Which of the topics that are named is meant, whatever the subject and in anybody's words."""

from pathlib import Path

import numpy as np
import pytest

from intents.asides import Mention, keep, learnt, mentions, odds, seen
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from intents.pack import OWN_CONTENT
from intents.phrases import named
from intents.results import Match, NotRecognized, Result
from intents.sparse import Floats

UNSEEN = Path(__file__).with_name("unseen.tsv")
PRACTICE = OWN_CONTENT / "example"
ASIDE_FIRST = (
    "{} dat was mijn zus bij mij is het {}",
    "over {} weet ik genoeg vertel over {}",
    "met {} gaat het goed het gaat om {}",
    "niet {} maar {}",
)
BOTH = ("{} en ook {}", "niet alleen {} maar ook {}", "eerst {} en daarna {}", "zowel {} als {}")
ONE_MEANT = {
    "ms dat was mijn zus bij mij is het gewoon stress": "stress",
    "met mijn ooglid gaat het goed het gaat om mijn kuit": "arm_of_been",
    "laat dat ooglid maar zitten ik wil over ms horen": "ms",
    "over vitamine d weet ik genoeg ik wil iets weten over als": "als",
    "mijn kuit trilt niet meer maar nu wel mijn ooglid": "ooglid",
    "mijn oog trilt en ik ben niet gestrest": "ooglid",
    "het trilt niet in mijn been en evenmin in mijn arm maar in mijn ooglid": "ooglid",
}
BOTH_MEANT = ("niet alleen mijn oog trilt maar ook mijn kuit", "mijn oog trilt en mijn kuit ook")
NEITHER = (
    "niet mijn oog en ook niet mijn kuit",
    "niet mijn oog en ook mijn been niet",
    "het is geen stress en het is ook mijn been niet",
    "mijn oog zeker niet en mijn been nog minder",
    "het is geen ms en het is geen als",
)
ANIMALS = (
    "mijn hond trilt over zijn hele lijf",
    "het oog van mijn kat knippert steeds",
    "mijn hond heeft een tekort aan vitamine d",
)
BESIDE_AN_ANIMAL = {
    "mijn hond ligt op schoot en mijn been trilt": "arm_of_been",
    "mijn muis van de hand trilt": "arm_of_been",
    "sinds de hond dood is trilt het ooglid": "ooglid",
}


def mention(frame: str, words: tuple[str, str], place: int) -> Mention:
    """One of two words, where it stands in a sentence."""
    said = tuple(frame.format(*words).split())
    at, other = said.index(words[place]), said.index(words[1 - place])
    return Mention(said, at, (other,))


def test_hesitation_is_left_out_unless_nothing_else_is_said() -> None:
    def scores(words: tuple[str, ...]) -> Floats:
        return np.array(["oog" in words, "kuit" in words], np.float32)

    plain = ("niet", "mijn", "oog", "maar", "mijn", "kuit")
    hesitant = ("niet", "eh", "mijn", "uhm", "oog", "maar", "mijn", "euh", "kuit")
    assert mentions(hesitant, (0, 1), scores) == mentions(plain, (0, 1), scores)
    assert mentions(("eh", "uh"), (0,), scores)[0].words == ("eh", "uh")


@pytest.mark.parametrize("frame", [*ASIDE_FIRST, *BOTH])
def test_what_is_learnt_holds_for_any_subject(frame: str) -> None:
    first, second = (mention(frame, ("auto", "fiets"), place) for place in (0, 1))
    networks = learnt()
    assert (odds(first, networks) > 0) == (frame in ASIDE_FIRST)
    assert odds(second, networks) < 0
    assert odds(first, networks) == odds(mention(frame, ("stress", "oog"), 0), networks)


def test_what_stands_before_and_after_a_place_counts() -> None:
    networks = learnt()
    words = ("niet", "t", "maar", "t")
    assert odds(Mention(words, 1, (3,)), networks) > odds(Mention(words, 3, (1,)), networks)
    assert odds(Mention(("t", *words[:1]), 0), networks) > odds(Mention(words[:1], 0), networks)


def test_one_word_and_a_thousand_have_a_score() -> None:
    for length in (1, 1_000):
        assert np.isfinite(odds(Mention(("oog",) * length, length - 1), learnt()))


def test_of_a_topic_only_its_place_is_seen() -> None:
    here, other, told = seen(Mention(("oog", "kuit", "niet"), 0, (1,)))
    assert (here, other) == tuple(seen(Mention(("ms", "stress"), 0, (1,))))
    assert len(here) == 1
    assert len(told) > len(here)


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    place = mention(ASIDE_FIRST[0], ("ms", "stress"), 0)
    keep(learnt(), tmp_path / "asides.npz")
    assert odds(place, learnt(tmp_path / "asides.npz")) == odds(place, learnt())
    assert [path.name for path in tmp_path.iterdir()] == ["asides.npz"]


def test_a_topic_is_found_where_its_words_weigh_most() -> None:
    words = ("niet", "mijn", "oog", "maar", "mijn", "kuit")
    eye, calf = np.zeros(6), np.zeros(6)
    eye[2], calf[5] = 1.0, 0.9

    def scores(said: tuple[str, ...]) -> Floats:
        here = [word in said for word in words]
        return np.array([eye @ here, calf @ here], np.float32)

    assert mentions(words, (1, 0), scores) == [Mention(words, 5, (2,)), Mention(words, 2, (5,))]


def test_the_label_of_a_sentence_tells_what_is_set_aside() -> None:
    assert named("ooglid+ms") == {"ooglid": False, "ms": False}
    assert named("ooglid!ms") == {"ooglid": False, "ms": True}
    assert named("!ooglid!ms") == {"ooglid": True, "ms": True}


def topics(result: Result) -> set[str]:
    return {topic.topic for topic in result.topics} if isinstance(result, Match) else set()


@pytest.mark.parametrize(("said", "meant"), ONE_MEANT.items())
def test_what_is_set_aside_is_not_answered(said: str, meant: str, matcher: Matcher) -> None:
    assert topics(matcher.understand(said)) == {meant}


@pytest.mark.parametrize("said", BOTH_MEANT)
def test_two_that_are_meant_are_both_answered(said: str, matcher: Matcher) -> None:
    assert topics(matcher.understand(said)) == {"ooglid", "arm_of_been"}


@pytest.mark.parametrize("said", NEITHER)
def test_two_that_are_set_aside_are_not_answered(said: str, matcher: Matcher) -> None:
    assert isinstance(matcher.understand(said), NotRecognized)


@pytest.mark.parametrize(
    "said",
    [
        "de openingstijden weet ik al waar kan ik parkeren",
        "niet de openingstijden maar waar kan ik parkeren",
    ],
)
def test_a_pack_of_another_subject_has_it_too(said: str) -> None:
    assert topics(Matcher(load_catalogue(PRACTICE)).understand(said)) == {"parkeren"}


def test_in_words_of_people_never_learnt_from(matcher: Matcher) -> None:
    rows = [line.split("\t") for line in UNSEEN.read_text(encoding="utf-8").splitlines()]
    said = [(label.partition(":")[2], text) for label, text in rows if "contrast:" in label]
    found = [(meant, topics(matcher.understand(text))) for meant, text in said]
    assert len(found) > 800
    assert sum(told == {meant} for meant, told in found) > 0.65 * len(found)
    assert sum(bool(told - {meant}) for meant, told in found) < 0.2 * len(found)


@pytest.mark.parametrize("said", ANIMALS)
def test_an_animal_is_no_patient(matcher: Matcher, said: str) -> None:
    assert isinstance(matcher.understand(said), NotRecognized)


@pytest.mark.parametrize(("said", "topic"), BESIDE_AN_ANIMAL.items())
def test_who_tells_of_an_animal_too_is_one(matcher: Matcher, said: str, topic: str) -> None:
    found = matcher.understand(said)
    assert isinstance(found, Match)
    assert [match.topic for match in found.topics] == [topic]
