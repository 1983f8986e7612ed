"""Sentences of writers who never saw the phrases, held back from them: broad bounds, not aims.

Most were written together with those in the catalogue marked "Zoals mensen het zeggen", a fifth of
all, drawn by hash; all that the last five writers wrote is here. So they show what a new wording of
a known kind may expect.
"""

from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from intents.catalogue import load_catalogue
from intents.classifier import LEARNT, learnt_name
from intents.matcher import Matcher
from intents.results import Ambiguous, Command, FollowUp, Match, NotRecognized, RedFlag, Result

TABLES = tuple(Path(__file__).with_name(name) for name in ("fresh.tsv", "unseen.tsv"))
"""Of one round of writing each; thresholds were chosen on the first."""
CHATTER = ("anders", "geen_alarm", "ontkend")


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Counter[str]]:
    """For each kind of sentence, how often it was right, asked, silent and wrong."""
    matcher = Matcher(load_catalogue())
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in chain.from_iterable(p.read_text(encoding="utf-8").splitlines() for p in TABLES):
        label, said = line.split("\t")
        if label.startswith("contrast:"):
            continue  # test_asides has them
        kind, _, name = label.rpartition(":")
        kind = kind or ("topic" if label not in CHATTER else label)
        found[kind][verdict(kind, name, matcher.understand(said))] += 1
    return found


def verdict(kind: str, name: str, result: Result) -> str:
    match result:
        case RedFlag():
            return "right" if kind == "alarm" else "alarm"
        case Command(command=given):
            return "right" if (kind, name) == ("opdracht", given) else "wrong"
        case FollowUp(part=given):
            return "right" if (kind, name) == ("vervolg", given) else "wrong"
        case Match(topics=topics):
            expected = set(name.split("+"))
            return "right" if expected & {topic.topic for topic in topics} else "wrong"
        case Ambiguous():
            return "asked"
        case NotRecognized():
            return "right" if kind in CHATTER else "silent"


def share(counts: Counter[str], *which: str) -> float:
    return sum(counts[name] for name in which) / counts.total()


def test_red_flags_are_seen_in_new_words(verdicts: dict[str, Counter[str]]) -> None:
    assert share(verdicts["alarm"], "right") > 0.8
    assert share(verdicts["geen_alarm"], "alarm") < 0.3


def test_chatter_is_left_alone(verdicts: dict[str, Counter[str]]) -> None:
    assert share(verdicts["anders"], "right") > 0.9
    assert share(verdicts["anders"], "wrong", "alarm") < 0.06


def test_new_complaints_are_answered_or_asked_about_and_seldom_mistaken(
    verdicts: dict[str, Counter[str]],
) -> None:
    assert share(verdicts["topic"], "right", "asked") > 0.82
    assert share(verdicts["topic"], "wrong", "alarm") < 0.1


def test_commands_are_found_in_new_words(verdicts: dict[str, Counter[str]]) -> None:
    assert share(verdicts["opdracht"], "right") > 0.4
    assert share(verdicts["opdracht"], "wrong", "alarm") < 0.05


def test_questions_and_denials_in_new_words(verdicts: dict[str, Counter[str]]) -> None:
    assert share(verdicts["vervolg"], "right") > 0.7
    assert share(verdicts["vervolg"], "wrong", "alarm") < 0.05
    assert share(verdicts["ontkend"], "wrong", "alarm") < 0.25


def test_what_was_learnt_belongs_to_the_content() -> None:
    """Fails after a change of the content: then `make learn` learns from it anew."""
    with np.load(LEARNT, allow_pickle=False) as learnt:
        assert str(learnt["name"]) == learnt_name(load_catalogue())
