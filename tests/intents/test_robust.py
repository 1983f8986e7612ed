"""Whatever is said: a result, soon, and no topic that turns into another by a trifle."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.matcher import Matcher
from intents.results import Match, Result
from tests.intents.tables import name, rows

COMPLAINTS = (
    "mijn ooglid trilt al dagen",
    "ik heb kramp in mijn kuit",
    "kan dit ms zijn",
    "ik ben bang voor ALS",
    "heb ik te weinig vitamine d",
    "ik heb zenuwtrekjes door de stress",
    "ik heb overal spiertrekkingen",
    "wat zijn spiertrekkingen",
)
FILLERS = ("eh", "nou", "ja", "zeg", "dokter", "hoor", "eigenlijk", "gewoon", "toch")
NEW_SENTENCES = [
    (label, said)
    for label, said in rows(Path(__file__).with_name("fresh.tsv"))
    if label.isidentifier() and label not in ("anders", "geen_alarm", "ontkend", "vraag")
]
ACCENTS = str.maketrans({"e": "é", "i": "ï", "o": "ö", "a": "á"})


def topics(result: Result) -> frozenset[str]:
    return frozenset(t.topic for t in result.topics) if isinstance(result, Match) else frozenset()


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_gives_a_result(matcher: Matcher, text: str) -> None:
    assert name(matcher.understand(text, [text]))


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "é",
        "mijn " * 10_000,
        "mijn oog trilt " * 5_000,
        "ik krijg geen lucht en mijn been trilt maar " * 2_000,
        "x" * 100_000,
        "niet " * 500,
        "a l s " * 300,
        "\x00\x1b[31m\u202e mijn oog \ud800 trilt",
        "Здравствуйте, как дела",
        "12345678901234567890 " * 100,
    ],
)
def test_a_strange_text_does_not_hang(matcher: Matcher, text: str) -> None:
    started = time.monotonic()
    assert name(matcher.understand(text))
    assert time.monotonic() - started < 5


@settings(max_examples=25, deadline=None)
@given(said=st.sampled_from(COMPLAINTS), data=st.data())
def test_spelling_changes_nothing(matcher: Matcher, said: str, data: st.DataObject) -> None:
    """Capitals, accents, punctuation and spaces are not heard."""
    plain = matcher.understand(said)
    changed = data.draw(
        st.sampled_from(
            [
                said.capitalize(),
                said.translate(ACCENTS),
                said + "!",
                f"  {said.replace(' ', '   ')} .",
            ]
        )
    )
    assert matcher.understand(changed) == plain


@settings(max_examples=40, deadline=None)
@given(said=st.sampled_from(COMPLAINTS), data=st.data())
def test_fillers_flip_no_topic(matcher: Matcher, said: str, data: st.DataObject) -> None:
    words = said.split()
    for filler in data.draw(st.lists(st.sampled_from(FILLERS), max_size=4)):
        words.insert(data.draw(st.integers(0, len(words))), filler)
    assert topics(matcher.understand(" ".join(words))) <= topics(matcher.understand(said))


@settings(max_examples=25, deadline=None)
@given(said=st.sampled_from(COMPLAINTS), data=st.data())
def test_a_repeated_word_flips_no_topic(matcher: Matcher, said: str, data: st.DataObject) -> None:
    """It may bring in the general topic; never another complaint."""
    words = said.split()
    at = data.draw(st.integers(0, len(words) - 1))
    words[at:at] = [words[at]] * data.draw(st.integers(1, 3))
    left = topics(matcher.understand(" ".join(words)))
    assert left <= topics(matcher.understand(said)) | {"algemeen"}


@settings(max_examples=25, deadline=None)
@given(said=st.sampled_from(COMPLAINTS), data=st.data())
def test_a_lost_word_flips_no_topic(matcher: Matcher, said: str, data: st.DataObject) -> None:
    """It may become a question or silence, or the general topic; never another complaint."""
    words = said.split()
    del words[data.draw(st.integers(0, len(words) - 1))]
    left = topics(matcher.understand(" ".join(words)))
    assert left <= topics(matcher.understand(said)) | {"algemeen"}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(label_and_said=st.sampled_from(NEW_SENTENCES), data=st.data())
def test_trifles_turn_no_new_sentence_into_another_topic(
    matcher: Matcher, label_and_said: tuple[str, str], data: st.DataObject
) -> None:
    """Fillers in any order, a repeated word, capitals and accents, in words that nobody foresaw.

    The general topic is no other complaint. Always the same draws: these sentences are hard ones.
    """
    said = label_and_said[1]
    words = said.split()
    for filler in data.draw(st.permutations(FILLERS))[: data.draw(st.integers(0, 4))]:
        words.insert(data.draw(st.integers(0, len(words))), filler)
    at = data.draw(st.integers(0, len(words) - 1))
    words[at:at] = [words[at]] * data.draw(st.integers(0, 2))
    changed = data.draw(st.sampled_from([str.upper, str.title, lambda text: text]))(" ".join(words))
    if data.draw(st.booleans()):
        changed = changed.translate(ACCENTS)
    before, after = (topics(matcher.understand(text)) - {"algemeen"} for text in (said, changed))
    assert before <= after or after <= before


def test_the_same_again_is_the_same(matcher: Matcher) -> None:
    said = "mijn oog trilt en mijn kuit ook"
    assert matcher.understand(said) == matcher.understand(said)
