"""``main.py model list | verify | install``: what is printed of it."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from console.output import CLEAR_LINE
from voice.model_archive import Unpacking
from voice.model_download import Downloading
from voice.model_installer import Installed, ListedModel, Proving, install, list_models
from voice.speech_model import Check

_STATES = {"embedded": "zit erbij", "installed": "geïnstalleerd", "available": "te installeren"}
_MEGABYTE = 1_000_000


def listed(environment: Mapping[str, str], *, as_json: bool) -> Iterator[str]:
    """One line for each model there is or could be."""
    for model in list_models(environment):
        yield _object(model) if as_json else _line(model)


def _line(model: ListedModel) -> str:
    size = f"{model.size / _MEGABYTE:.0f} MB" if model.size else "?"
    remark = model.problem or model.licence
    return f"{model.name:<46} {_STATES[model.state]:<14} {size:>7}  {remark}"


def checked(found: Check, *, as_json: bool) -> str:
    """One thing that a byte for byte check of a model looked at, on a line."""
    if as_json:
        return _object(found)
    return f"{'goed' if found.passed else 'FOUT':<7}{found.subject}: {found.remark}"


def _object(found: ListedModel | Check) -> str:
    return json.dumps(asdict(found), ensure_ascii=False, default=str)  # a path as text


def installed(source: str, environment: Mapping[str, str], sha256: str | None) -> str:
    """Install a model, with progress on standard error; gives the closing sentence."""
    done: Installed | None = None
    for step in install(source, environment, sha256):
        match step:
            case Downloading(received, total):
                _progress("ophalen", received, total)
            case Unpacking(unpacked, size):
                _progress("uitpakken", unpacked, size)
            case Proving(name):
                _say(f"{name} wordt geprobeerd …")
            case Installed():
                done = step
    _say("")
    assert done is not None  # noqa: S101  # install() ends with it or raises
    return _closing(done)


def _closing(done: Installed) -> str:
    first = "stond er al" if done.was_there else "is geïnstalleerd"
    use = (
        "en wordt voortaan gebruikt"
        if done.found_by_itself
        else f"; kies het met --model {done.path}"
    )
    return f"{done.name} {first} in {done.path} {use}."


def _progress(what: str, done: int, total: int | None) -> None:
    share = f" ({done / total:.0%})" if total else ""
    _say(f"{what}: {done / _MEGABYTE:.1f} MB{share}")


def _say(line: str) -> None:
    """Overwrite the last line of progress; where nobody watches, stay silent."""
    if sys.stderr.isatty():
        sys.stderr.write(CLEAR_LINE + line)
        sys.stderr.flush()
