"""What a turn costs in time, and what the program costs a machine on which nobody speaks.

Computing is measured as CPU time of all threads and of the speech engine: on one core of its own
that is how long it takes, and other programs do not change it.
"""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
from numpy.typing import NDArray

from audio_fixtures.make import HOME
from benchmarks.unavailable import ProgramUnavailableError, VoicesUnavailableError
from console.wiring import Parts
from evaluation.effects import make_noise
from evaluation.metrics import percentile
from evaluation.tables import Cell, Table
from intents.completeness import CompletenessJudge
from settings import load_settings
from tests.intents.tables import rows
from tests.virtual_sound_card import VirtualSoundCard, missing_tools
from voice.audio import SAMPLE_RATE, read_wav, write_wav
from voice.earcons import HEARD
from voice.listener import Listener
from voice.recognizer import Utterance, transcribe
from voice.speaker import RATE, Speaker
from voice.speech_model import EMBEDDED

MAIN = Path(__file__).parents[1] / "main.py"
QUIET_SECONDS = 20.0
SENTENCES = 1_000
"""Understood, all different, before memory is weighed again."""
VOICES_SECONDS, _VOICES_DBFS, _QUIET_AFTER = 60.0, -25.0, 10.0
_SAID = Path(__file__).parents[1] / "tests" / "intents" / "unseen.tsv"
_BLOCK = SAMPLE_RATE // 10
_BEFORE, _AFTER = 0.5, 3.0
_ENOUGH_SECONDS = 120.0
_OPEN = "microphone open"
_Given = TypeVar("_Given")
_Found = TypeVar("_Found")
LIMITS = {"median": 150, "95 %": 300, "start": 2.0, "memory": 300, "quiet": 5.0}
"""What the project allows: ms to the first sound, s until it listens, MB, % of a core."""


@dataclass(frozen=True)
class Turn:
    """One answer; computing in seconds of CPU time from when the sentence was over to our ears."""

    decided: float
    """The decoder's lag and its last piece, and understanding."""
    earcon: float
    word: float
    """The same until the first sentence's sound was there."""
    waited: float
    """Seconds of sound from the end of the last word until the sentence was taken to be over."""


class FirstSound:
    """An output that calls ``on_sound`` for what is put, and plays nothing."""

    def __init__(self, on_sound: Callable[[], None]) -> None:
        self._on_sound = on_sound

    def put(self, samples: NDArray[np.int16]) -> None:
        """Sound is there."""
        if len(samples):
            self._on_sound()

    def clear(self) -> None:
        """Nothing is still to be heard."""

    def pending(self) -> float:
        """Nothing is still to be heard."""
        return 0.0

    def check(self) -> None:
        """Always works."""

    def close(self) -> None:
        """Nothing is open."""


class Stopwatch:
    """CPU time of this process, all threads, and of its children that still run."""

    def __init__(self) -> None:
        self._children = psutil.Process().children()

    def __call__(self) -> float:
        """Seconds."""
        return time.process_time() + sum(_on_cpu(child.pid) for child in self._children)


def loads(answers: int, say: Callable[[str], None]) -> Iterator[Table]:
    """Both tables; the first from so many answers at most.

    Raises:
        VoicesUnavailableError: there is no sound server for the second one.
    """
    recordings = sorted((HOME / "topics").rglob("*.wav"))
    chosen = recordings[:: -(-len(recordings) // answers)]
    say(f"answering {len(chosen)} recordings")
    yield _latency_table(tuple(_turns(chosen)))
    if missing := missing_tools():
        raise VoicesUnavailableError(f"the loads need {', '.join(missing)}")
    say("starting the program")
    start, memory, quiet = _running(QUIET_SECONDS)
    say(f"understanding {SENTENCES} sentences")
    resident = memory["resident"]
    memory[f"resident, after {SENTENCES} sentences"] = resident + _apart(_left_by, SENTENCES)
    say("hearing many voices")
    for when, more in _apart(_left_by_voices, VOICES_SECONDS).items():
        memory[f"resident, {when}"] = resident + more
    yield _load_table(start, memory, quiet)


def _turns(recordings: Sequence[Path]) -> Iterator[Turn]:
    """Hear each recording as a conversation of its own and begin to answer it."""
    parts = Parts(load_settings(None, {"model": EMBEDDED}))
    sounds: list[float] = []
    clock = time.process_time
    with Speaker(parts.settings.speaker, FirstSound(lambda: sounds.append(clock()))) as speaker:
        clock = Stopwatch()
        speaker.synthesize("Goedemorgen.")  # a first sentence loads the voice
        for path in recordings:
            assistant = parts.assistant()
            for lag, utterance in _heard(parts, path):
                sounds.clear()
                begin = clock()
                turn = assistant.take(utterance.text, utterance.alternatives, utterance.clarity)
                decided = clock()
                if turn.reply is None or not turn.reply.text:
                    continue
                HEARD.samples(RATE)
                earcon = clock()
                speaker.say(turn.reply.text, turn.reply.pace, turn.reply.volume)
                yield Turn(
                    decided=lag + decided - begin,
                    earcon=lag + earcon - begin,
                    word=lag + sounds[0] - begin,
                    waited=utterance.settled_at - utterance.end,
                )


def _heard(parts: Parts, path: Path) -> Iterator[tuple[float, Utterance]]:
    """Each utterance, and how far the decoder was behind the sound when it gave it.

    The sound comes at its own pace: a piece that takes longer than it lasts delays the next.
    """
    rng = np.random.default_rng(0)
    room = [rng.normal(0, 10, round(s * SAMPLE_RATE)) for s in (_BEFORE, _AFTER)]
    sound = np.concatenate([room[0], read_wav(path).samples, room[1]]).astype("<i2")
    arrived = free = 0.0
    begin = time.process_time()

    def pieces() -> Iterator[bytes]:
        nonlocal arrived, free, begin
        for at in range(0, len(sound), _BLOCK):
            free = max(arrived, free) + (time.process_time() - begin) if at else 0.0
            arrived = (at + _BLOCK) / SAMPLE_RATE
            begin = time.process_time()
            yield sound[at : at + _BLOCK].tobytes()

    judge = CompletenessJudge(parts.matcher)
    for utterance in transcribe(parts.loaded_model, pieces(), parts.settings.recognizer, judge):
        spent = time.process_time() - begin
        yield max(0.0, free - arrived) + spent, utterance
        begin = time.process_time() - spent  # what was done with it in between is not decoding


def _latency_table(turns: Sequence[Turn]) -> Table:
    spans: tuple[tuple[str, Callable[[Turn], float]], ...] = (
        ("computing: until it is decided what to answer", lambda turn: turn.decided),
        ("computing: until the first sound, the sign that it heard", lambda turn: turn.earcon),
        ("computing: until the first word of the answer", lambda turn: turn.word),
        ("waiting: whether the speaker goes on", lambda turn: turn.waited),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name,
            *(round(1000 * percentile(list(map(span, turns)), p)) for p in (50, 95)),
            *((LIMITS["median"], LIMITS["95 %"]) if name.startswith("computing") else (None, None)),
        )
        for name, span in spans
    )
    return Table(
        "From the end of speech to the answer, in ms",
        ("what", "median", "95 %", "allowed median", "allowed 95 %"),
        rows,
        f"{len(turns)} answers to our recordings of topics. Computing is CPU time: on one core of "
        "its own it takes as long. The wait is sound, whatever the machine.",
    )


@dataclass(frozen=True)
class Start:
    """From the command to open ears."""

    wall: float
    cpu: float


def _running(seconds: float) -> tuple[Start, dict[str, float], dict[str, float]]:
    """Start the program as a person at home does; gives its start, memory and quiet loads."""
    with VirtualSoundCard() as card, tempfile.TemporaryDirectory() as folder:
        noise = Path(folder, "room.wav")
        room = np.random.default_rng(0).normal(0, 10, round((seconds + 60) * SAMPLE_RATE))
        write_wav(noise, room.astype(np.int16), SAMPLE_RATE)
        with _listening(card):
            pass  # the first start of all compiles; every later one finds what Python kept
        with _listening(card) as (process, start):
            time.sleep(3.0)  # until all has settled
            loads = {"digital silence": _load(process, seconds)}
            card.play_to_microphone(noise, wait=False)
            time.sleep(1.0)
            loads["a quiet room"] = _load(process, seconds)
            return start, _memory(process), loads


@contextmanager
def _listening(card: VirtualSoundCard) -> Iterator[tuple[psutil.Process, Start]]:
    """The program, once its ears are open; at home nothing is said first."""
    command = [sys.executable, str(MAIN), "--verbose", "--profile", "home"]
    command += ["--model", str(EMBEDDED), "listen", "--json"]
    keeps = {"PYTHONDONTWRITEBYTECODE": ""}  # as Python does where nobody forbids it
    begin = time.monotonic()
    with subprocess.Popen(
        command,
        env=card.child_environment | keeps,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        too_late = threading.Timer(_ENOUGH_SECONDS, child.kill)
        too_late.start()
        try:
            process = psutil.Process(child.pid)
            if not any(_OPEN in line for line in child.stderr or ()):
                raise ProgramUnavailableError("the program did not open its ears")
            too_late.cancel()
            yield process, Start(time.monotonic() - begin, _cpu(process))
        finally:
            too_late.cancel()
            child.send_signal(signal.SIGINT)
            try:
                child.communicate(timeout=_ENOUGH_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    return sum(_on_cpu(member.pid) for member in _family(process))


def _on_cpu(pid: int) -> float:
    """CPU seconds of all threads of a process, to the nanosecond (proc(5), schedstat)."""
    tasks = Path("/proc", str(pid), "task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


def _load(process: psutil.Process, seconds: float) -> float:
    """Percent of a core."""
    begin, used = time.monotonic(), _cpu(process)
    time.sleep(seconds)
    return 100 * (_cpu(process) - used) / (time.monotonic() - begin)


def _memory(process: psutil.Process) -> dict[str, float]:
    """MB: in RAM, and the share that no other program uses too."""
    infos = [member.memory_full_info() for member in _family(process)]
    return {
        "resident": sum(i.rss for i in infos) / 1e6,
        "own share": sum(i.pss for i in infos) / 1e6,
    }


def _apart(work: Callable[[_Given], _Found], given: _Given) -> _Found:
    """What ``work`` gives in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(work, given).result()


def _left_by(sentences: int) -> float:
    """MB that so many sentences leave in the memory of this process, ready to hear them."""
    parts = Parts(load_settings(None, {"model": EMBEDDED}))
    parts.load_all()
    process, assistant = psutil.Process(), parts.assistant()
    before = process.memory_info().rss
    for _, said in random.Random(0).sample(rows(_SAID), sentences):
        assistant.take(said)
    return float(process.memory_info().rss - before) / 1e6


def _left_by_voices(seconds: float) -> dict[str, float]:
    """MB more, at most while many people talk for so long, and once they are quiet."""
    parts = Parts(load_settings(None, {"model": EMBEDDED}))
    parts.load_all()
    settings, judge = parts.settings.recognizer, CompletenessJudge(parts.matcher)
    listener, process = Listener(parts.loaded_model, settings, judge), psutil.Process()

    def weigh(sound: NDArray[np.int16]) -> Iterator[float]:
        for at in range(0, len(sound), _BLOCK):
            for _ in listener.hear(sound[at : at + _BLOCK].tobytes()):
                pass
            yield process.memory_info().rss / 1e6

    before = process.memory_info().rss / 1e6
    voices = make_noise("babble", seconds, _VOICES_DBFS, np.random.default_rng(0))
    most = max(weigh(voices))
    *_, after = weigh(np.zeros(round(_QUIET_AFTER * SAMPLE_RATE), np.int16))
    return {"while many people talk": most - before, "once they are quiet": after - before}


def _load_table(start: Start, memory: dict[str, float], quiet: dict[str, float]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = (
        ("start to open ears, s", start.wall, LIMITS["start"]),
        ("start to open ears, CPU s", start.cpu, None),
        *(
            (f"memory with the speech engine, {kind}, MB", mb, LIMITS["memory"])
            for kind, mb in memory.items()
        ),
        *(
            (f"CPU while nobody speaks, {kind}, % of a core", load, LIMITS["quiet"])
            for kind, load in quiet.items()
        ),
    )
    note = (
        "The embedded model. The sentences are of `tests/intents/unseen.tsv`; what they and a "
        "minute of babble take is weighed in a process without sound, and added. "
        f"{os.getloadavg()[0]:.1f} programs wanted a core in the last minute, of which there are "
        f"{len(os.sched_getaffinity(0))}: with more, the start takes longer."
    )
    return Table("Loads of the running program", ("what", "measured", "allowed"), rows, note)
