"""The wake phrase in what a recogniser makes of it, and in what it must leave alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from intents.wake_phrase import Call, WakePhrase, WakePhraseSettings, syllables

words = st.lists(
    st.sampled_from(["mijn", "ooglid", "trilt", "al", "dagen", "en", "het", "weer", "is", "mooi"]),
    max_size=8,
)


@pytest.fixture(scope="module")
def phrase() -> WakePhrase:
    return WakePhrase()


@pytest.mark.parametrize(
    ("heard", "rest"),
    [
        ("hallo computer", ""),
        ("Hallo Computer", ""),
        ("hallo computer mijn ooglid trilt", "mijn ooglid trilt"),
        ("eh hallo computers mijn ooglid trilt", "mijn ooglid trilt"),
        ("ha low computer", ""),
        ("hallo kom puter stop", "stop"),
    ],
)
def test_it_is_found_with_what_follows(phrase: WakePhrase, heard: str, rest: str) -> None:
    found = phrase.call(heard)
    assert found is not None
    assert (found.text, found.alternatives) == (rest, ())


def test_what_comes_before_it_is_kept(phrase: WakePhrase) -> None:
    assert phrase.call("mijn mond hangt scheef hallo computer") == Call(
        "", (), "mijn mond hangt scheef"
    )


@pytest.mark.parametrize(
    "heard", ["", "hallo", "computer", "de computer is kapot", "hallo allemaal", "hallo dokter"]
)
def test_what_resembles_it_does_not_wake(phrase: WakePhrase, heard: str) -> None:
    assert phrase.call(heard) is None


def test_another_reading_of_the_same_sound_wakes_too(phrase: WakePhrase) -> None:
    readings = ("hallo computer mijn oog trilt", "hallo computer mijn ooglid trilt")
    assert phrase.call("al die computer mijn oog", readings) == Call(
        "mijn oog trilt", ("mijn ooglid trilt",)
    )


@given(before=words, after=words)
def test_it_is_found_wherever_it_stands(before: list[str], after: list[str]) -> None:
    call = WakePhrase().call(" ".join([*before, "hallo", "computer", *after]))
    assert call == Call(" ".join(after), (), " ".join(before))


@given(text=st.text(), alternatives=st.lists(st.text(), max_size=3))
def test_no_text_is_too_odd(text: str, alternatives: list[str]) -> None:
    WakePhrase().call(text, alternatives)


@pytest.mark.parametrize(
    ("text", "count"), [("hallo computer", 5), ("dokter", 2), ("hé jij", 2), ("", 0), ("ooglid", 2)]
)
def test_syllables_are_counted(text: str, count: int) -> None:
    assert syllables(text) == count


def test_a_short_phrase_is_refused() -> None:
    with pytest.raises(ValidationError, match="drie lettergrepen"):
        WakePhraseSettings(words="hé jij")
