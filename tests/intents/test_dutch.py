"""Spoken Dutch in one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.clauses import clauses, halves, without_denied
from intents.dutch import number, sound, stem, tokens


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("M'n KUIT, die trílt!", "mijn kuit die trilt"),
        ("'k heb zo'n pijn", "ik heb zo een pijn"),
        ("a l s", "als"),
        ("A.L.S.", "als"),
        ("ah, em es", "ah ms"),
        ("vitamine dee", "vitamine d"),
        ("vitamine B12", "vitamine b twaalf"),
        ("112", "honderdtwaalf"),
        ("als ik loop", "indien ik loop"),
        ("heb ik ALS", "heb ik als"),
        ("multiple sclerose", "ms"),
        ("amyotrofische laterale sclerose", "als"),
        ("gij zijt", "u bent"),
        ("", ""),
    ],
)
def test_tokens(said: str, words: str) -> None:
    assert " ".join(tokens(said)) == words


@pytest.mark.parametrize(
    "forms",
    [
        ("trilt", "trillen", "trillend", "trilling", "trilde"),
        ("ooglid", "oogleden"),
        ("oog", "ogen", "oogje", "oogske"),
        ("spier", "spieren", "spiertje", "spiertjes"),
        ("been", "benen", "beentje"),
        ("arm", "armen", "armpje"),
        ("schok", "schokken", "schokje", "schokjes"),
    ],
)
def test_forms_of_one_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1, {form: stem(form) for form in forms}


def test_als_is_not_al() -> None:
    assert len({stem("als"), stem("al"), stem("alles")}) == 3


@pytest.mark.parametrize(
    ("one", "other"), [("lijden", "leiden"), ("vitamine", "fitamine"), ("hand", "hant")]
)
def test_words_that_sound_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "nul"),
        (19, "negentien"),
        (21, "eenentwintig"),
        (100, "honderd"),
        (342, "driehonderdtweeenveertig"),
    ],
)
def test_numbers(value: int, words: str) -> None:
    assert number(value) == words


@given(st.text(max_size=100))
def test_tokens_are_plain_words(text: str) -> None:
    assert all(word.isascii() and word.isalnum() for word in tokens(text))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("niet mijn rug maar mijn kuit trilt", "maar mijn kuit trilt"),
        ("mijn oog trilt niet meer", ""),
        ("mijn been trilt niet maar mijn arm wel", "mijn arm trilt"),
        ("ik heb geen ms maar mijn been trilt", "ik heb maar mijn been trilt"),
        ("is het geen als", "is het geen als"),
        ("mijn oog houdt niet op met trillen", "mijn oog houdt niet op met trillen"),
        ("ik weet niet wat het is", "ik weet niet wat het is"),
    ],
)
def test_what_is_denied_goes(said: str, meant: str) -> None:
    assert " ".join(without_denied(tokens(said))) == meant


def test_clauses() -> None:
    assert clauses(tokens("mijn oog trilt en mijn been ook")) == [
        ("mijn", "oog", "trilt"),
        ("mijn", "been"),
    ]


def test_halves_stand_before_and_after_each_joint() -> None:
    assert halves(tokens("hij viel om en mijn oog trilt maar het gaat")) == [
        ("hij", "viel", "om"),
        ("mijn", "oog", "trilt", "maar", "het", "gaat"),
        ("hij", "viel", "om", "en", "mijn", "oog", "trilt"),
        ("het", "gaat"),
    ]
