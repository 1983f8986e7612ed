"""The probability of each class, calibrated, and the part that is asked for.

Nearest phrases and a linear classifier tell both.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from intents.calibration import KINDS, Doubles, balance, design, fit, questions, softmax
from intents.catalogue import Catalogue
from intents.dutch import gist
from intents.index import Index
from intents.kept import cached, write_whole
from intents.linear import Example, Fitted, Linear, sample
from intents.linear import fit as fit_linear
from intents.pairs import alarmed, joined
from intents.phrases import BOTH_SIGN, Kind, Phrase

_LOG = logging.getLogger(__name__)

LEARNING = "20"
"""Counts up when the way of learning changes, so that what was learnt before no longer serves."""

QUESTIONS = 8000
"""Sentences that the calibration learns from, where the catalogue has few classes."""

QUESTION_CLASSES = 400_000
"""Questions times classes at most: what many classes cost in time and memory."""

LEARNT = Path(__file__).with_name("learnt.npz")
"""What was learnt from our own content, so that a first start need not (``make learn``)."""

ASKED = -0.3
"""Score from which a part is asked for: a little below the line that is drawn, for a part too many
is told before the core, and one too few not at all."""

CERTAIN = 0.98
"""Share of the probability that goes to a sentence which stands in the catalogue as it is."""


@dataclass(frozen=True)
class Option:
    """A class with its probability and the phrase that came nearest."""

    label: str
    kind: Kind
    probability: float
    phrase: str
    recall: float
    """Share of that phrase's weight that was said, 0..1."""
    likeness: float
    """How much the sentence and the phrase have in common, 0..1."""
    score: float
    """Of the linear classifier, which may be high for two topics at once; about -1..1."""


class Classifier:
    """Knows the phrases of one catalogue. Safe to share: it keeps no state."""

    def __init__(self, catalogue: Catalogue, calibrate: bool = False) -> None:
        """Take what was learnt from this content before, or learn it now.

        Args:
            catalogue: the phrases.
            calibrate: learn all of it anew, how sure a score makes us too; else a pack of another
                subject takes that from ours, for it is the language's and no subject's.
        """
        self.index = Index(catalogue.of(*KINDS))
        self._parts = catalogue.labels("follow_up")
        name = learnt_name(catalogue)
        known = None if calibrate else _recall(LEARNT, name) or _recall(cached(f"{name}.npz"), name)
        if known is None:
            together = catalogue.of("together")
            known = self._learn(together, None if calibrate else _calibration())
            _keep(cached(f"{name}.npz"), name, *known)
        self._linear, self._weights = known

    def keep(self, name: str, path: Path = LEARNT) -> None:
        """Write what was learnt from the content of this ``name``, for a start without learning."""
        _keep(path, name, self._linear, self._weights)

    def options(self, words: Sequence[str]) -> list[Option]:
        """All classes, the likeliest first.

        Args:
            words: at least one token.
        """
        near = self.index.closeness(words)
        scores = self._linear.scores(words)[: self.index.classes]
        table = design(self.index, near, scores, len(words))
        probabilities = softmax(table @ self._weights)
        known = self.index.exact.get(gist(words))
        if known is not None:
            label = self.index.class_of(known)
            near.phrase[label], near.recall[label], near.f1[label] = known, 1, 1
            probabilities *= 1 - CERTAIN
            probabilities[label] += CERTAIN
        return [
            Option(
                self.index.labels[c], self.index.kinds[c], float(probabilities[c]),
                self.index.phrases[near.phrase[c]].text, float(near.recall[c]), float(near.f1[c]),
                float(scores[c]),
            )
            for c in np.argsort(-probabilities)
        ]  # fmt: skip

    def asked(self, words: Sequence[str]) -> str | None:
        """The part of a topic that the words ask for, if they ask for one.

        Args:
            words: at least one token, which tell of a topic.
        """
        known = self.known(words)
        if known is not None:
            return known.asked or None
        scores = self._linear.scores(words)[self.index.classes :]
        part = int(np.argmax(scores)) if len(scores) else 0
        return self._parts[part] if len(scores) and scores[part] > ASKED else None

    def known(self, words: Sequence[str]) -> Phrase | None:
        """The phrase that the words are, give or take a filler."""
        at = self.index.exact.get(gist(words))
        return None if at is None else self.index.phrases[at]

    def _learn(self, together: Sequence[Phrase], weights: Doubles | None) -> tuple[Linear, Doubles]:
        """Fit the linear classifier, and the calibration unless its ``weights`` are given.

        Args:
            together: sentences about two topics, which are no class of their own.
            weights: of the calibration.
        """
        index = self.index
        classes = np.repeat(np.arange(index.classes), np.diff(index.starts)).tolist()
        groups = index.groups.tolist()
        alone = [
            Example(index.mend(index.phrases[i].words), (classes[i], *self._asks(i)), (groups[i],))
            for i in sample(index.groups)
        ]
        topics, signs = (
            [e for e in alone if index.kinds[e.classes[0]] == kind]
            for kind in ("topic", "red_flag")
        )
        pairs = [
            Example(index.mend(p.words), tuple(map(index.labels.index, p.label.split(BOTH_SIGN))),
                    (p.group,))
            for p in together
        ]  # fmt: skip
        examples = [*alone, *pairs, *joined(topics), *alarmed(topics, signs)]
        fitted = fit_linear(examples, index.classes + len(self._parts), folds=weights is None)
        if weights is None:
            weights = self._calibrate(fitted)
        return fitted.linear, weights

    def _asks(self, phrase: int) -> Iterator[int]:
        """The class of the part that a phrase asks for, with a topic or as a follow-up question."""
        found = self.index.phrases[phrase]
        part = found.label if found.kind == "follow_up" else found.asked
        if part in self._parts:
            yield self.index.classes + self._parts.index(part)

    def _calibrate(self, fitted: Fitted) -> Doubles:
        """Learn from questions put to the catalogue how sure the scores make us."""
        index = self.index
        asked = questions(index, min(QUESTIONS, QUESTION_CLASSES // index.classes))
        tables = np.stack(
            [
                design(index, index.closeness(q.words, without=q.group),
                       fitted.without(q.words, q.group)[: index.classes], len(q.words))
                for q in asked
            ]
        )  # fmt: skip
        right = np.array([index.labels.index(q.label) for q in asked])
        _LOG.info("calibrated on %d questions over %d classes", len(asked), index.classes)
        return fit(tables, right, balance(index, right))


def learnt_name(catalogue: Catalogue) -> str:
    """Name what is learnt from this content: another content or way of learning, another name."""
    return f"{catalogue.fingerprint[:16]}-{LEARNING}"


def _calibration() -> Doubles | None:
    """How sure the scores of our own content make us, if that was learnt in this way."""
    try:
        with np.load(LEARNT, allow_pickle=False) as found:
            weights: Doubles = found["weights"]
            return weights if str(found["name"]).endswith(f"-{LEARNING}") else None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _recall(path: Path, name: str) -> tuple[Linear, Doubles] | None:
    """What was learnt from the content of this name before, if it was."""
    try:
        with np.load(path, allow_pickle=False) as found:
            if str(found["name"]) != name:
                return None
            return Linear(found["rarity"], found["linear"]), found["weights"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _keep(path: Path, name: str, linear: Linear, weights: Doubles) -> None:
    """Keep what was learnt, or learn it again at the next start."""
    half = linear.weights.astype(np.float16)
    write_whole(
        path,
        lambda part: np.savez_compressed(
            part, name=name, rarity=linear.rarity, linear=half, weights=weights
        ),
    )
