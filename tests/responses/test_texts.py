"""The texts are plain, careful and complete, and each rule really finds what it is there for."""

import pytest

from intents.catalogue import load_catalogue
from responses.library import Library, load_library
from responses.orphans import orphans
from responses.plain_dutch import remarks, sentences, words
from responses.texts import FOLLOW_UPS, PARTS, TopicText

LIBRARY = load_library()
TOPICS = tuple(LIBRARY.topics)

FACTS = {
    "algemeen": "plek zenuw stroompje",
    "ooglid": "zenuw takje kortsluiting trein ritme",
    "arm_of_been": "zenuw geprikkeld zouten sporten zweten drinkt",
    "hele_lichaam": "stress vitamine ALS",
    "stress": "angst zenuwtrekje tic rust elke",
    "vitamine_d": "schouders bovenarmen heupen bovenbenen stoel trap nodig",
    "ms": "zenuwbanen samen strak stand",
    "als": "golfjes huid zwakker dunner persoon",
}
"""Words for the facts of the source article, which each topic has to tell."""


def with_core(*core: str) -> Library:
    """Our texts with another core for the eyelid."""
    text = LIBRARY.topics["ooglid"].model_dump()
    text["parts"]["kern"] = core
    topics = {**LIBRARY.topics, "ooglid": TopicText.model_validate(text)}
    return Library(topics, LIBRARY.red_flags, LIBRARY.prompts)


def test_our_texts_are_plain() -> None:
    assert remarks(LIBRARY) == ()


@pytest.mark.parametrize(
    ("core", "remark"),
    [
        ("Dit is " + "heel " * 13 + "erg.", "16 woorden"),
        ("Een. Twee. Drie. Vier.", "hoogstens 3"),
        ("Je ooglid trilt.", "schrijf u"),
        ("Wij helpen jullie.", "schrijf u"),
        ("U hebt waarschijnlijk ALS.", "diagnose"),
        ("Dit is MS.", "diagnose"),
        ("Uw ziekte is niet erg.", "diagnose"),
        ("Dat is een symptoom.", "moeilijk woord"),
        ("De spieraandoeningen zijn zeldzaam.", "lang woord"),
        ("Het kan door MS komen.", "niet uitgelegd"),
    ],
)
def test_each_rule_finds_its_fault(core: str, remark: str) -> None:
    assert any(remark in found for found in remarks(with_core(core)))


def test_long_winded_texts_are_found() -> None:
    wordy = "Dit is een zin met in totaal wel veertien woorden die niemand wil horen."
    text = LIBRARY.topics["ooglid"].model_dump()
    text["parts"] = {part: [wordy] for part in PARTS + FOLLOW_UPS}
    topics = {"ooglid": TopicText.model_validate(text)}
    found = remarks(Library(topics, LIBRARY.red_flags, LIBRARY.prompts))
    assert any("gemiddeld" in remark for remark in found)


@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_says_when_to_see_a_doctor(topic: str) -> None:
    said = " ".join(LIBRARY.topics[topic].say("wanneer_naar_de_huisarts"))
    assert "uw huisarts" in said or "Bel" in said


@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_waits_for_a_clinician_and_tells_facts_of_the_article(topic: str) -> None:
    text = LIBRARY.topics[topic]
    assert not text.clinician_signed_off
    assert "arts" in text.sign_off
    told = [s for part in PARTS + FOLLOW_UPS for s in text.sentences(part)]
    assert {"artikel", "algemeen"} <= {sentence.source for sentence in told}
    assert any(sentence.source == "artikel" for sentence in text.sentences("kern"))


@pytest.mark.parametrize("topic", TOPICS)
def test_the_facts_of_the_article_are_told(topic: str) -> None:
    text = LIBRARY.topics[topic]
    told = [s.text for part in PARTS for s in text.sentences(part) if s.source == "artikel"]
    missing = [word for word in FACTS[topic].split() if word not in " ".join(told)]
    assert not missing


@pytest.mark.parametrize("topic", TOPICS)
def test_weak_or_wasting_muscles_are_as_urgent_everywhere(topic: str) -> None:
    text = LIBRARY.topics[topic]
    advice = [line for part in PARTS + FOLLOW_UPS for line in text.say(part) if "Bel " in line]
    weak = [line for line in advice if "kracht" in line or "dunner" in line]
    assert all("Bel dan vandaag nog" in line for line in weak)


@pytest.mark.parametrize("topic", ["als", "ms"])
def test_grave_diseases_are_named_with_care(topic: str) -> None:
    first = LIBRARY.topics[topic].say("kern")[0]
    assert "zelden" in first or "andere oorzaak" in first


def test_no_two_topics_open_alike() -> None:
    openings = [words(text.say("kern")[0])[:2] for text in LIBRARY.topics.values()]
    assert len(set(openings)) == len(openings)


def test_no_sentence_is_said_twice_in_a_topic() -> None:
    for text in LIBRARY.topics.values():
        said = [s for part in PARTS for s in text.say(part)]
        assert len(set(said)) == len(said)


def test_every_red_flag_says_first_whom_to_call() -> None:
    flags = LIBRARY.red_flags
    for text in (*flags.flags.values(), flags.now, flags.soon):
        assert text.act[0].startswith("Bel ")
    assert "113" in flags.flags["levensmoe"].act[0]


def test_what_to_do_at_a_red_flag_is_no_question() -> None:
    """Somebody would answer it, wait to be heard, and not call."""
    flags, urgent = LIBRARY.red_flags, LIBRARY.prompts.urgent
    for text in (*flags.flags.values(), flags.now, flags.soon):
        assert "?" not in " ".join((*text.act, *(text.desk or ())))
    assert "?" not in " ".join((*urgent.desk_now, *urgent.desk_soon))


def test_what_can_be_understood_can_be_answered() -> None:
    catalogue = load_catalogue()
    kinds = (catalogue.labels(kind) for kind in ("red_flag", "command", "follow_up"))
    assert orphans(LIBRARY, catalogue.topics, *kinds) == ()
    for flag, grade in catalogue.grades.items():
        act = " ".join(LIBRARY.red_flags.flags[flag].act)
        assert ("112" if grade == "now" else "huisarts") in act


def test_every_try_is_worded_differently() -> None:
    trouble = LIBRARY.prompts.trouble
    first, second = trouble.not_understood
    assert len({*first, *second, *trouble.hand_over}) == len(first + second + trouble.hand_over)


def test_sentences_and_words_are_counted_as_they_sound() -> None:
    assert sentences("Doet het pijn? Bel dan 112. Zo!") == ("Doet het pijn?", "Bel dan 112.", "Zo!")
    assert words("Bel 0800-0113, zo'n zenuw-eind.") == ("Bel", "0800-0113", "zo'n", "zenuw-eind")
