"""Folders of recorded Dutch speech, each read in the form in which it is published.

========================  ==================================================================
form                      what marks it
========================  ==================================================================
LJSpeech / Piper          ``metadata.csv`` with ``id|text``, sound in ``wavs/`` or ``wav/``
Common Voice              ``validated.tsv`` (or ``train.tsv``), sound in ``clips/``
Multilingual LibriSpeech  ``transcripts.txt`` with ``speaker_book_id<TAB>text``, sound in ``audio/``
Fish Fillets NG           Debian's ``fillets-ng-data`` and ``-nl``: ``script/*/dialogs_nl.lua``
========================  ==================================================================
"""

import csv
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from training.clips import RATE, Clip
from training.normalise import sentence

_LOG = logging.getLogger(__name__)
_DIALOGUE = re.compile(
    r'dialogId\("([^"]+)",\s*"([^"]*)",\s*"(?:[^"\\]|\\.)*"\)\s*dialogStr\("((?:[^"\\]|\\.)*)"'
)


def read_folder(folder: Path) -> Iterator[Clip]:
    """All clips of a folder of any of the four forms.

    Raises:
        FileNotFoundError: the folder has none of the forms.
    """
    if (folder / "metadata.csv").is_file():
        yield from _metadata(folder)
    elif (table := next(_tables(folder), None)) is not None:
        yield from _common_voice(folder, table)
    elif (folder / "transcripts.txt").is_file():
        yield from _librispeech(folder)
    elif (folder / "script").is_dir():
        yield from _fillets(folder)
    else:
        raise FileNotFoundError(f"{folder} holds no metadata.csv, validated.tsv or transcripts.txt")


def read_sound(path: Path) -> NDArray[np.int16]:
    """Any sound file as 16 kHz mono."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    mono = soxr.resample(mono, rate, RATE) if rate != RATE else mono
    return np.asarray(np.clip(np.rint(mono * 32768), -32768, 32767), np.int16)


def _tables(folder: Path) -> Iterator[Path]:
    return (folder / n for n in ("validated.tsv", "train.tsv") if (folder / n).is_file())


def _clip(path: Path, name: str, speaker: str, text: str) -> Iterator[Clip]:
    """The clip, unless its sound is missing or its text is empty."""
    spoken = sentence(text)
    if not spoken or not path.is_file():
        _LOG.info("left out %s", name)
        return
    try:
        yield Clip(name, speaker, spoken, read_sound(path))
    except soundfile.LibsndfileError:
        _LOG.warning("left out %s: its sound can't be read", name)


def _metadata(folder: Path) -> Iterator[Clip]:
    sound = {p.stem: p for d in ("wavs", "wav") for p in sorted((folder / d).glob("*.*"))}
    for line in (folder / "metadata.csv").read_text("utf-8").splitlines():
        name, _, text = line.partition("|")
        stem = Path(name).stem
        if text and stem in sound:
            yield from _clip(sound[stem], stem, folder.name, text.rpartition("|")[2])


def _common_voice(folder: Path, table: Path) -> Iterator[Clip]:
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            path = folder / "clips" / row["path"]
            yield from _clip(path, path.stem, row["client_id"][:16], row["sentence"])


def _librispeech(folder: Path) -> Iterator[Clip]:
    for line in (folder / "transcripts.txt").read_text("utf-8").splitlines():
        name, _, text = line.partition("\t")
        speaker, book = name.split("_")[:2]
        yield from _clip(folder / "audio" / speaker / book / f"{name}.flac", name, speaker, text)


def _fillets(folder: Path) -> Iterator[Clip]:
    """Game dialogue; the first part of a line's name says which fish speaks."""
    for script in sorted(folder.glob("script/*/dialogs_nl.lua")):
        room = script.parent.name
        for name, _, text in _DIALOGUE.findall(script.read_text("utf-8", errors="replace")):
            if re.search(r"\d", text):
                continue  # read in more than one way
            path = folder / "sound" / room / "nl" / f"{name}.ogg"
            yield from _clip(path, f"{room}/{name}", _fillets_speaker(name), text)


def _fillets_speaker(name: str) -> str:
    for mark, speaker in (("-m-", "small"), ("-v-", "big")):
        if mark in f"-{name}-":
            return f"fillets-{speaker}"
    return "fillets-cast"
