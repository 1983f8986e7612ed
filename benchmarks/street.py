"""The whole street, from sound to meaning, against whole programs of others.

All hear the same recordings in the same run. The sealed sentences are spoken for it: only totals
are shown.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.disk import folder_bytes, own_packages, packages_bytes
from benchmarks.hearing import model_in_use
from benchmarks.programs import HUMAN_SET, PROGRAMS, WHISPER
from benchmarks.systems import Product
from benchmarks.unavailable import PeerUnavailableError
from evaluation.figures import Figures, Pair, figures
from evaluation.hearing import measurement_from
from evaluation.metrics import Share
from evaluation.outcomes import DECLINED
from evaluation.samples import read_samples
from evaluation.tables import Cell, Table
from intents.catalogue import load_catalogue

ROOT = Path(__file__).parent.parent
_LONGEST_SECONDS = 3 * 3_600


@dataclass(frozen=True)
class Cost:
    """What a program costs to have and to run."""

    startup_seconds: float
    memory_megabytes: float
    """At its peak, the Python that hears included."""
    disk_megabytes: float


@dataclass(frozen=True)
class Run:
    """One program on all recordings."""

    by_set: Mapping[str, list[Pair]]
    """By folder and condition."""
    cost: Cost


def street(
    folders: Mapping[str, Path],
    conditions: str,
    peers: bool,
    whisper: Path | None,
    say: Callable[[str], None],
    programs: Sequence[str] = PROGRAMS,
) -> Iterator[Table]:
    """Both tables.

    Args:
        folders: recordings with a manifest, by name of the set.
        conditions: noise, as for ``main.py evaluate --noise``; people are heard as they are.
        peers: whether to run others beside the product.
        whisper: folder with Whisper's weights; None looks where faster-whisper keeps them.
        say: hears about progress.
        programs: the product first.
    """
    chosen = programs if peers else programs[:1]
    say(f"the whole street with {', '.join(chosen)}")
    runs: dict[str, Run] = {}
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:  # each waits for a process
        futures = {
            name: threads.submit(_run, name, folders, conditions, whisper) for name in chosen
        }
        for name, future in futures.items():
            try:
                runs[name] = future.result()
            except PeerUnavailableError as error:
                say(f"left out {name}: {error}")
    yield _sets_table(runs)
    yield _ratios_table(runs)


def _run(name: str, folders: Mapping[str, Path], conditions: str, whisper: Path | None) -> Run:
    """One program in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.programs", name, "--noise", conditions]
    command += [f"{title}={folder}" for title, folder in folders.items()]
    command += ["--whisper", str(whisper)] if whisper else []
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
    )
    if done.returncode == os.EX_UNAVAILABLE:
        raise PeerUnavailableError(done.stderr.strip().rpartition("\n")[2])
    if done.returncode:
        raise RuntimeError(f"{name} broke down: {done.stderr.strip()}")
    catalogue = load_catalogue()
    samples = {
        (title, sample.name): sample
        for title, folder in folders.items()
        for sample in read_samples(folder, catalogue)
    }
    by_set: dict[str, list[Pair]] = {}
    *lines, cost = map(json.loads, done.stdout.splitlines())
    for line in lines:
        pair = samples[line["set"], line["file"]], measurement_from(line)
        by_set.setdefault(f"{line['set']}, {line['condition']}", []).append(pair)
    return Run(by_set, Cost(cost["startup"], cost["memory"], _disk(name) / 1e6))


def _figures(pairs: Sequence[Pair]) -> Figures:
    return figures(pairs, lambda _: DECLINED)  # nothing is typed here


def _sets_table(runs: Mapping[str, Run]) -> Table:
    """Every program on every set."""
    rows: list[tuple[Cell, ...]] = []
    for title in dict.fromkeys(title for run in runs.values() for title in run.by_set):
        for name, run in runs.items():
            f = _figures(run.by_set[title])
            rows.append(
                (
                    title, name, f.recordings, 100 * f.errors.rate if f.errors.words else None,
                    *f.verdicts.values(), _some(f.flags_seen), _some(f.false_alarms),
                )
            )  # fmt: skip
    columns = (
        "recordings", "program", "n", "word errors %", "right %", "partly %", "asked %",
        "declined %", "wrong %", "red flags seen %", "false alarms %",
    )  # fmt: skip
    note = (
        "Sealed: sentences of which only totals are looked at, by voices never trained on. All "
        "hear with the same speech model but Whisper. Real voices need no answer: any is wrong."
    )
    return Table("The whole street, and what others would do", columns, tuple(rows), note)


def _some(share: Share) -> Share | None:
    return share if share.total else None


def _ratios_table(runs: Mapping[str, Run]) -> Table:
    """Each program's figures, and how many times the product's they are."""
    figures_of = {name: _row(run) for name, run in runs.items()}
    own = figures_of[Product.name]
    rows: list[tuple[Cell, ...]] = []
    for name, found in figures_of.items():
        rows.append((name, *found))
        if name != Product.name:
            ratios = (
                f"× {value / base:.2f}" if base and value is not None else None
                for value, base in zip(found, own, strict=True)
            )
            rows.append(("  times spiertolk", *ratios))
    columns = (
        "program", "right %", "wrong %", "false answers an hour", "delay s", "CPU s / s",
        "start-up s", "memory MB", "disk MB",
    )  # fmt: skip
    note = (
        "right, wrong: spoken sealed sentences, all conditions; false answers: real voices, each "
        "with its interval in the table above or below. Delay: median from the last word to the "
        "decision, computing counted by the CPU's clock. Memory: the whole process at its peak. "
        "Disk: the Python packages with all they need, and the speech model."
    )
    return Table("Against its peers", columns, tuple(rows), note)


def _row(run: Run) -> tuple[float | None, ...]:
    """The figures of a program that ratios are taken of."""
    spoken = _figures([p for t, pairs in run.by_set.items() for p in pairs if not _is_human(t)])
    everything = _figures([pair for pairs in run.by_set.values() for pair in pairs])
    human = _figures([p for t, pairs in run.by_set.items() for p in pairs if _is_human(t)])
    rate = human.false_answers
    return (
        100 * spoken.verdicts["right"].value,
        100 * spoken.verdicts["wrong"].value,
        rate.value if rate.hours else None,
        everything.delay_median,
        everything.real_time_factor,
        run.cost.startup_seconds,
        run.cost.memory_megabytes,
        run.cost.disk_megabytes,
    )


def _is_human(title: str) -> bool:
    """Whether this set, named with its condition, holds real voices."""
    return title.startswith(HUMAN_SET)


def _disk(name: str) -> float:
    """Bytes that a program needs on disk."""
    if name == WHISPER:  # without its weights: where they lie, faster-whisper alone knows
        return float(packages_bytes(["faster-whisper", *own_packages()]))
    packages = own_packages() if name == Product.name else ("vosk", "rapidfuzz")
    return float(packages_bytes(packages) + folder_bytes(model_in_use().path))
