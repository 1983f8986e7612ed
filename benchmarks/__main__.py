"""``python -m benchmarks``: everything that is measured, in one run."""

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.barge_in import barge_in
from benchmarks.endpoint import endpoint
from benchmarks.hearing import hearing, model_in_use
from benchmarks.heldout import SEALED, load_heldout, sample
from benchmarks.human import human_recordings, some_of
from benchmarks.loads import loads
from benchmarks.programs import HUMAN_SET
from benchmarks.recogniser import COMMANDS, recogniser
from benchmarks.recordings import write_spoken
from benchmarks.scale import COUNTS, scale
from benchmarks.street import street
from benchmarks.systems import Contestant, contestants
from benchmarks.timeline import timeline
from benchmarks.unavailable import UnavailableError
from benchmarks.understanding import sealed, understanding
from benchmarks.waking import waking
from errors import SpiertolkError
from evaluation.tables import Table
from intents.catalogue import load_catalogue

PARTS = (
    "text", "recogniser", "sound", "street", "scale", "waking", "endpoint", "barge_in", "timeline",
    "loads",
)  # fmt: skip


@dataclass(frozen=True)
class Amounts:
    """How much of everything is measured."""

    sentences: int
    chatter: int
    sealed: bool
    spoken: int
    """Sentences that are spoken and heard in five conditions."""
    street: int
    """Sealed sentences that whole programs hear in two conditions."""
    human: int
    """Recordings of real people that they hear."""
    scale: tuple[int, ...]
    answers: int
    """Recordings of topics whose answers are timed."""
    dubbing: int
    """Recordings of other people's speech that may wake it by mistake; of 1,616."""


_ALL = 1_000_000
AMOUNTS = {
    "quick": Amounts(60, 40, False, 20, 8, 12, (10,), 6, 100),
    "usual": Amounts(_ALL, _ALL, True, 60, 40, 60, COUNTS, _ALL, 200),
    "full": Amounts(_ALL, _ALL, True, 200, _ALL, _ALL, COUNTS, _ALL, _ALL),
}
STREET_NOISE = "babble:10"
PACKAGES = ("vosk", "rapidfuzz", "padacioso", "hassil", "scikit-learn", "numpy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print as it comes, progress to the standard error; gives 0, or 2 for an error."""
    options = _options(arguments)
    try:
        _print(_measure(options), options.json)
    except SpiertolkError as error:
        sys.stderr.write(f"Spiertolk: {error}\n")
        return 2
    return 0


def _print(tables: Iterator[Table], as_json: bool) -> None:
    if as_json:
        data = [table.data() for table in tables]
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return
    for table in tables:
        sys.stdout.write(table.text() + "\n\n")
        sys.stdout.flush()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    size = parser.add_mutually_exclusive_group()
    for name, help_text in (
        ("quick", "a handful of each, in a few minutes"),
        ("full", "everything there is, an hour or more; else a quarter of an hour"),
    ):
        size.add_argument(
            f"--{name}", dest="size", action="store_const", const=name, default="usual",
            help=help_text,
        )  # fmt: skip
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
    parser.add_argument(
        "--whisper", type=Path, metavar="FOLDER", help="weights of Whisper base for faster-whisper"
    )
    options = parser.parse_args(arguments)
    options.parts = options.parts or PARTS
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    return options


def _measure(options: argparse.Namespace) -> Iterator[Table]:
    """The tables of the parts that are asked for."""
    amounts = AMOUNTS[options.size]
    yield _circumstances()
    catalogue = load_catalogue()
    phrases = {phrase.text.lower() for phrase in catalogue.phrases}
    systems: tuple[Contestant, ...] = ()
    if {"text", "sound"} & set(options.parts):
        systems = contestants(catalogue, _say, not options.no_peers)
    if "text" in options.parts:
        chosen = sample(load_heldout(), amounts.sentences)
        yield from understanding(systems, chosen, phrases, _say, amounts.chatter)
        if amounts.sealed:
            yield from sealed(systems, phrases, _say)
    parts: dict[str, Callable[[], Iterator[Table]]] = {
        "recogniser": lambda: _recogniser(amounts.spoken, phrases),
        "sound": lambda: hearing(systems, sample(load_heldout(), amounts.spoken), _say),
        "street": lambda: _street(amounts, options),
        "scale": lambda: iter([scale(_say, amounts.scale)]),
        "waking": lambda: waking(model_in_use().load(), options.speech, amounts.dubbing, _say),
        "endpoint": lambda: endpoint(
            model_in_use().load(),
            sample(load_heldout(), amounts.sentences),
            _say,
            options.size == "quick",
        ),
        "barge_in": lambda: barge_in(amounts.answers, options.size == "full", _say),
        "timeline": lambda: timeline(_say),
        "loads": lambda: loads(amounts.answers, _say),
    }
    for name, part in parts.items():
        if name in options.parts:
            try:
                yield from part()
            except UnavailableError as error:
                _say(f"left out {name}: {error}")


def _recogniser(count: int, phrases: Container[str]) -> Iterator[Table]:
    """The speech model alone, on complaints in new words and on chatter."""
    new = [s for s in load_heldout() if s.text.lower() not in phrases]
    complaints = sample([s for s in new if s.kind == "topic"], count)
    chatter = [
        s for s in new if s.kind == "off_topic" and set(COMMANDS).isdisjoint(s.text.lower().split())
    ]
    strangers, _ = human_recordings(model_in_use().path, _say)
    return recogniser(complaints, sample(chatter, 2 * count), strangers, _say)


def _street(amounts: Amounts, options: argparse.Namespace) -> Iterator[Table]:
    """The whole street, on spoken sentences and on real people."""
    folder, left_out = human_recordings(model_in_use().path, _say)
    yield left_out
    with tempfile.TemporaryDirectory() as temporary:
        spoken = Path(temporary) / "spoken"
        spoken.mkdir()
        write_spoken(sample(load_heldout(SEALED), amounts.street), spoken, _say)
        folders = {"sealed sentences": spoken}
        if folder:
            folders[HUMAN_SET] = some_of(folder, amounts.human, Path(temporary) / "human")
        yield from street(folders, STREET_NOISE, not options.no_peers, options.whisper, _say)


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
