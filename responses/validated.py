"""Reads a TOML file into a pydantic model; what is wrong is told in Dutch, with file and line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from errors import ContentError
from toml_files import read_toml

ModelT = TypeVar("ModelT", bound=BaseModel)

_WANTED = {
    "string_type": 'zet er tekst in, tussen "aanhalingstekens"',
    "tuple_type": 'maak er een lijst van, zoals ["Een zin.", "Nog een zin."]',
    "too_short": "zet er minstens een zin in",
    "too_long": "haal weg wat er te veel staat",
    "int_type": "zet er een heel getal in",
    "int_parsing": "zet er een heel getal in",
    "int_from_float": "zet er een heel getal in",
    "bool_type": "zet er true of false in",
    "bool_parsing": "zet er true of false in",
    "date_type": "zet er een datum in, zoals 2026-11-26",
    "date_from_datetime_parsing": "zet er een datum in, zoals 2026-11-26",
    "date_from_datetime_inexact": "zet er een datum in, zoals 2026-11-26",
    "dict_type": "maak er een groep van, met [{name}] erboven",
    "model_type": "maak er een groep van, met [{name}] erboven",
}
"""What to do about a value of the wrong sort."""


def read_model(path: Path, model: type[ModelT], base: dict[str, Any] | None = None) -> ModelT:
    """The file as ``model``; keys that it lacks come from the tables of ``base``.

    Raises:
        ContentError: with file, line and what to do, for the first thing that is wrong; its
            ``others`` tell the rest.
    """
    text, tables = read_toml(path)
    try:
        return model.model_validate(_merged(base, tables) if base else tables)
    except ValidationError as error:
        told = (f"{path}, regel {_line(text, e)}: {_sentence(e)}" for e in _mistakes(error))
        first, *others = dict.fromkeys(told)
        raise ContentError(first, map(ContentError, others)) from error


def _mistakes(error: ValidationError) -> Iterator[ErrorDetails]:
    """What is wrong; a list is called too short as well where what it holds is wrong."""
    places: list[tuple[int | str, ...]] = []
    for mistake in error.errors():
        place = mistake["loc"]
        if not place or not any(earlier[: len(place)] == place for earlier in places):
            yield mistake
        places.append(place)


def _line(text: str, error: ErrorDetails) -> int:
    """Where it is wrong; what is wrong with all of it quotes the word to look for."""
    if error["loc"]:
        return line_of(text, error["loc"][:-1] if error["type"] == "missing" else error["loc"])
    quoted = re.search(r"'([^']+)'", _sentence(error).partition(": ")[2])
    at = text.find(f'"{quoted[1]}"') if quoted else -1
    return text.count("\n", 0, max(at, 0)) + 1


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
        case "missing" if isinstance(error["loc"][-1], int):
            return f"'{name}' heeft te weinig waarden; voeg er een toe."
        case "missing":
            return f"'{name}' ontbreekt; voeg het toe."
        case "extra_forbidden":
            return f"'{name}' is hier onbekend; verbeter de spelling of haal het weg."
        case "value_error":
            return f"'{name}' klopt niet: {error['ctx']['error']}."
        case sort:
            item = sort == "model_type" and isinstance(error["loc"][-1], int)
            wanted = _WANTED.get("string_type" if item else sort, "kijk hoe het elders staat")
            return f"'{name}' heeft een waarde die hier niet past; {wanted.format(name=name)}."
