"""From sound to topic: the held-out sentences spoken, recognised and understood, with the peers.

The recogniser is the product's for all: what differs is what they make of its words.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import vosk

from benchmarks.heldout import KINDS, Sentence
from benchmarks.peers import Peer, examples_of
from benchmarks.recordings import CONDITIONS, LEAD, TAIL, Recording, record
from benchmarks.restricted import heard_again, phrase_recognizer
from benchmarks.systems import Answer, Answers, Contestant, Product
from benchmarks.understanding import (
    VERDICT_COLUMNS,
    confusion_table,
    red_flag_table,
    verdict_shares,
)
from evaluation.metrics import Share, calibration_error, percentile
from evaluation.outcomes import DECLINED, Outcome, together
from evaluation.tables import Cell, Table
from evaluation.words import count_errors, total
from intents.catalogue import load_catalogue
from voice.audio import SAMPLE_RATE
from voice.recognizer import Utterance, transcribe
from voice.speech_model import SpeechModel, find_model

BEST_LINE = "best line only"
"""The product as if the words had been typed: what all the rest together is worth."""
NO_CLARITY = "without clarity"
"""Other readings only raise doubt about a topic; how well it was heard does not count."""
NO_READINGS = "without other readings"
"""How well it was heard counts, whether other readings agree does not."""
RESTRICTED = "and a restricted pass agrees"
"""Topics count only where a second hearing, in words of our phrases alone, means the same."""
_BLOCK = SAMPLE_RATE // 10


@dataclass(frozen=True)
class Hearing:
    """What was heard of one recording under one condition."""

    recording: Recording
    utterances: tuple[Utterance, ...]
    seconds: float
    """Spent on decoding, on one core."""
    restricted: str
    """What a second hearing in words of our phrases made of it."""
    restricted_seconds: float
    """Spent on that."""

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
    return find_model(None, os.environ)


def hearing(
    systems: Sequence[Contestant], sentences: Sequence[Sentence], say: Callable[[str], None]
) -> Iterator[Table]:
    """All tables about sound.

    Raises:
        VoicesUnavailableError: where no voice is installed.
    """
    vosk.SetLogLevel(-1)  # or it names each word of a phrase that it does not know
    recordings = tuple(record(sentences, say))
    model = model_in_use().load()
    phrases = [example.text for example in examples_of(load_catalogue())]
    heard: dict[str, tuple[Hearing, ...]] = {}
    answers: dict[str, Answers] = {}
    for condition in CONDITIONS:
        say(f"hearing {len(recordings)} recordings, {condition}")
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:  # Vosk frees the GIL
            hear = partial(_hear, model, phrases, condition)
            heard[condition] = tuple(threads.map(hear, recordings))
        answers[condition] = _answers(systems, heard[condition])
    yield _recognition_table(heard)
    yield _voice_table(heard["clean"], answers["clean"][Product.name])
    yield _systems_table(answers)
    yield _calibration_table(answers)
    yield _sets_table(answers)
    yield _red_flags_table(answers)
    own = [answer for given in answers.values() for answer in given[Product.name]]
    yield confusion_table(own, f"{Product.name} hearing, all conditions")


def _hear(
    model: vosk.Model, phrases: Sequence[str], condition: str, recording: Recording
) -> Hearing:
    """Recognise one recording."""
    samples = recording.heard(condition)
    sound = samples.tobytes()
    blocks = (sound[at : at + 2 * _BLOCK] for at in range(0, len(sound), 2 * _BLOCK))
    start = time.thread_time()
    utterances = tuple(transcribe(model, blocks))
    between = time.thread_time()
    restricted = heard_again(phrase_recognizer(model, phrases), samples)
    seconds = (between - start, time.thread_time() - between)
    return Hearing(recording, utterances, seconds[0], restricted, seconds[1])


def _answers(systems: Sequence[Contestant], heard: Sequence[Hearing]) -> Answers:
    """What each system makes of what was heard; the product also with less and more to go by."""
    answers: Answers = {}
    for system in systems:
        peer = system.peer
        if isinstance(peer, Product):
            ears = _product_ears(peer)
            answers |= {name: tuple(_answer(one, ear) for one in heard) for name, ear in ears}
            pairs = zip(heard, answers[peer.name], strict=True)
            answers[RESTRICTED] = tuple(_agreed(peer, one, given) for one, given in pairs)
        else:
            answers[peer.name] = tuple(_answer(one, partial(_best_line, peer)) for one in heard)
    return answers


def _product_ears(product: Product) -> Iterator[tuple[str, Callable[[Utterance], Outcome]]]:
    """The product as it hears, and with parts of that left out."""
    understand = product.understand
    yield product.name, lambda u: understand(u.text, u.alternatives, u.clarity)
    yield NO_READINGS, lambda u: understand(u.text, (), u.clarity)
    yield NO_CLARITY, lambda u: understand(u.text, u.alternatives)
    yield BEST_LINE, partial(_best_line, product)


def _best_line(peer: Peer, utterance: Utterance) -> Outcome:
    """From the likeliest reading alone."""
    return peer.understand(utterance.text)


def _agreed(product: Product, hearing: Hearing, given: Answer) -> Answer:
    """The product's answer, where it gives topics only if the restricted pass gives the same."""
    same = product.understand(hearing.restricted).ids == given.outcome.ids
    if same or given.outcome.act != "topics":
        return given
    return replace(given, outcome=DECLINED)


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


def _calibration_table(answers: Mapping[str, Answers]) -> Table:
    """Whether the product's probabilities come true, with what it hears by and without."""
    rows: list[tuple[Cell, ...]] = []
    for name in (Product.name, NO_CLARITY, BEST_LINE):
        by_condition = {
            condition: [claim for answer in given[name] for claim in answer.claims]
            for condition, given in answers.items()
        }
        everything = [claim for claims in by_condition.values() for claim in claims]
        for condition, claims in {**by_condition, "all": everything}.items():
            error = calibration_error(claims) if claims else None
            rows.append((condition, name, len(claims), error))
    return Table("Calibration, heard", ("condition", "system", "claims", "expected error"),
                 tuple(rows))  # fmt: skip


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
                sum(hearing.restricted_seconds for hearing in hearings) / sound,
                percentile(delays, 50) if delays else None,
                percentile(delays, 95) if delays else None,
            )
        )  # fmt: skip
    columns = (
        "condition", "n", "word errors %", "nothing heard %", "cut in two %",
        "x real time", "restricted pass too", "median delay s", "95 % delay s",
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
