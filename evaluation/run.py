"""Hears all recordings under all conditions, on all cores, and goes on where it was stopped."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from errors import AudioFileError
from evaluation.conditions import Condition
from evaluation.effects import Samples
from evaluation.hearing import Ears, Measurement, measure, read_recording
from evaluation.samples import Sample, without_consent
from evaluation.store import Store, fingerprint


@dataclass(frozen=True)
class Skipped:
    """A recording that could not be heard, and why, in one Dutch sentence."""

    name: str
    reason: str


@dataclass(frozen=True)
class Progress:
    """How far it is: pairs of recording and condition."""

    done: int
    total: int
    kept: int
    """Of those done, what was kept from an earlier run."""


@dataclass(frozen=True)
class Results:
    """Every measurement by condition, and what was left out."""

    by_condition: dict[str, list[tuple[Sample, Measurement]]]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class Plan:
    """What to measure, with what."""

    samples: Sequence[Sample]
    conditions: Sequence[Condition]
    ears: Ears
    system: str
    """Names everything that the ears depend on: other results are kept apart by it."""
    folder: Path
    seed: int = 0
    jobs: int = 1
    """Recordings heard at once. They share the decoder's dither, so only with 1 are the very same
    words heard in every run."""


def run(
    plan: Plan, store: Store, show: Callable[[Progress], None], skip: Callable[[Skipped], None]
) -> Results:
    """Measure what ``store`` has not got yet; each result is kept at once.

    Args:
        plan: what to measure.
        store: where results are and go.
        show: hears of the progress.
        skip: hears of each recording that is left out, as soon as it is.

    Raises:
        KeyboardInterrupt: stopped; what was measured is kept.
        SpiertolkError: the results can't be kept, or recognition failed altogether.
    """
    return _Run(plan, store, show, skip).results()


@dataclass
class _Run:
    plan: Plan
    store: Store
    show: Callable[[Progress], None]
    skip: Callable[[Skipped], None]
    stop: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)  # guards the store and what follows
    done: int = 0
    kept: int = 0

    def results(self) -> Results:
        """All of them, in the order of the recordings."""
        found: dict[str, dict[str, Measurement]] = {}
        skipped: dict[str, Skipped] = {}
        with ThreadPoolExecutor(self.plan.jobs) as threads:  # Vosk frees the interpreter's lock
            futures = {threads.submit(self._hear, one): one for one in self.plan.samples}
            try:
                for future in as_completed(futures):
                    name = futures[future].name
                    try:
                        found[name] = future.result()
                    except AudioFileError as error:
                        skipped[name] = Skipped(name, str(error))
                        self._leave_out(skipped[name])
            except BaseException:
                self.stop.set()
                threads.shutdown(cancel_futures=True)
                raise
        heard = [sample for sample in self.plan.samples if sample.name in found]
        by_condition = {
            condition.key: [(sample, found[sample.name][condition.key]) for sample in heard]
            for condition in self.plan.conditions
        }
        left_out = (skipped[s.name] for s in self.plan.samples if s.name in skipped)
        return Results(by_condition, tuple(left_out))

    def _hear(self, sample: Sample) -> dict[str, Measurement]:
        """One recording under every condition; in a thread of its own."""
        if without_consent(sample, self.plan.folder):
            raise AudioFileError(
                f"Bij '{sample.name}' ontbreekt de toestemming van de spreker: neem de stem "
                "opnieuw op met 'main.py record', of haal de opname weg."
            )
        sound = read_recording(sample.path)
        content = hashlib.sha256(sound.tobytes()).hexdigest()
        return {
            condition.key: self._measure(
                condition,
                sample.name,
                sound,
                fingerprint(self.plan.system, self.plan.seed, condition.key, sample.name, content),
            )
            for condition in self.plan.conditions
        }

    def _measure(self, condition: Condition, name: str, sound: Samples, key: str) -> Measurement:
        """Take it from the store, or hear it and keep it."""
        kept = self.store.get(key)
        plan = self.plan
        measurement = kept or measure(plan.ears, sound, condition, name, plan.seed, stop=self.stop)
        with self.lock:
            if kept is None:
                self.store.add(key, measurement)
            self.kept += kept is not None
            self._advance(1)
        return measurement

    def _leave_out(self, skipped: Skipped) -> None:
        with self.lock:
            self.skip(skipped)
            self._advance(len(self.plan.conditions))

    def _advance(self, steps: int) -> None:
        self.done += steps
        total = len(self.plan.samples) * len(self.plan.conditions)
        self.show(Progress(self.done, total, self.kept))
