"""The peers: what a developer would take from the shelf, given the very same phrases.

Each gets every expanded phrase of the catalogue (topics, two topics at once, commands, red flags,
follow-ups and the off-topic ones, which mean "decline") and rejects as its own documentation or
custom has it. None of them asks back or knows what a red flag is, and two topics at once are one
more label to them.
"""

import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Protocol

from rapidfuzz import fuzz, process

from benchmarks.hassil_peer import HassilFuzzy
from benchmarks.unavailable import PeerUnavailableError
from evaluation.outcomes import DECLINED, Outcome
from intents.catalogue import Catalogue
from intents.phrases import named


@dataclass(frozen=True)
class Example:
    """A phrase that a peer learns, and what is to be done when it is said."""

    text: str
    outcome: Outcome


class Peer(Protocol):
    """Something that understands a sentence."""

    name: str
    rejects: str
    """How it says no, for the table's footnote."""

    def understand(self, text: str) -> Outcome:
        """What it would do with ``text``."""


def examples_of(catalogue: Catalogue) -> tuple[Example, ...]:
    """All phrases of the catalogue, lower case, each with its outcome."""

    def outcome(kind: str, label: str) -> Outcome:
        match kind:
            case "topic":
                return Outcome("topics", frozenset({label}))
            case "command":
                return Outcome("command", frozenset({label}))
            case "red_flag":
                return Outcome("flag", frozenset({catalogue.grades[label]}))
            case "together":
                meant = frozenset(topic for topic, aside in named(label).items() if not aside)
                return Outcome("topics", meant) if meant else DECLINED
            case "follow_up":
                return Outcome("followup", frozenset({label}))
        return DECLINED

    return tuple(Example(p.text.lower(), outcome(p.kind, p.label)) for p in catalogue.phrases)


def claimed(outcome: Outcome, probability: float) -> Outcome:
    """``outcome`` with the probability that a peer gives it."""
    return Outcome(outcome.act, outcome.ids, tuple((name, probability) for name in outcome.ids))


def _optional(module: str) -> ModuleType:
    """A package of the ``benchmark`` group, or PeerUnavailableError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PeerUnavailableError(f"{module.partition('.')[0]} is not installed") from error


class RapidfuzzDefault:
    """``process.extractOne`` as its documentation opens: WRatio, the nearest phrase wins."""

    name = "rapidfuzz extractOne"
    CUTOFF = 80.0
    """Of 100; the usual middle of the 70 to 90 that examples take."""
    rejects = f"score below {CUTOFF:.0f}, or nearest to an off-topic phrase"

    def __init__(self, examples: Sequence[Example]) -> None:
        self._outcomes = [example.outcome for example in examples]
        self._texts = [example.text for example in examples]

    def understand(self, text: str) -> Outcome:
        """The outcome of the nearest phrase."""
        found = process.extractOne(text.lower(), self._texts, score_cutoff=self.CUTOFF)
        if found is None:
            return DECLINED
        _, score, index = found
        return claimed(self._outcomes[index], score / 100)


class Padacioso:
    """OVOS' ``padacioso`` with fuzzy matching, its templates written out as our phrases are."""

    name = "padacioso"
    CUTOFF = 0.5
    """The lowest of the three confidences at which OVOS' pipeline accepts a padacioso intent."""
    MOST_EXAMPLES = 1_000
    """It tries a dozen regular expressions a phrase, one after the other: more takes hours."""
    rejects = f"confidence below {CUTOFF}; at most {MOST_EXAMPLES} phrases, drawn at random"

    def __init__(self, examples: Sequence[Example]) -> None:
        padacioso = _optional("padacioso")
        # As it is, it compiles every expression for every sentence (1 s each) and compares letters
        # with difflib where OVOS' tools are missing. Same answers, a hundred times sooner:
        compiled = cache(partial(padacioso.simplematch.Matcher, case_sensitive=False))
        padacioso.simplematch.match = lambda sample, text, **_: compiled(sample).match(text)
        padacioso.__dict__["fuzzy_match"] = lambda one, other: fuzz.ratio(one, other) / 100
        if len(examples) > self.MOST_EXAMPLES:
            examples = random.Random(0).sample(examples, self.MOST_EXAMPLES)
        grouped: dict[Outcome, list[str]] = {}
        for example in examples:
            grouped.setdefault(example.outcome, []).append(example.text)
        self._outcomes = list(grouped)
        self._container = padacioso.IntentContainer(fuzz=True)
        for number, texts in enumerate(grouped.values()):
            self._container.add_intent(str(number), texts)

    def understand(self, text: str) -> Outcome:
        """The outcome of the most confident intent."""
        # calc_intent() starts a pool of processes for every sentence; _match is what they run.
        container = self._container
        found = [
            match
            for name, samples in container.intent_samples.items()
            if (match := container._match(text.lower(), name, samples)) is not None  # noqa: SLF001
        ]
        best = max(found, key=lambda match: float(match["conf"]), default=None)
        if best is None or best["conf"] < self.CUTOFF:
            return DECLINED
        return claimed(self._outcomes[int(best["name"])], best["conf"])


class LinearClassifier:
    """TF-IDF over words, word pairs and letters, and logistic regression (scikit-learn)."""

    name = "TF-IDF + linear"
    CUTOFF = 0.5
    rejects = f"probability below {CUTOFF}, or class off-topic"

    def __init__(self, examples: Sequence[Example]) -> None:
        vectorizer = _optional("sklearn.feature_extraction.text").TfidfVectorizer
        regression = _optional("sklearn.linear_model").LogisticRegression
        pipeline = _optional("sklearn.pipeline")
        self._outcomes = list(dict.fromkeys(example.outcome for example in examples))
        number = {outcome: index for index, outcome in enumerate(self._outcomes)}
        self._model = pipeline.make_pipeline(
            pipeline.make_union(
                vectorizer(ngram_range=(1, 2), sublinear_tf=True),
                vectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
            ),
            regression(C=10, class_weight="balanced", max_iter=1_000),
        )
        self._model.fit([e.text for e in examples], [number[e.outcome] for e in examples])

    def understand(self, text: str) -> Outcome:
        """The likeliest outcome."""
        probabilities = self._model.predict_proba([text.lower()])[0]
        best = int(probabilities.argmax())
        if probabilities[best] < self.CUTOFF:
            return DECLINED
        return claimed(self._outcomes[int(self._model.classes_[best])], float(probabilities[best]))


def _hassil(examples: Sequence[Example]) -> Peer:
    return HassilFuzzy([(example.text, example.outcome) for example in examples])


PEERS: Mapping[str, Callable[[Sequence[Example]], Peer]] = {
    RapidfuzzDefault.name: RapidfuzzDefault,
    Padacioso.name: Padacioso,
    HassilFuzzy.name: _hassil,
    LinearClassifier.name: LinearClassifier,
}
"""By name, what builds each; PeerUnavailableError where its package is not installed."""
