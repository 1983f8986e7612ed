"""Small n-gram models in the form that hassil 3.8 reads; it trains its own with other programs."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

ORDER = 4
"""Longest word sequence, as in Home Assistant's own models."""
DISCOUNT = 0.75
"""Absolute discount of Kneser-Ney smoothing (Kneser and Ney 1995); their models use the same."""
UNKNOWN = -20.0
"""log10 probability that hassil gives an unknown word."""

Ngram = tuple[str, ...]


@dataclass
class NgramModel:
    """One intent's back-off model, with the two members of hassil's models that it reads."""

    log_probs: dict[Ngram, float] = field(default_factory=dict)
    backoffs: dict[Ngram, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def get_log_prob(
        self,
        tokens: Iterable[str],
        unk_log_prob: Callable[[str], float] | None = None,
        cache: dict[Ngram, float] | None = None,  # noqa: ARG002 - hassil passes it by name
    ) -> float:
        """log10 probability of the tokens."""
        total = 0.0
        context: Ngram = ()
        for word in tokens:
            if word != "<s>":
                total += self.word_log_prob(context[-(ORDER - 1) :], word, unk_log_prob)
            context = (*context, word)
        return total

    def word_log_prob(
        self, context: Ngram, word: str, unknown: Callable[[str], float] | None
    ) -> float:
        """log10 probability of one word after ``context``."""
        if word not in self.words:
            return unknown(word) if unknown else UNKNOWN
        weight = 0.0
        while (*context, word) not in self.log_probs:
            weight += self.backoffs.get(context, 0.0)
            context = context[1:]
        return weight + self.log_probs[*context, word]


def train(sentences: Sequence[str]) -> NgramModel:
    """A Kneser-Ney model of the sentences: lower orders count contexts instead of occurrences."""
    counts: list[Counter[Ngram]] = [Counter() for _ in range(ORDER + 1)]
    for sentence in sentences:
        tokens = ("<s>", *sentence.split(), "</s>")
        for order in range(1, ORDER + 1):
            counts[order].update(
                tokens[start : start + order] for start in range(len(tokens) - order + 1)
            )
    for order in range(ORDER - 1, 0, -1):
        continued = Counter(ngram[1:] for ngram in counts[order + 1])
        starts = {n: c for n, c in counts[order].items() if n[0] == "<s>" and order > 1}
        counts[order] = Counter({**continued, **starts})
    model = NgramModel()
    total = counts[1].total()
    for (word,), count in counts[1].items():
        model.log_probs[word,] = math.log10(count / total)
        model.words[word] = word
    for order in range(2, ORDER + 1):
        _add_order(model, counts[order])
    return model


def _add_order(model: NgramModel, counts: Counter[Ngram]) -> None:
    """Discounted probabilities of one order, interpolated with the order below, and back-offs."""
    totals: Counter[Ngram] = Counter()
    kinds: Counter[Ngram] = Counter()
    for ngram, count in counts.items():
        totals[ngram[:-1]] += count
        kinds[ngram[:-1]] += 1
    for ngram, count in counts.items():
        context = ngram[:-1]
        left = DISCOUNT * kinds[context] / totals[context]
        below = 10 ** model.word_log_prob(context[1:], ngram[-1], None)
        model.log_probs[ngram] = math.log10((count - DISCOUNT) / totals[context] + left * below)
    for context, total in totals.items():
        model.backoffs[context] = math.log10(DISCOUNT * kinds[context] / total)
