"""Reads the TOML files of content packs; what is wrong with one is told with what to do."""

import tomllib
from pathlib import Path
from typing import Any

from errors import ContentError


def files_in(folder: Path) -> list[Path]:
    """The TOML files of a folder by name, without those that an editor hides beside them."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def read_bytes(path: Path) -> bytes:
    """All of a file. Raises ContentError where it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContentError(
            f"{path} kan niet gelezen worden: {error.strerror}. Controleer de naam en de rechten."
        ) from error


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
