"""Results kept as they come, one line each, so that nothing is measured twice after a stop."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from errors import EvaluationError
from evaluation.hearing import Measurement, measurement_from


class Store:
    """A file of measurements by key; a line that was cut off by a power cut does not count.

    Args:
        path: the file; it and its folder are made where they are missing.

    Raises:
        EvaluationError: it can't be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("a+b")
        except OSError as error:
            raise self._unwritable() from error
        self._known = dict(self._read())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def get(self, key: str) -> Measurement | None:
        """The measurement of this key, if there is one."""
        return self._known.get(key)

    def add(self, key: str, measurement: Measurement) -> None:
        """Keep a measurement, at once and whole."""
        line = json.dumps({"key": key, **measurement.to_json()}, ensure_ascii=False)
        try:
            self._file.write(line.encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._unwritable() from error
        self._known[key] = measurement

    def _read(self) -> Iterable[tuple[str, Measurement]]:
        self._file.seek(0)
        content = self._file.read()
        if content and not content.endswith(b"\n"):
            self._file.write(b"\n")  # the next line must not join the broken one
        for line in content.splitlines():
            try:
                data = json.loads(line)
                yield str(data["key"]), measurement_from(data)
            except (ValueError, KeyError, TypeError):
                continue

    def _unwritable(self) -> EvaluationError:
        return EvaluationError(
            f"Het bestand '{self._path}' kan niet geschreven worden: kies met --out een map met "
            "schrijfrechten en genoeg ruimte."
        )


def fingerprint(*parts: object) -> str:
    """A short name for all of this together; any change gives another one."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def files_fingerprint(root: Path, patterns: Iterable[str]) -> str:
    """A name for the contents of all files of these patterns below ``root``."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]
