"""The phrases of a catalogue as arrays, and how near a sentence comes to each of them.

Shapes: C classes, P phrases (sorted by class), V known words, M words in the longest phrase,
n words in the sentence.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from intents.clauses import without_denied
from intents.dutch import FILLERS, FUNCTION_WORDS, spell, spell_all, stem
from intents.phrases import Kind, Phrase
from intents.sparse import Floats, Ints

CONTRAST = "maar"
"""Between what a topic's phrase denies and what it means."""

SPLIT_FROM = 6
"""Letters a word needs to be taken for a compound."""

LEAST_WEIGHT = 0.7
"""Weight of a word that all classes say as often, beside up to 4 for one that only one says."""

FUNCTION_FACTOR, FILLER_FACTOR = 0.4, 0.1
"""How much of its weight a function word, and a filler, keeps."""

SMOOTHING = 3.0
"""Templates' worth of doubt about a word's class: a word seen once proves little."""

SHORT_WORD = 3
"""Words of at most this many letters count only when they are the same: "al" is not "als"."""

PRIOR_HITS, PRIOR_TEMPLATES = 0.5, 2
"""Added before a ratio of counts is taken, so that none is zero: half a template with the word to
all, and to each class two templates that say it as often as all do."""

KEPT_WORDS = 2000
"""Known words whose likeness to all others is kept once it is asked for, some 0.6 kB each."""

KNOWN_FACTOR = 0.7
"""A word that we know is less likely to be another one misheard ("slaapt" for "slap")."""

MIN_LIKENESS = 70.0
"""Below this (of 100) two words have nothing in common."""

CLOSE_CLASSES = 40
"""Classes that are compared word by word; of more, those with the best trigrams."""

CLOSE_LOOK = 12
"""Phrases of each class that are compared word by word, best trigrams first."""


@dataclass(frozen=True, eq=False)
class Closeness:
    """How near a sentence comes to the best phrases of each class; arrays of shape (C,)."""

    f1: Floats
    recall: Floats
    precision: Floats
    cosine: Floats
    support: Floats
    """Mean of the three nearest phrases: one odd phrase is no proof."""
    evidence: Floats
    """How much more often the words are said in this class than in general (log ratio per word)."""
    anchor: Floats
    """The same for the one word that says most for this class."""
    phrase: Ints
    """The nearest phrase of each class, as an index in the phrases of :class:`Index`."""
    unknown: float
    """Share of the sentence's weight in words that no phrase has."""


class Index:
    """Phrases of several classes, ready to be compared with a sentence."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        by_label: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            by_label[phrase.label].append(phrase)
        self.labels = tuple(by_label)
        self.kinds: tuple[Kind, ...] = tuple(by_label[label][0].kind for label in self.labels)
        self.phrases = tuple(p for label in self.labels for p in by_label[label])
        self.always = [c for c, kind in enumerate(self.kinds) if kind == "off_topic"]
        sizes = [len(by_label[label]) for label in self.labels]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        self.groups = np.array([p.group for p in self.phrases], dtype=np.int32)
        self._kept: dict[int, tuple[Ints, Floats]] = {}
        self._build_words()
        self._build_trigrams()

    def _build_words(self) -> None:
        """The vocabulary, and the words of each phrase as numbers."""
        self.exact = {p.gist: i for i, p in reversed(tuple(enumerate(self.phrases)))}
        meant = [_meant(phrase) for phrase in self.phrases]
        surfaces = tuple(dict.fromkeys(chain.from_iterable(meant)))
        spelt = spell_all(surfaces)
        self.surfaces = frozenset(surfaces)
        self.stems = frozenset(map(stem, surfaces))
        self.words = list(dict.fromkeys(spelt))
        self.vocabulary = {word: number for number, word in enumerate(self.words)}
        ids = {word: self.vocabulary[form] for word, form in zip(surfaces, spelt, strict=True)}
        self.short = np.array([len(w) <= SHORT_WORD for w in self.words] + [True])
        lengths = np.fromiter(map(len, meant), dtype=np.int32, count=len(meant))
        self.flat = np.array([ids[word] for words in meant for word in words], dtype=np.int32)
        self.flat_starts: NDArray[np.int64] = np.append(0, np.cumsum(lengths)[:-1])
        size = len(self.words)
        shape = len(meant), lengths.max()
        self.rows: NDArray[np.integer] = np.full(shape, size, np.min_scalar_type(size))
        self.rows[np.arange(lengths.max()) < lengths[:, None]] = self.flat
        self._count_words(np.repeat(self.groups.astype(np.int64), lengths) * size + self.flat)
        self.weights = self._word_weights(size).astype(np.float32)
        self.unknown_weight = float(np.median(self.weights[:size]))
        self.phrase_weight = self.weights[self.rows].sum(1)

    def _count_words(self, said: NDArray[np.int64]) -> None:
        """How often each class says each word; ``said`` is group times V plus word."""
        size = len(self.words)
        pairs = _distinct(said)
        self.group_words = np.stack([pairs // size, pairs % size], axis=1).astype(np.int32)
        classes = np.repeat(np.arange(len(self.labels)), np.diff(self.starts))
        self.class_of_group = np.zeros(self.groups.max() + 1, dtype=np.int64)
        self.class_of_group[self.groups] = classes
        self.counts = np.zeros((len(self.labels), size + 1), dtype=np.float32)
        said_by = self.class_of_group[self.group_words[:, 0]]
        np.add.at(self.counts, (said_by, self.group_words[:, 1]), 1)
        self.class_groups = np.array(
            [len(_distinct(self.groups[a:b])) for a, b in pairwise(self.starts)], dtype=np.float32
        )

    def _word_weights(self, size: int) -> NDArray[np.float64]:
        """How much each word tells of the class, (V+1,): its divergence from all words' classes."""
        prior = self.class_groups / self.class_groups.sum()
        counts = self.counts + prior[:, None] * SMOOTHING
        share = counts / counts.sum(0)
        weights: NDArray[np.float64] = LEAST_WEIGHT + (share * np.log(share / prior[:, None])).sum(
            0
        )
        for words, factor in ((FUNCTION_WORDS, FUNCTION_FACTOR), (FILLERS, FILLER_FACTOR)):
            weights[[self.vocabulary[w] for w in map(spell, words) if w in self.vocabulary]] *= (
                factor
            )
        weights[size] = 0
        return weights

    def _build_trigrams(self) -> None:
        """The words of each trigram (a posting list), and the length of each phrase's vector.

        The vector of a phrase is the sum of its words'; their few common trigrams are left out of
        its length, so that a phrase costs no more than its words.
        """
        postings: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        squares = np.zeros(len(self.words), dtype=np.float32)
        for number, word in enumerate(self.words):
            for gram, times in Counter(trigrams(word)).items():
                postings[gram][number] = times
                squares[number] += times**2
        self.grams = {
            gram: (
                np.fromiter(words, dtype=np.int32, count=len(words)),
                np.fromiter(words.values(), dtype=np.float32, count=len(words)),
            )
            for gram, words in postings.items()
        }
        weights = self.weights[: len(self.words)]
        self.lengths = np.sqrt(
            np.add.reduceat((weights**2 * squares)[self.flat], self.flat_starts)
        ).astype(np.float32)

    def mend(self, words: Sequence[str]) -> tuple[str, ...]:
        """Join what was split ("oog lid") and split what nobody wrote as one ("beentrilling")."""
        joined: list[str] = []
        for word in words:
            both = joined[-1] + word if joined else ""
            loose = FUNCTION_WORDS.isdisjoint((word, *joined[-1:]))  # "kuit en" is not "kuiten"
            if loose and len(both) >= SPLIT_FROM and both in self.surfaces:
                joined[-1] = both
            else:
                joined.append(word)
        return tuple(part for word in joined for part in self._split(word))

    def _split(self, word: str) -> tuple[str, ...]:
        """An unknown word as two known ones, the longest ending first."""
        if len(word) < SPLIT_FROM or spell(word) in self.vocabulary:
            return (word,)
        for cut in range(SHORT_WORD, len(word) - SHORT_WORD + 1):
            parts = word[:cut], word[cut:]
            if all(stem(part) in self.stems for part in parts):
                return parts
        return (word,)

    @cached_property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.labels)

    def class_of(self, phrase: int) -> int:
        """The class of a phrase."""
        return int(np.searchsorted(self.starts, phrase, side="right")) - 1

    def likeness(self, words: Sequence[str]) -> tuple[Floats, Floats]:
        """Likeness of spelt words to all known words, (n, V+1) in 0..1, and their weights (n,)."""
        table = np.zeros((len(words), len(self.words) + 1), dtype=np.float32)
        for row, word in zip(table, words, strict=True):
            columns, values = self._likeness(word)
            row[columns] = values
        best = table.argmax(1)
        like = table[np.arange(len(words)), best]
        weights = like * self.weights[best] + (1 - like) * self.unknown_weight
        return table, weights.astype(np.float32)

    def _likeness(self, word: str) -> tuple[Ints, Floats]:
        """The known words that one word is like, and how much; both (l,), which is some dozens.

        Kept for words of the catalogue only, so that it stays bounded.
        """
        known = self.vocabulary.get(word)
        if known is not None and known in self._kept:
            return self._kept[known]
        size = len(self.words)
        row = np.zeros(size + 1, dtype=np.float32)
        if len(word) > SHORT_WORD:
            scores = process.cdist(
                [word], self.words, scorer=fuzz.ratio, score_cutoff=MIN_LIKENESS, dtype=np.float32
            )[0]
            row[:size] = np.clip((scores - 55) / 45, 0, 1) ** 1.5
            row[self.short] = 0
        if known is not None:
            row *= KNOWN_FACTOR
            row[known] = 1
        columns = np.flatnonzero(row).astype(np.int32)
        alike = columns, row[columns]
        if known is not None and len(self._kept) < KEPT_WORDS:
            self._kept[known] = alike
        return alike

    def cosines(self, words: Sequence[str], weights: Floats) -> Floats:
        """Cosine of the trigram vectors of a sentence and of each phrase, (P,)."""
        vector: dict[str, float] = defaultdict(float)
        for word, weight in zip(words, weights, strict=True):
            for gram in trigrams(word):
                vector[gram] += float(weight)
        norm = sum(v * v for v in vector.values()) ** 0.5 or 1.0
        likeness = np.zeros(len(self.words), dtype=np.float32)
        for gram, value in vector.items():
            if gram in self.grams:
                numbers, times = self.grams[gram]
                likeness[numbers] += times * (value / norm)
        likeness *= self.weights[: len(self.words)]
        dots = np.add.reduceat(likeness[self.flat], self.flat_starts)
        return np.minimum(dots / self.lengths, 1).astype(np.float32)

    def closeness(self, sentence: Sequence[str], without: int | None = None) -> Closeness:
        """How near ``sentence`` (tokens) comes to each class.

        Args:
            sentence: at least one word, from :func:`intents.dutch.tokens`.
            without: a template (group) whose phrases are left out, to learn from the phrases
                themselves.
        """
        words = [spell(w) for w in sentence]
        table, weights = self.likeness(words)
        cosines = self.cosines(words, weights)
        if without is not None:
            cosines[self.groups == without] = -1
        seen_classes = self._in_sight(cosines)
        near = self._nearest(cosines, seen_classes)  # (S, k)
        rows = self.rows[near]  # (S, k, M)
        seen = table[:, rows]  # (n, S, k, M)
        recall = (seen.max(0) * self.weights[rows]).sum(-1) / self.phrase_weight[near]
        precision = np.einsum("n,nck->ck", weights, seen.max(-1)) / weights.sum()
        f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-6)
        cosine = np.maximum(cosines[near], 0)
        out = cosines[near] < 0
        both = np.where(out, 0, f1 + cosine) / 2
        best = np.arange(len(near)), both.argmax(1)
        evidence, anchor = self._evidence(table, weights, without)

        def spread(values: Floats) -> Floats:
            result = np.zeros(self.classes, dtype=np.float32)
            result[seen_classes] = values
            return result

        phrase = self.starts[:-1].copy()
        phrase[seen_classes] = near[best]
        return Closeness(
            f1=spread(np.where(out, 0, f1).max(1)), recall=spread(recall[best]),
            precision=spread(precision[best]), cosine=spread(cosine.max(1)),
            support=spread(np.sort(both, axis=1)[:, -3:].mean(1)), evidence=evidence,
            anchor=anchor, phrase=phrase,
            unknown=float((weights * (1 - table.max(1))).sum() / weights.sum()),
        )  # fmt: skip

    def _in_sight(self, cosines: Floats) -> Ints:
        """The classes with the best trigrams, which alone are compared word by word, (S,)."""
        best = np.maximum.reduceat(cosines, self.starts[:-1])
        if len(best) <= CLOSE_CLASSES:
            return np.arange(len(best), dtype=np.int32)
        chosen = np.argpartition(best, -CLOSE_CLASSES)[-CLOSE_CLASSES:]
        return np.unique(np.append(chosen, self.always)).astype(np.int32)

    def _nearest(self, cosines: Floats, classes: Ints) -> Ints:
        """The phrases of each of these classes with the best trigrams, (S, k); few repeat."""
        result = np.empty((len(classes), CLOSE_LOOK), dtype=np.int32)
        for row, (a, b) in enumerate(
            zip(self.starts[classes], self.starts[classes + 1], strict=True)
        ):
            part = cosines[a:b]
            if b - a > CLOSE_LOOK:
                result[row] = a + np.argpartition(part, -CLOSE_LOOK)[-CLOSE_LOOK:]
            else:
                result[row] = a + np.arange(CLOSE_LOOK) % (b - a)
        return result

    def _evidence(
        self, table: Floats, weights: Floats, without: int | None
    ) -> tuple[Floats, Floats]:
        """Naive Bayes over templates: log P(word | class) / P(word), mean and best word, (C,)."""
        best = table.argmax(1)
        like = table[np.arange(len(table)), best] * (weights > 0.2)
        counts = self.counts[:, best]
        groups = self.class_groups.copy()
        if without is not None:
            mine = self.group_words[self.group_words[:, 0] == without, 1]
            counts = counts.copy()
            label = self.class_of_group[without]
            counts[label] -= np.isin(best, mine)
            groups[label] = max(groups[label] - 1, 1)
        votes = log_ratio(counts, groups) * like
        mean = votes.sum(1) / np.sqrt(like.sum() + 1)
        return mean.astype(np.float32), votes.max(1).astype(np.float32)


def log_ratio(counts: Floats, groups: Floats) -> Floats:
    """Log P(word | class) / P(word) over templates, (C, n): how much each word tells of a class.

    Args:
        counts: templates of each class that have each word, (C, n).
        groups: templates of each class, (C,).
    """
    prior = (counts.sum(0) + PRIOR_HITS) / (groups.sum() + 2 * PRIOR_HITS)
    given = (counts + PRIOR_TEMPLATES * prior) / (groups[:, None] + PRIOR_TEMPLATES)
    return np.asarray(np.log(given) - np.log(prior))


def _distinct(values: NDArray[np.integer]) -> NDArray[np.integer]:
    """The values, each once, in order: sorting them is much faster than hashing them."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _meant(phrase: Phrase) -> tuple[str, ...]:
    """What a phrase is near to: of "niet mijn oog maar mijn kuit", a complaint about the calf."""
    if phrase.kind != "topic" or CONTRAST not in phrase.words:
        return phrase.words
    return without_denied(phrase.words) or phrase.words


def trigrams(word: str) -> list[str]:
    """Letter trigrams of a word with its borders."""
    padded = f" {word} "
    return [padded[i : i + 3] for i in range(len(padded) - 2)]
