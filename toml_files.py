"""Reads the TOML files of content packs; what is wrong with one is told with what to do."""

import re
import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from errors import ContentError

_FOLDERS = ("intents", "responses", "pack.toml")
"""What stands in a pack's own folder."""
_NEARLY = 0.8
"""From how much likeness on (0 to 1) a name beside those is a slip of the pen."""
_HARMLESS = re.compile(
    r"\..*|.*~|#.*#|.*\.(bak|orig|rej|swp|md)|(readme|licen[cs]e|notice)(\..*)?", re.IGNORECASE
)
"""What editors leave behind, and what people write for each other."""


def files_in(folder: Path) -> list[Path]:
    """The TOML files of a folder by name, without those that an editor hides beside them."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def refuse_unknown(folder: Path, known: Collection[str]) -> None:
    """Refuse a name in a pack's folder that fits none of these patterns: most likely a slip.

    What it holds would be left out without a word.

    Raises:
        ContentError: with the name, and those that there are.
    """
    for path in _entries(folder):
        if not any(fnmatch(path.name, pattern) for pattern in known):
            raise _misnamed(path, known)


def refuse_misnamed(pack: Path) -> None:
    """Refuse a name beside a pack's folders that is nearly that of one of them; others may be."""
    for path in _entries(pack):
        if path.name not in _FOLDERS:
            near = get_close_matches(path.name.casefold(), _FOLDERS, 1, _NEARLY)
            if near:
                raise _misnamed(path, near)


def _entries(folder: Path) -> list[Path]:
    """What a folder holds that might be meant for us; nothing where it is none."""
    try:
        found = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise _unreadable(folder, error) from error
    return [path for path in found if not _HARMLESS.fullmatch(path.name)]


def _misnamed(path: Path, known: Collection[str]) -> ContentError:
    return ContentError(
        f"{path} heeft een naam die hier niet bestaat; noem het {' of '.join(known)}, of haal het "
        "weg."
    )


def read_bytes(path: Path) -> bytes:
    """All of a file. Raises ContentError where it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ContentError:
    return ContentError(
        f"{path} kan niet gelezen worden: {error.strerror}. Controleer de naam en de rechten."
    )


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, without a byte order mark, and its tables.

    Raises:
        ContentError: for a file that can't be read or is no TOML.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path} is geen geldige TOML: {error}. Verbeter die regel.") from error
    except UnicodeDecodeError as error:
        raise ContentError(f"{path} is geen UTF-8-tekst; sla het opnieuw op als UTF-8.") from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, a list in a list …
        raise ContentError(
            f"{path} bevat een te groot getal of te veel haken in elkaar; maak het eenvoudiger."
        ) from error
