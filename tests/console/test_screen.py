"""What the live conversation looks like, on a terminal and in a file."""

import io
import json
from typing import Literal

import pytest

from assistant import Turn
from console.screen import JsonLines, Screen, open_screen
from conversation import ConversationSettings
from events import Event, Heard, Hearing, Resting, Speaking, Spoke, Woken, WordSpoken
from intents.results import Match, TopicMatch
from responses.reply import Reply

NAMES = {"ooglid": "uw ooglid"}
REPLY = Reply(("Een trillend ooglid komt vaak voor.", "Het gaat vanzelf over."), topics=("ooglid",))
TURN = Turn("mijn oog trilt", Match((TopicMatch("ooglid", 0.9, "mijn oog trilt"),)), REPLY)


class Terminal(io.StringIO):
    """A file that says that it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def word(text: str) -> WordSpoken:
    return WordSpoken(text, REPLY.text.index(text), 0.0)


def shown(out: io.StringIO, *events: Event) -> str:
    screen = Screen(out, NAMES)
    for event in events:
        screen(event)
    return out.getvalue()


def plain(text: str) -> str:
    return " ".join(text.split())


def test_on_a_terminal_words_appear_as_they_are_said() -> None:
    begun = shown(Terminal(), Speaking(REPLY, 0.0), word("Een"), word("trillend"), word("ooglid"))
    assert "Antwoord:" in begun
    assert begun.endswith("Een trillend ooglid")
    whole = shown(
        Terminal(), Speaking(REPLY, 0.0), word("ooglid"), Spoke(2, completed=True, at=1.0)
    )
    assert REPLY.text in plain(whole)
    assert max(map(len, whole.splitlines())) <= 100


def test_what_was_cut_off_stays_off_the_screen() -> None:
    cut = shown(
        Terminal(),
        Speaking(REPLY, 0.0),
        word("Een"),
        word("komt"),
        Spoke(0, completed=False, at=1.0),
    )
    assert "komt …" in cut
    assert "vaak" not in cut


def test_words_that_come_in_are_shown_on_a_terminal_alone() -> None:
    assert "mijn oog" in shown(Terminal(), Hearing("mijn oog", 0.0))
    assert shown(io.StringIO(), Hearing("mijn oog", 0.0)) == ""
    assert len(shown(Terminal(), Hearing("trilt " * 60, 0.0))) < 100


def test_in_a_file_each_answer_stands_there_once_and_whole() -> None:
    text = shown(
        io.StringIO(),
        Woken(0.0),
        Heard(TURN, 0.0, 1.0, 2.0),
        Speaking(REPLY, 2.0),
        word("ooglid"),
        word("vanzelf"),
        Spoke(2, completed=True, at=5.0),
        Resting(50.0),
    )
    assert "U zei: mijn oog trilt" in plain(text)
    assert plain(text).count("ooglid komt vaak") == 1
    assert REPLY.text in plain(text)
    assert "\x1b" not in text
    assert text.index("wakker") < text.index("mijn oog trilt") < text.index("in rust")


def test_programs_get_one_line_a_turn() -> None:
    out = io.StringIO()
    lines = JsonLines(out)
    for event in (Hearing("mijn", 0.0), Heard(TURN, 0.0, 1.0, 2.0), Speaking(REPLY, 2.0)):
        lines(event)
    (line,) = out.getvalue().splitlines()
    assert json.loads(line)["topics"] == ["ooglid"]


@pytest.mark.parametrize(
    ("listen", "begin"),
    [("always", "Zeg waar"), ("phrase", "Zeg 'hallo computer'"), ("key", "Druk op Enter")],
)
def test_a_terminal_first_says_how_to_begin(
    listen: Literal["always", "phrase", "key"], begin: str
) -> None:
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        open_screen(out, ConversationSettings(listen=listen), NAMES, as_json=False)
    assert terminal.getvalue().startswith(begin)
    assert file.getvalue() == ""
