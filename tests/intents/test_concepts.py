"""Words that count as alike."""

import tomllib
from pathlib import Path

import pytest

from intents import concepts as thesaurus
from intents.concepts import PAST, concepts, senses

ROWS = tomllib.loads(Path(thesaurus.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SENSES = ROWS.pop("senses")


@pytest.mark.parametrize(
    ("word", "row"),
    [
        ("fladdert", "trillen"),
        ("gefladderd", "trillen"),
        ("bibberen", "trillen"),
        ("rechterkuit", "been"),
        ("armpjes", "arm"),
        ("kortademig", "adem"),
        ("gestruikeld", "vallen"),
    ],
)
def test_any_form_of_a_word_is_found(word: str, row: str) -> None:
    assert row in concepts(word)


@pytest.mark.parametrize("word", ["", "x", "xylofoon", "droog", "alarm", "de"])
def test_a_strange_word_is_no_body_part(word: str) -> None:
    assert {"oog", "arm", "been"}.isdisjoint(concepts(word))


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_word_is_in_its_own_row(name: str) -> None:
    assert [word for word in ROWS[name].split() if name not in concepts(word)] == []


@pytest.mark.parametrize("name", sorted(SENSES))
def test_every_word_has_its_sense(name: str) -> None:
    assert [word for word in SENSES[name].split() if name not in senses(word)] == []


@pytest.mark.parametrize("word", ["trilde", "schokten", "bibberde", "had", "sprong"])
def test_a_verb_in_the_past_tense_tells_of_the_past(word: str) -> None:
    assert {PAST, "vroeger"} & set(senses(word))


@pytest.mark.parametrize("word", ["trilt", "ziekte", "tante", "beide", "ooglid"])
def test_other_words_tell_nothing_of_the_past(word: str) -> None:
    assert PAST not in senses(word)
