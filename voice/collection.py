"""A collection of recordings: the file name is the expected text, the folder the expected result.

Beside the WAV files of each folder lies a table, ``voices.tsv``, that says who or what spoke. A
collection is a tree of such folders (``topics/ooglid``, ``commands/stop``, ``red_flags`` ...), so
that each speaker who is recorded has a tree of the same form, and can be forgotten by removing it.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from errors import AudioFileError
from whole_files import write_whole

TABLE = "voices.tsv"
"""The name of the table in each folder that holds recordings."""

SPEAKER = "speaker.toml"
"""The file in a speaker's folder that holds the consent."""

_LONGEST_NAME = 120  # characters; file systems take 255 bytes


@dataclass(frozen=True)
class Row:
    """What is known of one recording."""

    file: str
    """Its name within the folder."""
    text: str
    """What is said, with capitals and punctuation; a name in ``_`` for a sound without words."""
    voice: str
    """The name of the synthetic voice, or the random code of a person."""
    engine: str
    """The program that spoke, with its version; ``human`` for a person."""
    rate: int
    """Hz."""
    encoding: str
    """As libsndfile names it: ``PCM_16``, ``FLOAT`` ..."""
    channels: int
    sound: str
    """Room, noise and their levels: ``room 30`` is room noise 30 dB below the speech."""


def file_name(text: str) -> str:
    """Name the file of a recording after its text: lower case, no punctuation, ``_`` for spaces.

    >>> file_name("Kan dit ALS zijn?")
    'kan_dit_als_zijn.wav'
    """
    if text.startswith("_"):  # a sound without words keeps its mark
        return f"{text}.wav"
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.lower().replace("’", "'"))
    if not words:
        raise ValueError(f"no words in {text!r}")
    return f"{'_'.join(words)[:_LONGEST_NAME]}.wav"


def expected_text(file: str) -> str:
    """Give the words that the file name promises, in lower case; none for a wordless sound."""
    stem = file.removesuffix(".wav")
    return "" if stem.startswith("_") else stem.replace("_", " ")


def read_table(folder: Path) -> tuple[Row, ...]:
    """Read the table of a folder; empty where there is none yet.

    Raises:
        AudioFileError: it can't be read, or is no such table.
    """
    path = folder / TABLE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                _row(cells) for cells in csv.DictReader(file, restval="", dialect=csv.excel_tab)
            )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise AudioFileError(
            f"De lijst '{path}' kan niet gelezen worden: herstel het bestand of haal het weg."
        ) from error


def write_table(folder: Path, rows: Iterable[Row]) -> None:
    """Write the table of a folder, sorted by file, whole or not at all.

    Raises:
        AudioFileError: it can't be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, dialect=csv.excel_tab, lineterminator="\n")
    writer.writerow([field.name for field in fields(Row)])
    writer.writerows(sorted(astuple(row) for row in rows))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / TABLE, text.getvalue().encode())
    except OSError as error:
        raise AudioFileError(
            f"De lijst '{folder / TABLE}' kan niet geschreven worden: kies een map met "
            "schrijfrechten en genoeg ruimte."
        ) from error


def add_row(folder: Path, row: Row) -> None:
    """Put a row into the table of a folder, in place of an older one for the same file.

    Raises:
        AudioFileError: the table can't be read or written.
    """
    others = [other for other in read_table(folder) if other.file != row.file]
    write_table(folder, [*others, row])


def has_consent(home: Path) -> bool:
    """Whether the folder of a speaker holds a consent that can be read."""
    try:
        known = tomllib.loads((home / SPEAKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return known.get("consent") is True


def _row(cells: dict[str, str]) -> Row:
    return Row(
        file=cells["file"],
        text=cells["text"],
        voice=cells["voice"],
        engine=cells["engine"],
        rate=int(cells["rate"]),
        encoding=cells["encoding"],
        channels=int(cells["channels"]),
        sound=cells["sound"],
    )
