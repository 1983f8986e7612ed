"""What came of it: verdicts, memory and restarts, as tables."""

import logging
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psutil

from audio_fixtures.make import HOME
from benchmarks.soak.script import Said, Scene
from evaluation.tables import Cell, Table
from events import Event, Heard
from intents.results import NotRecognized, Result
from tests.audio_fixtures.verdict import LISTABLE, Verdict, judge

_SURPRISES = 25
RIGHT, LISTED, WORSE, WRONG = "right", "as listed", "worse than listed", "wrong"


def _known_failures() -> frozenset[str]:
    return frozenset(tomllib.loads((HOME / "known_failures.toml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Sample:
    """The process and its children at one moment."""

    turns: int
    seconds: float
    rss: float
    """MB in RAM, of this process; the speech engine's is apart."""
    engine_rss: float
    handles: int
    threads: int


@dataclass
class Record:
    """Everything that is counted; its methods are called from the card's and the main thread."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(what was played, how it was understood)."""
    scenes: Counter[str] = field(default_factory=Counter)
    answered_noise: Counter[str] = field(default_factory=Counter)
    surprises: Counter[tuple[str, str]] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    answers: int = 0
    turns: int = 0
    hangs: int = 0
    ended_early: str = ""
    beats: int = 0
    """Grows as long as anything moves; the watchdog looks at it."""
    _results: list[Result] = field(default_factory=list)
    _replies: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: frozenset[str] = field(default_factory=_known_failures)
    _begin: float = field(default_factory=time.monotonic)

    def show(self, event: Event) -> None:
        """Told of everything that is heard and said."""
        self.beats += 1
        if isinstance(event, Heard):
            with self._lock:
                self._results.append(event.turn.result)
                self._replies += event.turn.reply is not None

    def report(self, scene: Scene) -> None:
        """A scene is over: judge what was understood of it."""
        with self._lock:
            results, self._results = self._results, []
            replies, self._replies = self._replies, 0
        if isinstance(scene, Said):
            self.turns += 1
            self._judge(scene, results)
            return
        self.scenes[scene.kind] += 1
        if replies and any(not isinstance(result, NotRecognized) for result in results):
            self.answered_noise[scene.kind] += 1

    def _judge(self, said: Said, results: Sequence[Result]) -> None:
        kind = said.path.partition("/")[0] if not said.damage else f"with {said.damage}"
        verdict = judge(said.folder, results)
        if verdict is Verdict.RIGHT:
            outcome = RIGHT
        elif said.path in self._known and verdict in LISTABLE:
            outcome = LISTED
        else:
            outcome = WRONG if verdict is Verdict.WRONG else WORSE
            if not said.damage:
                self.surprises[said.path, verdict.value] += 1
        self.verdicts[kind, outcome] += 1

    def sample(self) -> Sample:
        """Look at the process, and remember it."""
        process = psutil.Process()
        children = [child.memory_info().rss for child in process.children(recursive=True)]
        seen = Sample(
            self.turns, time.monotonic() - self._begin, process.memory_info().rss / 1e6,
            sum(children) / 1e6, process.num_fds(), process.num_threads(),
        )  # fmt: skip
        self.samples.append(seen)
        return seen

    @property
    def wrong(self) -> int:
        """Whole sentences that got a wrong topic, command or alarm."""
        return sum(
            count
            for (kind, outcome), count in self.verdicts.items()
            if outcome == WRONG and not kind.startswith("with ")
        )

    def growth(self) -> float:
        """MB that the process grew from the first quarter's end on."""
        return self.samples[-1].rss - self.samples[len(self.samples) // 4].rss

    def tables(self, restarts: Sequence[tuple[Cell, ...]]) -> Iterator[Table]:
        """All that was counted."""
        yield self._verdict_table()
        yield Table(
            "Between the turns",
            ("what", "times", "answered as if spoken to"),
            tuple((kind, n, self.answered_noise[kind]) for kind, n in sorted(self.scenes.items())),
        )
        yield Table("Parts", ("what", "times"), (("hangs", self.hangs), *restarts))
        yield self._memory_table()
        if self.surprises:
            yield Table(
                "Recordings that did worse than listed",
                ("times", "recording", "verdict"),
                tuple((n, *what) for what, n in self.surprises.most_common(_SURPRISES)),
                "Pauses before a sentence and the decoder's dither differ each time.",
            )

    def _verdict_table(self) -> Table:
        kinds = sorted({kind for kind, _ in self.verdicts})
        outcomes = (RIGHT, LISTED, WORSE, WRONG)
        rows: list[tuple[Cell, ...]] = [
            (kind, *(self.verdicts[kind, outcome] for outcome in outcomes)) for kind in kinds
        ]
        total = [sum(self.verdicts[kind, o] for kind in kinds) for o in outcomes]
        return Table(
            "Turns",
            ("what was said", *outcomes),
            (*rows, ("all", *total)),
            "Judged by the recording's folder and the list of known failures. A sentence with a "
            "gap, or repeated until the queues overflow, has other words than its name says.",
        )

    def _memory_table(self) -> Table:
        """At the start (warm), in the middle and at the end; empty where it ended before."""
        last = len(self.samples) - 1
        chosen = {"start": 0, "quarter": last // 4, "middle": last // 2, "end": last}
        rows = tuple(
            (name, seen.turns, seen.rss, seen.engine_rss, seen.handles, seen.threads)
            for name, seen in ((name, self.samples[at]) for name, at in chosen.items() if last >= 0)
        )
        columns = ("when", "turns", "memory MB", "speech engine MB", "file handles", "threads")
        return Table("Memory, handles, threads", columns, rows)


class WarningCounter(logging.Handler):
    """Counts what the parts log as a warning or worse."""

    def __init__(self, record: Record) -> None:
        super().__init__(logging.WARNING)
        self._record = record

    def emit(self, entry: logging.LogRecord) -> None:
        """Count by part and message, its figures left out."""
        self._record.warnings[f"{entry.name}: {entry.msg}"] += 1
