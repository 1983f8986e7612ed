"""Lists speech models and installs them where Vosk keeps its own, so that others share them.

An installation is all or nothing: the archive is fetched (or given), compared with a checksum,
unpacked beside its final place, proved by decoding, and only then renamed into place. Ctrl-C leaves
at most a download that the next run goes on with.
"""

import contextlib
import errno
import fcntl
import hashlib
import ipaddress
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from errors import SpeechModelError
from voice.model_archive import ArchiveError, Unpacking, unpack
from voice.model_download import Downloading, Patience, discard, download
from voice.model_manifest import MANIFEST, sha256_of, write_manifest
from voice.speech_model import (
    DUTCH_NAME,
    EMBEDDED,
    cache_directory,
    check_model,
    kept_models,
    looks_like_model,
    prove_in_child,
    shown,
)

MODEL_SITE = "https://alphacephei.com/vosk/models/"
_WORK_PREFIX = ".spiertolk-"
"""Begins with a dot: Vosk itself takes anything named ``vosk-model-nl…`` for a finished model."""
_AWKWARD = re.compile(r"[^A-Za-z0-9._-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_PERMISSION = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class Digest:
    """What the archive should hash to. MD5 tells damage, not malice: HTTPS tells the origin."""

    algorithm: Literal["sha256", "md5"]
    value: str


@dataclass(frozen=True)
class KnownModel:
    """An official Dutch model that can be installed by its name."""

    name: str
    archive_bytes: int
    digest: Digest
    licence: str

    @property
    def url(self) -> str:
        """Where the official site keeps the archive."""
        return f"{MODEL_SITE}{self.name}.zip"


KNOWN_MODELS = (
    # Size and sum as several independent projects that pin this file publish them.
    KnownModel(
        "vosk-model-small-nl-0.22",
        40_441_176,
        Digest("sha256", "039811c3b829de64e4f123a9f684a53784005b212a346ac0b899dc7efce2ed0a"),
        "U mag dit model vrij gebruiken, ook voor betaald werk (Apache-2.0).",
    ),
    # Size and MD5 as in Vosk's own model-list.json; no SHA-256 of it is known.
    KnownModel(
        "vosk-model-nl-spraakherkenning-0.6-lgraph",
        105_951_663,
        Digest("md5", "50c025bca2ebeb1dba54b3687632d92f"),
        "U mag dit model niet gebruiken voor betaald werk (CC BY-NC-SA).",
    ),
)
_EMBEDDED_LICENCE = (
    "U mag dit model gebruiken (Apache-2.0); over één punt is discussie: lees LICENSE.md bij het "
    "model voordat u het doorgeeft."
)
_UNKNOWN_LICENCE = "De licentie is niet bekend; kijk in de map van het model."


@dataclass(frozen=True)
class ListedModel:
    """A line of ``model list``. ``licence`` and ``problem`` are Dutch sentences."""

    name: str
    state: Literal["embedded", "installed", "available"]
    path: Path | None
    size: int
    """Bytes on disk; of the download where it is only available; 0 where there is a problem."""
    licence: str
    problem: str | None = None


@dataclass(frozen=True)
class Proving:
    """The archive is unpacked; now the model decodes a second of sound."""

    name: str


@dataclass(frozen=True)
class Installed:
    """The end: the model is in its place. ``sha256`` is that of the archive, where one was read."""

    path: Path
    name: str
    sha256: str | None
    was_there: bool
    found_by_itself: bool
    """Whether Spiertolk now takes it without being told; else it must be named by its path."""


Step = Downloading | Unpacking | Proving | Installed


@dataclass(frozen=True)
class _Order:
    """What is to be installed: from a URL, or from a file that is there already."""

    name: str
    """What the model is called where the archive does not say so."""
    origin: str | Path
    """A URL, or a zip file that is there already."""
    digest: Digest | None

    @property
    def title(self) -> str:
        """What to call the archive before a person."""
        archive = self.origin
        return shown(Path(archive.name)) if isinstance(archive, Path) else f"{self.name}.zip"


def list_models(environment: Mapping[str, str]) -> tuple[ListedModel, ...]:
    """The embedded model, the installed ones, each checked, and what could be installed."""
    licences = {known.name: known.licence for known in KNOWN_MODELS}
    kept = tuple(path for path in kept_models(environment) if path.resolve() != EMBEDDED.resolve())
    listed = [_listed(EMBEDDED, "embedded", _EMBEDDED_LICENCE)]
    listed += [
        _listed(path, "installed", licences.get(path.name, _UNKNOWN_LICENCE)) for path in kept
    ]
    listed += [
        ListedModel(known.name, "available", None, known.archive_bytes, known.licence)
        for known in KNOWN_MODELS
        if known.name not in {path.name for path in kept}
    ]
    return tuple(listed)


def install(
    source: str,
    environment: Mapping[str, str],
    sha256: str | None = None,
    patience: Patience | None = None,
) -> Generator[Step, None, None]:
    """Install a model by the name of a known one, from a URL or from a zip file.

    Gives progress, and ``Installed`` last. A known or named model that is there already, and whole,
    is left alone; a zip file always replaces what was there.

    Args:
        source: a name in ``KNOWN_MODELS``, an ``https`` URL, or the path of a zip file.
        environment: says where the user's models are (``XDG_CACHE_HOME``, ``HOME``).
        sha256: what the archive must hash to. An ``http`` URL needs one, unless on this machine.
        patience: how long to wait for a slow connection.

    Raises:
        SpeechModelError: what went wrong and what to do, in one sentence.
    """
    order = _understand(source, sha256)
    directory = cache_directory(environment)
    if directory is None:
        raise SpeechModelError("Ik weet niet waar modellen horen; zet XDG_CACHE_HOME op een map.")
    origin = order.origin
    target = directory / order.name
    if isinstance(origin, str) and _is_good(target):
        yield _installed(target, None, was_there=True)
        return
    with _workshop(directory):
        if isinstance(origin, Path):
            seen = _compare(origin, order)
            target = yield from _install_archive(origin, order, directory)
        else:
            seen, target = yield from _install_url(origin, order, directory, patience)
    yield _installed(target, seen, was_there=False)


def _install_url(
    url: str, order: _Order, directory: Path, patience: Patience | None
) -> Generator[Step, None, tuple[str, Path]]:
    """Fetch and install; the download is kept for as long as it may still be of use."""
    part = directory / f"{_WORK_PREFIX}{order.name}.zip.part"
    yield from download(url, part, patience)
    try:
        seen = _compare(part, order)
        target = yield from _install_archive(part, order, directory)
    except ArchiveError:
        discard(part)
        raise
    discard(part)
    return seen, target


def _install_archive(
    archive: Path, order: _Order, directory: Path
) -> Generator[Unpacking | Proving, None, Path]:
    """Unpack, prove and put in place; gives the path where the model now is."""
    with tempfile.TemporaryDirectory(prefix=_WORK_PREFIX, dir=directory) as work:
        yield from unpack(archive, Path(work, "new"), order.title)
        model = _model_in(Path(work, "new"), order)
        yield Proving(model.name)
        _accept(model)
        target = directory / model.name
        _put_in_place(model, target, Path(work, "old"))
    return target


def _listed(path: Path, state: Literal["embedded", "installed"], licence: str) -> ListedModel:
    try:
        check_model(path)
    except SpeechModelError as error:
        return ListedModel(path.name, state, path, 0, licence, str(error))
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return ListedModel(path.name, state, path, size, licence)


def _understand(source: str, sha256: str | None) -> _Order:
    """Tell name, URL and file apart, before anything is touched."""
    digest = Digest("sha256", sha256.strip().lower()) if sha256 else None
    if digest and not _SHA256.fullmatch(digest.value):
        raise SpeechModelError("Een SHA-256 bestaat uit 64 cijfers en letters a-f; controleer hem.")
    for known in KNOWN_MODELS:
        if source.removesuffix(".zip") == known.name and not Path(source).exists():
            return _Order(known.name, known.url, digest or known.digest)
    if "://" in source:
        return _order_from_url(source, digest)
    path = Path(source)
    if not path.is_file():
        names = " of ".join(known.name for known in KNOWN_MODELS)
        raise SpeechModelError(
            f"Ik ken geen model en geen zipbestand {shown(path)}; "
            f"kies {names}, een zipbestand of een adres dat met https:// begint."
        )
    return _Order(_good_name(path.stem), path, digest)


def _order_from_url(url: str, digest: Digest | None) -> _Order:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or parts.scheme not in {"https", "http"}:
        raise SpeechModelError(f"Het adres {url!r} klopt niet; het moet met https:// beginnen.")
    if parts.scheme == "http" and digest is None and not _is_this_machine(host):
        raise SpeechModelError(
            "Een adres met http:// is niet veilig; gebruik https:// of geef --sha256 op."
        )
    name = _good_name(Path(parts.path).name.removesuffix(".zip"))
    pinned = next((known.digest for known in KNOWN_MODELS if known.name == name), None)
    return _Order(name, url, digest or pinned)  # a mirror must give the very same bytes


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _good_name(name: str) -> str:
    """Make a name that any program can use; a browser calls a second download "model (1).zip"."""
    return _AWKWARD.sub("-", name)[:100].strip("-.") or "spraakmodel"


def _is_good(path: Path) -> bool:
    try:
        check_model(path)
    except SpeechModelError:
        return False
    return True


@contextlib.contextmanager
def _workshop(directory: Path) -> Iterator[None]:
    """Hold the one lock on the directory, clean up after a killed run, put disk errors in words."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with (directory / f"{_WORK_PREFIX}lock").open("w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SpeechModelError(
                    "Er wordt al een model geïnstalleerd; wacht tot dat klaar is."
                ) from error
            for left_over in directory.glob(f"{_WORK_PREFIX}*/"):
                shutil.rmtree(left_over)
            yield
    except OSError as error:
        raise _disk_error(directory, error) from error


def _disk_error(directory: Path, error: OSError) -> SpeechModelError:
    where = shown(directory)
    if error.errno in _DISK_FULL:
        return SpeechModelError(f"De schijf met {where} is vol; maak ruimte vrij.")
    if error.errno in _NO_PERMISSION:
        return SpeechModelError(
            f"Ik mag niet schrijven in {where}; zet XDG_CACHE_HOME op een map waar dat wel mag."
        )
    return SpeechModelError(f"Ik kan niet schrijven in {where} ({error.strerror}).")


def _compare(archive: Path, order: _Order) -> str:
    """Compare the archive with its digest, and give its SHA-256 for the record."""
    try:
        seen = sha256_of(archive)
        expected = order.digest
        if expected is None or expected.value == seen:
            return seen
        if expected.algorithm == "md5":
            with archive.open("rb") as stream:
                if hashlib.file_digest(stream, "md5").hexdigest() == expected.value:
                    return seen
    except OSError as error:
        raise SpeechModelError(f"Ik kan {shown(archive)} niet lezen ({error.strerror}).") from error
    raise ArchiveError(
        f"De controlesom van {order.title} klopt niet: {expected.value[:16]}… verwacht, de SHA-256 "
        f"is {seen}; ik installeer het niet."
    )


def _model_in(unpacked: Path, order: _Order) -> Path:
    """The model in what was unpacked: its one folder, or everything, under the archive's name."""
    if looks_like_model(unpacked):
        return unpacked.rename(unpacked.with_name(order.name))
    models = [child for child in unpacked.iterdir() if child.is_dir() and looks_like_model(child)]
    if len(models) != 1:
        raise ArchiveError(f"In {order.title} zit geen spraakmodel van Vosk.")
    return models[0].rename(models[0].with_name(_good_name(models[0].name)))


def _accept(model: Path) -> None:
    """Prove the model and remember that in its manifest, unless it came with one of its own."""
    has_manifest = (model / MANIFEST).exists()
    try:
        if has_manifest:
            check_model(model)
        prove_in_child(model)
    except SpeechModelError as error:
        raise ArchiveError(
            f"Het model {model.name} is opgehaald, maar is beschadigd of niet Nederlands; "
            "haal het opnieuw op of kies een ander model."
        ) from error
    if not has_manifest:
        write_manifest(model)


def _put_in_place(model: Path, target: Path, aside: Path) -> None:
    """Rename the finished model into place; a damaged or older one makes room first."""
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        target.rename(aside)
    model.replace(target)


def _installed(path: Path, sha256: str | None, *, was_there: bool) -> Installed:
    return Installed(path, path.name, sha256, was_there, bool(DUTCH_NAME.match(path.name)))
