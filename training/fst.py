"""Finite-state transducers as numpy arrays, and OpenFst's file format for those that do not change.

No library of transducers is needed: what has to be deterministic and minimal is built so (see
``graph``). Two copies of OpenFst in one process, Vosk's and another one's, would hang or crash it.
Format: OpenFst 1.7.9, ``fst/fst.h`` (header) and ``const-fst.h``.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ARC = np.dtype([("ilabel", "<i4"), ("olabel", "<i4"), ("weight", "<f4"), ("next", "<i4")])
_STATE = np.dtype(
    [("final", "<f4"), ("pos", "<u4"), ("arcs", "<u4"), ("iepsilons", "<u4"), ("oepsilons", "<u4")]
)
_MAGIC = 2125659606
_CONST_VERSION = 2
EXPANDED = 0x1
ACCEPTOR, NOT_ACCEPTOR = 0x1_0000, 0x2_0000
ILABEL_SORTED, OLABEL_SORTED = 0x1000_0000, 0x4000_0000
INFINITY = np.float32(np.inf)


@dataclass(frozen=True, eq=False)
class Fst:
    """States and arcs.

    The arcs of state s are ``arcs[offsets[s]:offsets[s + 1]]``; it is final unless ``final[s]``
    is infinite.
    """

    start: int
    final: NDArray[np.float32]
    offsets: NDArray[np.int64]
    arcs: NDArray[np.void]

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.final)

    def leaving(self, state: int) -> NDArray[np.void]:
        """Arcs that leave a state."""
        return self.arcs[self.offsets[state] : self.offsets[state + 1]]

    def sorted_by(self, field: str) -> "Fst":
        """The same transducer with each state's arcs in the order of one label."""
        state = np.repeat(np.arange(self.states), np.diff(self.offsets))
        order = np.lexsort((self.arcs[field], state))
        return Fst(self.start, self.final, self.offsets, self.arcs[order])


class Builder:
    """Collects states and arcs in any order."""

    def __init__(self) -> None:
        self._arcs: list[tuple[int, int, int, int, float, int]] = []
        self._final: dict[int, float] = {}
        self.states = 0

    def state(self) -> int:
        """A new state; the first one is the start."""
        self.states += 1
        return self.states - 1

    def arc(self, source: int, ilabel: int, olabel: int, weight: float, target: int) -> None:
        """Add an arc."""
        self._arcs.append((source, len(self._arcs), ilabel, olabel, weight, target))

    def final(self, state: int, weight: float = 0.0) -> None:
        """Make a state final."""
        self._final[state] = weight

    def build(self) -> Fst:
        """The transducer; arcs of a state stay in the order in which they were added."""
        table = np.array([(i, o, w, n) for _, _, i, o, w, n in self._arcs], ARC)
        source = np.array([arc[0] for arc in self._arcs], np.int64)
        order = np.argsort(source, kind="stable")
        offsets = np.zeros(self.states + 1, np.int64)
        np.cumsum(np.bincount(source, minlength=self.states), out=offsets[1:])
        final = np.full(self.states, INFINITY, np.float32)
        for state, weight in self._final.items():
            final[state] = weight
        return Fst(0, final, offsets, table[order])


def const_bytes(fst: Fst, properties: int) -> bytes:
    """A ``const`` transducer as its file holds it; ``properties`` must be true of it."""
    state = np.repeat(np.arange(fst.states), np.diff(fst.offsets))
    table = np.zeros(fst.states, _STATE)
    table["final"] = fst.final
    table["pos"] = fst.offsets[:-1]
    table["arcs"] = np.diff(fst.offsets)
    for field, label in (("iepsilons", "ilabel"), ("oepsilons", "olabel")):
        table[field] = np.bincount(state[fst.arcs[label] == 0], minlength=fst.states)
    header = _header("const", _CONST_VERSION, EXPANDED | properties, fst)
    return header + table.tobytes() + fst.arcs.tobytes()


def read_const(data: bytes, position: int = 0) -> tuple[Fst, int]:
    """A ``const`` transducer and where it ends.

    Raises:
        ValueError: this is another kind of file.
    """
    kind, arc_count, start, states, position = _read_header(data, position)
    if kind != "const":
        raise ValueError(f"not a const transducer but {kind}")
    table = np.frombuffer(data, _STATE, states, position)
    position += table.nbytes
    arcs = np.frombuffer(data, ARC, arc_count, position)
    offsets = np.r_[table["pos"].astype(np.int64), arc_count]
    return Fst(start, table["final"].copy(), offsets, arcs), position + arcs.nbytes


def _header(kind: str, version: int, properties: int, fst: Fst) -> bytes:
    return header_bytes(kind, version, properties, (fst.start, fst.states, len(fst.arcs)))


def header_bytes(kind: str, version: int, properties: int, shape: tuple[int, int, int]) -> bytes:
    """OpenFst's header; ``shape`` is (start, states, arcs)."""
    names = b"".join(struct.pack("<i", len(n)) + n for n in (kind.encode(), b"standard"))
    return (
        struct.pack("<i", _MAGIC) + names + struct.pack("<iiQqqq", version, 0, properties, *shape)
    )


def _read_header(data: bytes, position: int) -> tuple[str, int, int, int, int]:
    (magic,) = struct.unpack_from("<i", data, position)
    if magic != _MAGIC:
        raise ValueError("no OpenFst file")
    position += 4
    names = []
    for _ in range(2):
        (length,) = struct.unpack_from("<i", data, position)
        names.append(data[position + 4 : position + 4 + length].decode())
        position += 4 + length
    *_, start, states, arcs = struct.unpack_from("<iiQqqq", data, position)
    return names[0], arcs, start, states, position + struct.calcsize("<iiQqqq")
