"""Phrases that were written down with the wrong topic are named, and others are not."""

import shutil
from pathlib import Path

import pytest

from intents.catalogue import Catalogue, load_catalogue
from intents.pack import OWN_CONTENT
from intents.strays import strays


def test_our_own_phrases_stand_where_they_belong(catalogue: Catalogue) -> None:
    assert [(s.phrase.text, s.nearer.text) for s in strays(catalogue)] == []


@pytest.mark.parametrize(
    ("topic", "slip", "belongs"),
    [
        ("als", "er springt iets onder mijn rechteroog", "ooglid"),
        ("ms", "ik heb zo veel stress op het werk", "stress"),
    ],
)
def test_a_slip_is_named_with_its_place(
    tmp_path: Path, topic: str, slip: str, belongs: str
) -> None:
    topics = tmp_path / "intents" / "topics"
    shutil.copytree(OWN_CONTENT / "topics", topics)
    path = topics / f"{topic}.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("phrases = [", f'phrases = [\n"{slip}",', 1), encoding="utf-8")
    named = [s for s in strays(load_catalogue(tmp_path)) if s.phrase.text == slip]
    (stray,) = named
    assert stray.phrase.text == slip
    assert stray.phrase.place.startswith(str(path))
    assert stray.nearer.label == belongs


def test_one_topic_has_no_rival(tmp_path: Path) -> None:
    topics = tmp_path / "intents" / "topics"
    topics.mkdir(parents=True)
    (topics / "roken.toml").write_text('phrases = ["ik wil stoppen met roken"]', encoding="utf-8")
    assert strays(load_catalogue(tmp_path)) == []
