"""Graphs accept exactly what they should, and Vosk hears with them."""

import itertools
import json
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import vosk

from training import espeak
from training.fst import Builder, Fst, const_bytes, read_const
from training.graph import expand, grammar_fst, lexicon_fst, write_graph
from training.lexicon import Pronunciation, build_lexicon
from training.lookahead import lookahead_bytes, reach
from training.ngram import NGram, Words, mix, train
from training.topology import MONOPHONE, Topology, broad_classes, positioned

EMBEDDED = Path(__file__).parents[2] / "models"
MONO, CONTEXT = Topology(MONOPHONE), Topology(broad_classes())
TOY: dict[str, tuple[Pronunciation, ...]] = {
    "aa": (("a:",),), "aan": (("a:", "n"),), "na": (("n", "a:"), ("n", "A")), "ook": (("a:", "n"),),
}  # fmt: skip


def paths(fst: Fst, longest: int) -> Iterator[tuple[Words, Words]]:
    """All (input, output) labels of paths of at most ``longest`` arcs."""
    stack: list[tuple[int, Words, Words, int]] = [(fst.start, (), (), 0)]
    while stack:
        state, left, right, length = stack.pop()
        if np.isfinite(fst.final[state]):
            yield left, right
        if length < longest:
            for i, o, _, target in fst.leaving(state).tolist():
                stack.append((target, (*left, str(i)) if i else left,
                              (*right, str(o)) if o else right, length + 1))  # fmt: skip


@pytest.mark.parametrize("topology", [MONO, CONTEXT])
def test_the_lexicon_accepts_its_words_with_silence_anywhere_between(topology: Topology) -> None:
    ids = {word: n for n, word in enumerate(sorted(TOY), 1)}
    fst, marks = lexicon_fst(topology, TOY, ids)
    silence, first = str(topology.symbols["SIL"]), len(topology.symbols)
    assert marks >= 2
    found = set()
    for left, right in paths(fst, 9):
        phones = tuple(p for p in left if int(p) < first and p != silence)
        found.add((phones, right))
    one_word = {(p, w) for p, w in found if len(w) == 1}
    wanted = {
        (tuple(str(topology.symbols[x]) for x in positioned(form)), (str(ids[word]),))
        for word, forms in TOY.items() for form in forms
    }  # fmt: skip
    assert one_word == wanted
    assert ((), ()) in found


@pytest.mark.parametrize("topology", [MONO, CONTEXT])
def test_the_lexicon_is_deterministic_and_minimal(topology: Topology) -> None:
    ids = {word: n for n, word in enumerate(sorted(TOY), 1)}
    fst, _ = lexicon_fst(topology, TOY, ids)
    futures = set()
    for state in range(fst.states):
        arcs = fst.leaving(state)
        assert len(set(arcs["ilabel"].tolist())) == len(arcs)
        futures.add((float(fst.final[state]), tuple(map(tuple, np.sort(arcs).tolist()))))
    assert len(futures) == fst.states


def test_silence_between_words_is_as_likely_as_none() -> None:
    """All ways to say one word, with silence or none at either side, add up to one."""
    fst, _ = lexicon_fst(MONO, {"aa": (("a:",),)}, {"aa": 1})
    total = 0.0
    stack = [(fst.start, 0.0, 0)]
    while stack:
        state, cost, words = stack.pop()
        if np.isfinite(fst.final[state]) and words == 1:
            total += np.exp(-cost - float(fst.final[state]))
        stack += [
            (t, cost + w, words + (o > 0)) for _, o, w, t in fst.leaving(state).tolist()
            if words + (o > 0) <= 1
        ]  # fmt: skip
    assert total == pytest.approx(1.0)


def test_equal_sounding_words_are_told_apart_by_their_marks() -> None:
    ids = {word: n for n, word in enumerate(sorted(TOY), 1)}
    fst, _ = lexicon_fst(MONO, TOY, ids)
    outputs: dict[Words, set[Words]] = {}
    for left, right in paths(fst, 8):
        outputs.setdefault(left, set()).add(right)
    assert all(len(right) == 1 for right in outputs.values())


@pytest.mark.parametrize("topology", [MONO, CONTEXT])
def test_expansion_gives_each_phone_its_entry_and_its_loop(topology: Topology) -> None:
    out = Builder()
    a, b, c = out.state(), out.state(), out.state()
    first, second = topology.symbols["k_B"], topology.symbols["a:_E"]
    out.arc(a, first, 7, 0.5, b)
    out.arc(b, second, 0, 0.0, c)
    out.final(c)
    fst = expand(out.build(), topology)
    stay_k, enter_k = topology.transitions[first, topology.class_of("SIL")]
    stay_a, enter_a = topology.transitions[second, topology.class_of("k")]
    for n, m in itertools.product(range(3), range(3)):
        wanted = (str(enter_k), *[str(stay_k)] * n, str(enter_a), *[str(stay_a)] * m)
        assert (wanted, ("7",)) in set(paths(fst, n + m + 2))
    assert all(left[0] == str(enter_k) for left, _ in paths(fst, 4))


def test_the_embedded_model_has_our_transition_model() -> None:
    for path in EMBEDDED.glob("*/am/final.mdl"):
        data = path.read_bytes()
        end = data.index(b"<Nnet3> ")
        assert data[2:end] in (MONO.transition_model(), CONTEXT.transition_model())


def test_context_topology_numbers_every_state_once() -> None:
    used = {out for p in CONTEXT.phones for b in CONTEXT.phones for out in CONTEXT.states(p, b)}
    assert used == set(range(CONTEXT.outputs))
    ids = [i for pair in CONTEXT.transitions.values() for i in pair]
    assert set(ids) == set(range(1, CONTEXT.transition_count + 1))


def test_transducers_survive_being_written() -> None:
    ids = {word: n for n, word in enumerate(sorted(TOY), 1)}
    fst, _ = lexicon_fst(MONO, TOY, ids)
    const, end = read_const(data := const_bytes(fst, 0))
    assert end == len(data)
    assert const.start == fst.start
    assert np.array_equal(const.final, fst.final)
    assert np.array_equal(const.arcs, fst.arcs)


def test_reach_is_every_label_that_can_come_first() -> None:
    ids = {word: n for n, word in enumerate(sorted(TOY), 1)}
    fst, _ = lexicon_fst(MONO, TOY, ids)
    known = reach(fst)
    for state in range(fst.states):
        there = Fst(state, fst.final, fst.offsets, fst.arcs)
        wanted = {
            known.number[int(right[0])] if right else known.end for _, right in paths(there, 7)
        }
        found = {n for begin, end in known.intervals[state] for n in range(begin, end)}
        assert wanted == found


def test_our_lookahead_file_is_openfst_s() -> None:
    """``lookahead.fst`` was written by OpenFst 1.7.9: the same states reach the same labels."""
    reference = Path(__file__).parent / "lookahead.fst"
    data = reference.read_bytes()
    fst, end = read_const(data, data.index(struct.pack("<i", 446681434)) + 4)
    known = reach(fst)
    (states,) = struct.unpack_from("<q", data, end + 9)
    position = end + 17
    back = {n: label for label, n in known.number.items()} | {known.end: -1}
    (last,) = struct.unpack_from("<i", data, end + 5)
    for state in range(states):
        (count,) = struct.unpack_from("<q", data, position)
        theirs = struct.iter_unpack("<ii", data[position + 8 : position + 8 + 8 * count])
        labels = {-1 if n == last else n for b, e in theirs for n in range(b, e)}
        ours = {back[n] for b, e in known.intervals[state] for n in range(b, e)}
        assert labels == ours
        position += 8 + 8 * count + 4
    assert position == len(data)
    assert len(lookahead_bytes(fst, known)) == len(data)


def test_a_ring_without_words_is_refused() -> None:
    out = Builder()
    a, b = out.state(), out.state()
    out.arc(a, 1, 0, 0.0, b)
    out.arc(b, 2, 0, 0.0, a)
    out.final(b)
    with pytest.raises(ValueError, match="ring"):
        reach(out.build())


def cost(fst: Fst, labels: list[int]) -> float:
    """The cost of the one path without backing off, and of backing off where it must."""
    state, total = fst.start, 0.0
    for label in labels:
        arcs = fst.leaving(state)
        while label not in arcs["ilabel"]:
            back = arcs[arcs["ilabel"] == 0][0]
            total, state = total + float(back["weight"]), int(back["next"])
            arcs = fst.leaving(state)
        arc = arcs[arcs["ilabel"] == label][0]
        total, state = total + float(arc["weight"]), int(arc["next"])
    while not np.isfinite(fst.final[state]):
        back = fst.leaving(state)[fst.leaving(state)["ilabel"] == 0][0]
        total, state = total + float(back["weight"]), int(back["next"])
    return total + float(fst.final[state])


def test_the_grammar_costs_what_the_language_model_says() -> None:
    model = train([("aa", "na"), ("aan", "na", "aa"), ("ook", "na")])
    ids = {word: n for n, word in enumerate(sorted(TOY), 1)}
    fst = grammar_fst(model, ids)
    for sentence in (("aa", "na"), ("na", "na"), ("ook", "aan", "aa", "na")):
        padded = ("<s>", *sentence, "</s>")
        wanted = -sum(
            np.log(model.probability(w, model.state(padded[:i]))) for i, w in enumerate(padded) if i
        )
        assert cost(fst, [ids[w] for w in sentence]) == pytest.approx(wanted, rel=1e-4)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> vosk.Model:
    """The embedded acoustic model with a graph of a dozen words, two of them new in Dutch."""
    embedded = max(EMBEDDED.glob("*"))
    data = (embedded / "am" / "final.mdl").read_bytes()
    topology = MONO if data.startswith(MONO.transition_model(), 2) else CONTEXT
    folder = tmp_path_factory.mktemp("model")
    for part in ("am", "conf"):
        shutil.copytree(embedded / part, folder / part)
    sentences = [tuple(s.split()) for s in (
                 "mijn ooglid trilt al dagen", "ik heb kramp in mijn kuit",
                 "de flapdrol zoemt", "stop", "mijn flapdrol trilt")]  # fmt: skip
    model: NGram = mix([train(sentences)], [1.0], {"[unk]": 1e-3})
    words = {word for s in sentences for word in s}
    write_graph(folder / "graph", topology, build_lexicon(words).entries, model)
    vosk.SetLogLevel(-1)
    return vosk.Model(str(folder))


def hear(model: vosk.Model, text: str, *grammar: str) -> str:
    """What the model hears when espeak-ng says a text."""
    recognizer = vosk.KaldiRecognizer(model, 16_000, *grammar)
    quiet = np.zeros(8_000, np.int16)
    sound = np.concatenate([quiet, espeak.speak(text, "m3"), quiet])
    recognizer.AcceptWaveform(sound.tobytes())
    heard: str = json.loads(recognizer.FinalResult())["text"]
    return heard


@pytest.mark.parametrize("sentence", ["mijn ooglid trilt al dagen", "de flapdrol zoemt", "stop"])
def test_vosk_hears_with_our_graph_new_words_too(small_model: vosk.Model, sentence: str) -> None:
    assert small_model.vosk_model_find_word(sentence.rsplit(maxsplit=1)[-1]) >= 0
    assert hear(small_model, sentence) == sentence


def test_a_grammar_of_the_moment_works_and_rejects(small_model: vosk.Model) -> None:
    grammar = json.dumps(["stop", "de flapdrol zoemt", "[unk]"])
    assert hear(small_model, "stop", grammar) == "stop"
    assert "zoemt" in hear(small_model, "de flapdrol zoemt", grammar)
    assert hear(small_model, "ik heb kramp in mijn kuit", grammar) not in (
        "stop",
        "de flapdrol zoemt",
    )
