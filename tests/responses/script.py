"""Plays a written conversation against the real matcher and the real texts.

A script is a text file, read line by line::

    # profiel home                 which profile (kiosk where none is named)
    # begroeting                   the assistant welcomes
    > mens: mijn ooglid trilt      what somebody says, understood by the real matcher
    > mens: mijn been [unsure]     the same, understood as told between the brackets
    # geluid                       a noise without words
    # onverstaanbaar               somebody cut in, and was not understood
    # onderbroken na 2 zinnen      the person cuts in: that many sentences were heard
    # na 8 s stilte                nobody says anything for so long
    < antwoord: Wilt u meer horen  the answer holds this; as many lines as you like
    < geen: Wilt u meer            the answer does not hold this
    < alarm: Bel nu 112            the answer is urgent and begins with this
    < stilte                       nothing is said
    < zwijgt                       speech stops at once and nothing is said
    = tempo langzamer              pace against the usual: langzamer, gewoon or sneller
    = geluid harder                volume against the usual: zachter, gewoon or harder
    = rust                         nothing is remembered: the next visitor starts afresh

Any other line that starts with ``#`` is a remark. Between the brackets stands a Result: ``topic``,
``topic + topic``, ``topic / topic`` (in doubt), ``?`` (it may be any topic), ``!flag now``,
``!flag soon + topic``, ``unsure``.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from intents.matcher import Matcher
from intents.results import Ambiguous, Match, NotRecognized, RedFlag, Result, TopicMatch
from responses.dialogue import Dialogue
from responses.library import Library
from responses.profiles import PROFILES
from responses.reply import Reply

SECONDS_A_SENTENCE = 3.0
SECONDS_TO_ANSWER = 1.0

_COMMENT = re.compile(
    r"# (?:profiel (?P<profile>\w+)|(?P<greeting>begroeting)|(?P<noise>geluid)"
    r"|(?P<cut_in>onverstaanbaar)"
    r"|onderbroken na (?P<heard>\d+) zin(?:nen)?|na (?P<quiet>[\d.]+) s stilte)$"
)
_SAID = re.compile(r"> mens: (?P<text>[^\[]*?)(?: \[(?P<result>[^\]]+)\])?$")
_EXPECTED = re.compile(r"[<=] (?P<what>[a-z]+):? ?(?P<value>.*)$")


@dataclass
class Player:
    """A conversation that is being played; raises AssertionError where the script is not kept."""

    library: Library
    matcher: Matcher
    profile: str = "kiosk"
    now: float = 1000.0
    reply: Reply | None = None
    heard: int | None = field(default=None)

    def __post_init__(self) -> None:
        self.settings = PROFILES[self.profile]
        self.dialogue = Dialogue(self.library, self.settings)
        self.state = self.dialogue.start(self.now)

    def play(self, line: str) -> None:
        """Do or check what one line says."""
        if found := _SAID.match(line):
            self._say(found["text"], found["result"])
        elif found := _COMMENT.match(line):
            self._direct(found)
        elif line.startswith(("<", "=")):
            found = _EXPECTED.match(line)
            assert found, f"onbekende regel: {line}"
            self._check(found["what"], found["value"])
        else:
            assert line.startswith("#"), f"onbekende regel: {line}"

    def _direct(self, found: re.Match[str]) -> None:
        if found["profile"]:
            self.profile = found["profile"]
            self.__post_init__()
        elif found["greeting"]:
            self.state, self.reply = self.dialogue.greet(self.state, self.now)
        elif found["noise"]:
            self._respond(NotRecognized("empty"), "")
        elif found["cut_in"]:
            self.now += SECONDS_TO_ANSWER
            self.state, self.reply = self.dialogue.cut_in(self.state, self.now)
        elif found["heard"]:
            self._finish(int(found["heard"]))
        else:
            self._wait(float(found["quiet"]))

    def _say(self, text: str, result: str | None) -> None:
        understood = _result(result) if result else self.matcher.understand(text)
        self._respond(understood, text)

    def _respond(self, result: Result, text: str) -> None:
        self._finish(None)
        self.now += SECONDS_TO_ANSWER
        self.state, self.reply = self.dialogue.respond(self.state, result, self.now, text)

    def _finish(self, sentences: int | None) -> None:
        """The reply was said, as far as somebody let it."""
        if self.reply is not None and self.reply.sentences:
            count = len(self.reply.sentences) if sentences is None else sentences
            assert count <= len(self.reply.sentences)
            self.now += SECONDS_A_SENTENCE * count
            self.state = self.dialogue.spoken(self.state, self.now, sentences)
        self.reply = None

    def _wait(self, seconds: float) -> None:
        """Let time pass as the assistant does: it wakes when the dialogue asks for it."""
        self._finish(None)
        end = self.now + seconds
        while (due := self.dialogue.deadline(self.state)) is not None and due <= end:
            self.now = due
            self.state, said = self.dialogue.elapse(self.state, due)
            if said is not None:
                self.state = self.dialogue.spoken(self.state, due)
                self.reply = said
        self.now = end

    def _check(self, what: str, value: str) -> None:
        text = self.reply.text if self.reply else ""
        match what:
            case "antwoord":
                assert value in text, f"'{value}' niet in: {text}"
            case "geen":
                assert value not in text, f"'{value}' wel in: {text}"
            case "alarm":
                assert self.reply is not None
                assert self.reply.urgent
                assert text.startswith(value), f"'{value}' niet vooraan in: {text}"
            case "stilte":
                assert not text, f"geen stilte maar: {text}"
            case "zwijgt":
                assert self.reply is not None
                assert self.reply.stop_speaking
                assert not text, f"geen stilte maar: {text}"
            case "tempo":
                assert value == _side(self.state.pace, self.settings.pace, "langzamer", "sneller")
            case "geluid":
                assert value == _side(self.state.volume, self.settings.volume, "zachter", "harder")
            case "rust":
                assert self.dialogue.deadline(self.state) is None
                assert not self.state.topics
            case _:
                raise AssertionError(f"onbekende verwachting: {what}")


def play(script: Path, library: Library, matcher: Matcher) -> None:
    """Play a whole script; the message of a failure names its line."""
    player = Player(library, matcher)
    for number, line in enumerate(script.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                player.play(line.strip())
            except AssertionError as error:
                raise AssertionError(f"{script.name}, regel {number}: {error}") from error


def _side(value: float, usual: float, less: str, more: str) -> str:
    if value == usual:
        return "gewoon"
    return less if value < usual else more


def _result(text: str) -> Result:
    """The result that a script writes between brackets."""
    if text == "unsure":
        return NotRecognized("unsure", 0.3)
    if text == "?":
        return Ambiguous(())
    if text.startswith("!"):
        flag, grade, *topics = text[1:].replace("+", " ").split()
        assert grade in ("now", "soon")
        named = tuple(TopicMatch(topic, 0.9, "") for topic in topics)
        return RedFlag(flag, "now" if grade == "now" else "soon", 0.9, named)
    if " / " in text:
        first, second = (TopicMatch(topic, 0.45, "") for topic in text.split(" / "))
        return Ambiguous((first, second))
    return Match(tuple(TopicMatch(topic, 0.9, "") for topic in text.split(" + ")))
