"""``main.py stats``: what was counted, as a table, as plots, and for programs."""

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import plotext

from console.output import WIDTH
from counters.counts_file import CountsFile
from counters.settings import SERVICE_FILE, CountersSettings
from counters.summary import Summary, summarise
from errors import CountsError

_BARS = 15  # of a plot; more do not fit on a screen
_DAYS = 60
_MARKS = 4  # along an axis, beside nought
_OUTCOMES = {
    "match": "beantwoord",
    "follow_up": "doorgevraagd",
    "ambiguous": "teruggevraagd",
    "command": "opdracht",
    "red_flag": "alarmteken",
    "missed": "niet begrepen",
}
_REASONS = {
    "empty": "niets verstaan",
    "off_topic": "ging over iets anders",
    "unsure": "te onzeker",
    "no_topic": "vervolgvraag zonder onderwerp",
}


def read(file: Path | None, days: int | None, settings: CountersSettings) -> Summary | None:
    """Read what was kept; None where nothing was counted yet.

    Args:
        file: where it is; None looks where `listen` and then where the service keeps it.
        days: only the last so many, today counted in; None takes all.
        settings: says where `listen` keeps it.

    Raises:
        CountsError: there is none, or it can't be read.
    """
    today = date.today()  # noqa: DTZ011  # the day of the desk, as it was counted
    since = "" if days is None else (today - timedelta(days - 1)).isoformat()
    with CountsFile(file or _found(settings), create=False) as kept:
        return summarise(kept.read(since))


def _found(settings: CountersSettings) -> Path:
    own = settings.path(os.environ)
    for path in (own, SERVICE_FILE):
        try:
            path.stat()
        except PermissionError:
            return path  # it may well be there, and opening it says what to do
        except OSError:
            continue
        return path
    raise CountsError(
        f"Er zijn geen tellingen in {own}: start met 'main.py listen --keep-counts', of geef het "
        "bestand op met --file."
    )


def shown(summary: Summary, *, colors: bool) -> Iterator[str]:
    """The table and the plots, as pieces of text."""
    yield from _table(summary)
    width = min(WIDTH, shutil.get_terminal_size().columns)
    days = {f"{day:%d-%m}": turns for day, turns in list(summary.turns_by_day.items())[-_DAYS:]}
    hours = summary.named("hour")
    if len(days) > 1:
        yield _plot("Keer iets verstaan, per dag", days, width, colors=colors)
    if hours:
        opening = range(int(min(hours)), int(max(hours)) + 1)
        by_hour = {f"{hour}u": hours.get(f"{hour:02}", 0) for hour in opening}
        yield _plot("Keer iets verstaan, per uur van de dag", by_hour, width, colors=colors)
    for title, group in (("Onderwerpen", "topic"), ("Opdrachten", "command")):
        if named := summary.named(group):
            yield _bars(title, named, width, colors=colors)


def _table(summary: Summary) -> Iterator[str]:
    period = f"{summary.first:%d-%m-%Y} tot en met {summary.last:%d-%m-%Y}"
    yield f"Tellingen van {period}\n"
    turns = summary.number("turn")
    yield _row("Gestart", summary.number("start"))
    yield _row("Bezoeken", summary.number("visit"))
    yield _row("Keer iets verstaan", turns)
    for name, label in _OUTCOMES.items():
        yield _row(f"  {label}", summary.number("turn", name), turns)
        if name == "missed":
            for reason, number in summary.named("missed").items():
                yield _row(f"    {_REASONS.get(reason, reason)}", number)
        if name == "red_flag":
            for flag, number in summary.named("red_flag").items():
                yield _row(f"    {flag}", number)
    yield _row("Antwoord onderbroken", summary.number("interrupted"))
    for label, group in (
        ("Van het laatste woord tot het begrepen is", "decided_ms"),
        ("Van het laatste woord tot het eerste woord terug", "answered_ms"),
    ):
        median, most = summary.wait(group, 0.5), summary.wait(group, 0.95)
        if median is not None and most is not None:
            yield f"{label}: meestal {_seconds(median)}, 95% binnen {_seconds(most)}"
    yield ""


def _row(label: str, number: int, of: int | None = None) -> str:
    share = f"{number / of:>6.0%}" if of else ""
    return f"{label:<36}{number:>8}{share}"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1_000:.1f} s".replace(".", ",")


def _plot(title: str, numbers: Mapping[str, int], width: int, *, colors: bool) -> str:
    """Upright bars, one a day or hour."""
    figure = _figure(title, width, 12, max(numbers.values()), "y")
    figure.draw(figure.bar(list(numbers), list(numbers.values())))
    return str(figure.build().string(colorless=not colors))


def _bars(title: str, numbers: Mapping[str, int], width: int, *, colors: bool) -> str:
    """Lying bars with names, most at the top."""
    most = list(numbers.items())[:_BARS][::-1]
    names, values = [name for name, _ in most], [number for _, number in most]
    figure = _figure(title, width, len(most) + 4, max(values), "x")
    figure.draw(figure.bar(names, values, orientation="h", width=0.2))
    return str(figure.build().string(colorless=not colors))


def _figure(title: str, width: int, height: int, highest: int, axis: str) -> Any:  # noqa: ANN401  # plotext has no types
    """An empty plot whose bars begin at nought; one of its few axes would begin below it."""
    figure = plotext.figure
    figure.clear()
    figure.title(title)
    figure.plot_size(width, height)
    upper = max(1, highest)
    figure.ruler(axis).lim(0, upper)
    marks = sorted({round(upper * mark / _MARKS) for mark in range(_MARKS + 1)})
    figure.ruler(axis).ticks(marks, [str(mark) for mark in marks])
    return figure
