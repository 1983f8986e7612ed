"""Finds a Dutch Vosk model, checks it and loads it. All that others know is a model directory.

Where a model comes from, first one that is named or found:

1. the caller, who knows what won of flag, variable and settings file, 2. ``SPIERTOLK_MODEL``: each
   names a directory, or a model that Vosk keeps. A name that leads nowhere is an error, never a
   silent fall-back.
3. a Dutch model where Vosk keeps its models: ``VOSK_MODEL_PATH`` (Vosk's own variable: a directory
   of models, or one model), ``/usr/share/vosk``, ``$XDG_CACHE_HOME/vosk``, ``~/.cache/vosk``.
   A damaged one is logged and passed over: nobody asked for it by name, and a desk that goes on
   working with the next model is better than one that stops.
4. the embedded model.

How a model is checked: a directory with a ``SHA256SUMS`` (the embedded model; every model that our
installer installed, after it had proved it) is compared with it. A model without one could be
damaged in a way that kills the process, so it first decodes a second of sound in a child process.
Every model decodes that second once more after loading, which costs some 50 ms.
"""

import contextlib
import functools
import logging
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from errors import SpeechModelError
from voice import model_proof
from voice.model_manifest import MANIFEST, file_problem, first_problem, read_manifest
from voice.vosk_library import vosk

EMBEDDED = Path(__file__).parent.parent / "models" / "vosk-model-nl-spiertolk-0.9"
SYSTEM_DIRECTORY = Path("/usr/share/vosk")
DUTCH_NAME = re.compile(r"vosk-model(-small)?-nl\b")
"""The names under which Vosk itself looks for a Dutch model."""
PREFERRED = ("vosk-model-small-nl-0.22",)
"""Taken first where several are installed: quick, and free for any use."""
PROOF_SECONDS = 120.0
"""Long enough for a large model on a slow card; a model that takes longer is of no use."""

Source = Literal["named", "environment", "vosk", "embedded"]
_LAYOUTS = (("am/final.mdl", "conf/mfcc.conf"), ("final.mdl", "mfcc.conf"))
"""The two layouts Vosk reads, told apart by these files."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SpeechModel:
    """A directory that holds a checked Dutch model, and who named it."""

    path: Path
    name: str
    source: Source

    def load(self) -> vosk.Model:
        """Check, load and prove the model; it may be shared between threads.

        Raises:
            SpeechModelError: it is damaged, or not Dutch.
        """
        check_model(self.path)
        vosk.SetLogLevel(-1)  # Vosk writes its own log on stderr, before a person's eyes
        try:
            model = vosk.Model(str(self.path))
            model_proof.decode_a_second(model)
        except Exception as error:  # Vosk raises nothing narrower
            raise _unusable(self.path) from error
        if not model_proof.speaks_dutch(model):
            raise _not_dutch(self.path)
        return model


def knows(model: vosk.Model, word: str) -> bool:
    """Whether the model can hear this one word (Vosk's words are lower case)."""
    return bool(model.vosk_model_find_word(word) >= 0)


def unknown_words(model: vosk.Model, words: Iterable[str]) -> tuple[str, ...]:
    """The words that the model can't hear, each once, in the order given."""
    return tuple(word for word in dict.fromkeys(words) if not knows(model, word))


def find_model(named: Path | None, environment: Mapping[str, str]) -> SpeechModel:
    """Find and check the model to use, in the order that this module's first lines give.

    Only ``environment`` says where the user's files are: with an empty one, nothing but the
    embedded model and ``/usr/share/vosk`` is looked at.

    Raises:
        SpeechModelError: a model that is named, by the caller or the environment, is missing or
            damaged, or there is none at all.
    """
    variable = environment.get("SPIERTOLK_MODEL")
    asked: tuple[tuple[Path | None, Source], ...] = (
        (named, "named"),
        (Path(variable) if variable else None, "environment"),
    )
    for path, source in asked:
        if path is not None:
            return _checked(_resolve(path, environment), source)
    for path in kept_models(environment):
        try:
            return _checked(path, "vosk")
        except SpeechModelError:
            _LOG.warning("passing over the damaged speech model %s", path)
    return _checked(EMBEDDED, "embedded")


def model_directories(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The directories in which Vosk keeps models, in the order in which they are searched."""
    candidates = (
        environment.get("VOSK_MODEL_PATH"),
        SYSTEM_DIRECTORY,
        cache_directory(environment),
        Path(home, ".cache", "vosk") if (home := environment.get("HOME")) else None,
    )
    return tuple(dict.fromkeys(Path(path) for path in candidates if path))


def cache_directory(environment: Mapping[str, str]) -> Path | None:
    """Where the user's own models are kept and installed; None where the user has no home."""
    if cache := environment.get("XDG_CACHE_HOME"):
        return Path(cache, "vosk")
    return Path(home, ".cache", "vosk") if (home := environment.get("HOME")) else None


def kept_models(environment: Mapping[str, str]) -> Iterator[Path]:
    """The Dutch models that Vosk keeps, unchecked, best first in each directory.

    Raises:
        SpeechModelError: ``VOSK_MODEL_PATH`` names a directory that does not exist.
    """
    variable = environment.get("VOSK_MODEL_PATH")
    for directory in model_directories(environment):
        try:
            if looks_like_model(directory):
                yield directory
                continue
            names = [entry.name for entry in directory.iterdir() if entry.is_dir()]
        except OSError as error:
            if str(directory) == variable:
                raise SpeechModelError(
                    f"VOSK_MODEL_PATH wijst naar {shown(directory)}, maar die map kan ik niet "
                    "lezen; verbeter de naam of haal de variabele weg."
                ) from error
            continue
        dutch = (name for name in names if DUTCH_NAME.match(name))
        yield from (
            directory / name for name in sorted(dutch, key=lambda n: (n not in PREFERRED, n))
        )


def looks_like_model(path: Path) -> bool:
    """Whether the files are there by which Vosk tells a model."""
    return any(all((path / name).is_file() for name in layout) for layout in _LAYOUTS)


def check_model(path: Path) -> None:
    """Check a model directory without loading it into this process.

    A check that went well is remembered, for as long as this process runs and no file changes.

    Raises:
        SpeechModelError: what is wrong with it, in one sentence.
    """
    with _readable(path):
        _check_shape(path)
        _check_contents(path, _fingerprint(path))


@dataclass(frozen=True)
class Check:
    """One thing that ``model verify`` looked at. ``remark`` is a Dutch half-sentence."""

    subject: str
    passed: bool
    remark: str


def verify(path: Path) -> Iterator[Check]:
    """Check everything, sizes and sums of all files too, one result at a time.

    Raises:
        SpeechModelError: this is no model directory at all.
    """
    with _readable(path):
        _check_shape(path)
        manifest = read_manifest(path)
        if manifest is None:
            yield Check(MANIFEST, passed=True, remark="ontbreekt; alleen de proef telt")
        else:
            for name in manifest.sums:
                problem = file_problem(path, name, manifest, sums=True)
                yield Check(name, problem is None, problem or "in orde")
        try:
            prove_in_child(path)
            yield Check("proef", passed=True, remark="het model hoort een seconde geluid")
        except SpeechModelError as error:
            yield Check("proef", passed=False, remark=str(error))


def prove_in_child(path: Path, seconds: float = PROOF_SECONDS) -> None:
    """Let a child process load the model and decode a second of sound.

    Raises:
        SpeechModelError: it can't, or not within ``seconds``.
    """
    # -P: the child must not take its imports from this folder.
    command = [sys.executable, "-P", str(Path(model_proof.__file__)), str(path)]
    try:
        subprocess.run(  # noqa: S603  # our own program; the path is one argument, no shell
            command, check=True, timeout=seconds, stdin=subprocess.DEVNULL, capture_output=True
        )
    except subprocess.TimeoutExpired as error:
        raise SpeechModelError(
            f"Het spraakmodel in {shown(path)} reageert niet binnen {seconds:.0f} seconden; "
            "installeer het opnieuw of kies een ander model."
        ) from error
    except subprocess.CalledProcessError as error:
        not_dutch = error.returncode == model_proof.NOT_DUTCH
        raise (_not_dutch if not_dutch else _unusable)(path) from error


def _checked(path: Path, source: Source) -> SpeechModel:
    check_model(path)
    return SpeechModel(path, path.resolve().name, source)


def _resolve(path: Path, environment: Mapping[str, str]) -> Path:
    """Find a named model: a path, ``~`` included, or the bare name of a model that Vosk keeps."""
    home = environment.get("HOME")
    if path.parts[:1] == ("~",) and home:
        path = Path(home, *path.parts[1:])
    if len(path.parts) == 1 and not path.exists():
        for directory in (*model_directories(environment), EMBEDDED.parent):
            if (directory / path).is_dir():
                return directory / path
    return path


def _check_shape(path: Path) -> None:
    where = shown(path)
    if not path.exists():
        raise SpeechModelError(f"Er is geen spraakmodel in {where}; controleer de naam van de map.")
    if not path.is_dir():
        raise SpeechModelError(
            f"{where} is geen map; installeer een zipbestand met 'main.py model install {where}'."
            if path.suffix == ".zip"
            else f"{where} is geen map; geef de map op waarin het spraakmodel staat."
        )
    if looks_like_model(path):
        return
    inner = sorted(child for child in path.iterdir() if child.is_dir() and looks_like_model(child))
    hint = f"bedoelt u {shown(inner[0])}?" if inner else "kies een map met een Vosk-model."
    raise SpeechModelError(f"In de map {where} staat geen volledig spraakmodel; {hint}")


def _fingerprint(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every file: changes where a file does."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return tuple((str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files)


@functools.lru_cache(maxsize=8)  # an exception is not remembered, so only good models are
def _check_contents(path: Path, fingerprint: tuple[tuple[str, int, int], ...]) -> None:
    manifest = read_manifest(path)
    if manifest is None:
        prove_in_child(path)
        return
    problem = first_problem(path, manifest, sum(size for _, size, _ in fingerprint))
    if problem:
        raise SpeechModelError(
            f"Het spraakmodel in {shown(path)} is beschadigd ({problem}); installeer het opnieuw."
        )


def _not_dutch(path: Path) -> SpeechModelError:
    return SpeechModelError(
        f"Het spraakmodel in {shown(path)} is niet Nederlands; kies een Nederlands model."
    )


def _unusable(path: Path) -> SpeechModelError:
    return SpeechModelError(
        f"Het spraakmodel in {shown(path)} is beschadigd of past niet bij deze versie van Vosk; "
        "installeer het opnieuw of kies een ander model."
    )


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what the file system says into one sentence."""
    try:
        yield
    except PermissionError as error:
        raise SpeechModelError(
            f"Ik mag het spraakmodel in {shown(path)} niet lezen; "
            "vraag de beheerder om leesrechten."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a manifest or a name that is no text
        raise SpeechModelError(
            f"Ik kan het spraakmodel in {shown(path)} niet lezen ({_reason(error)}); "
            "controleer de naam of installeer het opnieuw."
        ) from error


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def shown(path: Path) -> str:
    """A path that can be printed, whatever bytes its name holds."""
    return str(path).encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
