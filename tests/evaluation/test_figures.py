"""Figures of made-up measurements, worked out by hand."""

import json
import math
from pathlib import Path

import pytest

from evaluation.conditions import CLEAN, Wishes
from evaluation.figures import Pair, figures
from evaluation.hearing import Heard, Measurement, measurement_from
from evaluation.metrics import Rate
from evaluation.outcomes import DECLINED, Outcome, parse_outcomes
from evaluation.report import Report, rate_text
from evaluation.run import Results
from evaluation.samples import HUMAN, Sample
from evaluation.store import Store, fingerprint

EYE = Outcome("topics", frozenset({"ooglid"}), (("ooglid", 0.9),))
FLAG = Outcome("flag", frozenset({"soon"}), (("soon", 0.8),))
SPOKEN = "mijn oog trilt"


def pair(expected: str, *given: Outcome, said: str = SPOKEN, heard: str = SPOKEN) -> Pair:
    sample = Sample(Path("x.wav"), f"{expected}.wav", said, parse_outcomes(expected), "s", HUMAN)
    utterances = tuple(Heard(heard, outcome, 1.0 + number) for number, outcome in enumerate(given))
    return sample, Measurement(utterances, 36.0, 39.0, 3.9)


PAIRS = [
    pair("ooglid", EYE),
    pair("ms", EYE),
    pair("ms", heard=""),
    pair("flag:now", FLAG, heard="mijn oog tril"),
    pair("flag:now", DECLINED),
    pair("decline", EYE, DECLINED, FLAG, said="het regent", heard="het regent"),
]


def test_figures_by_hand() -> None:
    found = figures(PAIRS, lambda text: EYE if text == SPOKEN else DECLINED)
    counts = {verdict: share.hits for verdict, share in found.verdicts.items()}
    assert counts == {"right": 1, "partly": 0, "asked": 0, "declined": 2, "wrong": 3}
    assert (found.flags_seen.hits, found.flags_seen.total) == (1, 2)
    assert (found.flags_graded.hits, found.flags_graded.total) == (0, 1)
    assert (found.false_alarms.hits, found.false_alarms.total) == (0, 4)
    assert (found.false_answers.count, found.false_answers.hours) == (2, 0.01)
    # Nothing heard: 3 errors; "tril": 1; "het regent" three times over: 4.
    assert (found.errors.errors, found.errors.words) == (8, 17)
    assert (found.as_typed.hits, found.as_typed.total) == (2, 6)
    assert found.real_time_factor == pytest.approx(0.1)
    assert found.delay_median == 1.0
    assert found.delay_95 == pytest.approx(2.6)  # of 1, 1, 1, 1 and 3


def test_unknown_outcomes_and_texts_are_not_counted() -> None:
    sample = Sample(Path("x.wav"), "x.wav", None)
    found = figures([(sample, PAIRS[0][1])], lambda _: EYE)
    assert (found.judged, found.errors.words, found.as_typed.total) == (0, 0, 0)
    assert found.calibration_error is None


def test_a_report_holds_every_group_as_table_and_as_data() -> None:
    noisy = Wishes("white:5").conditions()[1]
    results = Results({CLEAN.key: PAIRS, noisy.key: PAIRS[:1]}, ())
    report = Report({"datum": "vandaag"}, (CLEAN, noisy), results, lambda _: EYE)
    titles = [table.title for table in report.tables()]
    assert {"Gehoord en begrepen", "Veiligheid", "Per soort stem", "Per spreker"} <= set(titles)
    overall = report.tables()[0]
    assert [row[0] for row in overall.rows] == ["zoals opgenomen", "ruis 5 dB"]
    assert "16,7 (3–56)" in overall.rows[0]  # Wilson of 1 in 6
    data = json.loads(json.dumps(report.data(), allow_nan=False))
    assert data["conditions"][0]["verdicts"]["right"]["hits"] == 1
    assert set(data["by"]["topic"]) == {"ooglid", "ms", "flag:now", "decline"}
    assert {"expected": "ms", "given": "ooglid", "count": 1} in data["confusions"]
    assert len(data["recordings"]) == 7


def test_a_rate_has_the_interval_of_a_poisson() -> None:
    # Exact (Garwood) for 5 events: 1.62 to 11.67; Byar comes within 2 %.
    assert Rate(5, 1.0).interval == pytest.approx((1.62, 11.67), rel=0.02)
    assert Rate(0, 2.0).interval == pytest.approx((0.0, 3.69 / 2), rel=0.02)
    assert Rate(0, 0.0).interval == (0.0, math.inf)
    assert rate_text(Rate(0, 0.0)) == "–"


def test_what_is_kept_comes_back_and_a_broken_line_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "nieuw" / "metingen.jsonl"
    measurement = PAIRS[5][1]
    with Store(path) as store:
        store.add("a", measurement)
    with path.open("ab") as file:
        file.write(b'{"key": "b", "utter')  # the power went
    with Store(path) as store:
        assert store.get("a") == measurement
        assert store.get("a") is not None
        assert store.get("b") is None
        store.add("b", measurement)
    with Store(path) as store:
        assert store.get("b") == measurement
    assert measurement_from(measurement.to_json()) == measurement
    assert fingerprint(1, "a") != fingerprint("1a")
