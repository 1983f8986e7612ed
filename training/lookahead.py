"""OpenFst's ``olabel_lookahead`` transducer: which words can still follow from each state.

Vosk composes the lexicon graph (HCLr) with the language model (Gr) while it decodes; that is only
fast where each state knows the words that it leads to. Words are renumbered so that the words
below a state are one or a few intervals. Sources: C. Allauzen, M. Riley, J. Schalkwyk, "A
generalized composition algorithm for weighted finite-state transducers", Interspeech 2009; OpenFst
1.7.9, ``fst/label-reachable.h``, ``add-on.h``, ``matcher-fst.h`` (the file format).
"""

import struct
from dataclasses import dataclass

import numpy as np

from training.fst import EXPANDED, NOT_ACCEPTOR, OLABEL_SORTED, Fst, const_bytes, header_bytes

_ADD_ON_MAGIC = 446681434
_END = -1
Intervals = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Reach:
    """``number`` renumbers output labels from 1; ``intervals`` of a state are half-open ranges."""

    number: dict[int, int]
    end: int
    """The number that stands for the end of a path."""
    intervals: tuple[Intervals, ...]


def reach(fst: Fst) -> Reach:
    """Number the output labels and find the ones that can be met first from each state.

    Labels are numbered depth first, so those below a state of a tree follow each other.

    Raises:
        ValueError: states without output form a ring of more than one state.
    """
    number: dict[int, int] = {}
    found: list[Intervals | None] = [None] * fst.states
    opened: set[int] = set()
    for root in (fst.start, *range(fst.states)):
        stack = [root]
        while stack:
            state = stack[-1]
            labels, followers = _labels(fst, state), _silent_followers(fst, state)
            waiting = [follower for follower in followers if found[follower] is None]
            if found[state] is not None:
                stack.pop()
            elif waiting:
                if opened.intersection(waiting):
                    raise ValueError("states without output form a ring")
                for label in labels:
                    number.setdefault(label, len(number) + 1)
                opened.add(state)
                stack.extend(waiting)
            else:
                own = [number.setdefault(label, len(number) + 1) for label in labels]
                ranges = [(n, n + 1) for n in own]
                found[state] = _merged(ranges + [r for f in followers for r in found[f] or ()])
                opened.discard(state)
                stack.pop()
    end = number.pop(_END, len(number) + 1)
    return Reach(number, end, tuple(ranges or () for ranges in found))


def _labels(fst: Fst, state: int) -> list[int]:
    """Output labels that leave a state; the end of a path is one too."""
    labels = fst.leaving(state)["olabel"]
    found = [int(label) for label in labels[labels != 0]]
    return [*found, _END] if np.isfinite(fst.final[state]) else found


def _silent_followers(fst: Fst, state: int) -> list[int]:
    """States that can be reached without output, itself not counted."""
    arcs = fst.leaving(state)
    return sorted(set(arcs["next"][arcs["olabel"] == 0].tolist()) - {state})


def lookahead_bytes(fst: Fst, known: Reach) -> bytes:
    """The file of a transducer whose output labels are renumbered by ``known``."""
    arcs = fst.arcs.copy()
    table = np.zeros(max(known.number) + 1, np.int32)
    table[list(known.number)] = list(known.number.values())
    arcs["olabel"] = table[arcs["olabel"]]
    renumbered = Fst(fst.start, fst.final, fst.offsets, arcs).sorted_by("olabel")
    properties = NOT_ACCEPTOR | OLABEL_SORTED
    out = [
        header_bytes("olabel_lookahead", 1, EXPANDED | properties, (-1, 0, 0)),
        struct.pack("<i", _ADD_ON_MAGIC),
        const_bytes(renumbered, properties),
        # There is an add-on: none for input labels, one for output labels, which does not
        # reach input labels and keeps no relabelling.
        struct.pack("<5?", True, False, True, False, False),
        struct.pack("<iq", known.end, len(known.intervals)),
    ]
    for ranges in known.intervals:
        out.append(struct.pack("<q", len(ranges)))
        out.extend(struct.pack("<ii", *pair) for pair in ranges)
        out.append(struct.pack("<i", sum(end - begin for begin, end in ranges)))
    return b"".join(out)


def _merged(ranges: list[tuple[int, int]]) -> Intervals:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return tuple(merged)
