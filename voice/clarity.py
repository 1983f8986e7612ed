"""How well a sentence was heard: from 0, as good as not at all, to 1, every word.

The recogniser's own confidence is high for most wrong words too. Together with how many readings
it found, how its guesses changed while it listened, and how far the voice stood out, it does tell
(`benchmarks/README.md` says what that is worth). The weights are learnt from the share of the words
that are right, that of the contrast also from the meanings that survive: ``python -m training
hearing``.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

LEARNT = Path(__file__).with_suffix(".toml")
"""The weights, as `training.hearing` writes them."""

_MOST_DB = 30.0  # a quiet room; above it nothing is heard better
_MOST_READINGS = 10  # of those that the recogniser is asked for
_MOST_WORDS = 20  # of a long sentence; more of them tell no more


@dataclass(frozen=True)
class Evidence:
    """What tells how well a sentence was heard. All of it is known without any meaning."""

    confidence: float
    """Mean of the words' confidences, 0 to 1."""
    sure: float
    """Share of the words that every reading has, or nearly so."""
    kept: float
    """Share of the words of earlier guesses, while it was said, that are in the sentence; 1 where
    there were none."""
    contrast_db: float
    """How much louder than the quiet between the words the voice was."""
    words: int
    """How many words were heard."""
    readings: int
    """How many ways to hear them were found; a clear sentence has few."""


def features(evidence: Evidence) -> tuple[float, ...]:
    """What the weights belong to, each about 0 to 1."""
    return (
        evidence.confidence,
        evidence.sure,
        evidence.kept,
        min(max(evidence.contrast_db, 0.0), _MOST_DB) / _MOST_DB,
        math.log(min(evidence.words, _MOST_WORDS)) / math.log(_MOST_WORDS),
        math.log(min(evidence.readings, _MOST_READINGS)) / math.log(_MOST_READINGS),
    )


@dataclass(frozen=True)
class Weights:
    """Of a logistic regression on `features`, in their order."""

    confidence: float
    sure: float
    kept: float
    contrast: float
    words: float
    readings: float
    bias: float


def read_weights(path: Path = LEARNT) -> Weights:
    """The weights of a file."""
    found: Mapping[str, float] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Weights(**found)


@cache
def _learnt() -> Weights:
    return read_weights()


def clarity(evidence: Evidence, weights: Weights | None = None) -> float:
    """How well it was heard, 0 to 1: about the share of its words that are right, less in noise.

    Args:
        evidence: of the whole sentence.
        weights: others than those that were learnt.
    """
    *slopes, bias = astuple(weights or _learnt())
    pairs = zip(slopes, features(evidence), strict=True)
    logit = bias + sum(slope * feature for slope, feature in pairs)
    return 1 / (1 + math.exp(-logit))
