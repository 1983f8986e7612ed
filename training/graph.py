"""The decoding graph that Vosk reads: HCLr (sounds to words) and Gr (the language model).

The lexicon L is deterministic, thanks to its disambiguation symbols; its phones become transition
ids with a loop on each state; what remains is turned into a look-ahead transducer that Vosk
composes with Gr, or with the grammar of the moment, while it decodes. Sources: M. Mohri, F.
Pereira, M. Riley, "Speech recognition with weighted finite-state transducers", Springer Handbook
of Speech Processing, 2008; Kaldi documentation "Decoding graph construction in Kaldi"
(``graph.html``) and ``utils/mkgraph_lookahead.sh``.
"""

import math
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

import numpy as np

from training.fst import (
    ACCEPTOR,
    ILABEL_SORTED,
    OLABEL_SORTED,
    Builder,
    Fst,
    const_bytes,
)
from training.lexicon import Pronunciation
from training.lookahead import lookahead_bytes, reach
from training.ngram import BEGIN, END, NGram
from training.phones import NOISE, SILENCE
from training.topology import Topology, bare, positioned

UNKNOWN = "[unk]"
_SILENCE_COST = math.log(2)
"""Silence between words is as likely as none."""
Entries = Mapping[str, tuple[Pronunciation, ...]]


def write_graph(folder: Path, topology: Topology, entries: Entries, model: NGram) -> None:
    """Write all files of a Vosk model's ``graph`` folder.

    ``entries`` gives the pronunciations of every word of the language model.
    """
    words = (UNKNOWN, *sorted(entries))
    spoken = {UNKNOWN: ((NOISE,),), **entries}
    lexicon, extra = lexicon_fst(topology, spoken, {word: n for n, word in enumerate(words, 1)})
    sounds = expand(lexicon, topology)
    known = reach(sounds)
    ids = {word: known.number[n] for n, word in enumerate(words, 1)}
    (folder / "phones").mkdir(parents=True, exist_ok=True)
    (folder / "HCLr.fst").write_bytes(lookahead_bytes(sounds, known))
    grammar = grammar_fst(model, ids)
    properties = ACCEPTOR | ILABEL_SORTED | OLABEL_SORTED
    (folder / "Gr.fst").write_bytes(const_bytes(grammar, properties))
    ids |= {name: known.end + n for n, name in enumerate(("#0", BEGIN, END), 1)}
    _write_tables(folder, topology, ids, extra)


def _write_tables(folder: Path, topology: Topology, ids: Mapping[str, int], extra: int) -> None:
    rows = sorted((number, word) for word, number in ids.items())
    lines = ["<eps> 0\n", *(f"{word} {number}\n" for number, word in rows)]
    (folder / "words.txt").write_text("".join(lines), "utf-8")
    first = topology.transition_count + 1
    lines = [f"{first + n}\n" for n in range(extra + 1)]
    (folder / "disambig_tid.int").write_text("".join(lines), "utf-8")
    phones = {**topology.symbols}
    phones |= {f"#{n}": len(topology.symbols) + n for n in range(extra + 1)}
    lines = [f"{phone} {number}\n" for phone, number in phones.items()]
    (folder / "phones.txt").write_text("".join(lines), "utf-8")
    (folder / "phones" / "word_boundary.int").write_text(topology.boundaries(), "utf-8")


def lexicon_fst(topology: Topology, entries: Entries, ids: Mapping[str, int]) -> tuple[Fst, int]:
    """L as a deterministic and minimal transducer, and the number of its disambiguation symbols.

    Words are a tree of phones from one root, each given out as soon as it is the only one left;
    equal endings are shared. After each word there may be silence. A pronunciation that begins or
    equals another one ends in a symbol ``#k`` of its own, as does silence; ``#k`` has the id
    ``len(topology.symbols) + k``. This is what determinising and minimising the plain lexicon
    gives, built at once.
    """
    forms = [(w, positioned(p)) for w in sorted(entries) for p in entries[w]]
    marks = _disambiguation([form for _, form in forms])
    silence_mark = max(marks) + 1
    first_mark = len(topology.symbols)
    spelled = []
    for (word, form), mark in zip(forms, marks, strict=True):
        labels = [topology.symbols[phone] for phone in form] + ([first_mark + mark] if mark else [])
        spelled.append((tuple(labels), ids[word]))
    out = Builder()
    between, closed = out.state(), out.state()
    root = _tree(out, sorted(spelled), between)
    out.arc(between, 0, 0, _SILENCE_COST, root)
    out.arc(between, topology.symbols[SILENCE], 0, _SILENCE_COST, closed)
    out.arc(closed, first_mark + silence_mark, 0, 0.0, root)
    out.final(root)
    return out.build(), silence_mark


def _tree(out: Builder, spelled: list[tuple[tuple[int, ...], int]], end: int) -> int:
    """The state from which all spellings lead to ``end``; they are sorted and all different."""
    known: dict[tuple[tuple[int, int, int], ...], int] = {}

    def state_of(group: list[tuple[tuple[int, ...], int]], depth: int, told: bool) -> int:
        arcs = []
        for label, members in groupby(group, lambda item: item[0][depth]):
            below = list(members)
            output = below[0][1] if len(below) == 1 and not told else 0
            last = len(below[0][0]) == depth + 1
            target = end if last else state_of(below, depth + 1, told or bool(output))
            arcs.append((label, output, target))
        return known[key] if (key := tuple(arcs)) in known else known.setdefault(key, add(key))

    def add(arcs: tuple[tuple[int, int, int], ...]) -> int:
        state = out.state()
        for label, output, target in arcs:
            out.arc(state, label, output, 0.0, target)
        return state

    return state_of(spelled, 0, told=False)


def _disambiguation(forms: list[tuple[str, ...]]) -> list[int]:
    """For each form 0, or a number that sets it apart from equal forms and longer ones."""
    counts = Counter(forms)
    beginnings = {form[:n] for form in forms for n in range(1, len(form))}
    used: Counter[tuple[str, ...]] = Counter()
    marks = []
    for form in forms:
        used[form] += 1
        marks.append(used[form] if counts[form] > 1 or form in beginnings else 0)
    return marks


def expand(fst: Fst, topology: Topology) -> Fst:
    """Phones to transition ids: a state for each way in, so that it can hold that phone's loop.

    A state also remembers the class of the last phone, on which the next one's states depend.
    Disambiguation symbols become ids above the last transition id.
    """
    names = {number: name for name, number in topology.symbols.items()}
    classes = {number: topology.class_of(bare(name)) for number, name in names.items() if number}
    first_mark, mark_ids = len(topology.symbols), topology.transition_count + 1
    out = Builder()
    known: dict[tuple[int, int, int], int] = {}
    queue: list[tuple[int, int, int]] = []

    def state_of(key: tuple[int, int, int]) -> int:
        if key not in known:
            known[key] = out.state()
            queue.append(key)
        return known[key]

    state_of((fst.start, 0, topology.class_of(SILENCE)))
    for key in queue:
        state, stay, before = key
        me = known[key]
        if stay:
            out.arc(me, stay, 0, 0.0, me)
        for label, olabel, weight, target in fst.leaving(state).tolist():
            if 0 < label < first_mark:
                stay_there, enter = topology.transitions[label, before]
                follower = state_of((target, stay_there, classes[label]))
                out.arc(me, enter, olabel, weight, follower)
            else:
                mark = label - first_mark + mark_ids if label else 0
                out.arc(me, mark, olabel, weight, state_of((target, 0, before)))
        if np.isfinite(fst.final[state]):
            out.final(me, float(fst.final[state]))
    return out.build()


def grammar_fst(model: NGram, ids: Mapping[str, int]) -> Fst:
    """The n-gram model as an acceptor; backing off is an epsilon arc."""
    states: dict[tuple[str, ...], int] = {}
    out = Builder()
    histories = sorted(model.histories(), key=lambda h: (h != (BEGIN,), h))
    for history in histories:
        states[history] = out.state()
    for history in histories:
        source = states[history]
        for word, probability in model.following(history).items():
            cost = -math.log(probability)
            if word == END:
                out.final(source, cost)
            elif word != BEGIN:
                out.arc(source, ids[word], ids[word], cost, states[model.state((*history, word))])
        if history:
            back = states[model.state(history[1:])]
            out.arc(source, 0, 0, -math.log(model.backoff(history)), back)
    return out.build().sorted_by("ilabel")
