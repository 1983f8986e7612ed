"""One turn after the other, with the real matcher and the real texts; only the clock is ours."""

import pytest

from assistant import Assistant
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from intents.results import Command, Match, NotRecognized
from responses.dialogue import Dialogue
from responses.library import load_library


class Clock:
    """Stands still until a test moves it."""

    now = 0.0

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_catalogue())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def assistant(matcher: Matcher, clock: Clock) -> Assistant:
    return Assistant(matcher, Dialogue(load_library()), clock)


def test_a_complaint_is_answered_and_the_answer_goes_on(assistant: Assistant) -> None:
    turn = assistant.take("mijn ooglid trilt al dagen")
    assert isinstance(turn.result, Match)
    assert turn.reply is not None
    assert turn.reply.topics == ("ooglid",)
    assistant.spoken()
    more = assistant.take("ja")
    assert isinstance(more.result, Command)
    assert more.reply is not None
    assert more.reply.topics == ("ooglid",)
    assert more.reply.text != turn.reply.text


def test_noise_gets_no_answer(assistant: Assistant) -> None:
    turn = assistant.take("")
    assert turn.result == NotRecognized("empty")
    assert turn.reply is None


def test_silence_after_a_question_brings_one_prompt(assistant: Assistant, clock: Clock) -> None:
    assistant.take("mijn ooglid trilt al dagen")
    assistant.spoken()
    assert assistant.elapse() is None
    clock.now += 10.0
    prompt = assistant.elapse()
    assert prompt is not None
    assert prompt.text
    assistant.spoken()
    clock.now += 10.0
    assert assistant.elapse() is None


def test_the_next_visitor_hears_nothing_of_the_last(assistant: Assistant, clock: Clock) -> None:
    assistant.take("mijn ooglid trilt al dagen")
    assistant.spoken()
    clock.now += 60.0
    assistant.elapse()
    turn = assistant.take("is het gevaarlijk")
    assert turn.reply is not None
    assert turn.reply.topics == ()


def test_the_welcome_is_said_first(assistant: Assistant) -> None:
    assert assistant.greet().expects_answer


@pytest.mark.parametrize("misheard", ["och", "proost", "oma loopt"])
def test_a_short_word_through_our_own_voice_means_stop(assistant: Assistant, misheard: str) -> None:
    assistant.take("mijn ooglid trilt al dagen")
    assistant.spoken(1)
    turn = assistant.take(misheard, cuts_in="voice")
    assert isinstance(turn.result, Command)
    assert turn.result.command == "stop"
    assert turn.reply is not None
    assert turn.reply.stop_speaking


@pytest.mark.parametrize("misheard", ["", "och", "oma loopt", "help"])
def test_where_nobody_may_have_spoken_it_asks_whether_to_go_on(
    assistant: Assistant, misheard: str
) -> None:
    said = assistant.take("mijn ooglid trilt al dagen").reply
    assert said is not None
    assistant.spoken(1)
    question = assistant.take(misheard, cuts_in="sound").reply
    assert question is not None
    assert question.text == "Zal ik doorgaan?"
    assistant.spoken()
    rest = assistant.take("ja").reply
    assert rest is not None
    assert rest.sentences == said.sentences[1:]


def test_one_word_through_our_own_voice_is_what_was_heard_best(assistant: Assistant) -> None:
    assistant.take("mijn ooglid trilt al dagen")
    assistant.spoken(1)
    result = assistant.take("hoe", ("ja", "ja", "nee"), cuts_in="voice").result
    assert isinstance(result, Command)
    assert result.command == "stop"


def test_a_whole_sentence_through_our_own_voice_is_answered(assistant: Assistant) -> None:
    assistant.take("mijn ooglid trilt al dagen")
    assistant.spoken(1)
    reply = assistant.take("mijn kuit trilt", cuts_in="sound").reply
    assert reply is not None
    assert reply.topics == ("arm_of_been",)


def test_thanks_leave_the_topic_as_it_was(assistant: Assistant) -> None:
    assistant.take("mijn ooglid trilt")
    assistant.spoken()
    thanks = assistant.take("dank u wel").reply
    assert thanks is not None
    assert thanks.text == "Graag gedaan."
    assert not thanks.ends_session
    assistant.spoken()
    more = assistant.take("en hoe lang duurt het").reply
    assert more is not None
    assert more.topics == ("ooglid",)


def test_nobody_with_pain_on_the_chest_is_put_at_ease(assistant: Assistant, clock: Clock) -> None:
    for text in ("ik heb pijn op de borst", "misschien is het stress", "dank u wel", "tot ziens"):
        reply = assistant.take(text).reply
        assert reply is not None
        assert reply.text.startswith("Bel nu 112")
        assert not reply.ends_session
        clock.now += 2
        assistant.spoken()
    cleared = assistant.take("nee").reply
    assert cleared is not None
    assert cleared.topics == ("stress",)
    assert "Bel dan 112" in cleared.text
