"""How long it waits for more words after the last one, and what it computes until it understands.

On our own recordings, so that each can be told which was cut in two. Waiting is counted in the
recording's time and computing in CPU time: neither depends on how busy the machine is.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vosk

from benchmarks.heldout import Sentence
from evaluation.effects import surround
from evaluation.metrics import Share
from evaluation.outcomes import outcome_of
from evaluation.tables import Cell, Table
from intents.catalogue import load_catalogue
from intents.completeness import CompletenessJudge
from intents.matcher import Matcher
from voice.audio import read_wav
from voice.listener import PIECE_BYTES, Judge, Listener, RecognizerSettings, always_open
from voice.utterances import Utterance

RECORDINGS = Path(__file__).parent.parent / "audio_fixtures"
KINDS = ("commands", "topics", "ambiguous", "red_flags", "off_topic")
_LEAD, _TAIL = 0.5, 2.5
"""Seconds of quiet around a recording: longer than any wait."""
_SHORT_SECONDS = 0.8


@dataclass(frozen=True)
class Ending:
    """How one utterance ended."""

    text: str
    waited: float
    """Seconds of sound from the end of its last word until it was given."""
    computed: float
    """CPU seconds from the last piece of that sound until it was understood."""


def endpoint(
    model: vosk.Model, sentences: Sequence[Sentence], say: Callable[[str], None], quick: bool
) -> Iterator[Table]:
    """The wait with and without a judge of completeness, the computing, and what would be cut."""
    matcher = Matcher(load_catalogue())
    files = sorted(RECORDINGS.glob("*/**/*.wav"))[:: 10 if quick else 1]
    say(f"waiting for the end of {len(files)} recordings, twice")
    fixed = {file: _endings(file, model, matcher, always_open) for file in files}
    judge = CompletenessJudge(matcher)
    adaptive = {file: _endings(file, model, matcher, judge) for file in files}
    rows = [
        row
        for kind in (*KINDS, "all")
        if (row := _row(kind, *([runs[f] for f in files if kind in ("all", _kind(f))]
                                for runs in (fixed, adaptive))))
    ]  # fmt: skip
    yield Table(
        "Wait after the last word, fixed and adaptive, in ms of sound",
        ("recordings", "n", "fixed median", "median", "p90", "under 800 ms %", "cut or joined"),
        tuple(rows),
        "The last column counts recordings in which other sentences were told apart than before.",
    )
    computed = [1000 * ending.computed for endings in adaptive.values() for ending in endings]
    yield Table(
        "Computing, from the last piece of sound to the meaning, in ms of one core",
        ("n", "median", "p95"),
        ((len(computed), *(round(float(np.percentile(computed, p)), 1) for p in (50, 95))),),
    )
    yield cut_short(sentences, say)


def cut_short(sentences: Sequence[Sentence], say: Callable[[str], None]) -> Table:
    """How many sentences a pause of half a second, in the worst place, would cut to their harm."""
    say(f"pausing after each word of {len(sentences)} sentences")
    matcher = Matcher(load_catalogue())
    judge = CompletenessJudge(matcher)
    counts: dict[str, list[int]] = {}
    for sentence in sentences:
        words = sentence.text.split()
        begins = [" ".join(words[:count]) for count in range(1, len(words))]
        cut = [begin for begin in begins if judge(begin) == "complete"]
        meant = outcome_of(matcher.understand(sentence.text))
        harm = any(outcome_of(matcher.understand(begin)) != meant for begin in cut)
        row = counts.setdefault(sentence.kind, [0, 0, 0])
        for column, counts_in in enumerate((True, bool(cut), harm)):
            row[column] += counts_in
    return Table(
        "Held-out sentences that a pause of half a second in the worst place would cut",
        ("set", "n", "cut %", "understood otherwise %"),
        tuple(
            (kind, n, Share(some, n), Share(other, n)) for kind, (n, some, other) in counts.items()
        ),
        "An upper bound: people pause between clauses, not after any word.",
    )


def _kind(file: Path) -> str:
    return file.relative_to(RECORDINGS).parts[0]


def _row(
    kind: str, fixed: Sequence[Sequence[Ending]], adaptive: Sequence[Sequence[Ending]]
) -> tuple[Cell, ...] | None:
    before = [1000 * ending.waited for endings in fixed for ending in endings]
    after = [1000 * ending.waited for endings in adaptive for ending in endings]
    if not before or not after:
        return None
    other = sum(len(a) != len(b) for a, b in zip(fixed, adaptive, strict=True))
    median, most = np.percentile(after, (50, 90))
    short = np.mean(np.array(after) < 1000 * _SHORT_SECONDS)
    cells = (round(float(np.median(before))), round(median), round(most), round(100 * short))
    return (kind, len(after), *cells, other)


def _endings(file: Path, model: vosk.Model, matcher: Matcher, judge: Judge) -> list[Ending]:
    """Hear a recording in a quiet room, to its end."""
    data = surround(read_wav(file).samples, _LEAD, _TAIL).tobytes()
    listener = Listener(model, RecognizerSettings(), judge)
    found = []
    for at in range(0, len(data), PIECE_BYTES):
        begin = time.thread_time()
        for event in listener.hear(data[at : at + PIECE_BYTES]):
            if isinstance(event, Utterance):
                matcher.understand(event.text, event.alternatives)
                waited = event.settled_at - event.end
                found.append(Ending(event.text, waited, time.thread_time() - begin))
    return found
