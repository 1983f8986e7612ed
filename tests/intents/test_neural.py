"""The network that reads whole sentences: that it is there, that it is whole, what it adds."""

from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pytest

from intents.catalogue import Catalogue, load_catalogue
from intents.classifier import Classifier
from intents.matcher import Matcher
from intents.neural import LEARNT, Neural, keep, learnt
from intents.pack import OWN_CONTENT
from intents.pieces import BEGIN, END, UNKNOWN
from intents.results import Match

PRACTICE = OWN_CONTENT / "example"


@pytest.fixture(scope="module")
def labels(catalogue: Catalogue) -> tuple[str, ...]:
    index = Classifier(catalogue).index
    return (*index.labels, *catalogue.labels("follow_up"))


@pytest.fixture(scope="module")
def network(labels: tuple[str, ...]) -> Neural:
    found = learnt(labels)
    assert found is not None, "other classes: run python -m training understanding"
    return found


def test_a_pack_of_other_classes_is_read_without_it(labels: tuple[str, ...]) -> None:
    assert learnt((*labels, "parkeren")) is None
    said = Matcher(load_catalogue(PRACTICE)).understand("waar kan ik hier mijn auto parkeren")
    assert isinstance(said, Match)
    assert said.topics[0].topic == "parkeren"


def test_any_word_is_cut_into_pieces_that_make_it(network: Neural) -> None:
    for word in ("oogleden", "zenuwtrekkingsgedoe", "a", "112"):
        names = [network.pieces.names[row] for row in network.pieces.rows([word])]
        assert (names[0], names[-1]) == (BEGIN, END)
        assert "".join(names[1:-1]) == f"\u2581{word}"
    strange = [network.pieces.names[row] for row in network.pieces.rows(["\u03c0oog"])]
    assert strange[2] == UNKNOWN


def test_every_sentence_has_a_score(network: Neural, labels: tuple[str, ...]) -> None:
    for words in (["oog"], ["oog"] * 1_000, ["\u03c0\u03c9"], ["x" * 500]):
        scores = network.logits(words)
        assert scores.shape == (len(labels),)
        assert np.isfinite(scores).all()


def test_the_order_of_words_counts(network: Neural, labels: tuple[str, ...]) -> None:
    eye, calf = labels.index("ooglid"), labels.index("arm_of_been")
    for said, meant, other in (("niet mijn oog maar mijn kuit", calf, eye),
                               ("niet mijn kuit maar mijn oog", eye, calf)):  # fmt: skip
        scores = network.logits(said.split())
        assert scores[meant] > 0 > scores[other]


def test_it_knows_words_that_no_phrase_has(
    network: Neural, labels: tuple[str, ...], catalogue: Catalogue
) -> None:
    known = catalogue.words()
    for word, topic in (("oogkasrand", "ooglid"), ("bovenbeenspieren", "arm_of_been")):
        assert word not in known
        topics = [labels.index(name) for name in catalogue.topics]
        scores = network.logits(["mijn", word, "trilt"])
        assert labels[max(topics, key=lambda at: scores[at])] == topic


def test_what_is_kept_is_read_as_it_was(
    network: Neural, labels: tuple[str, ...], tmp_path: Path
) -> None:
    other = replace(network, labels=(*labels[:-1], "ander"))
    keep(other, tmp_path / "neural.npz")
    found = learnt(other.labels, tmp_path / "neural.npz")
    assert found is not None
    words = ["mijn", "kuit", "trilt"]
    assert (found.logits(words) == network.logits(words)).all()
    assert (found.calibration == network.calibration).all()
    assert [path.name for path in tmp_path.iterdir()] == ["neural.npz"]


@pytest.mark.parametrize("left", [0, 3, 100_000])
def test_a_damaged_file_is_told_at_the_start(
    left: int, labels: tuple[str, ...], tmp_path: Path
) -> None:
    broken = tmp_path / "neural.npz"
    broken.write_bytes(LEARNT.read_bytes()[:left])
    with pytest.raises((BadZipFile, ValueError, EOFError)):
        learnt(labels, broken)


def test_a_pack_that_uses_our_names_is_read_without_it(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    topics = tmp_path / "intents" / "topics"
    topics.mkdir(parents=True)
    (tmp_path / "pack.toml").write_text('name = "brillen"\nadds = true\n', encoding="utf-8")
    (topics / "ooglid.toml").write_text('phrases = ["ik wil een bril"]\n', encoding="utf-8")
    assert catalogue.own
    assert not load_catalogue(tmp_path).own
    assert Classifier(catalogue)._neural is not None
    assert Classifier(replace(catalogue, own=False))._neural is None
