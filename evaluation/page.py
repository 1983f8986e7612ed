"""The report as one page without anything beside it: opens from a disk, prints, reads aloud."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evaluation.outcomes import judge
from evaluation.plots import calibration_plot, confusion_plot, delay_plot, noise_plot
from evaluation.report import VERDICT_NAMES, Report, number, outcome_name

_TEMPLATE = "page.html.jinja"


def page(report: Report) -> str:
    """The page in HTML, in Dutch."""
    figures = [
        (condition, report.figures(report.results.by_condition[condition.key]))
        for condition in report.conditions
    ]
    by_condition = [(c, report.results.by_condition[c.key]) for c in report.conditions]
    plots = [
        confusion_plot(report.clean),
        noise_plot(figures),
        calibration_plot(report.clean),
        delay_plot(by_condition),
    ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    clean = figures[0][1]
    return environment.get_template(_TEMPLATE).render(
        facts=report.facts,
        headline=_headline(report),
        empty=not report.clean,
        judged=clean.judged,
        tables=report.tables(),
        plots=[plot for plot in plots if plot],
        has_noise=any(condition.snr_db is not None for condition in report.conditions),
        mistakes=_mistakes(report),
        skipped=report.results.skipped,
    )


def _headline(report: Report) -> list[tuple[str, str]]:
    """The few figures that a busy reader wants, as recorded."""
    f = report.figures(report.clean)
    right, wrong = f.verdicts["right"], f.verdicts["wrong"]
    cards = [("opnamen gehoord", str(f.recordings))]
    if f.judged:
        cards += [
            ("goed begrepen", f"{number(100 * right.value, 1)} %"),
            ("fout begrepen", f"{number(100 * wrong.value, 1)} %"),
        ]
    if f.errors.words:
        cards.append(("woorden verkeerd gehoord", f"{number(100 * f.errors.rate, 1)} %"))
    if f.flags_seen.total:
        cards.append(("alarmtekens herkend", f"{f.flags_seen.hits} van {f.flags_seen.total}"))
    if f.false_answers.hours:
        minutes = number(60 * f.false_answers.hours, 1)
        cards.append(("vals antwoord", f"{f.false_answers.count} in {minutes} min praat"))
    if f.delay_median is not None:
        cards.append(("wachten op het besluit", f"{number(f.delay_median, 1)} s"))
    return cards


def _mistakes(report: Report) -> list[tuple[str, ...]]:
    """Each recording that was not understood as it should be, as recorded."""
    return [
        (
            sample.name,
            sample.text or "",
            measurement.text,
            " of ".join(outcome_name(str(one)) for one in sample.expected),
            outcome_name(str(measurement.outcome)),
            VERDICT_NAMES[verdict],
        )
        for sample, measurement in report.clean
        if sample.expected and (verdict := judge(measurement.outcome, sample.expected)) != "right"
    ]
