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
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from errors import SpiertolkError
from training.clips import RATE, Clip
from training.normalise import sentence

_LOG = logging.getLogger(__name__)
_DIALOGUE = re.compile(
    r'dialogId\("([^"]+)",\s*"([^"]*)",\s*"(?:[^"\\]|\\.)*"\)\s*dialogStr\("((?:[^"\\]|\\.)*)"'
)


def read_folder(folder: Path) -> Iterator[Clip]:
    """All clips of a folder of any of the four forms.

    Raises:
        SpiertolkError: the folder has none of the forms, or its list can't be read.
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
        raise SpiertolkError(
            f"In {folder} staat geen metadata.csv, validated.tsv of transcripts.txt; noem een map "
            "met opnamen in een van die vormen."
        )


def read_sound(path: Path) -> NDArray[np.int16]:
    """Any sound file as 16 kHz mono."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    mono = soxr.resample(mono, rate, RATE) if rate != RATE else mono
    return np.asarray(np.clip(np.rint(mono * 32768), -32768, 32767), np.int16)


def _text(path: Path) -> str:
    """A list of recordings, without the mark that Windows puts at its beginning."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpiertolkError(f"{path} is geen UTF-8-tekst; sla het op als UTF-8.") from error


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
    for line in _text(folder / "metadata.csv").split("\n"):
        name, _, text = line.partition("|")
        stem = Path(name).stem
        if text and stem in sound:
            yield from _clip(sound[stem], stem, folder.name, text.rpartition("|")[2])


def _common_voice(folder: Path, table: Path) -> Iterator[Clip]:
    rows = csv.DictReader(io.StringIO(_text(table)), delimiter="\t", quoting=csv.QUOTE_NONE)
    if missing := {"client_id", "path", "sentence"} - set(rows.fieldnames or ()):
        raise SpiertolkError(f"In {table} ontbreekt de kolom '{min(missing)}'; voeg die toe.")
    for row in rows:
        path = folder / "clips" / (row["path"] or "")
        yield from _clip(path, path.stem, row["client_id"][:16], row["sentence"] or "")


def _librispeech(folder: Path) -> Iterator[Clip]:
    for line in _text(folder / "transcripts.txt").split("\n"):
        name, _, text = line.partition("\t")
        speaker, _, rest = name.partition("_")
        path = folder / "audio" / speaker / rest.partition("_")[0] / f"{name}.flac"
        if text:
            yield from _clip(path, name, speaker, text)


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
