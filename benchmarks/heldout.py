"""The held-out sentences and what would be a right result for each of them."""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.outcomes import Outcome, parse_outcomes

FOLDER = Path(__file__).parent / "heldout"
SEALED = Path(__file__).parent / "sealed"
"""A second set of tables of which nothing but the totals is looked at."""
EXAMINER = Path(__file__).parent / "examiner"
"""A third one, by a writer of its own; nothing is chosen by its totals (see the README)."""
KINDS = ("topic", "two_complaints", "ambiguous", "commands", "red_flags", "negated", "off_topic")
"""The sets, in the order in which tables show them."""
_COLUMNS = ("text", "kind", "expected", "notes")


@dataclass(frozen=True)
class Sentence:
    """Something that a person says, with every result that would be right."""

    text: str
    kind: str
    expected: tuple[Outcome, ...]
    """The best first; several where honest people would differ."""
    notes: str = ""


def load_heldout(folder: Path = FOLDER) -> tuple[Sentence, ...]:
    """All sentences of the folder's tables, in the order of ``KINDS``.

    Raises:
        ValueError: naming table and line, where a row is not well-formed.
    """
    sentences = [row for path in sorted(folder.glob("*.tsv")) for row in _read(path)]
    return tuple(sorted(sentences, key=lambda sentence: KINDS.index(sentence.kind)))


def _read(path: Path) -> Iterable[Sentence]:
    """The rows of one table."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if (header := tuple(next(rows, ()))) != _COLUMNS:
            raise ValueError(f"{path}: columns are {header}, not {_COLUMNS}")
        for number, row in enumerate(rows, start=2):
            if len(row) != len(_COLUMNS) or not row[0].strip() or row[1] not in KINDS:
                raise ValueError(f"{path}:{number}: not a sentence: {row}")
            try:
                yield Sentence(row[0], row[1], parse_outcomes(row[2]), row[3])
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from error


_WEIGHTS = {"commands": 2.0, "red_flags": 3.0}
"""How many times its share a small set gets in a sample: what matters most must be counted."""


def sample(sentences: Sequence[Sentence], count: int, seed: int = 0) -> tuple[Sentence, ...]:
    """About ``count`` sentences in their order, from every set, each topic and each grade.

    Commands and red flags are drawn more often than the rest, and nothing is left out: a small
    sample may be a little larger than asked.
    """
    if count >= len(sentences):
        return tuple(sentences)
    strata: dict[tuple[str, str], list[int]] = {}
    for index, sentence in enumerate(sentences):
        split = sentence.kind in ("topic", "red_flags")
        best = str(sentence.expected[0]) if split else ""
        strata.setdefault((sentence.kind, best), []).append(index)
    whole = sum(_WEIGHTS.get(sentence.kind, 1.0) for sentence in sentences)
    chosen: set[int] = set()
    dice = random.Random(seed)
    for (kind, _), indices in strata.items():
        share = round(count * len(indices) * _WEIGHTS.get(kind, 1.0) / whole)
        chosen.update(dice.sample(indices, min(max(1, share), len(indices))))
    return tuple(sentence for index, sentence in enumerate(sentences) if index in chosen)
