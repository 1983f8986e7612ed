"""``main.py evaluate``: from a folder of recordings to a table, a JSON file and a page."""

import argparse
import datetime as dt
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from console.output import CLEAR_LINE
from console.wiring import Parts
from errors import EvaluationError
from evaluation.conditions import Wishes
from evaluation.hearing import ProductEars
from evaluation.outcomes import Outcome, outcome_of
from evaluation.report import Report
from evaluation.run import Plan, Progress, Results, Skipped, run
from evaluation.samples import read_samples
from evaluation.store import Store, files_fingerprint, fingerprint
from whole_files import write_whole

ROOT = Path(__file__).resolve().parent.parent
RESULTS, REPORT, PAGE = "metingen.jsonl", "rapport.json", "rapport.html"
_CODE = (
    *("voice/*.py", "voice/*.toml", "intents/*.*", "intents/topics/*.toml"),
    *(f"evaluation/{name}.py" for name in ("conditions", "effects", "hearing", "outcomes")),
)
"""What results depend on: after a change here nothing kept is used."""
_LINE_SECONDS = 10.0  # between two lines of progress where there is no terminal
NO_PAGE = (
    "Voor de pagina met grafieken ontbreken matplotlib en jinja2: typ './setup.sh evaluation' en "
    "daarna dezelfde opdracht; wat gemeten is, blijft bewaard."
)


def evaluate(options: argparse.Namespace, parts: Parts, version: str) -> Report:
    """Measure, and write the JSON file and, where that can be made, the page.

    Raises:
        SpiertolkError: the recordings or conditions can't be used, or a file can't be written.
        KeyboardInterrupt: stopped; what was measured is kept.
    """
    wishes = Wishes(options.noise, options.room, options.far, options.clip, options.telephone)
    conditions = wishes.conditions()
    samples = read_samples(options.folder, parts.catalogue)
    plan = Plan(
        samples,
        conditions,
        ProductEars(parts.loaded_model, parts.matcher, parts.settings.recognizer),
        _system(parts),
        options.folder,
        options.seed,
        options.jobs or len(os.sched_getaffinity(0)),
    )
    with Store(options.out / RESULTS) as store:
        results = _measured(plan, store)
    report = Report(_facts(parts, options, version), conditions, results, _typed(parts))
    _write(options.out / REPORT, json.dumps(report.data(), ensure_ascii=False, indent=1) + "\n")
    return report


def write_page(report: Report, folder: Path) -> Path | None:
    """Write the page; None where what it needs is not installed."""
    try:
        from evaluation.page import page  # noqa: PLC0415  # matplotlib and jinja2 are optional
    except ModuleNotFoundError:
        return None
    _write(folder / PAGE, page(report))
    return folder / PAGE


def _measured(plan: Plan, store: Store) -> Results:
    with _progress() as (show, say):

        def skip(skipped: Skipped) -> None:
            say(f"Overgeslagen: {skipped.reason}")

        try:
            return run(plan, store, show, skip)
        except KeyboardInterrupt:
            say("Gestopt. Typ dezelfde opdracht om verder te gaan; wat gemeten is, blijft bewaard.")
            raise


def _system(parts: Parts) -> str:
    """Names the model, the phrases, the settings and the code that results depend on."""
    return fingerprint(
        files_fingerprint(parts.speech_model.path, ["**/*"]),
        parts.catalogue.fingerprint,
        parts.settings.recognizer.model_dump_json(),
        parts.settings.matcher.model_dump_json(),
        files_fingerprint(ROOT, _CODE),
    )


def _typed(parts: Parts) -> Callable[[str], Outcome]:
    @cache
    def typed(text: str) -> Outcome:
        return outcome_of(parts.matcher.understand(text.lower()))

    return typed


def _facts(parts: Parts, options: argparse.Namespace, version: str) -> Mapping[str, str]:
    """When, where and with what: a figure without these is none."""
    return {
        "datum": dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        "opnamen": str(options.folder),
        "Spiertolk": version,
        "spraakmodel": parts.speech_model.name,
        "onderwerpen": f"{len(parts.catalogue.topics)}, {parts.catalogue.fingerprint[:12]}",
        "computer": f"{platform.machine()}, {len(os.sched_getaffinity(0))} kernen, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "toevalsgetal": str(options.seed),
    }


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise EvaluationError(
            f"Het bestand '{path}' kan niet geschreven worden: kies met --out een map met "
            "schrijfrechten en genoeg ruimte."
        ) from error


@contextmanager
def _progress() -> Iterator[tuple[Callable[[Progress], None], Callable[[str], None]]]:
    """Shows progress on standard error: one line that changes, or now and then a new one."""
    live = sys.stderr.isatty()
    begin = time.monotonic()
    last = begin

    def show(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        finished = progress.done == progress.total
        if not live and not finished and now - last < _LINE_SECONDS:
            return
        last = now
        print(_line(progress, now - begin), end="\r" if live else "\n", file=sys.stderr, flush=True)

    def say(text: str) -> None:
        print(f"{CLEAR_LINE if live else ''}{text}", file=sys.stderr, flush=True)

    try:
        yield show, say
    finally:
        if live:
            print(CLEAR_LINE, end="", file=sys.stderr, flush=True)


def _line(progress: Progress, seconds: float) -> str:
    new = progress.done - progress.kept
    left = (progress.total - progress.done) * seconds / new if new else 0.0
    kept = f", {progress.kept} al bekend" if progress.kept else ""
    return f"{progress.done} van {progress.total} gemeten{kept}, nog {_duration(left)}   "


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minuten" if seconds >= 90 else f"{seconds:.0f} seconden"


def as_json(report: Report) -> str:
    """The report without its single recordings, on one line."""
    data: dict[str, Any] = report.data()
    del data["recordings"]
    return json.dumps(data, ensure_ascii=False)


def as_text(report: Report) -> str:
    """All tables, and what was left out."""
    lines = [table.text() for table in report.tables()]
    if skipped := report.results.skipped:
        lines.append("\n".join(["## Overgeslagen", "", *(one.reason for one in skipped)]))
    return "\n\n".join(lines)


def closing(folder: Path, page: Path | None) -> str:
    """Where everything is."""
    if page is None:
        return f"{NO_PAGE} De cijfers staan in {folder / REPORT}."
    return f"Open {page} voor het rapport; de cijfers staan ook in {folder / REPORT}."
