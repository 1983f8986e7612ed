"""What the scripts can't show: times, marks on a reply, names of options, profiles."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from intents.results import Ambiguous, Command, Match, NotRecognized, RedFlag, Result, TopicMatch
from responses.dialogue import Dialogue
from responses.library import load_library
from responses.naming import (
    help_is_coming,
    means_both,
    means_neither,
    named_option,
    needs_no_help,
    only_thanks,
)
from responses.profiles import PROFILES, DialogueSettings
from responses.reply import Reply

LIBRARY = load_library()
EYELID = Match((TopicMatch("ooglid", 0.9, ""),))
UNSURE = NotRecognized("unsure", 0.3)


@pytest.fixture
def dialogue() -> Dialogue:
    return Dialogue(LIBRARY)


def said(dialogue: Dialogue, *results: Result) -> Reply:
    """The reply to the last of ``results``, each of the others said and heard in full."""
    state, reply = dialogue.start(0), None
    for now, result in enumerate(results):
        state = dialogue.spoken(state, now)
        state, reply = dialogue.respond(state, result, now)
    assert reply is not None
    return reply


def test_an_answer_is_marked_with_its_topic_and_part(dialogue: Dialogue) -> None:
    core = said(dialogue, EYELID)
    assert (core.topics, core.part, core.expects_answer) == (("ooglid",), "kern", True)
    more = said(dialogue, EYELID, Command("ja", 1.0))
    assert (more.topics, more.part) == (("ooglid",), "uitleg")


def test_a_miss_has_its_own_sound(dialogue: Dialogue) -> None:
    assert said(dialogue, UNSURE).earcon == "not_understood"
    assert said(dialogue, EYELID).earcon is None


def test_after_three_misses_only_the_sound_is_left(dialogue: Dialogue) -> None:
    fourth = said(dialogue, UNSURE, UNSURE, UNSURE, UNSURE)
    assert fourth == Reply(earcon="not_understood", expects_answer=True)


def test_goodbye_ends_the_session(dialogue: Dialogue) -> None:
    state, _ = dialogue.respond(dialogue.start(0), EYELID, 1)
    state, reply = dialogue.respond(state, Command("dag", 1.0), 5)
    assert reply is not None
    assert reply.ends_session
    assert not reply.expects_answer
    assert state == dialogue.start(5)
    assert dialogue.spoken(state, 8) == state


def test_a_red_flag_names_the_topics_beside_it(dialogue: Dialogue) -> None:
    flag = RedFlag("krachtverlies", "soon", 0.9, EYELID.topics)
    assert said(dialogue, flag).topics == ("ooglid",)


def test_at_112_no_topic_is_brought_up(dialogue: Dialogue) -> None:
    reply = said(dialogue, RedFlag("ademnood", "now", 0.9, EYELID.topics))
    assert "ooglid" not in reply.text


def test_what_is_asked_about_a_topic_is_told_first_and_the_core_waits(dialogue: Dialogue) -> None:
    asked = replace(EYELID, part="hoe_lang")
    assert said(dialogue, asked).text.startswith("U vraagt naar uw ooglid. Het trillen duurt")
    assert "bijna altijd onschuldig" in said(dialogue, asked, Command("ja", 1.0)).text


def test_a_second_option_that_is_far_behind_is_not_named(dialogue: Dialogue) -> None:
    doubt = Ambiguous((TopicMatch("ooglid", 0.6, ""), TopicMatch("als", 0.02, "")))
    assert said(dialogue, doubt).text == "Gaat het om uw ooglid?"
    assert "bijna altijd onschuldig" in said(dialogue, doubt, Command("ja", 1.0)).text
    refused = said(dialogue, doubt, Command("nee", 1.0))
    assert refused.text == "Goed, dat is het niet. Welke spier trilt er?"
    assert refused.earcon is None


def test_the_list_of_topics_can_be_asked_for(dialogue: Dialogue) -> None:
    listed = said(dialogue, Command("help", 1.0)).text
    assert all(text.name in listed for text in LIBRARY.topics.values())


def test_the_list_of_topics_is_said_once(dialogue: Dialogue) -> None:
    helped = said(dialogue, Ambiguous(()), Command("help", 1.0))
    assert len(set(helped.sentences)) == len(helped.sentences)


def test_while_we_speak_nobody_is_prompted(dialogue: Dialogue) -> None:
    """A caller that doesn't tell when speech ended still leaves time for it."""
    state, reply = dialogue.respond(dialogue.start(0), EYELID, 100.0)
    assert reply is not None
    due = dialogue.deadline(state)
    assert due is not None
    assert due > 100 + len(reply.text.split()) * 60 / 140


def test_the_silence_is_counted_from_the_end_of_speech(dialogue: Dialogue) -> None:
    state, _ = dialogue.respond(dialogue.start(0), EYELID, 100.0)
    state = dialogue.spoken(state, 130.0)
    assert dialogue.deadline(state) == 138.0
    state, prompt = dialogue.elapse(state, 138.0)
    assert prompt is not None
    state = dialogue.spoken(state, 141.0)
    assert dialogue.deadline(state) == 175.0
    state, nothing = dialogue.elapse(state, 175.0)
    assert nothing is None
    assert state == dialogue.start(175.0)


def test_at_rest_nothing_waits(dialogue: Dialogue) -> None:
    state = dialogue.start(3.0)
    assert dialogue.deadline(state) is None
    assert dialogue.elapse(state, 1000.0)[1] is None


def test_a_place_in_the_text_tells_how_many_sentences_were_heard() -> None:
    reply = Reply(("Een.", "Twee drie."))
    assert reply.text == "Een. Twee drie."
    assert [reply.sentences_within(n) for n in (0, 3, 4, 14, 15, 99)] == [0, 0, 1, 1, 2, 2]
    assert Reply().sentences_within(9) == 0


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("mijn been", "arm_of_been"),
        ("Het OOG, denk ik", "ooglid"),
        ("het ooglid", "ooglid"),
        ("mijn kuit", "arm_of_been"),
        ("niet mijn been", None),
        ("mijn oog en mijn been", None),
        ("uw", None),
        ("of", None),
        ("mijn rug", None),
        ("", None),
        ("dat is al sinds gisteren met mijn been", None),  # a complaint, not a choice
    ],
)
def test_an_option_is_chosen_by_its_name(text: str, option: str | None) -> None:
    assert named_option(text, ("ooglid", "arm_of_been"), LIBRARY.topics) == option


def test_a_short_name_is_a_name() -> None:
    assert named_option("ms", ("ms", "als"), LIBRARY.topics) == "ms"
    assert named_option("de ziekte", ("ms", "als"), LIBRARY.topics) is None
    assert named_option("de ziekte als", ("ms", "als"), LIBRARY.topics) == "als"


@pytest.mark.parametrize("text", ["alleen als ik moe ben", "als ik stilzit", "de hele dag"])
def test_a_word_that_everybody_uses_names_nothing(text: str) -> None:
    options = ("als", "hele_lichaam")
    assert named_option(text, options, LIBRARY.topics) is None


@pytest.mark.parametrize("text", ["dank u wel", "Bedankt!", "dankjewel hoor", "bedankt voor alles"])
def test_thanks_are_no_goodbye(text: str) -> None:
    assert only_thanks(text)


@pytest.mark.parametrize(
    "text", ["", "dag", "bedankt en dag", "dank u, tot ziens", "bedankt ik weet genoeg", "wel hoor"]
)
def test_who_leaves_does_not_only_thank(text: str) -> None:
    assert not only_thanks(text)


def test_both_and_neither_are_told_apart() -> None:
    both = ("allebei", "ja, allebei", "beide", "alle twee", "alletwee graag")
    neither = ("geen van beide", "allebei niet", "nee geen van beiden", "geen van de twee")
    assert all(means_both(text) and not means_neither(text) for text in both)
    assert all(means_neither(text) and not means_both(text) for text in neither)


def test_only_a_clear_sentence_says_that_no_help_is_needed() -> None:
    clear = ("nee ik heb geen hulp nodig", "we hebben geen hulp nodig", "nee niks aan de hand")
    unclear = ("ik krijg geen hulp", "nee het gaat niet goed", "er komt geen hulp", "hulp nodig")
    assert all(needs_no_help(text) for text in clear)
    assert not any(needs_no_help(text) for text in unclear)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("quiet", [None, 3.0, 20.0])
def test_after_an_alarm_silence_brings_it_back_in_every_profile(
    profile: str, quiet: float | None
) -> None:
    settings = PROFILES[profile].model_copy(update={"silence_prompt_after": quiet})
    dialogue = Dialogue(LIBRARY, settings)
    state, _ = dialogue.respond(dialogue.start(0), RedFlag("ademnood", "now", 0.9), 0)
    state = dialogue.spoken(state, 10.0)
    due = dialogue.deadline(state)
    assert due == (13.0 if quiet == 3.0 else 18.0)
    _, again = dialogue.elapse(state, due)
    assert again is not None
    assert again.text.startswith("Bel nu 112")


def test_a_frightened_person_never_hears_a_mere_beep(dialogue: Dialogue) -> None:
    for flag in (RedFlag("ademnood", "now", 0.9), RedFlag("krachtverlies", "soon", 0.9)):
        advice = said(dialogue, flag).sentences[0]
        for topics in ((), (EYELID,)):
            for misses in range(1, 6):
                reply = said(dialogue, *topics, flag, *(UNSURE,) * misses)
                assert reply.urgent
                assert reply.sentences[0] == advice


def test_the_question_about_danger_is_repeated_once(dialogue: Dialogue) -> None:
    flag = RedFlag("ademnood", "now", 0.9)
    reply = said(dialogue, flag, EYELID, Command("meer", 1.0), Command("herhaal", 1.0))
    assert reply.sentences.count(LIBRARY.prompts.urgent.danger) == 1


def test_where_it_may_be_danger_the_question_never_names_a_topic(dialogue: Dialogue) -> None:
    flag = RedFlag("ademnood", "now", 0.9)
    asked = said(dialogue, EYELID, flag, EYELID)
    assert asked.urgent
    assert asked.expects_answer
    assert asked.topics == ()
    assert asked.sentences[-1] == LIBRARY.prompts.urgent.danger


def test_after_an_alarm_the_question_names_the_topic_in_every_profile() -> None:
    flag = RedFlag("krachtverlies", "soon", 0.9, EYELID.topics)
    for settings in PROFILES.values():
        assert said(Dialogue(LIBRARY, settings), flag).text.endswith("meer horen over uw ooglid?")


def test_an_interrupted_answer_goes_on_without_the_advice_before_it(dialogue: Dialogue) -> None:
    state, _ = dialogue.respond(dialogue.start(0), RedFlag("spieren_dunner", "soon", 0.9), 0)
    state, reply = dialogue.respond(dialogue.spoken(state, 9), EYELID, 10)
    assert reply is not None
    advice = len(state.alarm)
    assert reply.sentences[:advice] == state.alarm
    state, rest = dialogue.respond(dialogue.spoken(state, 15, advice + 1), Command("ja", 1.0), 16)
    assert rest is not None
    told = LIBRARY.topics["ooglid"].say("kern")
    assert rest.sentences[: len(told) - 1] == told[1:]


def test_a_topic_picked_before_its_core_was_heard_begins_with_it(dialogue: Dialogue) -> None:
    both = Match((*EYELID.topics, TopicMatch("arm_of_been", 0.9, "")))
    state, _ = dialogue.respond(dialogue.start(0), both, 0)
    state = dialogue.spoken(state, 3, 1)
    _, reply = dialogue.respond(state, Command("tweede", 1.0), 4, "de tweede")
    assert reply is not None
    assert reply.part == "kern"
    assert "bijna" not in reply.text


def test_the_desk_is_named_only_where_there_is_one() -> None:
    flag = RedFlag("ademnood", "now", 0.9)
    for profile, settings in PROFILES.items():
        dialogue = Dialogue(LIBRARY, settings)
        spoken = said(dialogue, flag).text + said(dialogue, UNSURE, UNSURE, UNSURE).text
        assert ("balie" in spoken) == (profile == "kiosk")


@pytest.mark.parametrize("text", ["langzamer", "normaal tempo"])
def test_who_cuts_in_about_the_pace_hears_what_is_left(dialogue: Dialogue, text: str) -> None:
    state, answer = dialogue.respond(dialogue.start(0), EYELID, 0)
    assert answer is not None
    state = dialogue.spoken(state, 3, 2)
    _, reply = dialogue.respond(state, Command("langzamer", 1.0), 4, text)
    assert reply is not None
    assert reply.sentences == answer.sentences[2:]


def test_the_personal_profile_is_faster_and_shorter() -> None:
    replies = {name: said(Dialogue(LIBRARY, s), EYELID) for name, s in PROFILES.items()}
    assert replies["personal"].pace > replies["home"].pace == 1.0
    assert len(replies["personal"].text) < len(replies["home"].text)


@pytest.mark.parametrize(
    "wrong", [{"pace": 9}, {"volume": 0}, {"session_timeout": 0}, {"max_misses": 4}, {"tempo": 1}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        DialogueSettings.model_validate(wrong)


@pytest.mark.parametrize(
    "text",
    [
        *("de ambulance is onderweg", "ze zijn er al", "ik heb 112 gebeld", "ja ik bel nu"),
        *("mijn dochter heeft al gebeld", "de mevrouw komt eraan", "hulp komt eraan"),
        *("mevrouw van de balie is er", "ze zijn onderweg"),
    ],
)
def test_a_report_that_help_comes(text: str) -> None:
    assert help_is_coming(text)


@pytest.mark.parametrize(
    "text",
    [
        *("heb je 112 gebeld", "heeft u de ambulance gebeld", "heb ik gebeld", "bellen ze nu"),
        *("is de dokter er al", "kan de dokter komen", "laat de dokter komen", "ze komen niet"),
        *("ik hoop dat ze komen", "kunnen ze komen", "komt de ambulance", "ik heb niet gebeld"),
        *("de dokter is er niet", "ze is er slecht aan toe", "wie belt", "ik bel niet"),
        *("hij is hier", "ze is hier", "hij is nu al zo", "ik heb de huisarts gebeld"),
        *("mijn man belt de huisarts", "de telefoon belt"),
    ],
)
def test_who_asks_for_help_or_misses_it_reports_none(text: str) -> None:
    assert not help_is_coming(text)
