"""A Vosk model's folder: what is in it, how one is made from another with a new graph."""

import shutil
from pathlib import Path

from errors import SpeechModelError
from training.card import graph_story, write_papers
from training.corpus import CorpusSettings, build_corpus, read_sentences
from training.graph import UNKNOWN, write_graph
from training.language_model import LanguageModelSettings, build_language_model
from training.lexicon import build_lexicon
from training.ngram import END
from training.topology import MONOPHONE, Topology, broad_classes

_MFCC = """--use-energy=false
--num-mel-bins=40
--num-ceps=40
--low-freq=20
--high-freq=7600
--allow-upsample=true
--allow-downsample=true
"""
_DECODING = """--min-active=200
--max-active=3000
--beam=11.0
--lattice-beam=4.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--endpoint.silence-phones={phones}
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule2.max-relative-cost=8.0
--endpoint.rule3.min-trailing-silence=0.8
--endpoint.rule4.min-trailing-silence=1.2
"""


def topology_of(final: Path) -> Topology:
    """The topology that an acoustic model of ours was trained with.

    Raises:
        SpeechModelError: it is none of ours.
    """
    data = final.read_bytes()
    for classes in (MONOPHONE, broad_classes()):
        topology = Topology(classes)
        if data.startswith(topology.transition_model(), 2):
            return topology
    raise SpeechModelError(f"{final} komt niet uit dit recept; kies een model dat hier gemaakt is.")


def lay_out(acoustic: Path, topology: Topology, out: Path) -> None:
    """Begin a model's folder: the acoustic model's files, and how Vosk is to run it."""
    shutil.copytree(acoustic, out / "am", dirs_exist_ok=True)
    (out / "conf").mkdir(exist_ok=True)
    (out / "conf" / "mfcc.conf").write_text(_MFCC, "utf-8")
    decoding = _DECODING.format(phones=topology.endpoint_phones())
    (out / "conf" / "model.conf").write_text(decoding, "utf-8")


def make_graph(
    base: Path, out: Path, content: Path | None, settings: CorpusSettings | None = None
) -> None:
    """Copy a model and give it words, pronunciations and a language model anew.

    ``content`` is a content pack, whose words are heard thereafter; None for the product's own.
    """
    topology = topology_of(base / "am" / "final.mdl")
    corpus = build_corpus(content, settings or CorpusSettings()).sayable()
    held_out = corpus.unseen(read_sentences("held_out.txt"))  # some became phrases since
    model = build_language_model(corpus, held_out, LanguageModelSettings())
    lexicon = build_lexicon(model.vocabulary - {END, UNKNOWN})
    for part in ("am", "conf"):
        if base.resolve() != out.resolve():
            shutil.copytree(base / part, out / part, dirs_exist_ok=True)
    write_graph(out / "graph", topology, lexicon.entries, model)
    (out / "graph" / "ORIGIN.md").write_text(graph_story(corpus, model), "utf-8")
    write_papers(out)
