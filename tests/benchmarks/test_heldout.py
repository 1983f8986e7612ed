"""The held-out tables hold together, and a sample of them is fair."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.heldout import EXAMINER, KINDS, SEALED, Sentence, load_heldout, sample
from evaluation.outcomes import DECLINED, Outcome
from intents.catalogue import load_catalogue

ENOUGH = {
    "topic": 8 * 60 - 10,  # where two topics are as good, the other one leads a few times
    "two_complaints": 40,
    "ambiguous": 40,
    "commands": 60,
    "red_flags": 80,
    "negated": 30,
    "off_topic": 250,
}


@pytest.fixture(scope="module")
def sentences() -> tuple[Sentence, ...]:
    return load_heldout()


def test_every_set_is_large_enough(sentences: tuple[Sentence, ...]) -> None:
    counts = Counter(sentence.kind for sentence in sentences)
    assert all(counts[kind] >= enough for kind, enough in ENOUGH.items()), counts


def test_no_sentence_is_there_twice(sentences: tuple[Sentence, ...]) -> None:
    both = (*sentences, *load_heldout(SEALED), *load_heldout(EXAMINER))
    twice = [text for text, n in Counter(s.text.lower() for s in both).items() if n > 1]
    assert not twice


def test_tables_name_only_what_the_product_knows(sentences: tuple[Sentence, ...]) -> None:
    catalogue = load_catalogue()
    known = {"topics": catalogue.topics, "command": catalogue.labels("command")}
    for sentence in (*sentences, *load_heldout(SEALED), *load_heldout(EXAMINER)):
        for outcome in sentence.expected:
            assert outcome.ids <= set(known.get(outcome.act, outcome.ids)), sentence


def test_each_set_expects_its_own_kind(sentences: tuple[Sentence, ...]) -> None:
    acts = {
        "topic": {"topics"}, "two_complaints": {"topics"}, "ambiguous": {"ask"},
        "commands": {"command", "followup"}, "red_flags": {"flag"}, "off_topic": {"decline"},
    }  # fmt: skip
    for sentence in sentences:
        assert sentence.expected[0].act in acts.get(sentence.kind, {"topics", "decline"}), sentence


def test_hardly_a_sentence_is_also_a_phrase(sentences: tuple[Sentence, ...]) -> None:
    # Two writers hit on the same plain sentence now and then; more would be copying.
    phrases = {phrase.text.lower() for phrase in load_catalogue().phrases}
    shared = [sentence for sentence in sentences if sentence.text.lower() in phrases]
    assert len(shared) < 0.15 * len(sentences)


def test_a_sample_keeps_every_set_and_its_order(sentences: tuple[Sentence, ...]) -> None:
    chosen = sample(sentences, 100)
    assert {sentence.kind for sentence in chosen} == set(KINDS)
    assert list(chosen) == [sentence for sentence in sentences if sentence in chosen]
    assert 90 <= len(chosen) <= 120
    assert chosen == sample(sentences, 100)
    assert sample(sentences, 5_000) == sentences


@pytest.mark.parametrize(
    "table",
    [
        "text\tkind\n",
        "text\tkind\texpected\tnotes\nhallo\toff_topic\tdecline\n",
        "text\tkind\texpected\tnotes\nhallo\tpraatje\tdecline\t\n",
        "text\tkind\texpected\tnotes\nhallo\toff_topic\t\t\n",
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, table: str) -> None:
    (tmp_path / "bad.tsv").write_text(table, encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.tsv"):
        load_heldout(tmp_path)


def test_a_good_table_is_read(tmp_path: Path) -> None:
    text = "text\tkind\texpected\tnotes\nhallo\toff_topic\tdecline|command:help\ta greeting\n"
    (tmp_path / "good.tsv").write_text(text, encoding="utf-8")
    (sentence,) = load_heldout(tmp_path)
    expected = (DECLINED, Outcome("command", frozenset({"help"})))
    assert sentence == Sentence("hallo", "off_topic", expected, "a greeting")
