"""The figures of a set of recordings: from measurements to shares, rates and times."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.hearing import Measurement
from evaluation.metrics import Rate, Share, calibration_error, percentile, reliability
from evaluation.outcomes import DECLINED, VERDICTS, Outcome, Verdict, claims, judge
from evaluation.samples import Sample
from evaluation.words import ErrorRate, count_errors, total

Pair = tuple[Sample, Measurement]
_ANSWERS = ("topics", "flag", "command", "ask")
"""What is said aloud; a follow-up question says nothing outside a conversation."""


@dataclass(frozen=True)
class Figures:
    """What a set of recordings shows."""

    recordings: int
    errors: ErrorRate
    """Of the recordings whose text is known."""
    verdicts: Mapping[Verdict, Share]
    """Of the recordings whose outcome is known, each verdict."""
    as_typed: Share
    """Recordings understood as their text is when it is typed: what hearing costs."""
    flags_seen: Share
    flags_graded: Share
    """Of those seen: with the right urgency."""
    false_alarms: Share
    """Of the recordings in which there is no red flag."""
    false_answers: Rate
    """In recordings that need no answer; every utterance counts."""
    delay_median: float | None
    """Seconds from the last word to the decision; None where nothing was heard."""
    delay_95: float | None
    """The same within which 95 % were decided."""
    real_time_factor: float
    """CPU seconds for a second of sound."""
    calibration_error: float | None
    """Expected calibration error, 0 to 1; None where nothing was claimed."""

    @property
    def judged(self) -> int:
        """Recordings whose outcome is known."""
        return self.verdicts["right"].total

    def data(self) -> dict[str, Any]:
        """For a program: shares with their counts and intervals."""
        return {
            "recordings": self.recordings,
            "words": self.errors.words,
            "word_errors": self.errors.errors,
            "word_error_rate": {**self.errors.share.data(), "share": self.errors.rate},
            "verdicts": {verdict: share.data() for verdict, share in self.verdicts.items()},
            "as_typed": self.as_typed.data(),
            "red_flag_recall": self.flags_seen.data(),
            "red_flag_grade_right": self.flags_graded.data(),
            "false_alarms": self.false_alarms.data(),
            "false_answers_per_hour": rate_data(self.false_answers),
            "delay_seconds": {"median": self.delay_median, "percentile_95": self.delay_95},
            "real_time_factor": self.real_time_factor,
            "expected_calibration_error": self.calibration_error,
        }


def rate_data(rate: Rate) -> dict[str, Any]:
    """A rate for a program; nothing is known of no time."""
    low, high = rate.interval if rate.hours else (None, None)
    value = rate.value if rate.hours else None
    return {"count": rate.count, "hours": rate.hours, "rate": value, "low": low, "high": high}


def figures(pairs: Sequence[Pair], typed: Callable[[str], Outcome]) -> Figures:
    """The figures of a set of recordings.

    Args:
        pairs: recordings, each with what was measured.
        typed: what the product makes of a text.
    """
    judged = [(s, m) for s, m in pairs if s.expected]
    counts = Counter(judge(m.outcome, s.expected) for s, m in judged)
    flagged = [(s, m) for s, m in judged if s.expected[0].act == "flag"]
    seen = [(s, m) for s, m in flagged if m.outcome.act == "flag"]
    calm = [m for s, m in judged if all(one.act != "flag" for one in s.expected)]
    with_text = [(s.text, m) for s, m in pairs if s.text]
    delays = [m.delay for _, m in pairs if m.delay is not None]
    heard = sum(m.heard_seconds for _, m in pairs)
    made = all_claims(judged)
    return Figures(
        recordings=len(pairs),
        errors=total(count_errors(s.text, m.text) for s, m in pairs if s.text is not None),
        verdicts={verdict: Share(counts[verdict], len(judged)) for verdict in VERDICTS},
        as_typed=Share(sum(_same(typed(t), m.outcome) for t, m in with_text), len(with_text)),
        flags_seen=Share(len(seen), len(flagged)),
        flags_graded=Share(_right(seen), len(seen)),
        false_alarms=Share(sum(m.outcome.act == "flag" for m in calm), len(calm)),
        false_answers=_false_answers(judged),
        delay_median=percentile(delays, 50) if delays else None,
        delay_95=percentile(delays, 95) if delays else None,
        real_time_factor=sum(m.cpu_seconds for _, m in pairs) / heard if heard else 0.0,
        calibration_error=calibration_error(made) if made else None,
    )  # fmt: skip


def all_claims(pairs: Sequence[Pair]) -> list[tuple[float, bool]]:
    """(probability, whether right) of every claim where the outcome is known."""
    return [claim for s, m in pairs if s.expected for claim in claims(m.outcome, s.expected)]


def _right(pairs: Sequence[Pair]) -> int:
    return sum(judge(m.outcome, s.expected) == "right" for s, m in pairs)


def _same(one: Outcome, other: Outcome) -> bool:
    return (one.act, one.ids) == (other.act, other.ids)


def _false_answers(judged: Sequence[Pair]) -> Rate:
    quiet = [m for s, m in judged if s.expected[0] == DECLINED]
    answers = sum(heard.outcome.act in _ANSWERS for m in quiet for heard in m.utterances)
    return Rate(answers, sum(m.sound_seconds for m in quiet) / 3600)


def grouped(pairs: Sequence[Pair], by: Callable[[Sample], str]) -> dict[str, list[Pair]]:
    """The recordings in groups, by name of the group."""
    groups: dict[str, list[Pair]] = {}
    for sample, measurement in pairs:
        groups.setdefault(by(sample), []).append((sample, measurement))
    return dict(sorted(groups.items()))


def expected_name(sample: Sample) -> str:
    """The best outcome expected: ``ooglid``, ``command:stop``, ``decline``; empty where unknown."""
    return str(sample.expected[0]) if sample.expected else ""


def confusions(pairs: Sequence[Pair]) -> Counter[tuple[str, str]]:
    """How often each best outcome was answered with each outcome; commands count as one."""
    return Counter((_class(s.expected[0]), _class(m.outcome)) for s, m in pairs if s.expected)


def _class(outcome: Outcome) -> str:
    """The outcome, the many commands and pairs of topics taken together."""
    if outcome.act in ("ask", "command", "followup"):
        return outcome.act
    return str(outcome) if len(outcome.ids) < 2 else "two topics"


def reliability_data(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Claims of nearly the same probability, and how many of them were right."""
    return [
        {"low": b.low, "high": b.high, "count": b.count, "claimed": b.claimed, "found": b.found}
        for b in reliability(all_claims(pairs))
    ]
