"""The papers of a model: its card, its licences and its manifest.

Each half of a model carries its own story (``am/ORIGIN.md``, ``graph/ORIGIN.md``), so that a new
graph on an old acoustic model, or the reverse, still tells the truth. ``FIGURES.md`` holds what
was measured.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from training.corpus import Corpus
from training.ngram import NGram
from training.speech import Source
from voice.model_manifest import MANIFEST, write_manifest

TEMPLATES = Path(__file__).parent / "card"
_UNTOLD = "This part was not made by the recipe, and says nothing of its origin.\n"
_UNMEASURED = "Not measured yet.\n"


def write_papers(model: Path) -> None:
    """Write card and licences from the stories of both halves, then the manifest of all files."""
    story = {
        "name": model.name,
        "acoustic": _text(model / "am" / "ORIGIN.md", _UNTOLD),
        "graph": _text(model / "graph" / "ORIGIN.md", _UNTOLD),
        "figures": _text(model / "FIGURES.md", _UNMEASURED),
        "megabytes": f"{_size(model) / 1e6:.1f}",
    }
    (model / "README.md").write_text(_filled("README.md", story), "utf-8")
    for licence in sorted(TEMPLATES.glob("LICENSE*")):
        shutil.copy(licence, model)
    (model / MANIFEST).unlink(missing_ok=True)  # or it would list itself
    write_manifest(model)


def graph_story(corpus: Corpus, model: NGram) -> str:
    """What a graph was made from, for ``graph/ORIGIN.md``."""
    counts = {name: f"{len(sentences):,}" for name, sentences in corpus.components.items()}
    story = {"words": f"{len(model.vocabulary) - 2:,}", "ngrams": f"{model.size:,}", **counts}
    return _filled("graph.md", story)


@dataclass(frozen=True)
class TrainingFacts:
    """What a training run was."""

    outputs: int
    bottleneck: int
    start: str
    """The model it started from, in words."""
    device: str
    steps: int
    seconds: float
    """Of sound in a step."""
    minutes: float
    passes: float
    ending: str
    """What became of the weights in the end."""

    def text(self) -> dict[str, str]:
        """As words in a card."""
        whole = {name: f"{getattr(self, name):.0f}" for name in ("seconds", "minutes")}
        numbers = whole | {"passes": f"{self.passes:.1f}"}
        return {**{name: str(value) for name, value in asdict(self).items()}, **numbers}


def acoustic_story(sources: Sequence[Source], facts: TrainingFacts) -> str:
    """What an acoustic model was trained on and how, for ``am/ORIGIN.md``."""
    rows = []
    for source in sources:
        clips = source.training()
        hours = sum(source.store.seconds(i) for i in clips) / 3600
        rows.append(f"| {source.name} | {len(clips):,} | {hours:.2f} | {source.weight:g} |")
    return _filled("acoustic.md", {"rows": "\n".join(rows), **facts.text()})


def _filled(name: str, values: Mapping[str, str]) -> str:
    return Template((TEMPLATES / name).read_text("utf-8")).substitute(values)


def _text(path: Path, otherwise: str) -> str:
    return path.read_text("utf-8") if path.exists() else otherwise


def _size(model: Path) -> int:
    return sum(file.stat().st_size for file in model.rglob("*") if file.is_file())
