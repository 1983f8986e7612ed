"""A linear classifier over letters, words, denials, concepts and senses.

The nearest phrase tells what is said; a linear classifier tells what sets the classes apart. It is
a support vector machine with squared hinge loss, one class against the rest, fitted by dual
coordinate descent (Hsieh et al. 2008, as in LIBLINEAR) for all classes at once: seconds for
thousands of sentences, with nothing but numpy, and always the same.
"""

import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations, pairwise, product

import numpy as np
from numpy.typing import NDArray

from intents.clauses import DENIAL_ENDS, NEGATIONS
from intents.concepts import concepts, senses
from intents.dutch import FILLERS, FUNCTION_WORDS, LANGUAGE, sound, stem
from intents.sparse import Features, Floats, Ints, Parts, counted, hashed, rarity, scaled

LETTERS, WORDS, CONCEPTS, SENSES = 8192, 32768, 16384, 16384
"""Columns that groups of letters, words, concepts and senses are hashed into."""

COLUMNS = LETTERS + WORDS + CONCEPTS + SENSES
_STARTS = (0, LETTERS, LETTERS + WORDS, LETTERS + WORDS + CONCEPTS, COLUMNS)
_PARTS: Parts = tuple(
    (start, end, length)
    for (start, end), length in zip(pairwise(_STARTS), (1.0, 1.0, 0.6, 0.7), strict=True)
)
"""Where in a sentence's vector its letters, words, concepts and senses are, and their lengths."""

BEFORE_DENIAL = 3
"""Words before "niet" that it may deny ("mijn oog trilt niet")."""

PAIRED = 9
"""Telling words of a sentence of which every pair counts, wherever they stand."""

AT_MOST = 26_000
"""Phrases that are fitted; a larger catalogue is sampled, evenly over its templates."""

COST, TEMPLATE_COST = 1.4, 0.7
"""How much an error costs: in a phrase that stands for itself, and in a template's variant, which
the root of their number shares. Larger means more trust in single words."""

ROUNDS = 5
"""Times that every phrase is looked at."""

FOLDS = 3
"""Parts of the templates, each of which is left out once to learn how new wordings score."""

_SEED = 1848
_DENY = "niet"


@lru_cache(maxsize=5_000)  # of 1 kB each
def _letters(word: str) -> tuple[int, ...]:
    """Columns of the groups of 2 to 4 letters of a word."""
    padded = f" {word} "
    groups = (padded[i : i + n] for n in (2, 3, 4) for i in range(len(padded) - n + 1))
    return tuple(hashed(groups, LETTERS))


def features(sentence: Sequence[str]) -> Features:
    """What the classifier sees of a sentence (tokens)."""
    stems = [stem(w) for w in sentence]
    letters, words, ideas, meanings, _ = _STARTS
    return counted(
        chain(
            (letters + column for word in sentence for column in _letters(sound(word))),
            hashed(_word_names(sentence, stems), WORDS, words),
            hashed(_concept_names(sentence), CONCEPTS, ideas),
            hashed(_sense_names(sentence), SENSES, meanings),
        )
    )


def _word_names(sentence: Sequence[str], stems: Sequence[str]) -> Iterator[str]:
    """Words, neighbours, pairs of telling words, first and last word, what may be denied."""
    yield from stems
    yield from (f"{a} {b}" for a, b in pairwise(stems))
    telling = {
        s for w, s in zip(sentence, stems, strict=True) if w not in _COMMON or w in NEGATIONS
    }
    if len(telling) <= PAIRED:
        yield from (f"{a}&{b}" for a, b in combinations(sorted(telling), 2))
    yield from (f"^{stems[0]}", f"^{' '.join(stems[:2])}", f"{stems[-1]}$")
    for at, side in _denied(sentence):
        yield f"{side}{stems[at]}"


def _concept_names(sentence: Sequence[str]) -> Iterator[str]:
    """Concepts, neighbouring ones, every pair of them, what may be denied."""
    found = [concepts(w) for w in sentence]
    yield from (name for names in found for name in names)
    told = [
        names or ((_DENY,) if w in NEGATIONS else ())
        for w, names in zip(sentence, found, strict=True)
    ]
    for here, there in pairwise([names for names in told if names]):
        yield from (f"{a} {b}" for a, b in product(here, there))
    together = {name for names in told for name in names}
    yield from (f"{a}&{b}" for a, b in combinations(sorted(together), 2))
    for at, side in _denied(sentence):
        yield from (f"{side}{name}" for name in found[at])


def _sense_names(sentence: Sequence[str]) -> Iterator[str]:
    """Senses, and the sentence's frame: neighbours with its subject blotted out, pairs in order."""
    found = [senses(w) for w in sentence]
    frame: list[str] = ["^"]
    for word, names in zip(sentence, found, strict=True):
        name = names[0] if names else word if word in _COMMON or word in NEGATIONS else _SUBJECT
        if not name == frame[-1] == _SUBJECT:
            frame.append(name)
    frame.append("$")
    yield from (name for names in found for name in names)
    yield from map(" ".join, pairwise(frame))
    yield from map(" ".join, zip(frame, frame[1:], frame[2:], strict=False))
    telling = [names for w, names in zip(sentence, found, strict=True) if names or w in NEGATIONS]
    told = [names or (_DENY,) for names in telling]
    for here, there in combinations(told[:_MOST_SENSES], 2):
        yield from (f"{a}>{b}" for a, b in product(here, there))


_SUBJECT = "*"
_MOST_SENSES = 12
"""Senses of a sentence of which every pair counts."""

_COMMON = FUNCTION_WORDS | FILLERS
_OPENINGS = frozenset(LANGUAGE["openings"])
"""Open a new sentence once a denial has had its thing: "niet mijn oog, het is mijn been"."""


def _denied(sentence: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Places of words after a negation, up to the end of what it denies, and just before it."""
    on = told = False
    for at, word in enumerate(sentence):
        if word in DENIAL_ENDS or (told and word in _OPENINGS):
            on = False
        elif on:
            told |= word not in _COMMON
            yield at, "-"
        if word in NEGATIONS:
            on, told = True, False
            for before in range(at - 1, max(-1, at - 1 - BEFORE_DENIAL), -1):
                if sentence[before] in DENIAL_ENDS:
                    break
                yield before, "~"


@dataclass(frozen=True, eq=False)
class Linear:
    """The fitted classifier: the rarity of each column, and its weight for each class."""

    rarity: Floats
    """(COLUMNS,)"""
    weights: Floats | NDArray[np.float16]
    """(COLUMNS + 1, C), the last row is the bias; of half precision where they were kept."""

    def scores(self, sentence: Sequence[str]) -> Floats:
        """Score of each class, about -1..1, (C,)."""
        columns, values = scaled(features(sentence), self.rarity, _PARTS)
        scores: Floats = values @ self.weights[columns].astype(np.float32)
        return scores


def sample(groups: Ints, at_most: int = AT_MOST) -> list[int]:
    """Phrases to fit: of each template as many as the root of its size, ``at_most`` in all."""
    dice = random.Random(_SEED)
    members: dict[int, list[int]] = {}
    for i, group in enumerate(groups.tolist()):
        members.setdefault(group, []).append(i)
    for of_group in members.values():
        dice.shuffle(of_group)
    first = [m[0] for m in members.values()]
    more = [i for m in members.values() for i in m[1 : round(len(m) ** 0.5)]]
    dice.shuffle(first)
    dice.shuffle(more)
    return sorted((first + more)[:at_most])


@dataclass(frozen=True, eq=False)
class Fitted:
    """A classifier, and those that know all templates but a part of them."""

    linear: Linear
    partial: tuple[Floats, ...]
    """The weights without each of the FOLDS parts."""

    def without(self, sentence: Sequence[str], group: int | None) -> Floats:
        """The scores of a sentence, had its template (where not None) not been there, (C,)."""
        weights = self.linear.weights if group is None else self.partial[fold(group)]
        return Linear(self.linear.rarity, weights).scores(sentence)


def fold(group: int) -> int:
    """The part that a template is in."""
    return zlib.crc32(str(group).encode()) % FOLDS


@dataclass(frozen=True)
class Example:
    """A sentence to fit."""

    words: tuple[str, ...]
    classes: tuple[int, ...]
    """What it means: of two complaints both, and beside a topic the part that is asked for."""
    groups: tuple[int, ...]
    """The templates that it is made of."""


def costs(examples: Sequence[Example]) -> NDArray[np.float64]:
    """What an error in each example costs, (N,)."""
    sizes = Counter(e.groups for e in examples)
    return np.array(
        [COST if sizes[e.groups] == 1 else TEMPLATE_COST / sizes[e.groups] ** 0.5 for e in examples]
    )


def fit(examples: Sequence[Example], count: int, folds: bool) -> Fitted:
    """Fit on sentences of ``count`` classes.

    Args:
        examples: the sentences.
        count: number of classes.
        folds: whether to fit FOLDS times more, each time without a part of the templates.
    """
    seen = [features(e.words) for e in examples]
    rare = rarity(seen, COLUMNS)
    rows = [scaled(s, rare, _PARTS) for s in seen]
    dear = costs(examples)
    signs = np.full((len(examples), count), -1, dtype=np.float32)
    for row, example in zip(signs, examples, strict=True):
        row[list(example.classes)] = 1
    parts = [{fold(group) for group in e.groups} for e in examples]
    known = [np.array([n not in part for part in parts]) for n in range(FOLDS)]
    partial = [
        descend([row for row, kept in zip(rows, here, strict=True) if kept],
                signs[here], dear[here], COLUMNS + 1)
        for here in (known if folds else ())
    ]  # fmt: skip
    return Fitted(Linear(rare, descend(rows, signs, dear, COLUMNS + 1)), tuple(partial))


def descend(
    rows: Sequence[tuple[Ints, Floats]], signs: Floats, costs: NDArray[np.float64], size: int
) -> Floats:
    """The weights, (size, C), by dual coordinate descent.

    Args:
        rows: columns and values of each example.
        signs: 1 or -1 for each example and class, (N, C).
        costs: of an error in each example, (N,).
        size: the number of columns.
    """
    dice = random.Random(_SEED)
    weights = np.zeros((size, signs.shape[1]), dtype=np.float32)
    shares = np.zeros_like(signs)
    slack = (0.5 / costs).astype(np.float32)
    curve = np.array([values @ values for _, values in rows], dtype=np.float32) + slack
    order = list(range(len(rows)))
    for _ in range(ROUNDS):
        dice.shuffle(order)
        for i in order:
            columns, values = rows[i]
            margin = values @ weights[columns]
            slope = signs[i] * margin - 1 + shares[i] * slack[i]
            new = np.maximum(shares[i] - slope / curve[i], 0)
            step = (new - shares[i]) * signs[i]
            shares[i] = new
            weights[columns] += values[:, None] * step
    return weights
