"""How long it waits for more words hangs on those that were said; any pause within is survived."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
import vosk
from rapidfuzz import fuzz

from tests.voice.conftest import Say
from voice.listener import Completeness, RecognizerSettings
from voice.recognizer import Utterance, transcribe

EYELID = "mijn ooglid trilt al dagen"
ENDINGS: dict[str, Completeness] = {
    "dagen": "complete",
    "stop": "complete",
    "van": "unfinished",
}
SETTINGS = RecognizerSettings()


class Judge:
    """Knows two endings, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str, alternatives: Sequence[str]) -> Completeness:
        """Judge by the last word."""
        self.asked.append("/".join((text, *alternatives)))
        return ENDINGS.get(text.rpartition(" ")[2], "open")


def _heard(model: vosk.Model, say: Say, *parts: str | float) -> list[Utterance]:
    return list(transcribe(model, [say(0.5, *parts, 3.0).tobytes()], judge=Judge()))


def _alike(utterance: Utterance, sentence: str) -> bool:
    return fuzz.ratio(utterance.text, sentence) > 80


@pytest.mark.parametrize("sentence", [EYELID, "stop"])
def test_what_is_complete_leaves_sooner(sentence: str, model: vosk.Model, say: Say) -> None:
    (utterance,) = _heard(model, say, sentence)
    waited = utterance.settled_at - utterance.end
    assert utterance.text == sentence
    assert SETTINGS.complete_pause_seconds <= waited < SETTINGS.join_pause_seconds - 0.1


def test_what_may_go_on_is_waited_for_as_before(model: vosk.Model, say: Say) -> None:
    (utterance,) = _heard(model, say, "mijn kuit trekt steeds samen")
    waited = utterance.settled_at - utterance.end
    assert SETTINGS.join_pause_seconds <= waited < SETTINGS.unfinished_pause_seconds


@pytest.mark.parametrize("pause", [0.8, 1.2])
def test_who_searches_for_a_word_is_not_cut(pause: float, model: vosk.Model, say: Say) -> None:
    (utterance,) = _heard(model, say, "ik heb last van", pause, "trillende spieren")
    assert _alike(utterance, "ik heb last van trillende spieren")


@pytest.mark.parametrize("pause", [0.2, 0.6, 0.8])
def test_who_speaks_slowly_is_not_cut(pause: float, model: vosk.Model, say: Say) -> None:
    slow = [part for word in ("mijn ooglid", "trilt nu", "al dagen") for part in (word, pause)]
    (utterance,) = _heard(model, say, *slow)
    assert _alike(utterance, "mijn ooglid trilt nu al dagen")


def test_what_follows_at_once_belongs_to_it_though_it_seemed_complete(
    model: vosk.Model, say: Say
) -> None:
    (utterance,) = _heard(model, say, EYELID, 0.25, "sinds vorige week")
    assert _alike(utterance, f"{EYELID} sinds vorige week")


def test_what_follows_later_is_heard_apart_and_nothing_is_lost(model: vosk.Model, say: Say) -> None:
    first, second = _heard(model, say, EYELID, 0.9, "mijn kuit trekt steeds samen")
    assert _alike(first, EYELID)
    assert _alike(second, "mijn kuit trekt steeds samen")


def test_the_judge_is_not_asked_the_same_again_and_again(model: vosk.Model, say: Say) -> None:
    judge = Judge()
    list(transcribe(model, [say(0.5, "mijn kuit trekt steeds samen", 3.0).tobytes()], judge=judge))
    assert judge.asked
    assert all(one != other for one, other in pairwise(judge.asked))
