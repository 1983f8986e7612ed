"""Who names a topic and asks something about it gets that, and who tells something does not."""

from collections import Counter
from pathlib import Path

import pytest

from errors import ContentError
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from intents.results import Match
from tests.intents.test_catalogue import pack

HELD_BACK = Path(__file__).with_name("asked.tsv")
"""Sentences of writers who saw no phrase: ``topic?part``, or ``topic?`` where no part is asked."""
ASKED = {
    "hoe lang duurt een trillend ooglid": "hoe_lang",
    "hoe lang blijft mijn ooglid nog trillen": "hoe_lang",
    "gaat een zenuwtrek vanzelf over": "hoe_lang",
    "hoe lang duurt kuitkramp meestal": "hoe_lang",
    "is een trillend ooglid gevaarlijk": "is_het_gevaarlijk",
    "kan het kwaad dat mijn hele lichaam trilt": "is_het_gevaarlijk",
    "wat kan ik doen tegen kramp in mijn kuit": "wat_kunt_u_doen",
    "hoe kom ik van die zenuwtrek af": "wat_kunt_u_doen",
    "wanneer moet ik met mijn trillende oog naar de huisarts": "wanneer_naar_de_huisarts",
    "moet ik met trillende spieren naar de dokter": "wanneer_naar_de_huisarts",
    "hoe komt het dat mijn ooglid trilt": "uitleg",
    "waarom trilt mijn kuit na het sporten": "uitleg",
}
TOLD = (
    "mijn ooglid trilt al dagen",
    "mijn kuit trilt al zo lang dat ik er moe van word",
    "ik weet niet hoe lang mijn ooglid al trilt",
    "ik was bij de huisarts met mijn trillende ooglid",
)


@pytest.mark.parametrize(("question", "part"), ASKED.items())
def test_what_is_asked_about_a_topic_is_told(question: str, part: str, matcher: Matcher) -> None:
    result = matcher.understand(question)
    assert isinstance(result, Match)
    assert (len(result.topics), result.part) == (1, part)


@pytest.mark.parametrize("statement", TOLD)
def test_what_is_told_asks_for_no_part(statement: str, matcher: Matcher) -> None:
    result = matcher.understand(statement)
    assert isinstance(result, Match)
    assert result.part is None


def test_new_questions_get_the_part_that_they_ask_for(matcher: Matcher) -> None:
    found: Counter[str] = Counter()
    for line in HELD_BACK.read_text(encoding="utf-8").splitlines():
        label, said = line.split("\t")
        asked = label.partition("?")[2] or None
        result = matcher.understand(said)
        if isinstance(result, Match):
            told = "right" if result.part == asked else "core" if result.part is None else "wrong"
            found[told if asked else f"nothing asked, {told}"] += 1
    assert found["right"] > 1.2 * found["core"]
    assert found["wrong"] < 0.05 * found["right"]
    assert found["nothing asked, wrong"] < 0.3 * found["nothing asked, right"]


def test_two_topics_are_told_from_the_beginning(matcher: Matcher) -> None:
    result = matcher.understand("hoe komt het dat mijn ooglid trilt en mijn kuit ook trilt")
    assert isinstance(result, Match)
    assert len(result.topics) == 2
    assert result.part is None


PHRASES = 'phrases = ["mijn hoofd bonst", "barstende hoofdpijn", "er zit druk op mijn hoofd"]\n'


def test_a_pack_says_what_is_asked_about_its_topics(tmp_path: Path) -> None:
    text = f'{PHRASES}[asked]\nhoe_lang = ["hoe lang duurt (hoofdpijn|migraine)"]\n'
    result = Matcher(load_catalogue(pack(tmp_path, topics__hoofdpijn=text))).understand(
        "hoe lang duurt migraine"
    )
    assert isinstance(result, Match)
    assert (result.topics[0].topic, result.part) == ("hoofdpijn", "hoe_lang")


def test_a_part_that_nobody_can_ask_for_is_a_mistake(tmp_path: Path) -> None:
    text = f'{PHRASES}[asked]\nhoelang = ["hoe lang duurt hoofdpijn"]\n'
    with pytest.raises(ContentError, match=r"regel 3: \[asked\] noemt 'hoelang'.*hoe_lang"):
        load_catalogue(pack(tmp_path, topics__hoofdpijn=text))


def test_what_is_asked_about_a_topic_takes_no_follow_up_question_away(tmp_path: Path) -> None:
    asked = '[asked]\nhoe_lang = ["hoe lang duurt (hoofdpijn|migraine)", "gaat hoofdpijn over"]\n'
    plain, asking = (
        load_catalogue(pack(tmp_path / name, topics__hoofdpijn=PHRASES + table))
        for name, table in (("plain", ""), ("asking", asked))
    )
    others = [{p.text for p in c.of("follow_up", "off_topic")} for c in (plain, asking)]
    assert others[0] == others[1]
    assert len(asking.of("topic")) == len(plain.of("topic")) + 3


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[askd]\n", "sleutel 'askd'.* is onbekend.*asked"),
        ('[asked]\nhoe_lang = "hoe lang"\n', "regel 3: 'hoe_lang' moet een lijst"),
        ("[asked]\nhoe_lang = []\n", "regel 3: 'hoe_lang' heeft geen zinnen"),
        ('asked = ["hoe lang"]\n', r"regel 2: 'asked' moet een \[asked\] zijn"),
        (
            '[asked]\nhoe_lang = ["hoofdpijn duur"]\nuitleg = ["hoofdpijn duur"]\n',
            "staat ook bij 'hoofdpijn'",
        ),
    ],
)
def test_a_mistake_in_what_is_asked_is_named(table: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=message):
        load_catalogue(pack(tmp_path, topics__hoofdpijn=PHRASES + table))


def test_an_empty_table_asks_for_nothing(tmp_path: Path) -> None:
    found = load_catalogue(pack(tmp_path, topics__hoofdpijn=f"{PHRASES}[asked]\n"))
    assert not any(phrase.asked for phrase in found.of("topic"))
