"""The network that tells what is set aside: the same in PyTorch and in numpy; needs PyTorch."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: the training is not tested")

from intents.asides import Mention  # noqa: E402  # after the check for PyTorch
from training.asides import AsidesSettings, Example, Network, batch, train  # noqa: E402

SMALL = AsidesSettings(units=16, passes=30)
THINGS = ("kuit", "oog", "stress", "auto", "hand")
FRAMES = {  # and whether the first of the two is set aside
    "{} dat was mijn zus bij mij is het {}": True,
    "niet {} maar {}": True,
    "over {} weet ik genoeg vertel over {}": True,
    "{} en ook {}": False,
    "zowel {} als {}": False,
    "eerst {} en daarna {}": False,
}


def mention(frame: str, one: str, other: str, place: int) -> Mention:
    words = tuple(frame.format(one, other).split())
    at = (words.index(one), words.index(other))
    return Mention(words, at[place], (at[1 - place],))


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [
        Example(mention(frame, one, other, place), aside and place == 0, 1.0)
        for frame, aside in FRAMES.items()
        for one in THINGS
        for other in THINGS
        if one != other
        for place in (0, 1)
    ]


def test_numpy_reads_what_pytorch_learnt(examples: list[Example]) -> None:
    torch.manual_seed(3)
    network = Network(SMALL).eval()
    found = [example.mention for example in examples[::7]] + [Mention(("oog",), 0)]
    rows = batch(found)
    with torch.no_grad():
        told = network(rows).tolist()
    ours = network.to_numpy(set(rows.rows.tolist()))
    assert [ours.score(one) for one in found] == pytest.approx(told, abs=1e-4)


def test_it_learns_from_the_words_around_and_not_from_the_topic(examples: list[Example]) -> None:
    learnt = train(examples, SMALL, 1)
    for frame, aside in FRAMES.items():
        first, second = (learnt.score(mention(frame, "fiets", "ms", place)) for place in (0, 1))
        assert (first > 0) == aside
        assert second < 0


def test_the_same_examples_give_the_same_network(examples: list[Example]) -> None:
    torch.set_num_threads(1)
    quick = AsidesSettings(units=8, passes=1)
    one, other = (train(examples, quick, 1) for _ in range(2))
    assert (one.table == other.table).all()
    assert (one.onward == other.onward).all()


def test_rows_that_no_sentence_has_are_kept_empty(examples: list[Example]) -> None:
    used = set(batch([examples[0].mention]).rows.tolist())
    ours = Network(SMALL).to_numpy(used)
    assert {row for row, weights in enumerate(ours.table) if weights.any()} == used
