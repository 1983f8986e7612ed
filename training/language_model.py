"""The language model of the product: one n-gram model mixed from the components of the corpus."""

import logging
from dataclasses import dataclass

from training.corpus import Corpus
from training.graph import UNKNOWN
from training.ngram import NGram, Words, mix, perplexity, prune, train, tune, unigrams

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LanguageModelSettings:
    """What is learnt and what is left out."""

    order: int = 3
    unknown: float = 1e-4
    """Probability of ``[unk]`` in open decoding."""
    least_weight: float = 0.02
    """No component counts for less, however little of it the held-out sentences show."""
    least_gain: float = 1e-8
    """n-grams that gain less than this, in nats, are pruned."""


def build_language_model(
    corpus: Corpus, held_out: tuple[Words, ...], settings: LanguageModelSettings
) -> NGram:
    """Train each component, mix them by the weights that fit the held-out sentences, and prune."""
    names = [*corpus.components, "words"]
    models = [train(sentences, settings.order) for sentences in corpus.components.values()]
    models.append(unigrams(corpus.frequencies))
    fitted = tune(models, held_out)
    floored = [max(weight, settings.least_weight) for weight in fitted]
    weights = [weight / sum(floored) for weight in floored]
    _LOG.info("weights %s", {n: round(w, 3) for n, w in zip(names, weights, strict=True)})
    whole = mix(models, weights, {UNKNOWN: settings.unknown})
    small = prune(whole, settings.least_gain)
    _LOG.info(
        "%d n-grams, %d after pruning; perplexity on held-out text %.1f, %.1f",
        whole.size, small.size, perplexity(whole, held_out), perplexity(small, held_out),
    )  # fmt: skip
    return small
