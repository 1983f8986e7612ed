"""What happens in the room, scene by scene, in a seeded order; the sound of it as blocks."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from audio_fixtures.make import HOME
from benchmarks.soak.sounds import Samples, nuisances, quiet
from voice.audio import SAMPLE_RATE, read_wav

BLOCK = SAMPLE_RATE // 10
VISIT = (1, 6)
"""Turns of one visitor."""
QUIET_SECONDS = (3.0, 90.0)
"""Between two visitors: often long enough for a session to end."""
NUISANCE_SECONDS = (5.0, 40.0)
NUISANCE_SHARE, FAULT_SHARE = 0.15, 0.12
"""Of the visits that are followed by one."""
ANSWER_SECONDS = 5.0
"""How long a visitor waits for an answer; then it was not understood."""
FLAT_SECONDS = 12.0
"""How long a dead microphone lasts; the recogniser notices after ten."""
_AFTER_ANSWER = 0.3


@dataclass(frozen=True)
class Said:
    """One sentence of a visitor has been played, and answered or not."""

    folder: str
    path: str
    damage: str
    """What happened to the sentence on its way; empty where nothing did."""


@dataclass(frozen=True)
class Sounded:
    """A stretch without a sentence is over: quiet, noise or a fault."""

    kind: str


Scene = Said | Sounded


class Room:
    """Levers of whoever runs the soak: the faults that the script calls for."""

    def __init__(
        self,
        answers: Callable[[], int],
        settled: Callable[[], bool],
        faults: dict[str, Callable[[], None]],
        press: Callable[[bool], None],
        report: Callable[[Scene], None],
    ) -> None:
        self.answers = answers
        """How many utterances were answered; what was heard before an answer is forgotten."""
        self.settled = settled
        """Whether all sound was decoded."""
        self.faults = faults
        """What breaks a part, by name; each mends itself or is mended by the product."""
        self.press = press
        """Deliver sound without asking for room, or again with."""
        self.report = report


class Script:
    """Plays ``turns`` sentences; the clock is the sound that was played."""

    def __init__(self, turns: int, seed: int) -> None:
        self._turns = turns
        self._dice = random.Random(seed)
        self._rng = np.random.default_rng(seed)
        self._fixtures = {
            path.relative_to(HOME).as_posix(): read_wav(path).samples
            for path in sorted(HOME.rglob("*.wav"))
            if "recorded" not in path.parts
        }
        self._nuisances = nuisances(self._rng)
        self._decks: dict[str, list[str]] = {}
        self.blocks_played = 0

    @property
    def seconds(self) -> float:
        """How much sound was played."""
        return self.blocks_played * BLOCK / SAMPLE_RATE

    def play(self, room: Room) -> Iterator[bytes]:
        """All blocks, visit by visit."""
        yield from self._sound(quiet(2.0, self._rng))
        turn = 0
        while turn < self._turns:
            for _ in range(min(self._dice.randint(*VISIT), self._turns - turn)):
                turn += 1
                yield from self._turn(room)
            if self._dice.random() < max(NUISANCE_SHARE, self._often):
                yield from self._nuisance(room)
            if self._dice.random() < max(FAULT_SHARE, self._often):
                yield from self._fault(room)
            yield from self._sound(quiet(self._dice.uniform(*QUIET_SECONDS), self._rng))
            room.report(Sounded("quiet"))

    @property
    def _often(self) -> float:
        """The share of visits by which a short run meets each kind of trouble too."""
        return 10 * sum(VISIT) / 2 / self._turns

    def _drawn(self, name: str, kinds: list[str]) -> str:
        """One of the kinds, each as often as the others: cards from a deck."""
        if not self._decks.get(name):
            self._decks[name] = self._dice.sample(kinds, len(kinds))
        return self._decks[name].pop()

    def _turn(self, room: Room, damage: str = "") -> Iterator[bytes]:
        """One sentence, and the wait for its answer."""
        path = self._dice.choice(list(self._fixtures))
        sound = self._fixtures[path]
        if damage == "gap":
            at = self._dice.randrange(len(sound))
            sound = np.concatenate([sound[:at], sound[at + round(0.7 * SAMPLE_RATE) :]])
        before = room.answers()
        yield from self._sound(quiet(self._dice.uniform(0.3, 1.5), self._rng))
        if damage == "overflow":
            room.press(True)
            yield from self._sound(np.tile(sound, 1 + 30 * SAMPLE_RATE // len(sound)))
            room.press(False)
        else:
            yield from self._sound(sound)
        yield from self._wait(room, before)
        room.report(Said(path.rpartition("/")[0], path, damage))

    def _wait(self, room: Room, before: int) -> Iterator[bytes]:
        """Quiet until the answer was said, or until none can come any more."""
        waited = 0.0
        while waited < ANSWER_SECONDS and room.answers() == before:
            yield from self._sound(quiet(0.1, self._rng))
            waited += 0.1
        while not room.settled():
            yield from self._sound(quiet(0.1, self._rng))
        yield from self._sound(quiet(_AFTER_ANSWER, self._rng))

    def _nuisance(self, room: Room) -> Iterator[bytes]:
        kind = self._drawn("nuisance", [*self._nuisances, "digital silence"])
        length = round(self._dice.uniform(*NUISANCE_SECONDS) * SAMPLE_RATE)
        loop = self._nuisances.get(kind, np.zeros(SAMPLE_RATE, np.int16))
        start = self._dice.randrange(len(loop))
        yield from self._sound(np.resize(np.roll(loop, -start), length))
        yield from self._sound(quiet(3.0, self._rng))
        room.report(Sounded(kind))

    def _fault(self, room: Room) -> Iterator[bytes]:
        """Break something; the next sentence shows whether it works again."""
        kind = self._drawn("fault", [*room.faults, "gap", "overflow", "muted", "stuck"])
        if kind in room.faults:
            room.faults[kind]()
        elif kind in ("muted", "stuck"):
            value = 0 if kind == "muted" else 1_234
            yield from self._sound(np.full(round(FLAT_SECONDS * SAMPLE_RATE), value, np.int16))
            yield from self._sound(quiet(1.0, self._rng))
        else:
            yield from self._turn(room, kind)
        room.report(Sounded(f"fault: {kind}"))
        if kind in room.faults:
            yield from self._sound(quiet(0.2, self._rng))
            yield from self._turn(room)

    def _sound(self, samples: Samples) -> Iterator[bytes]:
        for at in range(0, len(samples), BLOCK):
            self.blocks_played += 1
            yield samples[at : at + BLOCK].astype("<i2").tobytes()
