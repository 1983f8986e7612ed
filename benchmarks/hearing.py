"""From sound to topic: the held-out sentences spoken, recognised and understood, with the peers.

The recogniser is the product's for all: what differs is what they make of its words.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import vosk  # type: ignore[import-untyped]

from benchmarks.heldout import KINDS, Sentence
from benchmarks.peers import Peer
from benchmarks.recordings import CONDITIONS, LEAD, TAIL, Recording, record
from benchmarks.systems import Answer, Answers, Contestant, Product
from benchmarks.understanding import (
    VERDICT_COLUMNS,
    confusion_table,
    red_flag_table,
    verdict_shares,
)
from evaluation.metrics import Share, percentile
from evaluation.outcomes import Outcome, together
from evaluation.tables import Cell, Table
from evaluation.words import count_errors, total
from voice.audio import SAMPLE_RATE
from voice.recognizer import Utterance, transcribe
from voice.speech_model import SpeechModel, find_model

BEST_LINE = "spiertolk, best line only"
"""The product without the recogniser's other readings: what those are worth."""
_BLOCK = SAMPLE_RATE // 10


@dataclass(frozen=True)
class Hearing:
    """What was heard of one recording under one condition."""

    recording: Recording
    utterances: tuple[Utterance, ...]
    seconds: float
    """Spent on decoding, on one core."""

    @property
    def words(self) -> list[str]:
        """All words, in lower case."""
        return " ".join(utterance.text for utterance in self.utterances).split()

    @property
    def delay(self) -> float | None:
        """Seconds of sound from the end of the last word until the last utterance had settled."""
        if not self.utterances:
            return None
        return self.utterances[-1].settled_at - self.recording.ends


def model_in_use() -> SpeechModel:
    """The speech model that the product finds on this machine."""
    return find_model(None, None, os.environ)


def hearing(
    systems: Sequence[Contestant], sentences: Sequence[Sentence], say: Callable[[str], None]
) -> Iterator[Table]:
    """All tables about sound.

    Raises:
        VoicesUnavailableError: where no voice is installed.
    """
    recordings = tuple(record(sentences, say))
    model = model_in_use().load()
    heard: dict[str, tuple[Hearing, ...]] = {}
    answers: dict[str, Answers] = {}
    for condition in CONDITIONS:
        say(f"hearing {len(recordings)} recordings, {condition}")
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:  # Vosk frees the GIL
            hear = partial(_hear, model, condition)
            heard[condition] = tuple(threads.map(hear, recordings))
        answers[condition] = _answers(systems, heard[condition])
    yield _recognition_table(heard)
    yield _voice_table(heard["clean"], answers["clean"][Product.name])
    yield _systems_table(answers)
    yield _sets_table(answers)
    yield _red_flags_table(answers)
    own = [answer for given in answers.values() for answer in given[Product.name]]
    yield confusion_table(own, f"{Product.name} hearing, all conditions")


def _hear(model: vosk.Model, condition: str, recording: Recording) -> Hearing:
    """Recognise one recording."""
    sound = recording.heard(condition).tobytes()
    blocks = (sound[at : at + 2 * _BLOCK] for at in range(0, len(sound), 2 * _BLOCK))
    start = time.thread_time()
    utterances = tuple(transcribe(model, blocks))
    return Hearing(recording, utterances, time.thread_time() - start)


def _answers(systems: Sequence[Contestant], heard: Sequence[Hearing]) -> Answers:
    """What each system makes of what was heard; the product also without other readings."""
    ears: dict[str, Callable[[Utterance], Outcome]] = {}
    for system in systems:
        if isinstance(system.peer, Product):
            ears[system.peer.name] = partial(_with_alternatives, system.peer)
            ears[BEST_LINE] = partial(_best_line, system.peer)
        else:
            ears[system.peer.name] = partial(_best_line, system.peer)
    return {name: tuple(_answer(one, ear) for one in heard) for name, ear in ears.items()}


def _with_alternatives(product: Product, utterance: Utterance) -> Outcome:
    """As the product hears."""
    return product.understand(utterance.text, utterance.alternatives)


def _best_line(peer: Peer, utterance: Utterance) -> Outcome:
    """From the likeliest reading alone."""
    return peer.understand(utterance.text)


def _answer(hearing: Hearing, understand: Callable[[Utterance], Outcome]) -> Answer:
    """The answer to a recording: to all of its utterances together."""
    start = time.perf_counter()
    outcome = together([understand(utterance) for utterance in hearing.utterances])
    return Answer(hearing.recording.sentence, outcome, time.perf_counter() - start)


def _systems_table(answers: Mapping[str, Answers]) -> Table:
    """Every system under every condition, over all sets."""
    rows: list[tuple[Cell, ...]] = [
        (condition, name, len(chosen), *verdict_shares(chosen))
        for condition, given in answers.items()
        for name, chosen in given.items()
    ]
    columns = ("condition", "system", "n", *VERDICT_COLUMNS)
    note = "The same words for all: the product's recogniser. Red flags and commands weigh more."
    return Table("Heard and understood", columns, tuple(rows), note)


def _sets_table(answers: Mapping[str, Answers]) -> Table:
    """The product on each set, under every condition."""
    rows: list[tuple[Cell, ...]] = []
    for kind in KINDS:
        for condition, given in answers.items():
            chosen = [a for a in given[Product.name] if a.sentence.kind == kind]
            if chosen:
                rows.append((kind, condition, len(chosen), *verdict_shares(chosen)))
    columns = ("set", "condition", "n", *VERDICT_COLUMNS)
    return Table(f"Heard, each set, {Product.name}", columns, tuple(rows))


def _red_flags_table(answers: Mapping[str, Answers]) -> Table:
    """Red flags for every system under every condition."""
    rows: list[tuple[Cell, ...]] = [
        (condition, *row)
        for condition, given in answers.items()
        for row in red_flag_table(given).rows
    ]
    columns = ("condition", *red_flag_table({}).columns)
    return Table("Red flags heard", columns, tuple(rows))


def _recognition_table(heard: dict[str, tuple[Hearing, ...]]) -> Table:
    """Word errors, speed and delay for each condition."""
    rows: list[tuple[Cell, ...]] = []
    for condition, hearings in heard.items():
        delays = [delay for hearing in hearings if (delay := hearing.delay) is not None]
        sound = sum(hearing.recording.ends + TAIL for hearing in hearings)
        rows.append(
            (
                condition, len(hearings), 100 * _error_rate(hearings),
                Share(sum(not h.utterances for h in hearings), len(hearings)),
                Share(sum(len(h.utterances) > 1 for h in hearings), len(hearings)),
                sum(hearing.seconds for hearing in hearings) / sound,
                percentile(delays, 50) if delays else None,
                percentile(delays, 95) if delays else None,
            )
        )  # fmt: skip
    columns = (
        "condition", "n", "word errors %", "nothing heard %", "cut in two %",
        "x real time", "median delay s", "95 % delay s",
    )  # fmt: skip
    note = f"Delay: from the last word to a settled sentence. {LEAD} s before, {TAIL} s after."
    return Table("Recognition", columns, tuple(rows), note)


def _voice_table(hearings: Sequence[Hearing], given: Sequence[Answer]) -> Table:
    """Each voice alone, clean: some are much harder than others."""
    rows: list[tuple[Cell, ...]] = []
    for voice in sorted({hearing.recording.voice for hearing in hearings}):
        pairs = [(h, a) for h, a in zip(hearings, given, strict=True) if h.recording.voice == voice]
        rate = 100 * _error_rate([hearing for hearing, _ in pairs])
        shares = (
            Share(sum(answer.verdict == verdict for _, answer in pairs), len(pairs))
            for verdict in ("right", "wrong")
        )
        rows.append((voice, len(pairs), rate, *shares))
    columns = ("voice", "n", "word errors %", "right %", "wrong %")
    return Table(f"Each voice, clean, {Product.name}", columns, tuple(rows))


def _error_rate(hearings: Sequence[Hearing]) -> float:
    """Word errors over words said."""
    return total(count_errors(h.recording.sentence.text, " ".join(h.words)) for h in hearings).rate
