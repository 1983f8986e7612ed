"""A conversation held with recordings: each file's utterances in turn, on the recording's clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant import Assistant, Turn
from console.wiring import Parts
from voice.audio import stream_wav
from voice.recognizer import Utterance, transcribe


@dataclass
class RecordingClock:
    """Time as it passes in the recordings, in seconds; a file's length takes no real time."""

    now: float = 0.0

    def __call__(self) -> float:
        """The time now."""
        return self.now


class RecordedConversation:
    """Hears WAV files one after the other, as if each were spoken when the answer had ended.

    Silence in a recording counts: a long one ends the session, as it does live.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._clock = RecordingClock()
        self._assistant: Assistant = parts.assistant(self._clock)

    def hear(self, path: Path) -> Iterator[Turn]:
        """The turns of one file; one with an empty text where nothing was said in it.

        Raises:
            SpiertolkError: the file can't be read, or recognition failed.
        """
        begin = self._clock.now
        heard = False
        for utterance in self._utterances(path):
            heard = True
            self._pass_until(begin + utterance.end)
            yield self._turn(utterance.text, utterance.alternatives, utterance.clarity)
        if not heard:
            yield self._turn("")

    def _utterances(self, path: Path) -> Iterator[Utterance]:
        settings = self._parts.settings.recognizer
        return transcribe(self._parts.loaded_model, stream_wav(path), settings)

    def _pass_until(self, moment: float) -> None:
        self._clock.now = max(self._clock.now, moment)
        self._assistant.elapse()

    def _turn(
        self, text: str, alternatives: tuple[str, ...] = (), clarity: float | None = None
    ) -> Turn:
        turn = self._assistant.take(text, alternatives, clarity)
        if turn.reply is not None:
            self._assistant.spoken()
        return turn


def hear_files(
    files: Iterable[Path], parts: Parts, *, separate: bool
) -> Iterator[tuple[Path, Turn]]:
    """Hear WAV files, as one conversation or each as its own; gives each turn with its file.

    Raises:
        AudioFileError: one of them is no WAV file that can be read; then none is heard.
    """
    paths = tuple(files)
    for path in paths:
        stream_wav(path)  # checks its header
    conversation = RecordedConversation(parts)
    for path in paths:
        if separate:
            conversation = RecordedConversation(parts)
        for turn in conversation.hear(path):
            yield path, turn
