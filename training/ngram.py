"""Word n-gram models: smoothed, mixed by weights that fit held-out text.

Sources: S. Chen, J. Goodman, "An empirical study of smoothing techniques for language modeling",
Harvard TR-10-98 (interpolated modified Kneser-Ney smoothing); F. Jelinek, R. Mercer, "Interpolated
estimation of Markov source parameters", 1980 (mixture weights by EM); A. Stolcke, "Entropy-based
pruning of backoff language models", 1998 (which n-grams may go).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

BEGIN, END = "<s>", "</s>"
Words = tuple[str, ...]


class NGram:
    """A back-off model: explicit probabilities, and each history's factor for all the rest.

    ``table`` maps a history to its explicit followers; the empty history holds every word.
    """

    def __init__(self, order: int, table: Mapping[Words, Mapping[str, float]]) -> None:
        self.order = order
        self._table = {history: dict(followers) for history, followers in table.items()}
        self._backoff: dict[Words, float] = {}
        for history in sorted(self._table, key=len):
            if history:
                self._backoff[history] = self._left_over(history)

    def _left_over(self, history: Words) -> float:
        """Katz's normalisation: what is left here, over what the shorter history leaves."""
        followers = self._table[history]
        here = 1.0 - sum(followers.values())
        shorter = 1.0 - sum(self.probability(word, history[1:]) for word in followers)
        return max(here, 1e-9) / max(shorter, 1e-9)

    def histories(self) -> Iterable[Words]:
        """All histories that have followers of their own."""
        return self._table.keys()

    def following(self, history: Words) -> Mapping[str, float]:
        """The explicit followers of a history."""
        return self._table[history]

    def backoff(self, history: Words) -> float:
        """Factor for words that are no explicit followers; 1 where the history is unknown."""
        return self._backoff.get(history, 1.0)

    def state(self, history: Words) -> Words:
        """The longest known end of a history."""
        history = history[-(self.order - 1) :] if self.order > 1 else ()
        while history not in self._table:
            history = history[1:]
        return history

    def probability(self, word: str, history: Words) -> float:
        """P(word | history); 0 for a word outside the vocabulary."""
        factor = 1.0
        while True:
            followers = self._table.get(history)
            if followers is not None and word in followers:
                return factor * followers[word]
            if not history:
                return 0.0
            factor *= self.backoff(history)
            history = history[1:]

    @property
    def vocabulary(self) -> frozenset[str]:
        """All words, the end of a sentence included."""
        return frozenset(self._table[()])

    @property
    def size(self) -> int:
        """Number of explicit n-grams."""
        return sum(len(followers) for followers in self._table.values())


def unigrams(counts: Mapping[str, float]) -> NGram:
    """The plain relative frequencies of words; sentences end after eight words on average."""
    total = sum(counts.values())
    table = {word: count / total * 8 / 9 for word, count in counts.items()}
    return NGram(1, {(): {**table, END: 1 / 9}})


def train(sentences: Iterable[Words], order: int = 3) -> NGram:
    """A model of these sentences with interpolated modified Kneser-Ney smoothing."""
    counts = _counts(sentences, order)
    for length in range(1, order):
        counts[length - 1] = _continuations(counts[length - 1], counts[length])
    table: dict[Words, dict[str, float]] = {}
    for length, level in enumerate(counts):
        discounts = _discounts(level)
        followers: defaultdict[Words, dict[str, int]] = defaultdict(dict)
        for ngram, count in level.items():
            followers[ngram[:-1]][ngram[-1]] = count
        uniform = 1 / max(len(followers[()]), 1) if length == 0 else 0.0
        for history, found in followers.items():
            total = sum(found.values())
            left = sum(discounts[min(count, 3)] for count in found.values()) / total
            table[history] = {
                word: (count - discounts[min(count, 3)]) / total
                + left * (uniform or _lower(table, word, history[1:]))
                for word, count in found.items()
            }
    return NGram(order, table)


def _lower(table: Mapping[Words, Mapping[str, float]], word: str, history: Words) -> float:
    """The smoothed probability one level down; a follower is always known there."""
    return table[history][word]


def _counts(sentences: Iterable[Words], order: int) -> list[Counter[Words]]:
    counts: list[Counter[Words]] = [Counter() for _ in range(order)]
    for sentence in sentences:
        padded = (BEGIN, *sentence, END)
        for length in range(1, order + 1):
            for end in range(max(length, 2), len(padded) + 1):
                counts[length - 1][padded[end - length : end]] += 1
    return counts


def _continuations(level: Counter[Words], longer: Counter[Words]) -> Counter[Words]:
    """Kneser-Ney counts: in how many contexts an n-gram was seen, except at a sentence's start."""
    contexts = Counter(ngram[1:] for ngram in longer)
    return Counter({n: level[n] if n[0] == BEGIN else contexts[n] or level[n] for n in level})


def _discounts(level: Counter[Words]) -> tuple[float, float, float, float]:
    """Discounts for counts of 0, 1, 2 and 3 or more (Chen and Goodman, equation 26)."""
    of = Counter(count for count in level.values() if count <= 4)
    if not all(of[n] for n in (1, 2, 3, 4)):
        return (0.0, 0.5, 0.8, 1.0)
    base = of[1] / (of[1] + 2 * of[2])
    d1, d2, d3 = (n - (n + 1) * base * of[n + 1] / of[n] for n in (1, 2, 3))
    return (0.0, max(d1, 0.1), max(d2, 0.2), max(d3, 0.3))


def tune(models: Sequence[NGram], held_out: Sequence[Words], rounds: int = 30) -> list[float]:
    """The mixture weights that make the held-out sentences likeliest (EM)."""
    rows = [
        [m.probability(word, m.state(history)) for m in models]
        for sentence in held_out
        for word, history in _positions(sentence)
    ]
    rows = [row for row in rows if any(row)]
    weights = [1 / len(models)] * len(models)
    for _ in range(rounds):
        shares = [0.0] * len(models)
        for row in rows:
            total = sum(w * p for w, p in zip(weights, row, strict=True))
            for i, p in enumerate(row):
                shares[i] += weights[i] * p / total
        weights = [share / len(rows) for share in shares]
    return weights


def mix(models: Sequence[NGram], weights: Sequence[float], extra: Mapping[str, float]) -> NGram:
    """One back-off model with the mixture's probability for every n-gram that any model holds.

    ``extra`` gives words that no model knows a small probability (``[unk]``).
    """
    table: dict[Words, dict[str, float]] = {}
    for history in dict.fromkeys(h for m in models for h in m.histories()):
        words = dict.fromkeys(
            w for m in models if history in m.histories() for w in m.following(history)
        )
        table[history] = {
            word: sum(
                weight * m.probability(word, m.state(history))
                for m, weight in zip(models, weights, strict=True)
            )
            for word in words
        }
    rest = 1 - sum(extra.values())
    known = sum(table[()].values())
    table[()] = {word: p / known * rest for word, p in table[()].items()} | dict(extra)
    return NGram(max(m.order for m in models), table)


def prune(model: NGram, threshold: float) -> NGram:
    """Drop n-grams that tell too little: probability of being met, times nats gained when it is."""
    table: dict[Words, dict[str, float]] = {(): dict(model.following(()))}
    for history in model.histories():
        if not history:
            continue
        met = _probability_of(model, history)
        kept = {}
        for word, p in model.following(history).items():
            rough = model.backoff(history) * model.probability(word, history[1:])
            if met * p * abs(math.log(p / max(rough, 1e-12))) > threshold:
                kept[word] = p
        if kept:
            table[history] = kept
    return NGram(model.order, table)


def _probability_of(model: NGram, history: Words) -> float:
    """How likely it is to meet these words; a sentence begins as often as one ends."""
    first, *rest = history
    p = model.probability(END if first == BEGIN else first, ())
    for i, word in enumerate(rest, 1):
        p *= model.probability(word, model.state(history[:i]))
    return p


def perplexity(model: NGram, sentences: Iterable[Words]) -> float:
    """Per word, the end of a sentence included; unknown words are left out."""
    logs = [
        math.log(p)
        for sentence in sentences
        for word, history in _positions(sentence)
        if (p := model.probability(word, model.state(history))) > 0
    ]
    return math.exp(-sum(logs) / len(logs))


def _positions(sentence: Words) -> Iterable[tuple[str, Words]]:
    padded = (BEGIN, *sentence, END)
    return ((padded[i], padded[max(0, i - 4) : i]) for i in range(1, len(padded)))
