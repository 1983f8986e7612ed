"""A Vosk model's folder: what is in it, how one is made from another with a new graph."""

import logging
import shutil
from pathlib import Path

from training.corpus import CorpusSettings, build_corpus, read_sentences
from training.graph import UNKNOWN, write_graph
from training.language_model import LanguageModelSettings, build_language_model
from training.lexicon import build_lexicon
from training.ngram import END
from training.topology import MONOPHONE, Topology, broad_classes
from voice.model_manifest import MANIFEST, write_manifest

_log = logging.getLogger(__name__)


def topology_of(final: Path) -> Topology:
    """The topology that an acoustic model of ours was trained with.

    Raises:
        ValueError: it is none of ours.
    """
    data = final.read_bytes()
    for classes in (MONOPHONE, broad_classes()):
        topology = Topology(classes)
        if data.startswith(topology.transition_model(), 2):
            return topology
    raise ValueError(f"{final} was not made by this recipe")


def make_graph(base: Path, out: Path, content: Path | None) -> None:
    """Copy a model and give it words, pronunciations and a language model anew.

    ``content`` is a content pack, whose words are heard thereafter; None for the product's own.
    """
    topology = topology_of(base / "am" / "final.mdl")
    corpus = build_corpus(content, CorpusSettings()).sayable()
    _log.info("%d words", len(corpus.vocabulary))
    held_out = read_sentences("held_out.txt")
    model = build_language_model(corpus, held_out, LanguageModelSettings())
    lexicon = build_lexicon(model.vocabulary - {END, UNKNOWN})
    kept = shutil.ignore_patterns("graph", MANIFEST)
    shutil.copytree(base, out, ignore=kept, dirs_exist_ok=True)
    write_graph(out / "graph", topology, lexicon.entries, model)
    write_manifest(out)
