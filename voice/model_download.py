"""Downloads one large file: resumable, and bounded in time, tries and size.

What has arrived is kept in a ``.part`` file; beside it a small note tells which version of the file
it belongs to (URL and ETag or Last-Modified), so that a later run goes on where this one stopped
and never glues two versions together. Only the standard library is used.
"""

import http.client
import json
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from errors import SpeechModelError

BLOCK = 256 * 1024
"""Bytes per read at most, and so per progress report."""
MAX_BYTES = 4 * 2**30
"""The largest Vosk models are 2 to 3 GB; anything larger is a mistake or malice."""
ENOUGH_PROGRESS = 64 * 1024
"""Bytes that a try must add to count as progress, and that must come in as long as we wait for a
single one (`Patience.timeout`), so that a trickle can't go on for ever."""

_TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE_NOT_SATISFIABLE = 416
_LENGTH = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Patience:
    """How long to wait for a slow or broken connection."""

    timeout: float = 20.0
    """Seconds without a byte, or with next to none, after which a connection counts as broken."""
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """Seconds to wait before each further try; then we give up. Progress starts the count again."""


@dataclass(frozen=True)
class Downloading:
    """Progress in bytes, what an earlier run fetched included; ``total`` is None where unknown."""

    received: int
    total: int | None


@dataclass(frozen=True)
class _Note:
    """Which version of which file a part belongs to."""

    url: str
    validator: str | None
    total: int | None


class _BrokenError(Exception):
    """This try failed in a way that may be better the next time."""


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from an encrypted connection to another kind."""

    def redirect_request(  # the signature is urllib's
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise SpeechModelError(
                f"De server {req.host} verwijst naar een onbeveiligd adres; ik haal daar niets op."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(url: str, part: Path, patience: Patience | None = None) -> Iterator[Downloading]:
    """Fetch ``url`` into ``part``, going on where an earlier try or run stopped.

    When the iterator ends the file is whole, as far as the server told its length.

    Raises:
        SpeechModelError: it can't be fetched; what has arrived is kept for the next time.
        OSError: ``part`` can't be written.
    """
    patience = patience or Patience()
    failures = 0
    while True:
        before = _size(part)
        try:
            yield from _try_once(url, part, patience.timeout)
        except _BrokenError as error:
            failures = 1 if _size(part) >= before + ENOUGH_PROGRESS else failures + 1
            if failures > len(patience.pauses):
                raise SpeechModelError(
                    f"Het downloaden van {_host(url)} lukt niet ({error}); probeer het later "
                    "opnieuw, ik ga dan verder waar ik was."
                ) from error
            time.sleep(patience.pauses[failures - 1])
        else:
            return


def discard(part: Path) -> None:
    """Remove a part and its note, where they are there."""
    part.unlink(missing_ok=True)
    _note_path(part).unlink(missing_ok=True)


def _try_once(url: str, part: Path, timeout: float) -> Iterator[Downloading]:
    note = _read_note(part, url)
    offset = _size(part) if note and note.validator else 0
    if note and offset and offset == note.total:
        yield Downloading(offset, note.total)
        return
    with _open(url, offset, note, timeout, part) as response:
        offset, total = _place(response, offset)
        if (total or 0) > MAX_BYTES:
            raise SpeechModelError(f"Het bestand op {_host(url)} is te groot voor een spraakmodel.")
        _write_note(part, _Note(url, _validator(response), total))
        with part.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            for block in _blocks(response, timeout):
                file.write(block)
                offset += len(block)
                if offset > (total or MAX_BYTES):
                    raise _BrokenError("er komt meer dan was aangekondigd")
                yield Downloading(offset, total)
    if total is not None and offset < total:
        raise _BrokenError("de verbinding brak af")


def _open(
    url: str, offset: int, note: _Note | None, timeout: float, part: Path
) -> http.client.HTTPResponse:
    """Ask for the file from ``offset`` on; sort what goes wrong into "later" and "never"."""
    headers = {"User-Agent": "spiertolk", "Accept-Encoding": "identity"}
    if offset and note and note.validator:
        headers |= {"Range": f"bytes={offset}-", "If-Range": note.validator}
    opener = urllib.request.build_opener(_SafeRedirects)
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  # http(s) only: see install()
        response: http.client.HTTPResponse = opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _RANGE_NOT_SATISFIABLE:
            discard(part)
        if error.code in _TRY_LATER or error.code == _RANGE_NOT_SATISFIABLE:
            raise _BrokenError(f"de server antwoordt met {error.code}") from error
        raise SpeechModelError(
            f"De server {_host(url)} geeft het model niet (fout {error.code}); "
            "controleer het adres."
        ) from error
    except (http.client.InvalidURL, ValueError) as error:
        raise SpeechModelError(f"Het adres {url!r} klopt niet; controleer het.") from error
    except (OSError, http.client.HTTPException) as error:
        raise _connection_error(url, error) from error
    return response


def _connection_error(url: str, error: Exception) -> Exception:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, socket.gaierror):
        return SpeechModelError(
            f"Ik kan {_host(url)} niet vinden; controleer het adres en de internetverbinding."
        )
    if isinstance(reason, ssl.SSLCertVerificationError):
        return SpeechModelError(
            f"De beveiligde verbinding met {_host(url)} is niet te vertrouwen; controleer de klok "
            "van deze computer en het netwerk."
        )
    return _BrokenError(
        "er komt geen antwoord" if isinstance(reason, TimeoutError) else "geen verbinding"
    )


def _place(response: http.client.HTTPResponse, offset: int) -> tuple[int, int | None]:
    """Where this answer begins in the file, and how long the whole file is."""
    size = _bytes(response.headers.get("Content-Length", ""))
    if response.status != http.client.PARTIAL_CONTENT:
        return 0, size
    unit, _, span = response.headers.get("Content-Range", "").partition(" ")
    start, _, rest = span.partition("-")
    if unit != "bytes" or start != str(offset):
        raise _BrokenError("de server stuurt een ander stuk dan gevraagd")
    return offset, _bytes(rest.partition("/")[2])


def _bytes(number: str) -> int | None:
    """A length as a server tells it; None where it is no number, or one that no disk could hold."""
    return int(number) if _LENGTH.fullmatch(number) else None


def _blocks(response: http.client.HTTPResponse, timeout: float) -> Iterator[bytes]:
    """What comes in, as it comes in: to wait for more of it could take for ever."""
    waited, received = 0.0, 0
    while True:
        begin = time.monotonic()
        try:
            block = response.read1(BLOCK)
        except TimeoutError as error:
            raise _BrokenError("er komt niets meer binnen") from error
        except (OSError, http.client.HTTPException) as error:
            raise _BrokenError("de verbinding brak af") from error
        if not block:
            return
        waited, received = waited + time.monotonic() - begin, received + len(block)
        yield block
        if waited >= timeout:
            if received < ENOUGH_PROGRESS:
                raise _BrokenError("er komt bijna niets meer binnen")
            waited, received = 0.0, 0


def _validator(response: http.client.HTTPResponse) -> str | None:
    """What tells this version of the file from another; a weak ETag may not (RFC 9110, 13.1.5)."""
    etag: str | None = response.headers.get("ETag")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")


def _note_path(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_note(part: Path, url: str) -> _Note | None:
    """The note of an earlier try for this URL; None where there is none that can be trusted."""
    try:
        fields: Any = json.loads(_note_path(part).read_text("utf-8"))
        validator, total = fields["validator"], fields["total"]
        if fields["url"] != url or not _fits_in_a_header(validator):
            return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return _Note(url, validator, total)


def _fits_in_a_header(validator: object) -> bool:
    return validator is None or (
        isinstance(validator, str) and validator.isascii() and validator.isprintable()
    )


def _write_note(part: Path, note: _Note) -> None:
    _note_path(part).write_text(json.dumps(asdict(note)), "utf-8")


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
