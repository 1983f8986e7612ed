"""The plots of the page, as SVG that reads in black and white: shapes and numbers, no hues."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.conditions import NOISES, Condition
from evaluation.figures import Figures, Pair, confusions, reliability_data
from evaluation.metrics import percentile
from evaluation.report import number, outcome_name

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

_STYLE: "dict[RcKeyType, Any]" = {
    "svg.fonttype": "none",  # text stays text: small, sharp and searchable
    "svg.hashsalt": "spiertolk",  # the same figures give the same file
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_MARKERS = ("o", "s", "^", "D", "v")
_LINES = ("-", "--", ":", "-.", (0, (1, 3)))
_BESIDE_DB = 0.15  # equal levels of two noises must not hide each other
_MOST_POINTS = 200  # a curve of waiting times needs no more


@dataclass(frozen=True)
class Plot:
    """A picture with what it shows in words, and its numbers as a table."""

    title: str
    alt: str
    """What a reader who can't see it must know."""
    source: str
    """A data URI of the SVG."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


_Arguments = ParamSpec("_Arguments")


def _in_style(
    plot: Callable[_Arguments, Plot | None],
) -> Callable[_Arguments, Plot | None]:
    """Draw with our style, and leave that of others alone."""

    @wraps(plot)
    def styled(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> Plot | None:
        with mpl.rc_context(_STYLE):
            return plot(*arguments, **options)

    return styled


@_in_style
def confusion_plot(pairs: Sequence[Pair]) -> Plot | None:
    """What was expected against what was given; None where nothing is known of either."""
    counts = confusions(pairs)
    if not counts:
        return None
    expected = sorted({row for row, _ in counts})
    given = sorted({column for _, column in counts} | set(expected))
    grid = np.array([[counts[row, column] for column in given] for row in expected])
    shares = grid / grid.sum(axis=1, keepdims=True)
    figure, axes = _axes(1.6 + 0.62 * len(given), 1.8 + 0.42 * len(expected))
    axes.imshow(shares, cmap="Greys", vmin=0, vmax=1.3, aspect="auto")
    for (row, column), count in np.ndenumerate(grid):
        if count:
            colour = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour)
    axes.set_xticks(
        range(len(given)), [outcome_name(one) for one in given], rotation=40, ha="right"
    )
    axes.set_yticks(range(len(expected)), [outcome_name(one) for one in expected])
    axes.set_xlabel("gegeven")
    axes.set_ylabel("verwacht")
    right = sum(count for (row, column), count in counts.items() if row == column)
    alt = (
        f"Vakkenplaat van {grid.sum()} opnamen: {right} staan op de diagonaal en kregen dus wat er "
        "verwacht werd. De tabel hieronder noemt elk vak."
    )
    rows = tuple(
        (outcome_name(row), outcome_name(column), str(count))
        for (row, column), count in sorted(counts.items())
    )
    return Plot(
        "Wat werd verwacht, en wat kwam eruit?", alt, _source(figure),
        ("verwacht", "gegeven", "opnamen"), rows,
    )  # fmt: skip


@_in_style
def noise_plot(found: Sequence[tuple[Condition, Figures]]) -> Plot | None:
    """The share right against the level of each noise; None where nothing can be judged."""
    judged = [(condition, f) for condition, f in found if f.judged]
    noisy = [(c, f) for c, f in judged if c.snr_db is not None]
    if not noisy:
        return None
    figure, axes = _axes(6.4, 4.0)
    kinds = list(dict.fromkeys(c.noise for c, _ in noisy))
    for number_, kind in enumerate(kinds):
        points = sorted((c.snr_db or 0.0, f.verdicts["right"]) for c, f in noisy if c.noise == kind)
        shares = np.array([[100 * s.value, *(100 * end for end in s.interval)] for _, s in points])
        axes.errorbar(
            [level + _BESIDE_DB * number_ for level, _ in points],
            shares[:, 0],
            yerr=[shares[:, 0] - shares[:, 1], shares[:, 2] - shares[:, 0]],
            marker=_MARKERS[number_ % len(_MARKERS)],
            linestyle=_LINES[number_ % len(_LINES)],
            capsize=4,
            color="black",
            label=NOISES[kind] if kind else "",
        )
    clean = next((f for c, f in judged if c.snr_db is None), None)
    if clean:
        axes.axhline(100 * clean.verdicts["right"].value, color="0.5", lw=1, label="zonder geluid")
    axes.set_xlabel("spraak luider dan het geluid, in dB")
    axes.set_ylabel("goed begrepen, in procent")
    axes.set_ylim(0, 104)
    axes.legend(frameon=False)
    rows = tuple((c.title, *_right(f)) for c, f in judged)
    alt = "Lijnen per soort geluid: " + "; ".join(f"{row[0]} {row[1]} procent goed" for row in rows)
    columns = ("omstandigheid", "goed %", "95%-interval", "opnamen")
    return Plot("Hoeveel gaat er goed bij geluid?", alt + ".", _source(figure), columns, rows)


@_in_style
def calibration_plot(pairs: Sequence[Pair]) -> Plot | None:
    """Claimed against found; None where nothing was claimed."""
    bins = reliability_data(pairs)
    if not bins:
        return None
    figure, axes = _axes(4.8, 4.4)
    axes.plot([0, 100], [0, 100], color="0.6", linestyle="--", lw=1)
    claimed = [100 * b["claimed"] for b in bins]
    right = [100 * b["found"] for b in bins]
    axes.plot(claimed, right, marker="o", color="black")
    for x, y, b in zip(claimed, right, bins, strict=True):
        axes.annotate(str(b["count"]), (x, y), textcoords="offset points", xytext=(6, -12))
    axes.set_xlabel("hoe zeker Spiertolk was, in procent")
    axes.set_ylabel("hoe vaak dat klopte, in procent")
    axes.set_xlim(0, 104)
    axes.set_ylim(0, 104)
    rows = tuple(
        (
            f"{number(100 * b['low'], 0)}–{number(100 * b['high'], 0)}",
            str(b["count"]),
            number(100 * b["claimed"], 1),
            number(100 * b["found"], 1),
        )
        for b in bins
    )
    alt = "Punten naast de stippellijn van volmaakt geijkt. " + "; ".join(
        f"bij {row[2]} procent zeker klopte {row[3]} procent van {row[1]}" for row in rows
    )
    return Plot(
        "Klopt het als hij zeker is?", alt + ".", _source(figure),
        ("zekerheid %", "uitspraken", "gemiddeld zeker %", "klopte %"), rows,
    )  # fmt: skip


@_in_style
def delay_plot(found: Sequence[tuple[Condition, Sequence[Pair]]]) -> Plot | None:
    """The share of the answers decided within each time; None where nothing was heard."""
    delays = {
        condition.title: sorted(m.delay for _, m in pairs if m.delay is not None)
        for condition, pairs in found
    }
    heard = {title: values for title, values in delays.items() if values}
    if not heard:
        return None
    figure, axes = _axes(6.4, 3.8)
    for number_, (title, values) in enumerate(heard.items()):
        percents = np.linspace(0, 100, min(len(values), _MOST_POINTS))
        times = [percentile(values, float(percent)) for percent in percents]
        shade = 0.65 * (number_ // len(_LINES) % 2)
        axes.plot(
            times, percents, linestyle=_LINES[number_ % len(_LINES)], color=str(shade), label=title
        )
    axes.set_xlabel("seconden na het laatste woord")
    axes.set_ylabel("besloten, in procent")
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(lambda seconds, _: number(seconds, 1))
    axes.legend(frameon=False, fontsize=9)
    rows = tuple(
        (title, *(number(percentile(values, p), 2) for p in (5, 50, 95)), str(len(values)))
        for title, values in heard.items()
    )
    alt = "Oplopende lijnen: " + "; ".join(
        f"{row[0]}: de helft binnen {row[2]} seconden, 95 procent binnen {row[3]}" for row in rows
    )
    columns = ("omstandigheid", "5 % binnen s", "50 % binnen s", "95 % binnen s", "opnamen")
    return Plot("Hoe lang wacht iemand op het besluit?", alt + ".", _source(figure), columns, rows)


def _right(f: Figures) -> tuple[str, str, str]:
    share = f.verdicts["right"]
    low, high = share.interval
    interval = f"{number(100 * low, 1)}–{number(100 * high, 1)}"
    return number(100 * share.value, 1), interval, str(share.total)


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty plot, in inches; without pyplot, which would look for a screen."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _source(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
