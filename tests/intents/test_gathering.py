"""Who lists three parts of the body means all of it."""

from pathlib import Path

import pytest

from errors import ContentError
from intents.catalogue import Catalogue, load_catalogue
from intents.dutch import tokens
from intents.matcher import Matcher
from intents.results import Match

THREE = (
    "dan trilt mijn kuit dan mijn rug dan mijn kin",
    "eerst mijn ooglid toen mijn linkerarm en nu mijn tenen",
    "mijn handen mijn billen en mijn voorhoofd trekken",
)
NOT_THREE = (
    "mijn ooglid en mijn kuit trillen",
    "mijn hand mijn vinger en mijn elleboog trillen",
    "geen oog geen arm het is mijn wang die trilt",
    "oog noch been het is mijn lip",
    "het is enkel mijn hand en mijn oog",
    "wat is er aan de hand mijn oog trilt en mijn kuit ook",
    "mijn oog trilt als ik mijn hand op mijn wang leg",
)


@pytest.mark.parametrize("said", THREE)
def test_three_places_are_one_complaint(matcher: Matcher, said: str) -> None:
    found = matcher.understand(said)
    assert isinstance(found, Match)
    assert [topic.topic for topic in found.topics] == ["hele_lichaam"]


@pytest.mark.parametrize("said", NOT_THREE)
def test_fewer_or_denied_ones_stay_what_they_are(catalogue: Catalogue, said: str) -> None:
    (gathering,) = catalogue.gatherings
    assert not gathering.is_meant(tokens(said))


@pytest.mark.parametrize(
    ("gathers", "says"),
    [
        ('instead_of = ["raam"]\ngroups = ["een"]', "'raam', en dat onderwerp bestaat niet"),
        ('instead_of = ["huis"]\ngroups = ["a", "b", "c"]', "niet zelf vervangen"),
        ('instead_of = ["deur"]\ngroups = ["a", "b"]', "minstens 3 groepen"),
        ('instead_of = ["deur"]', "'groups' moet een lijst van zinnen zijn"),
        ('instead_of = ["deur"]\ngroups = ["een"]\nmany = 3', "de sleutel 'many' in [gathers]"),
    ],
)
def test_what_a_pack_may_say_of_it(tmp_path: Path, gathers: str, says: str) -> None:
    folder = tmp_path / "intents" / "topics"
    folder.mkdir(parents=True)
    (folder / "deur.toml").write_text('phrases = ["de deur klemt"]', encoding="utf-8")
    huis = f'phrases = ["alles in huis klemt"]\n[gathers]\n{gathers}\n'
    (folder / "huis.toml").write_text(huis, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_catalogue(tmp_path)
    assert says in str(caught.value)
