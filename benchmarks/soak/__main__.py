"""``make soak``: a compressed week through the real parts; ``--turns``, ``--minutes`` shorten it.

Real are the microphone with its watchdog, recogniser, model, matcher, dialogue, speech engine and
the live conversation. Not real is the sound card (see `sound_card`), and nothing is played aloud:
a week has to pass in hours.
"""

import argparse
import ctypes
import faulthandler
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from assistant import Assistant
from benchmarks.soak.record import Record, WarningCounter
from benchmarks.soak.script import Room, Script
from benchmarks.soak.sound_card import FastSoundCard
from console.wiring import Parts
from conversation import LiveConversation
from errors import SpiertolkError
from evaluation.tables import Cell, Table
from events import Event, Heard
from intents.completeness import CompletenessJudge
from settings import load_settings
from voice.microphone import Microphone
from voice.recognizer import Recognizer
from voice.speaker import RATE, Speaker
from whole_files import write_whole

WEEK_TURNS = 20_000
HANG_SECONDS = 90.0
"""Nothing moves for so long: a hang. An engine that hangs is replaced after four."""
ROOM_SECONDS = 0.5
"""Sound that may wait for the decoder; more of it would be a lag that no live room has."""
GONE_SECONDS = 1.0
WRONG_SHARE = 0.005
"""Of the turns; more are a failure."""
WARM_TURNS, GROWTH, WARMING = 1_000, 30.0, 80.0
"""MB of growth after a quarter of the run that are no failure: in a long run, and in one of fewer
turns, which is over before every buffer of Vosk has met its longest sentence."""
SAMPLE_TURNS = 10
_SETTINGS = {
    "profile": "kiosk",
    # The room does not ring on; and a card that waits for the decoder of a busy machine is not ill.
    "microphone": {"tail_seconds": 0.0, "stall_seconds": 30.0},
    "conversation": {"attract_seconds": None},
}


class Nowhere:
    """An output that takes any speech at once, and keeps none."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def put(self, samples: NDArray[np.int16]) -> None:
        """Count how much was said."""
        self.seconds += len(samples) / RATE

    def clear(self) -> None:
        """Nothing is still to be heard."""

    def pending(self) -> float:
        """Nothing is still to be heard."""
        return 0.0

    def check(self) -> None:
        """Always works."""

    def close(self) -> None:
        """Nothing is open."""


class CountingRecognizer(Recognizer):
    """The product's, which tells the card that it has taken a block."""

    taken: Callable[[], None] = staticmethod(lambda: None)

    def accept(self, block: bytes, wait: bool) -> bool:
        """As the product's."""
        taken = super().accept(block, wait)
        self.taken()
        return taken


class Soak:
    """One run."""

    def __init__(
        self, turns: int, seed: int, minutes: float | None, kept: Path | None = None
    ) -> None:
        self._turns = turns
        self._kept = kept
        self._over = False
        self._until = time.monotonic() + 60 * minutes if minutes else float("inf")
        self.record = Record()
        self._script = Script(turns, seed)
        self._room = Room(
            answers=lambda: self.record.answers,
            settled=lambda: self._backlog() == 0.0,
            faults={
                "engine killed": self._kill,
                "engine hangs": self._hang,
                "card gone": self._gone,
            },
            press=self._press,
            report=self.record.report,
        )
        self._parts = Parts(load_settings(None, _SETTINGS))
        self._output = Nowhere()
        self._speaker = Speaker(self._parts.settings.speaker, self._output)
        self._recognizer = CountingRecognizer(
            self._parts.loaded_model,
            self._parts.settings.recognizer,
            CompletenessJudge(self._parts.matcher),
        )
        self._card = FastSoundCard(self._blocks(), lambda: self._backlog() < ROOM_SECONDS)
        self._recognizer.taken = self._card.heard
        self._conversation: LiveConversation | None = None
        self._microphone: Microphone | None = None

    def run(self) -> None:
        """Play it all; whatever ends it, what was counted is there."""
        logging.getLogger().addHandler(WarningCounter(self.record))
        sys.modules["sounddevice"] = self._card
        parts = self._parts
        assistant = Assistant(parts.matcher, parts.dialogue, lambda: self._script.seconds)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        with ExitStack() as stack:
            stack.enter_context(self._speaker)
            stack.enter_context(self._recognizer)
            self._microphone = stack.enter_context(Microphone(parts.settings.microphone))
            self._conversation = LiveConversation(
                assistant, self._microphone, self._recognizer, self._speaker, self._show,
                parts.settings.conversation,
            )  # fmt: skip
            try:
                self._conversation.run()
            except SpiertolkError as error:
                self.record.ended_early = str(error)
            except KeyboardInterrupt:
                self.record.ended_early = "cut short"

    def _restarts(self) -> tuple[tuple[Cell, ...], ...]:
        """How often the product mended itself, and what it warned of."""
        opened = self._microphone.repairs if self._microphone else 0
        lost = self._microphone.dropped_seconds if self._microphone else 0.0
        return (
            ("microphone opened anew", opened),
            ("seconds dropped by the microphone's queue", lost),
            ("seconds dropped by the recogniser's queue", self._recognizer.dropped_seconds),
            *((f"warned: {what}", n) for what, n in sorted(self.record.warnings.items())),
        )

    def tables(self) -> list[Table]:
        """What was counted until now."""
        return [self._circumstances(), *self.record.tables(self._restarts())]

    def finish(self) -> None:
        """Print all tables, and keep them."""
        self._over = True
        sys.stdout.write("\n\n".join(table.text() for table in self.tables()) + "\n")
        self.keep()

    def keep(self) -> None:
        """Write the figures down, where asked for: hours of work may end in a power cut."""
        if self._kept:
            data = {
                "tables": [table.data() for table in self.tables()],
                "samples": [vars(sample) for sample in self.record.samples],
            }
            write_whole(self._kept, json.dumps(data, ensure_ascii=False, indent=1).encode())

    def _circumstances(self) -> Table:
        """How long it took, and what passed."""
        used, wall = os.times(), time.monotonic() - _BEGIN
        cpu = used.user + used.system + used.children_user + used.children_system
        heard, a_turn = self._script.seconds, cpu / max(1, self.record.turns)
        rows: tuple[tuple[Cell, ...], ...] = (
            ("turns", self.record.turns),
            ("hours of sound heard", heard / 3_600),
            ("hours of speech said", self._output.seconds / 3_600),
            ("minutes it took", wall / 60),
            ("times faster than real time", (heard + self._output.seconds) / wall),
            ("CPU seconds a turn, all else counted in", a_turn),
            (f"CPU hours for {WEEK_TURNS:,} turns", a_turn * WEEK_TURNS / 3_600),
            ("ended early", self.record.ended_early or ("no" if self._over else "not yet over")),
        )
        return Table("Soak", ("what", "how much"), rows)

    def _blocks(self) -> Iterator[bytes]:
        """The script's sound, with a look at the process now and then; ends the conversation."""
        every, last, shown = max(1, min(SAMPLE_TURNS, self._turns // SAMPLE_TURNS)), -1, 0.0
        for block in self._script.play(self._room):
            self.record.beats += 1
            yield block
            if self.record.turns // every != last:
                last = self.record.turns // every
                self.record.sample()
            now = time.monotonic()
            if now - shown > 10.0:
                shown = now
                self._progress()
                self.keep()
            if now > self._until:
                self.record.ended_early = "its time was over"
                break
        if self._conversation is not None:
            self._conversation.stop()

    def _show(self, event: Event) -> None:
        """Told by the conversation. What gets no answer may still go on: that is waited for."""
        self.record.show(event)
        if isinstance(event, Heard) and event.turn.reply is not None:
            self.record.answers += 1

    def _backlog(self) -> float:
        return self._recognizer.backlog_seconds

    def _press(self, on: bool) -> None:
        self._card.pressing = on

    def _engine(self) -> Iterator[psutil.Process]:
        for child in psutil.Process().children():
            if "voice.speech_worker" in child.cmdline():
                yield child

    def _kill(self) -> None:
        for engine in self._engine():
            engine.kill()

    def _hang(self) -> None:
        for engine in self._engine():
            engine.send_signal(signal.SIGSTOP)

    def _gone(self) -> None:
        self._card.fail(GONE_SECONDS)

    def _progress(self) -> None:
        record, seen = self.record, self.record.samples[-1] if self.record.samples else None
        done = record.turns / self._turns
        spent = time.monotonic() - _BEGIN
        left = spent / done * (1 - done) if done else float("nan")
        sys.stderr.write(
            f"{record.turns:>6} of {self._turns} turns, {spent / 60:.0f} min, about "
            f"{min(left, self._until - time.monotonic()) / 60:.0f} min left, "
            f"{seen.rss if seen else 0:.0f} MB, {record.wrong} wrong, {record.hangs} hangs\n"
        )
        sys.stderr.flush()

    def _watch(self) -> None:
        """Notice a hang: tell where every thread is, tell what was counted, and end."""
        beats, since = -1, time.monotonic()
        while True:
            time.sleep(1.0)
            if self.record.beats != beats:
                beats, since = self.record.beats, time.monotonic()
            elif time.monotonic() - since > HANG_SECONDS:
                self.record.hangs += 1
                faulthandler.dump_traceback(all_threads=True)
                self.finish()
                sys.stdout.flush()
                os._exit(1)


_BEGIN = time.monotonic()


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, and print; 0 where nothing hung, broke, grew or was wrong more than allowed.

    1: something did; 2: it can't run here.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--turns", type=int, default=WEEK_TURNS)
    parser.add_argument("--minutes", type=float, help="stop after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="keep the figures here too, from the first on")
    options = parser.parse_args(arguments)
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell's "&" would leave SIGINT ignored
        signal.signal(ending, signal.default_int_handler)
    ctypes.CDLL(None).srand(options.seed)  # the decoder's dither
    try:
        soak = Soak(options.turns, options.seed, options.minutes, options.json)
        soak.run()
    except SpiertolkError as error:
        sys.stderr.write(f"Spiertolk: {error}\n")
        return 2
    soak.finish()
    return 0 if passed(soak.record) else 1


def passed(record: Record) -> bool:
    """Whether this run proves anything good."""
    broken = record.hangs or record.ended_early not in ("", "its time was over", "cut short")
    return (
        not broken
        and record.turns > 0
        and record.wrong <= max(1, WRONG_SHARE * record.turns)
        and record.growth() <= (GROWTH if record.turns >= WARM_TURNS else WARMING)
    )


if __name__ == "__main__":
    sys.exit(main())
