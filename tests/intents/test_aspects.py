"""Who names a topic and asks something about it gets that, and who tells something does not."""

import pytest

from intents.aspects import asked_part
from intents.catalogue import load_catalogue
from intents.dutch import tokens
from intents.matcher import Matcher
from intents.results import Match

ASKED = {
    "hoe lang duurt een trillend ooglid": "hoe_lang",
    "hoe lang blijft mijn ooglid nog trillen": "hoe_lang",
    "gaat een zenuwtrek vanzelf over": "hoe_lang",
    "is een trillend ooglid gevaarlijk": "is_het_gevaarlijk",
    "kan het kwaad dat mijn hele lichaam trilt": "is_het_gevaarlijk",
    "wat kan ik doen tegen kramp in mijn kuit": "wat_kunt_u_doen",
    "wat helpt tegen een trillend oog": "wat_kunt_u_doen",
    "hoe kom ik van die zenuwtrek af": "wat_kunt_u_doen",
    "wanneer moet ik met mijn trillende oog naar de huisarts": "wanneer_naar_de_huisarts",
    "wanneer moet ik me zorgen maken over trillende spieren": "wanneer_naar_de_huisarts",
    "hoe komt het dat mijn ooglid trilt": "uitleg",
    "waarom trilt mijn kuit na het sporten": "uitleg",
}
TOLD = (
    "mijn ooglid trilt al dagen",
    "mijn kuit trilt al zo lang dat ik er moe van word",
    "ik weet niet hoe lang mijn ooglid al trilt",
    "de dokter zei dat een trillend ooglid niet gevaarlijk is",
    "ik was bij de huisarts met mijn trillende ooglid",
    "ik hoef me geen zorgen te maken over mijn trillende kuit",
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """The matcher on our own content."""
    return Matcher(load_catalogue())


@pytest.mark.parametrize(("question", "part"), ASKED.items())
def test_what_is_asked_about_a_topic_is_told(question: str, part: str, matcher: Matcher) -> None:
    result = matcher.understand(question)
    assert isinstance(result, Match)
    assert (len(result.topics), result.part) == (1, part)


@pytest.mark.parametrize("statement", TOLD)
def test_what_is_told_asks_for_no_part(statement: str) -> None:
    assert asked_part(tokens(statement)) is None


def test_two_topics_are_told_from_the_beginning(matcher: Matcher) -> None:
    result = matcher.understand("hoe komt het dat mijn ooglid trilt en mijn kuit ook trilt")
    assert isinstance(result, Match)
    assert len(result.topics) == 2
    assert result.part is None
