"""Kaldi's binary values, read and written: tokens, numbers, vectors and matrices.

Source: "Kaldi I/O mechanisms" (kaldi-asr.org/doc/io.html) and ``base/io-funcs.h``. Each basic
number is preceded by a byte with its size; tokens end with a space; matrices start with their type.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINARY_MARK = b"\0B"
_VECTORS: dict[str, np.dtype[Any]] = {"FV": np.dtype("<f4"), "DV": np.dtype("<f8")}
_MATRICES: dict[str, np.dtype[Any]] = {"FM": np.dtype("<f4"), "DM": np.dtype("<f8")}
_COMPACT, _LEVELS = "CM2", 0xFFFF
"""A matrix at 16 bits, and the number of steps between its least and its largest value
(``matrix/compressed-matrix.h``)."""


class Reader:
    """Reads values one after the other from ``data``, starting at ``position``."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    def token(self) -> str:
        """The next word, up to a space."""
        end = self.data.index(b" ", self.position)
        token = self.data[self.position : end].decode("utf-8")
        self.position = end + 1
        return token

    def expect(self, *tokens: str) -> None:
        """Read tokens that must be there.

        Raises:
            ValueError: something else is there.
        """
        for wanted in tokens:
            found = self.token()
            if found != wanted:
                raise ValueError(f"expected {wanted} at byte {self.position}, found {found}")

    def integer(self) -> int:
        """A 32-bit integer."""
        size, value = struct.unpack_from("<bi", self.data, self.position)
        if size != 4:
            raise ValueError(f"no integer at byte {self.position}")
        self.position += 5
        return int(value)

    def number(self) -> np.floating:
        """A float of 4 or 8 bytes, of the type that says which."""
        size = self.data[self.position]
        if size not in (4, 8):
            raise ValueError(f"no number at byte {self.position}")
        kind = np.float32 if size == 4 else np.float64
        (value,) = np.frombuffer(self.data, kind, 1, self.position + 1)
        self.position += 1 + size
        return value  # type: ignore[no-any-return]

    def truth(self) -> bool:
        """A boolean, written as T or F."""
        letter = self.data[self.position : self.position + 1]
        if letter not in (b"T", b"F"):
            raise ValueError(f"no boolean at byte {self.position}")
        self.position += 1
        return letter == b"T"

    def integers(self) -> NDArray[np.int32]:
        """A vector of 32-bit integers."""
        size, count = struct.unpack_from("<bi", self.data, self.position)
        if size != 4:
            raise ValueError(f"no integer vector at byte {self.position}")
        values = np.frombuffer(self.data, "<i4", count, self.position + 5).copy()
        self.position += 5 + 4 * count
        return values

    def vector(self) -> NDArray[np.floating]:
        """A vector of floats."""
        kind = _VECTORS[self.token()]
        return self._array(kind, self.integer())

    def matrix(self) -> NDArray[np.floating]:
        """A matrix of floats, rows first; a compact one as 32-bit floats."""
        kind = self.token()
        if kind == _COMPACT:
            least, spread, rows, columns = struct.unpack_from("<ffii", self.data, self.position)
            self.position += struct.calcsize("<ffii")
            levels = self._array(np.dtype("<u2"), rows * columns).reshape(rows, columns)
            return np.asarray(least + spread / _LEVELS * levels, np.float32)
        rows, columns = self.integer(), self.integer()
        return self._array(_MATRICES[kind], rows * columns).reshape(rows, columns)

    def _array(self, kind: np.dtype[Any], count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, kind, count, self.position).copy()
        self.position += values.nbytes
        return values


class Writer:
    """Collects values; ``data`` is what to write to a file."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    @property
    def data(self) -> bytes:
        """All that was written so far."""
        return b"".join(self._parts)

    def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self._parts.append(data)

    def token(self, *tokens: str) -> None:
        """Words, each ended by a space."""
        self._parts.extend(token.encode() + b" " for token in tokens)

    def integer(self, *values: int) -> None:
        """32-bit integers, each with its size byte."""
        self._parts.extend(struct.pack("<bi", 4, value) for value in values)

    def number(self, *values: float | np.floating) -> None:
        """Floats: of 8 bytes where numpy says that they have them, else of 4."""
        for value in values:
            double = isinstance(value, np.float64)
            packed = struct.pack("<bd", 8, value) if double else struct.pack("<bf", 4, value)
            self._parts.append(packed)

    def truth(self, value: bool) -> None:
        """A boolean."""
        self._parts.append(b"T" if value else b"F")

    def integers(self, values: ArrayLike) -> None:
        """A vector of 32-bit integers."""
        array = np.asarray(values, "<i4")
        self._parts.append(struct.pack("<bi", 4, len(array)) + array.tobytes())

    def vector(self, values: ArrayLike) -> None:
        """A vector of 32-bit floats."""
        array = np.ascontiguousarray(values, "<f4")
        self.token("FV")
        self.integer(len(array))
        self._parts.append(array.tobytes())

    def matrix(self, values: ArrayLike) -> None:
        """A matrix of 32-bit floats."""
        array = np.ascontiguousarray(values, "<f4")
        self.token("FM")
        self.integer(*array.shape)
        self._parts.append(array.tobytes())

    def compact_matrix(self, values: ArrayLike) -> None:
        """A matrix at 16 bits, half as large: evenly from its least to its largest value."""
        array = np.asarray(values, np.float64)
        least, spread = np.float32(array.min()), np.float32(np.ptp(array))
        levels = np.rint((array - least) / (spread or 1) * _LEVELS).clip(0, _LEVELS)
        self.token(_COMPACT)
        self._parts.append(struct.pack("<ffii", least, spread, *array.shape))
        self._parts.append(levels.astype("<u2").tobytes())
