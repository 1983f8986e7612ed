"""The live conversation on the terminal: words as they are heard, words as they are said."""

import json
import shutil
from collections.abc import Callable, Mapping
from typing import TextIO

from console import output
from console.output import CLEAR_LINE, MARGIN, WIDTH
from conversation import ConversationSettings
from events import (
    Event,
    Failing,
    Heard,
    Hearing,
    Mended,
    Resting,
    Speaking,
    Spoke,
    Woken,
    WordSpoken,
)
from responses.reply import Reply


def open_screen(
    out: TextIO, settings: ConversationSettings, names: Mapping[str, str], *, as_json: bool
) -> Callable[[Event], None]:
    """What shows a conversation on ``out``; on a terminal it first says how to begin and end.

    ``names``: what each topic is called.
    """
    if as_json:
        return JsonLines(out)
    if out.isatty():
        print(_how_to_begin(settings), file=out)
        print("Enter of spatie: ik zwijg en luister. Ctrl-C: stoppen.\n", file=out, flush=True)
    return Screen(out, names)


def _how_to_begin(settings: ConversationSettings) -> str:
    match settings.listen:
        case "phrase":
            return f"Zeg '{settings.wake.words}', en daarna waar u last van hebt."
        case "key":
            return "Druk op Enter of spatie, en zeg waar u last van hebt."
        case "always":
            return "Zeg waar u last van hebt."


class JsonLines:
    """One JSON object a line for each finished turn and each defect, for programs."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, event: Event) -> None:
        """Print the event, if it is a turn, or if something fails or is mended."""
        match event:
            case Heard(turn=turn):
                print(output.as_json(turn), file=self._out, flush=True)
            case Failing(defect=defect, sentence=sentence):
                self._print({"defect": defect, "mended": False, "sentence": sentence})
            case Mended(defect=defect):
                self._print({"defect": defect, "mended": True, "sentence": ""})

    def _print(self, record: dict[str, object]) -> None:
        print(json.dumps(record, ensure_ascii=False), file=self._out, flush=True)


class Screen:
    """Captions for people: on a terminal word by word, else one line at a time."""

    def __init__(self, out: TextIO, names: Mapping[str, str]) -> None:
        self._out = out
        self._names = names
        self._live = out.isatty()
        self._saying: _Line | None = None

    def __call__(self, event: Event) -> None:
        """Show the event."""
        match event:
            case Hearing(text=text) if self._live:
                self._write(f"{CLEAR_LINE}  … {_end_of(text, _width() - 5)}")
            case Heard(turn=turn):
                self._write(self._fresh + output.heard(turn, self._names) + "\n")
            case Speaking(reply=reply):
                self._begin(reply)
            case WordSpoken(text=text, position=position) if self._saying:
                self._write(self._saying.up_to(position + len(text)))
            case Spoke(completed=completed):
                self._end(completed=completed)
            case Woken():
                self._write(f"{self._fresh}  (wakker)\n")
            case Failing(sentence=sentence):
                self._write(self._fresh + output.field("Let op", sentence) + "\n\n")
            case Mended():
                self._write(f"{self._fresh}  (het werkt weer)\n\n")
            case Resting():
                self._write(f"{self._fresh}  (in rust)\n\n")

    def _begin(self, reply: Reply) -> None:
        line = _Line(reply.text, _width())
        self._write(self._fresh + output.field("Antwoord", ""))
        if self._live:
            self._saying = line
        else:
            self._write(line.up_to(None))

    def _end(self, *, completed: bool) -> None:
        line, self._saying = self._saying, None
        rest = line.up_to(None) if line and completed else ""
        self._write(rest + ("\n\n" if completed else " …\n\n"))

    @property
    def _fresh(self) -> str:
        """What gives an empty line to write on."""
        return CLEAR_LINE if self._live else ""

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


class _Line:
    """A text that is shown bit by bit, broken into lines between words."""

    def __init__(self, text: str, width: int) -> None:
        self._text = text
        self._width = width
        self._shown = 0
        self._column = MARGIN

    def up_to(self, end: int | None) -> str:
        """What is still to be shown of the first ``end`` characters, whole words only."""
        cut = len(self._text) if end is None else self._text.find(" ", end)
        words = self._text[self._shown : cut if cut >= 0 else None].split()
        self._shown = cut if cut >= 0 else len(self._text)
        return "".join(self._place(word) for word in words)

    def _place(self, word: str) -> str:
        if self._column + len(word) > self._width:
            self._column = MARGIN
            lead = "\n" + " " * MARGIN
        else:
            lead = " " if self._column > MARGIN else ""
        self._column += len(word) + 1
        return lead + word


def _width() -> int:
    return min(WIDTH, shutil.get_terminal_size().columns)


def _end_of(text: str, length: int) -> str:
    """The last words of a text that would not fit on one line."""
    return text if len(text) <= length else "…" + text[len(text) - length + 1 :]
