"""Only what is plain, short and sure is answered at once; who searches for a word is waited for."""

import pytest

from audio_fixtures.make import read_sentences
from intents.completeness import CompletenessJudge
from intents.matcher import Matcher


@pytest.fixture(scope="module")
def judge(matcher: Matcher) -> CompletenessJudge:
    return CompletenessJudge(matcher)


@pytest.mark.parametrize(
    "text",
    [
        *("stop", "stop maar", "herhaal dat", "wat langzamer alstublieft", "harder"),
        *("ja", "ja graag", "nee", "nee dank u wel"),
        *("mijn ooglid trilt al dagen", "horen spiertrekkingen bij ms"),
    ],
)
def test_a_command_and_a_whole_plain_complaint_are_complete(
    text: str, judge: CompletenessJudge
) -> None:
    assert judge(text) == "complete"


@pytest.mark.parametrize(
    "text",
    [
        *("mijn", "ik heb last van mijn", "mijn ooglid trilt en", "mijn ooglid trilt al dagen en"),
        *("het begon toen ik met", "ik denk dat het komt omdat", "het zit in mijn eh"),
        *("mijn kuit trekt samen na de", "mijn oog trilt vooral"),
    ],
)
def test_who_searches_for_a_word_is_not_done(text: str, judge: CompletenessJudge) -> None:
    assert judge(text) == "unfinished"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mijn been",  # "… is gebroken"
        "mijn oog trilt",  # "… en ik zie niets meer"
        "help",  # "… mijn zoontje ademt niet"
        "niet",
        "eh ja",
        "mijn ooglid trilt en mijn kuit trekt samen",
        "mijn ooglid trilt niet meer",
        "ik heb soms als ik moe ben dat mijn ooglid trilt al een paar dagen",
    ],
)
def test_what_may_go_on_is_waited_for(text: str, judge: CompletenessJudge) -> None:
    assert judge(text) == "open"


def test_a_sign_that_cannot_wait_and_other_chatter_are_never_cut_short(
    judge: CompletenessJudge,
) -> None:
    sentences = [sentence for sentence in read_sentences() if sentence.voice]
    for sentence in sentences:
        kind = sentence.path.parts[0]
        if kind in ("red_flags", "off_topic"):
            assert judge(sentence.text) != "complete", sentence.text
    plain = [s for s in sentences if s.path.parts[0] == "commands"]
    assert sum(judge(s.text) == "complete" for s in plain) > 0.7 * len(plain)


def test_doubt_about_what_was_heard_is_doubt_about_its_end(judge: CompletenessJudge) -> None:
    assert judge("mijn ooglid trilt al dagen", ["mijn kuit trilt al dagen"]) == "open"
