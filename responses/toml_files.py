"""Reads a TOML file into a pydantic model; what is wrong is told in Dutch, with file and line."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from errors import ContentError

ModelT = TypeVar("ModelT", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        ContentError: for a file that can't be read or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path} is geen geldige TOML: {error}. Verbeter die regel.") from error
    except UnicodeDecodeError as error:
        raise ContentError(f"{path} is geen UTF-8-tekst; sla het opnieuw op als UTF-8.") from error
    except OSError as error:
        raise ContentError(f"{path} kan niet gelezen worden: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, a list in a list …
        raise ContentError(
            f"{path} bevat een te groot getal of te veel haken in elkaar; maak het eenvoudiger."
        ) from error


def read_model(path: Path, model: type[ModelT], base: dict[str, Any] | None = None) -> ModelT:
    """The file as ``model``; keys that it lacks come from the tables of ``base``.

    Raises:
        ContentError: with file, line and what to do, for the first thing that is wrong.
    """
    tables = read_toml(path)
    try:
        return model.model_validate(_merged(base, tables) if base else tables)
    except ValidationError as error:
        first = error.errors()[0]
        keys = first["loc"][:-1] if first["type"] == "missing" else first["loc"]
        place = f"{path}, regel {line_of(path.read_text(encoding='utf-8'), keys)}"
        raise ContentError(f"{place}: {_sentence(first)}") from error


def line_of(text: str, keys: tuple[int | str, ...]) -> int:
    """The line, from 1, of the innermost of ``keys`` that is written in ``text``."""
    line = 1
    lines = text.splitlines()
    for key in keys:
        written = re.compile(
            rf'^\s*(\[[\w."]*?"?{re.escape(str(key))}"?\]|"?{re.escape(str(key))}"?\s*=)'
        )
        found = (n for n, content in enumerate(lines, 1) if n >= line and written.match(content))
        line = next(found, line)
    return line


def _merged(base: dict[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    """``base`` with the keys of each table of ``tables`` laid over it."""
    merged = dict(base)
    for key, value in tables.items():
        ours = base.get(key)
        if isinstance(ours, dict) and isinstance(value, dict):
            merged[key] = {**ours, **value}
        else:
            merged[key] = value
    return merged


def _sentence(error: ErrorDetails) -> str:
    """What is wrong and what to do, as one Dutch sentence."""
    keys = [str(key) for key in error["loc"] if isinstance(key, str)]
    name = keys[-1] if keys else "dit bestand"
    match error["type"]:
        case "missing":
            return f"'{name}' ontbreekt; voeg het toe."
        case "extra_forbidden":
            return f"'{name}' is hier onbekend; verbeter de spelling of haal het weg."
        case "value_error":
            return f"'{name}' klopt niet: {error['ctx']['error']}."
        case _:
            return f"'{name}' heeft een waarde die hier niet past."
