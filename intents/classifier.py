"""The probability of each class, calibrated, and the part that is asked for.

Nearest phrases and a linear classifier tell both; for our own content, a network too.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from intents import asides, neural
from intents.calibration import KINDS, Doubles, balance, design, fit, questions, softmax
from intents.catalogue import Catalogue
from intents.dutch import gist
from intents.gathering import gathered
from intents.index import Index
from intents.kept import cached, write_whole
from intents.linear import Example, Linear, sample
from intents.linear import fit as fit_linear
from intents.pairs import alarmed, joined
from intents.phrases import DENIED, Kind, Phrase, named
from intents.sparse import Floats

_LOG = logging.getLogger(__name__)

LEARNING = "24"
"""Counts up when the way of learning changes, so that what was learnt before no longer serves."""

QUESTIONS = 8000
"""Sentences that the calibration learns from, where the catalogue has few classes."""

FEW_QUESTIONS = 1_500
"""The same for an example of a pack: more taught no more (measured)."""

QUESTION_CLASSES = 400_000
"""Questions times classes at most: what many classes cost in time and memory."""

LEARNT = Path(__file__).with_name("learnt.npz")
"""What was learnt from our own content, so that a first start need not (``make learn``)."""

ASKED = -0.3
"""Score from which a part is asked for: a little below the line that is drawn, for a part too many
is told before the core, and one too few not at all."""

_UNREADABLE = (OSError, ValueError, KeyError, EOFError, BadZipFile)

NEURAL_SHARE, NEURAL_SCALE = 0.5, 0.2
"""Share of the network in a score, and what makes its odds as large as linear scores."""

NOT_MEANT = -1.0
"""Score of a topic that another takes the place of."""

CERTAIN = 0.98
"""Share of the probability that goes to a sentence which stands in the catalogue as it is."""


class Learnt(NamedTuple):
    """All that is learnt from the content."""

    linear: Linear
    weights: Doubles
    """Of the calibration."""
    of_packs: Doubles
    """Those that a content pack takes: it has fewer phrases, and no network."""


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
    """Of this class beside all others, which may be high for two topics at once; about -1..1."""


class Classifier:
    """Knows the phrases of one catalogue. Safe to share: it keeps caches of words, and no state."""

    def __init__(self, catalogue: Catalogue, calibrate: bool = False) -> None:
        """Take what was learnt from this content before, or learn it now.

        Args:
            catalogue: the phrases.
            calibrate: learn all of it anew, the calibration too; else a pack takes one that was
                learnt before.
        """
        self.index = Index(catalogue.of(*KINDS))
        self._asides = asides.learnt()
        self._parts = catalogue.labels("follow_up")
        self._gatherings = catalogue.gatherings
        labels = (*self.index.labels, *self._parts)
        self._neural = neural.learnt(labels) if catalogue.own else None
        name = learnt_name(catalogue)
        known = None if calibrate else _recall(LEARNT, name) or _recall(cached(f"{name}.npz"), name)
        if known is None:
            known = self._learn(catalogue, None if calibrate else _ours())
            _keep(cached(f"{name}.npz"), name, known)
        self._learnt = known

    def keep(self, name: str, example: Catalogue, path: Path = LEARNT) -> None:
        """Write what was learnt from the content of this ``name``, for a start without learning.

        Args:
            name: of our own content.
            example: a pack. The calibration that packs take is the mean of ours and of what is
                learnt from this one: ours alone took what scores low in a small pack for an alarm.
            path: where it is read.
        """
        of_packs = (self._learnt.weights + calibration(example, FEW_QUESTIONS)) / 2
        _keep(path, name, self._learnt._replace(of_packs=of_packs))

    def options(self, words: Sequence[str]) -> list[Option]:
        """All classes, the likeliest first.

        Args:
            words: at least one token.
        """
        near = self.index.closeness(words)
        scores = self._scores_of_all(words)[: self.index.classes]
        table = design(self.index, near, scores, len(words))
        weights = self._learnt.weights if self._neural is None else self._neural.calibration
        probabilities = softmax(table @ weights)
        known = self.index.exact.get(gist(words))
        if known is not None:
            label = self.index.class_of(known)
            near.phrase[label], near.recall[label], near.f1[label] = known, 1, 1
            probabilities *= 1 - CERTAIN
            probabilities[label] += CERTAIN
        else:
            self._gather(words, probabilities, scores)
        return [
            Option(
                self.index.labels[c], self.index.kinds[c], float(probabilities[c]),
                self.index.phrases[near.phrase[c]].text, float(near.recall[c]), float(near.f1[c]),
                float(scores[c]),
            )
            for c in np.argsort(-probabilities)
        ]  # fmt: skip

    def _gather(self, words: Sequence[str], probabilities: Doubles, scores: Floats) -> None:
        """Give what is gathered to the topic that takes its place."""
        for topic, into in self.gathered(words).items():
            gone, stays = map(self.index.labels.index, (topic, into))
            probabilities[stays] += probabilities[gone]
            scores[stays] = max(scores[stays], scores[gone])
            probabilities[gone], scores[gone] = 0, NOT_MEANT

    def gathered(self, words: Sequence[str]) -> dict[str, str]:
        """The topics that another takes the place of in these words, each with that other."""
        return gathered(words, self._gatherings)

    def asked(self, words: Sequence[str]) -> str | None:
        """The part of a topic that the words ask for, if they ask for one.

        Args:
            words: at least one token, which tell of a topic.
        """
        known = self.known(words)
        if known is not None:
            return known.asked or None
        scores = self._scores_of_all(words)[self.index.classes :]
        part = int(np.argmax(scores)) if len(scores) else 0
        return self._parts[part] if len(scores) and scores[part] > ASKED else None

    def scores(self, words: Sequence[str]) -> Floats:
        """What the linear classifier makes of each class, and of each part; about -1..1."""
        return self._learnt.linear.scores(words)

    def _scores_of_all(self, words: Sequence[str]) -> Floats:
        """Score of each class and part, (C,), the network's blended in where there is one."""
        scores = self.scores(words)
        return scores if self._neural is None else blended(scores, self._neural.logits(words))

    def aside(self, words: Sequence[str], topics: Sequence[str]) -> list[float]:
        """The logarithm of the odds that each topic, which the words name, is set aside."""
        classes = [self.index.labels.index(topic) for topic in topics]
        found = asides.mentions(tuple(words), classes, self.scores)
        return [asides.odds(mention, self._asides) for mention in found]

    def without_names(self, words: Sequence[str], topics: Sequence[str]) -> tuple[str, ...]:
        """The words but those that name the topics, of which there is at least one."""
        classes = [self.index.labels.index(topic) for topic in topics]
        found = asides.mentions(tuple(words), classes, self.scores)
        names = {mention.at for mention in found}
        return tuple(word for at, word in enumerate(found[0].words) if at not in names)

    def known(self, words: Sequence[str]) -> Phrase | None:
        """The phrase that the words are, give or take a filler."""
        at = self.index.exact.get(gist(words))
        return None if at is None else self.index.phrases[at]

    def _learn(self, catalogue: Catalogue, ours: Learnt | None) -> Learnt:
        """Fit the linear classifier; the rest too, unless it is ``ours``.

        Args:
            catalogue: the phrases.
            ours: what was learnt from our own content, of which all but the linear classifier is
                the language's and no subject's.
        """
        count = self.index.classes + len(self._parts)
        fitted = fit_linear(examples(self.index, catalogue), count, folds=ours is None)
        if ours is not None:
            return Learnt(fitted.linear, ours.of_packs, ours.of_packs)
        weights = calibrated(self.index, fitted.without)
        return Learnt(fitted.linear, weights, weights)


def examples(index: Index, catalogue: Catalogue) -> list[Example]:
    """The sentences to learn from; those that name several topics are no class of their own."""
    parts = catalogue.labels("follow_up")
    classes = np.repeat(np.arange(index.classes), np.diff(index.starts)).tolist()
    groups = index.groups.tolist()
    alone = [
        Example(
            index.mend(index.phrases[i].words),
            (classes[i], *_asks(index, index.phrases[i], parts)), (groups[i],),
        )
        for i in sample(index.groups)
    ]  # fmt: skip
    topics, signs = (
        [e for e in alone if index.kinds[e.classes[0]] == kind] for kind in ("topic", "red_flag")
    )
    pairs = [
        Example(index.mend(phrase.words), _meant(index, phrase.label), (phrase.group,))
        for phrase in catalogue.of("together")
    ]
    return [*alone, *pairs, *joined(topics), *alarmed(topics, signs)]


def _meant(index: Index, label: str) -> tuple[int, ...]:
    """The classes that a sentence means which names several topics; else it is a denial."""
    meant = [topic for topic, aside in named(label).items() if not aside]
    return tuple(map(index.labels.index, meant or [DENIED]))


def _asks(index: Index, phrase: Phrase, parts: Sequence[str]) -> Iterator[int]:
    """The class of the part that a phrase asks for, with a topic or as a follow-up question."""
    part = phrase.label if phrase.kind == "follow_up" else phrase.asked
    if part in parts:
        yield index.classes + parts.index(part)


def blended(linear: Floats, logits: Floats) -> Floats:
    """Scores of both classifiers in one, (C,)."""
    return (1 - NEURAL_SHARE) * linear + NEURAL_SHARE * NEURAL_SCALE * logits


def calibration(catalogue: Catalogue, most: int) -> Doubles:
    """Learn from ``most`` questions put to a catalogue how sure its linear scores make us."""
    index = Index(catalogue.of(*KINDS))
    count = index.classes + len(catalogue.labels("follow_up"))
    return calibrated(
        index, fit_linear(examples(index, catalogue), count, folds=True).without, most
    )


def calibrated(
    index: Index, without: Callable[[Sequence[str], int | None], Floats], most: int = QUESTIONS
) -> Doubles:
    """Learn from questions put to the catalogue how sure the scores make us.

    Args:
        index: the phrases.
        without: the scores of a sentence, had one template (where not None) not been there.
        most: how many questions.
    """
    asked = questions(index, min(most, QUESTION_CLASSES // index.classes))
    tables = np.stack(
        [
            design(index, index.closeness(q.words, without=q.group),
                   without(q.words, q.group)[: index.classes], len(q.words))
            for q in asked
        ]
    )  # fmt: skip
    right = np.array([index.labels.index(q.label) for q in asked])
    _LOG.info("calibrated on %d questions over %d classes", len(asked), index.classes)
    return fit(tables, right, balance(index, right))


def learnt_name(catalogue: Catalogue) -> str:
    """Name what is learnt from this content: another content or way of learning, another name."""
    return f"{catalogue.fingerprint[:16]}-{LEARNING}"


def _ours() -> Learnt | None:
    """What was learnt from our own content, if it was learnt in this way."""
    try:
        with np.load(LEARNT, allow_pickle=False) as found:
            return _read(found) if str(found["name"]).endswith(f"-{LEARNING}") else None
    except _UNREADABLE:
        return None


def _recall(path: Path, name: str) -> Learnt | None:
    """What was learnt from the content of this name before, if it was."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return _read(found) if str(found["name"]) == name else None
    except _UNREADABLE:
        return None


def _read(found: Mapping[str, NDArray[Any]]) -> Learnt:
    """What is kept in a file."""
    linear = Linear(found["rarity"], found["linear"])
    return Learnt(linear, *(found[name].astype(np.float64) for name in ("weights", "of_packs")))


def _keep(path: Path, name: str, learnt: Learnt) -> None:
    """Keep what was learnt, or learn it again at the next start."""
    linear, weights, of_packs = learnt
    write_whole(
        path,
        lambda part: np.savez_compressed(
            part, name=name, rarity=linear.rarity, linear=linear.weights.astype(np.float16),
            weights=weights, of_packs=of_packs,
        ),
    )  # fmt: skip
