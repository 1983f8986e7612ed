"""``make fuzz MINUTES=10``: each target's property tests, over and over, for so many minutes each.

A finding ends the run with pytest's report, and Hypothesis remembers it in ``.hypothesis``: the
next test run tries it first. Keep it as an ``@example`` or a test of its own once it is mended.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzzing import FACTOR_VARIABLE

ROOT = Path(__file__).parent.parent
TARGETS: Mapping[str, tuple[str, ...]] = {
    "wav": ("tests/voice/test_audio.py",),
    "content": ("tests/intents/test_catalogue.py", "tests/responses/test_library.py"),
    "settings": ("tests/test_settings.py",),
    "installer": (
        "tests/voice/test_model_archive.py",
        "tests/voice/test_model_download.py",
        "tests/voice/test_model_installer.py",
        "tests/voice/test_model_manifest.py",
    ),
}
_ROUND_SECONDS = 60.0
_LARGEST_FACTOR = 200


@dataclass(frozen=True)
class Outcome:
    """How one target did."""

    target: str
    rounds: int
    factors: int
    """Test runs' worth of examples in all."""
    minutes: float
    passed: bool


def fuzz(target: str, minutes: float) -> Outcome:
    """Run rounds of ever more examples until the time is over, or something is found."""
    begin = time.monotonic()
    factor, rounds, factors, passed = 1, 0, 0, True
    while passed and time.monotonic() - begin < 60 * minutes:
        since = time.monotonic()
        passed = _round(target, factor)
        rounds, factors = rounds + 1, factors + factor
        took = time.monotonic() - since
        print(f"  {target}: round {rounds}, {factor} x the examples, {took:.0f} s", flush=True)
        factor = max(1, min(_LARGEST_FACTOR, round(factor * _ROUND_SECONDS / took)))
    return Outcome(target, rounds, factors, (time.monotonic() - begin) / 60, passed)


def _round(target: str, factor: int) -> bool:
    """Run the target's property tests once; Hypothesis draws other examples each time."""
    environment = {**os.environ, FACTOR_VARIABLE: str(factor)}
    environment.pop("CI", None)  # there Hypothesis would draw the same ones each time
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "fuzz", *TARGETS[target]]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout[-20_000:], done.stderr[-5_000:], flush=True)
    return done.returncode == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets one after the other; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each target")
    options = parser.parse_args(arguments)
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"unknown target: {', '.join(sorted(unknown))}")
    outcomes = [fuzz(target, options.minutes) for target in options.targets or TARGETS]
    for one in outcomes:
        verdict = "nothing found" if one.passed else "FOUND SOMETHING, see above"
        print(
            f"{one.target:<10} {one.minutes:5.1f} min  {one.factors:>6} test runs' worth  {verdict}"
        )
    return 0 if all(one.passed for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
