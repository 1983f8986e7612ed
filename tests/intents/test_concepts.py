"""Words that count as alike."""

import tomllib
from pathlib import Path

import pytest

from intents import concepts as thesaurus
from intents.concepts import concepts

ROWS = tomllib.loads(Path(thesaurus.__file__).with_suffix(".toml").read_text(encoding="utf-8"))


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
