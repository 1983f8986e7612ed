"""``python -m benchmarks``: everything that is measured, in one run."""

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.hearing import hearing, model_in_use
from benchmarks.heldout import load_heldout, sample
from benchmarks.scale import COUNTS, scale
from benchmarks.systems import contestants
from benchmarks.timeline import timeline
from benchmarks.unavailable import UnavailableError
from benchmarks.understanding import sealed, understanding
from benchmarks.waking import waking
from evaluation.tables import Table
from intents.catalogue import load_catalogue

PARTS = ("text", "sound", "scale", "waking", "timeline")
SPOKEN = 200
"""Sentences that are spoken, in five conditions: about five minutes on two cores."""
PACKAGES = ("vosk", "rapidfuzz", "padacioso", "hassil", "scikit-learn", "numpy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print as it comes; progress goes to the standard error."""
    options = _options(arguments)
    tables = []
    for table in _measure(
        options.parts or PARTS, options.quick, not options.no_peers, options.speech
    ):
        tables.append(table)
        if not options.json:
            sys.stdout.write(table.text() + "\n\n")
            sys.stdout.flush()
    if options.json:
        data = [table.data() for table in tables]
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--quick", action="store_true", help="a handful of each, in a minute")
    parser.add_argument("--json", action="store_true", help="one JSON array of tables at the end")
    parser.add_argument("--no-peers", action="store_true", help="the product alone")
    parser.add_argument(
        "--speech",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="Dutch recordings in which nobody says the wake phrase; may be given again",
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    return options


def _measure(
    parts: Sequence[str], quick: bool, peers: bool, speech: Sequence[Path]
) -> Iterator[Table]:
    """The tables of these parts."""
    yield _circumstances()
    catalogue = load_catalogue()
    sentences = load_heldout()
    systems = contestants(catalogue, _say, peers)
    if "text" in parts:
        chosen = sample(sentences, 60) if quick else sentences
        phrases = {phrase.text.lower() for phrase in catalogue.phrases}
        yield from understanding(systems, chosen, phrases, _say, 40 if quick else 10_000)
        if not quick:
            yield from sealed(systems, phrases, _say)
    if "sound" in parts:
        try:
            yield from hearing(systems, sample(sentences, 20 if quick else SPOKEN), _say)
        except UnavailableError as error:
            _say(f"left out the sound: {error}")
    if "scale" in parts:
        yield scale(_say, (10,) if quick else COUNTS)
    if "waking" in parts:
        yield from waking(model_in_use().load(), speech, quick, _say)
    if "timeline" in parts:
        try:
            yield from timeline(_say)
        except UnavailableError as error:
            _say(f"left out the timeline: {error}")


def _circumstances() -> Table:
    """When, where and with what: a figure without these is none."""
    rows = [
        ("date", dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("machine", f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory()}"),
        ("system", f"{platform.platform()}, Python {platform.python_version()}"),
        (
            "load at the start",
            f"{os.getloadavg()[0]:.1f} (times are honest below the number of cores)",
        ),
        ("speech model", model_in_use().name),
        ("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)),
    ]
    return Table("Circumstances", ("what", "which"), tuple(rows))


def _version(package: str) -> str:
    """The installed version of a package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> str:
    """The machine's memory."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 1e9:.0f} GB"


def _say(message: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"[{dt.datetime.now(dt.UTC):%H:%M:%S}] {message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
