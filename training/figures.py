"""What a model's card says of how well it hears."""

import logging
from pathlib import Path

import vosk

from training.card import write_papers
from training.evaluate import development_clips, error_rates, report

_LOG = logging.getLogger(__name__)
_HEAD = """Word error rate with open decoding on the development set: sentences that are in no text
of the recipe, by voices that are in no training (formant and neural synthesis; the neural voices
have a strong accent). With 95 % intervals (Wilson).

"""


def measure(model: Path, cache: Path) -> None:
    """Evaluate a model on the development set and put the figures into its card."""
    vosk.SetLogLevel(-1)
    table = report(error_rates(vosk.Model(str(model)), development_clips(cache)))
    _LOG.info("%s\n%s", model.name, table)
    (model / "FIGURES.md").write_text(_HEAD + table + "\n", "utf-8")
    write_papers(model)
