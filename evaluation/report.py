"""The report: Dutch tables for people, one JSON object for programs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.conditions import CLEAN, Condition
from evaluation.figures import (
    Figures,
    Pair,
    confusions,
    expected_name,
    figures,
    grouped,
    reliability_data,
)
from evaluation.hearing import Measurement
from evaluation.metrics import Rate, Share
from evaluation.outcomes import Outcome, Verdict, judge
from evaluation.run import Results
from evaluation.samples import HUMAN, SYNTHETIC, Sample
from evaluation.tables import Cell, Table

VERDICT_NAMES: Mapping[Verdict, str] = {
    "right": "goed",
    "partly": "deels",
    "asked": "vraag",
    "declined": "niets",
    "wrong": "fout",
}
KIND_NAMES = {HUMAN: "mens", SYNTHETIC: "synthetisch", "": "onbekend"}
UNKNOWN = "onbekend"
EXPLANATION = (
    "In procenten, met het 95%-betrouwbaarheidsinterval (Wilson). Deels: een van twee onderwerpen, "
    "of ook de algemene uitleg. Vraag: een vraag terug. Niets: niet begrepen. Als getypt: zo "
    "begrepen als de geschreven zin. Een streepje: niets om aan te meten."
)


@dataclass(frozen=True)
class Report:
    """All that was measured, and on what."""

    facts: Mapping[str, str]
    """When, where and with what; the Dutch name of each fact first."""
    conditions: Sequence[Condition]
    results: Results
    typed: Callable[[str], Outcome]
    """What the product makes of a text."""

    @property
    def clean(self) -> list[Pair]:
        """The recordings as they are."""
        return self.results.by_condition[CLEAN.key]

    def tables(self) -> list[Table]:
        """Every table, the most important first."""
        by_condition = {
            condition.title: self.figures(self.results.by_condition[condition.key])
            for condition in self.conditions
        }
        groups: tuple[tuple[str, str, Callable[[Sample], str]], ...] = (
            ("Per soort stem", "soort", lambda s: KIND_NAMES.get(s.kind, s.kind)),
            ("Per spreker", "spreker", lambda s: s.speaker or UNKNOWN),
            ("Per onderwerp", "onderwerp", lambda s: outcome_name(expected_name(s))),
        )
        return [
            understood_table("Gehoord en begrepen", "omstandigheid", by_condition, EXPLANATION),
            safety_table(by_condition),
            time_table(by_condition),
            *(
                understood_table(title, name, self._by(by), "Zonder toegevoegd geluid.")
                for title, name, by in groups
            ),
        ]

    def figures(self, pairs: Sequence[Pair]) -> Figures:
        """The figures of some of the recordings."""
        return figures(pairs, self.typed)

    def _by(self, by: Callable[[Sample], str]) -> dict[str, Figures]:
        return {name: self.figures(pairs) for name, pairs in grouped(self.clean, by).items()}

    def data(self) -> dict[str, Any]:
        """Everything, for a program: keys in English, texts as they are."""
        conditions = [
            {"key": c.key, "noise": c.noise, "snr_db": c.snr_db, **self._figures_of(c)}
            for c in self.conditions
        ]
        by: dict[str, Callable[[Sample], str]] = {
            "kind": lambda s: s.kind,
            "speaker": lambda s: s.speaker,
            "topic": expected_name,
        }
        return {
            "facts": dict(self.facts),
            "conditions": conditions,
            "by": {
                name: {group: found.data() for group, found in self._by(of).items()}
                for name, of in by.items()
            },
            "confusions": [
                {"expected": expected, "given": given, "count": count}
                for (expected, given), count in sorted(confusions(self.clean).items())
            ],
            "reliability": reliability_data(self.clean),
            "skipped": [{"file": s.name, "reason": s.reason} for s in self.results.skipped],
            "recordings": [
                _recording(condition.key, sample, measurement)
                for condition in self.conditions
                for sample, measurement in self.results.by_condition[condition.key]
            ],
        }

    def _figures_of(self, condition: Condition) -> dict[str, Any]:
        return self.figures(self.results.by_condition[condition.key]).data()


def _recording(condition: str, sample: Sample, measurement: Measurement) -> dict[str, Any]:
    return {
        "file": sample.name,
        "condition": condition,
        "text": sample.text,
        "heard": measurement.text,
        "expected": [str(one) for one in sample.expected],
        "given": str(measurement.outcome),
        "verdict": judge(measurement.outcome, sample.expected) if sample.expected else None,
        "speaker": sample.speaker,
        "kind": sample.kind,
        "delay_seconds": measurement.delay,
        "sound_seconds": measurement.sound_seconds,
        "cpu_seconds": measurement.cpu_seconds,
    }


def understood_table(title: str, name: str, groups: Mapping[str, Figures], note: str) -> Table:
    """Words and meaning of each group."""
    rows: list[tuple[Cell, ...]] = [
        (
            group,
            str(f.recordings),
            _share(f.errors.share, f.errors.rate),
            *(_share(f.verdicts[verdict]) for verdict in VERDICT_NAMES),
            _share(f.as_typed),
        )
        for group, f in groups.items()
    ]
    columns = (name, "opnamen", "woordfouten", *VERDICT_NAMES.values(), "als getypt")
    return Table(title, columns, tuple(rows), note)


def safety_table(groups: Mapping[str, Figures]) -> Table:
    """Red flags, and answers where silence was due."""
    rows: list[tuple[Cell, ...]] = [
        (
            group,
            str(f.flags_seen.total),
            _share(f.flags_seen),
            _share(f.flags_graded),
            _share(f.false_alarms),
            rate_text(f.false_answers),
            number(60 * f.false_answers.hours, 1),
        )
        for group, f in groups.items()
    ]
    columns = (
        "omstandigheid", "alarmtekens", "herkend", "juiste spoed", "vals alarm",
        "vals antwoord per uur", "minuten praat",
    )  # fmt: skip
    note = (
        "Juiste spoed: van de herkende. Vals alarm: van de opnamen zonder alarmteken. Vals "
        "antwoord: elke reactie op praat die geen vraag is, per uur van die praat (Byar)."
    )
    return Table("Veiligheid", columns, tuple(rows), note)


def time_table(groups: Mapping[str, Figures]) -> Table:
    """How long a person waits, and how fast the computer is."""
    rows: list[tuple[Cell, ...]] = [
        (
            group,
            number(f.delay_median, 2),
            number(f.delay_95, 2),
            number(f.real_time_factor, 3),
            number(f.calibration_error, 3),
        )
        for group, f in groups.items()
    ]
    columns = (
        "omstandigheid", "wachttijd s", "95 % binnen s", "rekentijd × duur", "ijkfout",
    )  # fmt: skip
    note = (
        "Wachttijd: van het laatste woord tot het besluit (mediaan); dat is vooral wachten of "
        "iemand nog iets zegt. Rekentijd: van één rekenkern, per seconde geluid. IJkfout: het "
        "verschil tussen hoe zeker Spiertolk is en hoe vaak dat klopt (0 is volmaakt)."
    )
    return Table("Snelheid en zekerheid", columns, tuple(rows), note)


_OUTCOME_NAMES = {
    "decline": "niets",
    "ask": "een vraag terug",
    "command": "een opdracht",
    "followup": "een vervolgvraag",
    "flag:now": "alarm: nu 112",
    "flag:soon": "alarm: huisarts",
    "two topics": "twee onderwerpen",
    "": UNKNOWN,
}


def outcome_name(outcome: str) -> str:
    """An outcome in Dutch: ``flag:now`` is ``alarm: nu 112``; topics keep their names."""
    if outcome.startswith("command:"):
        return f"opdracht {outcome.removeprefix('command:')}"
    if outcome.startswith("ask:"):
        return f"vraag {outcome.removeprefix('ask:').replace('+', ' of ')}"
    if outcome.startswith("followup:"):
        return _OUTCOME_NAMES["followup"]
    return _OUTCOME_NAMES.get(outcome, outcome.replace("+", " en "))


def number(value: float | None, digits: int) -> str:
    """A number as Dutch writes it; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}".replace(".", ",")


def _share(share: Share, value: float | None = None) -> str:
    """``97,4 (95–99)``; a dash of nothing."""
    if not share.total:
        return "–"
    low, high = share.interval
    shown = share.value if value is None else value
    return f"{number(100 * shown, 1)} ({number(100 * low, 0)}–{number(100 * high, 0)})"


def rate_text(rate: Rate) -> str:
    """``2,5 (0,3–9,0)``, events an hour; a dash in no time."""
    if not rate.hours:
        return "–"
    low, high = rate.interval
    return f"{number(rate.value, 1)} ({number(low, 1)}–{number(high, 1)})"
