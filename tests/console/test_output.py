"""How each kind of result looks to people and to programs."""

import json

import pytest

from assistant import Turn
from console.output import as_json, as_record, as_text, outcome
from intents.results import (
    Ambiguous,
    Command,
    FollowUp,
    Match,
    NotRecognized,
    RedFlag,
    Result,
    TopicMatch,
)
from responses.reply import Reply

EYELID, CALF = (
    TopicMatch("ooglid", 0.9, "mijn oog trilt"),
    TopicMatch("arm_of_been", 0.8, "mijn kuit"),
)
NAMES = {"ooglid": "uw ooglid", "arm_of_been": "uw arm of been"}
ANSWER = Reply(("Dat is het antwoord.",), topics=("ooglid",))


@pytest.mark.parametrize(
    ("result", "name", "topics", "probability", "meaning"),
    [
        (
            Match((EYELID, CALF)),
            "match",
            ["ooglid", "arm_of_been"],
            0.8,
            "uw ooglid en uw arm of been",
        ),
        (Ambiguous(()), "ambiguous", [], 0.0, "een klacht, maar welke?"),
        (
            Ambiguous((EYELID, CALF)),
            "ambiguous",
            ["ooglid", "arm_of_been"],
            0.9,
            "of uw arm of been?",
        ),
        (
            RedFlag("ademnood", "now", 0.95, (EYELID,)),
            "red_flag",
            ["ooglid"],
            0.95,
            "alarmteken, bel nu",
        ),
        (RedFlag("krachtverlies", "soon", 0.95), "red_flag", [], 0.95, "bel vandaag nog"),
        (Command("stop", 1.0), "command", [], 1.0, "opdracht stop"),
        (FollowUp("uitleg", 0.7), "match", ["ooglid"], 0.7, "uw ooglid (70% zeker)"),
        (NotRecognized("off_topic", 0.2), "not_recognized", [], 0.2, "niet begrepen"),
    ],
)
def test_a_turn_is_shown_whole(
    result: Result, name: str, topics: list[str], probability: float, meaning: str
) -> None:
    turn = Turn("wat er gezegd is", result, ANSWER)
    record = as_record(turn, "opname.wav")
    assert json.loads(as_json(turn, "opname.wav")) == record
    assert record["file"] == "opname.wav"
    assert record["text"] == "wat er gezegd is"
    assert record["outcome"] == name
    assert record["topics"] == topics
    assert record["probability"] == probability
    assert record["reply"] == "Dat is het antwoord."
    shown = as_text(turn, NAMES, "opname.wav")
    for part in ("opname.wav", "wat er gezegd is", meaning, "Dat is het antwoord."):
        assert part in shown


def test_a_question_without_a_topic_in_hand_is_not_recognized() -> None:
    turn = Turn("hoe komt dat", FollowUp("uitleg", 0.9), Reply(("Waarover?",)))
    assert outcome(turn) == "not_recognized"
    assert "niet begrepen" in as_text(turn, NAMES)


def test_no_answer_is_an_empty_reply() -> None:
    turn = Turn("", NotRecognized("empty"), None)
    assert as_record(turn)["reply"] == ""
    assert "Antwoord" not in as_text(turn, NAMES)
    assert "file" not in as_record(turn)
