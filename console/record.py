"""Records real voices: asks for consent, shows sentences, listens, checks, keeps.

A speaker is a random code and a consent, never a name. Each speaker has a folder of that code,
in it a collection (see `voice.collection`), so forgetting somebody is removing one folder. The
microphone is open while a sentence is read and not a moment longer. Each sentence is kept at
once: whoever stops, by choice or by a power cut, goes on later with the same code.
"""

import csv
import random
import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from errors import AudioFileError, ContentError
from voice.audio import SAMPLE_RATE, write_wav
from voice.collection import (
    SPEAKER,
    Row,
    add_row,
    expected_text,
    file_name,
    has_consent,
    read_table,
)
from voice.take import FATAL, Take, TakeSettings, examine, is_finished

CONSENT = """\
Met uw stem maken wij spraakherkenning beter. Dit moet u weten:
- Wij bewaren uw stem en de zinnen die u voorleest. Wij bewaren geen naam.
- Het zijn zinnen van anderen. Ze gaan over klachten, ook over ernstige. U mag zinnen overslaan.
- Iedereen mag de opnamen gebruiken, zonder voorwaarden (CC0).
- U mag op elk moment stoppen. U krijgt een code. Met die code kunt u uw opnamen laten wissen."""
"""What a speaker agrees to. Changing its meaning asks for a new ``_WORDING``."""

_WORDING = 1  # which text of CONSENT a speaker agreed to
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are easily confused
_CODE_LENGTH = 6  # 10^9 codes; nobody guesses or repeats one
_COUNTDOWN = 3  # seconds
_BLOCK_SECONDS = 0.5  # how long we wait for the next block
_DEAF_SECONDS = 3.0  # without any block: the microphone is gone


class SoundSource(Protocol):
    """A microphone, or what stands in for one."""

    def read(self, timeout: float) -> bytes | None:
        """Give the next block, 16 kHz mono int16; None where none came within ``timeout`` s."""


@dataclass(frozen=True)
class Sentence:
    """A sentence to read aloud, and the folder of the collection in which it belongs."""

    folder: str
    text: str


@dataclass(frozen=True)
class Prompts:
    """How we talk with the reader: a terminal unless a test or a screen takes its place."""

    tell: Callable[[str], None] = print
    ask: Callable[[str], str] = input
    """Shows a question and gives the typed line; raises EOFError when there is no more."""
    wait: Callable[[float], None] = time.sleep
    """Seconds, for the countdown."""


@dataclass(frozen=True)
class Report:
    """How a session ended."""

    code: str | None
    """The speaker's code; None where there was no consent."""
    kept: int
    """Sentences of this speaker that are kept, those of earlier sessions too."""
    left: int
    """Sentences that were not read yet, those that were skipped too."""


class _StoppedError(Exception):
    """The reader wants to stop."""


def read_sentences(path: Path) -> tuple[Sentence, ...]:
    """Read a list of sentences: tab-separated, with at least the columns folder and text.

    Sounds without words are left out: nobody can read them aloud.

    Raises:
        ContentError: it can't be read, or a folder in it leads out of the collection.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = [
                _sentence(cells)
                for cells in csv.DictReader(file, restval="", dialect=csv.excel_tab)
            ]
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise ContentError(
            f"De zinnenlijst '{path}' kan niet gelezen worden: gebruik een lijst met de kolommen "
            "folder en text, met tabs ertussen."
        ) from error
    return tuple(line for line in lines if expected_text(file_name(line.text)))


def _sentence(cells: dict[str, str]) -> Sentence:
    """Check one line: its text must give a file name, its folder must not lead elsewhere."""
    file_name(cells["text"])
    if not re.fullmatch(r"[\w+-]+(/[\w+-]+)*", cells["folder"]):
        raise ValueError(cells["folder"])
    return Sentence(cells["folder"], cells["text"])


def record(
    root: Path,
    sentences: Sequence[Sentence],
    microphone: Callable[[], AbstractContextManager[SoundSource]],
    prompts: Prompts | None = None,
    settings: TakeSettings | None = None,
) -> Report:
    """Hold a session with one speaker. Stops quietly at Ctrl-C and at the end of the input.

    Args:
        root: where the speakers' folders are.
        sentences: what to read; the order differs from speaker to speaker, so that those who stop
            early do not all leave out the same.
        microphone: opens the microphone; closed again after each sentence.
        prompts: how to talk with the speaker.
        settings: what a good recording is.

    Raises:
        SoundDeviceError: no usable microphone.
        AudioFileError: a recording, its table or the consent can't be written or read.
    """
    prompts = prompts or Prompts()
    code: str | None = None
    try:
        code = _welcome(root, prompts)
        if code:
            session = _Session(root / code, code, microphone, prompts, settings or TakeSettings())
            session.run(_shuffled(sentences, code))
    except (_StoppedError, KeyboardInterrupt, EOFError):
        prompts.tell("\nGestopt.")
    return _goodbye(root, code, sentences, prompts)


def _welcome(root: Path, prompts: Prompts) -> str | None:
    """Find out who it is; None where there is no consent."""
    while True:
        prompts.tell("Doet u voor het eerst mee? Druk dan op Enter.")
        code = prompts.ask("Hebt u al een code? Typ dan uw code: ").strip().lower()
        if not code:
            return _ask_consent(root, prompts)
        if _has_consented(root, code):
            return code
        prompts.tell("Die code ken ik niet. Controleer de code.")


def _ask_consent(root: Path, prompts: Prompts) -> str | None:
    prompts.tell(CONSENT)
    if prompts.ask("Typ ja als u het daarmee eens bent: ").strip().lower() != "ja":
        prompts.tell("Dan nemen wij niets op. Dank u wel.")
        return None
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    try:
        (root / code).mkdir(parents=True)
        (root / code / SPEAKER).write_text(f"consent = true\nwording = {_WORDING}\n")
    except OSError as error:
        raise AudioFileError(
            f"In de map '{root}' kan niet geschreven worden: kies een map met schrijfrechten."
        ) from error
    prompts.tell(f"Uw code is {code}. Schrijf hem op.")
    return code


def _has_consented(root: Path, code: str) -> bool:
    if not re.fullmatch(f"[{_CODE_LETTERS}]+", code):  # it becomes part of a path
        return False
    return has_consent(root / code)


def _shuffled(sentences: Iterable[Sentence], code: str) -> list[Sentence]:
    order = sorted(set(sentences), key=lambda sentence: (sentence.folder, sentence.text))
    random.Random(code).shuffle(order)
    return order


def _goodbye(
    root: Path, code: str | None, sentences: Iterable[Sentence], prompts: Prompts
) -> Report:
    everything = set(sentences)
    if code is None:
        return Report(None, 0, len(everything))
    left = sum(not _is_kept(root / code, sentence) for sentence in everything)
    kept = len(everything) - left
    prompts.tell(f"Er zijn {kept} van de {len(everything)} zinnen bewaard. Dank u wel.")
    if left:
        prompts.tell(f"Met uw code {code} kunt u later verdergaan.")
    return Report(code, kept, left)


def _is_kept(home: Path, sentence: Sentence) -> bool:
    """Tell whether the recording and its row are there: a row without its file is no recording."""
    folder, name = home / sentence.folder, file_name(sentence.text)
    return (folder / name).is_file() and any(row.file == name for row in read_table(folder))


@dataclass(frozen=True)
class _Session:
    """One speaker, reading one sentence after another."""

    home: Path
    code: str
    microphone: Callable[[], AbstractContextManager[SoundSource]]
    prompts: Prompts
    settings: TakeSettings

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Go through what is not kept yet."""
        todo = [sentence for sentence in sentences if not _is_kept(self.home, sentence)]
        for number, sentence in enumerate(todo, start=1):
            self.prompts.tell(f"\nZin {number} van {len(todo)}:\n\n    {sentence.text}\n")
            self._read(sentence)

    def _read(self, sentence: Sentence) -> None:
        """Take it as often as the reader likes; keep one take or skip the sentence."""
        answer = self._choose("Enter = opnemen, s = overslaan, q = stoppen: ", "s")
        while answer != "s":
            take = self._take(sentence)
            answer = self._judge(take)
            if answer == "keep":
                self._keep(sentence, take)
                return

    def _judge(self, take: Take) -> str:
        """Ask what to do with a take: "keep", "s" for skip, else again."""
        if take.problem is None:
            choice = self._choose("Gelukt. Enter = bewaren, o = opnieuw, s = overslaan: ", "os")
            return choice or "keep"
        self.prompts.tell(take.problem.value)
        if take.problem in FATAL:
            return self._choose("Enter = opnieuw, s = overslaan, q = stoppen: ", "s")
        choice = self._choose("Enter = opnieuw, b = toch bewaren, s = overslaan: ", "bs")
        return "keep" if choice == "b" else choice

    def _choose(self, question: str, letters: str) -> str:
        """Ask until the answer is Enter or one of the letters; ``q`` always stops."""
        while True:
            answer = self.prompts.ask(question).strip().lower()
            if answer == "q":
                raise _StoppedError
            if answer in {"", *letters}:
                return answer
            self.prompts.tell("Die letter ken ik niet.")

    def _take(self, sentence: Sentence) -> Take:
        for seconds in range(_COUNTDOWN, 0, -1):
            self.prompts.tell(f"{seconds} ...")
            self.prompts.wait(1.0)
        with self.microphone() as source:
            samples = self._listen(source)
        return examine(samples, len(sentence.text.split()), self.settings)

    def _listen(self, source: SoundSource) -> NDArray[np.int16]:
        """Listen until the reader is done. Says "Spreek nu" once the microphone really runs."""
        heard = bytearray()
        deaf_seconds = 0.0
        while deaf_seconds < _DEAF_SECONDS:
            block = source.read(_BLOCK_SECONDS)
            if not block:
                deaf_seconds += _BLOCK_SECONDS
                continue
            if not heard:
                self.prompts.tell("Spreek nu.")
            heard += block
            deaf_seconds = 0.0
            if is_finished(_samples(heard), self.settings):
                break
        return _samples(heard)

    def _keep(self, sentence: Sentence, take: Take) -> None:
        """Write the sound, then its row: a row always has its file."""
        folder, name = self.home / sentence.folder, file_name(sentence.text)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AudioFileError(
                f"De map '{folder}' kan niet gemaakt worden: kies een map met schrijfrechten."
            ) from error
        write_wav(folder / name, take.samples, SAMPLE_RATE)
        room = f"own room {take.snr_db:.0f}"
        add_row(
            folder,
            Row(name, sentence.text, self.code, "human", SAMPLE_RATE, "PCM_16", 1, room),
        )
        self.prompts.tell("Bewaard.")


def _samples(heard: bytearray) -> NDArray[np.int16]:
    return np.frombuffer(bytes(heard[: len(heard) // 2 * 2]), "<i2").astype(np.int16, copy=False)
