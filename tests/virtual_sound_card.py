"""A sound card of our own for tests: a private PulseAudio daemon with two null sinks.

What is played to ``mic_in`` comes out of the default microphone; what the program says goes to
``spk_out`` and can be recorded at its monitor. Works as root and as a user, without kernel
modules, and never touches the sound server of the person who runs the tests.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

RECORDING_RATE = 16_000
"""Samples a second of what :meth:`VirtualSoundCard.recording` hears."""

_START_SECONDS = 10.0
_STOP_SECONDS = 3.0
_TOOLS = ("pulseaudio", "pactl", "paplay", "parec")

_DAEMON_OPTIONS = (
    "-n",
    "--daemonize=no",
    "--use-pid-file=no",
    "--exit-idle-time=-1",
    "--disable-shm=yes",
    "--realtime=no",
    "--high-priority=no",
)
_RECORDER_OPTIONS = (
    "--raw",
    "--format=s16le",
    "--channels=1",
    f"--rate={RECORDING_RATE}",
    "--latency-msec=10",
)

# The daemon dies with us, even if we are killed: then our end of the pipe is closed.
_LEASH = 'pulseaudio "$@" <&- & read -r _; kill $!; wait'

# What no one plays to is digitally silent, as no microphone ever is: a room sounds a little.
_ROOM_PEAK = 4  # of 32 768
_ROOM_SECONDS = 5
_LOOP = 'while cat "$1"; do :; done | exec pacat --playback --raw --device=mic_in $2'
_LOOP_OPTIONS = "--format=s16le --rate=48000 --channels=1"

_CONFIGURATION = """\
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=mic_in rate=48000 channels=1
load-module module-null-sink sink_name=spk_out rate=48000
set-default-source mic_in.monitor
set-default-sink spk_out
"""


def missing_tools() -> tuple[str, ...]:
    """Name the programs that a virtual sound card needs and this machine lacks."""
    return tuple(tool for tool in _TOOLS if shutil.which(tool) is None)


class Recording:
    """What the loudspeaker says, as it arrives: 16 kHz mono, with the time of each piece."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            raise ValueError("the recorder needs a pipe")
        self._process = process
        self._pipe: IO[bytes] = process.stdout
        self._data = bytearray()
        self._arrivals: list[tuple[float, int]] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._collect, name="recording", daemon=True)
        self._thread.start()

    @property
    def samples(self) -> NDArray[np.int16]:
        """All samples so far, shape (n,)."""
        with self._changed:
            return np.frombuffer(bytes(self._data[: len(self._data) // 2 * 2]), dtype=np.int16)

    @property
    def seconds(self) -> float:
        """How much has been recorded so far."""
        return len(self.samples) / RECORDING_RATE

    def loud(self, threshold: int = 100) -> NDArray[np.float64]:
        """Give the ``time.monotonic()`` of each 10 ms piece with a peak over ``threshold``."""
        samples = self.samples
        with self._changed:
            arrivals = list(self._arrivals)
        piece = RECORDING_RATE // 100
        peaks = np.abs(samples[: len(samples) // piece * piece].astype(np.int32))
        indices = np.flatnonzero(peaks.reshape(-1, piece).max(axis=1) > threshold) * piece
        ends = np.array([end for _, end in arrivals] or [0])
        times = np.array([at for at, _ in arrivals] or [0.0])
        which = np.minimum(np.searchsorted(ends, indices, side="right"), len(ends) - 1)
        return np.asarray(times[which] - (ends[which] - indices) / RECORDING_RATE)

    def wait_for_sound(self, seconds: float = 10.0, threshold: int = 100) -> bool:
        """Wait until something is heard; False where nothing came within ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if bool((np.abs(self.samples.astype(np.int32)) > threshold).any()):
                return True
            time.sleep(0.01)
        return False

    def _collect(self) -> None:
        while piece := os.read(self._pipe.fileno(), 4096):
            with self._changed:
                self._data += piece
                self._arrivals.append((time.monotonic(), len(self._data) // 2))
                self._changed.notify_all()

    def wait_until_running(self, seconds: float = 5.0) -> None:
        """Return once the first samples have come in; RuntimeError where none do."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._data, seconds):
                raise RuntimeError("parec delivers nothing")

    def close(self) -> None:
        """Stop recording; the samples stay."""
        _end(self._process)
        self._thread.join(_STOP_SECONDS)
        self._pipe.close()


class VirtualSoundCard:
    """A PulseAudio daemon in a temporary directory; a context manager that always cleans up."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="spiertolk-sound-"))
        self._daemon: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []
        self._room: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that lead a program (or this process) to this sound card."""
        return {
            "XDG_RUNTIME_DIR": str(self._home),
            "XDG_CONFIG_HOME": str(self._home),
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_COOKIE": str(self._home / "cookie"),
            # Without it ALSA's plugin asks for large buffers and blocks go missing.
            "PULSE_LATENCY_MSEC": "30",
        }

    @property
    def child_environment(self) -> dict[str, str]:
        """The whole environment for a child process: ours, led to this sound card."""
        return {**os.environ, **self.environment}

    def start(self) -> None:
        """Start the daemon and wait until it answers; RuntimeError with its log where not."""
        configuration = self._home / "pulse.pa"
        configuration.write_text(_CONFIGURATION.format(socket=self._socket))
        self._socket.unlink(missing_ok=True)
        with (self._home / "log").open("wb") as log:
            self._daemon = subprocess.Popen(
                ["sh", "-c", _LEASH, "sh", *_DAEMON_OPTIONS, "-F", str(configuration)],
                env=self.child_environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_up()
        self._sound_like_a_room()

    def kill(self) -> None:
        """Take the sound server away at once, as when it crashes. :meth:`start` brings it back."""
        self._hush()
        if self._daemon is not None:
            os.killpg(self._daemon.pid, signal.SIGKILL)
            _reap(self._daemon)
            self._daemon = None

    def restart(self) -> None:
        """Kill the sound server and start a fresh one at the same address."""
        self.kill()
        self.start()

    def close(self) -> None:
        """Stop the daemon and all that still plays, and remove every trace."""
        for player in self._players:
            if player.poll() is None:
                _end(player)
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def play_to_microphone(
        self, wav: Path, wait: bool = True, microphone: str = "mic_in"
    ) -> subprocess.Popen[bytes]:
        """Speak a WAV into the microphone; with ``wait=False`` it goes on in the background."""
        player = subprocess.Popen(
            ["paplay", f"--device={microphone}", str(wav)], env=self.child_environment
        )
        self._players.append(player)
        if wait:
            player.wait()
        return player

    @contextmanager
    def recording(self, sink: str = "spk_out") -> Iterator[Recording]:
        """Record the loudspeaker while the block runs; the samples stay readable afterwards.

        With ``mic_in`` as ``sink`` what is spoken into the microphone is recorded.
        """
        recorder = subprocess.Popen(
            ["parec", f"--device={sink}.monitor", *_RECORDER_OPTIONS],
            env=self.child_environment,
            stdout=subprocess.PIPE,
        )
        recording = Recording(recorder)
        try:
            recording.wait_until_running()
            yield recording
        finally:
            recording.close()

    @contextmanager
    def feedback(self) -> Iterator[None]:
        """Let the microphone hear the loudspeaker at full level while the block runs."""
        load = ["load-module", "module-loopback", "source=spk_out.monitor", "sink=mic_in"]
        module = self._control(*load, "latency_msec=30").strip()
        try:
            yield
        finally:
            self._control("unload-module", module)

    @contextmanager
    def muted_microphone(self) -> Iterator[None]:
        """Switch the microphone off while the block runs: it delivers nothing but zeros."""
        self._control("set-source-mute", "mic_in.monitor", "1")
        try:
            yield
        finally:
            self._control("set-source-mute", "mic_in.monitor", "0")

    @contextmanager
    def stuck_microphone(self, value: int = 900) -> Iterator[None]:
        """Let the microphone deliver one value that never changes while the block runs."""
        self._hush()
        self._loop(np.full(_ROOM_SECONDS * 48_000, value, "<i2"))
        try:
            yield
        finally:
            self._hush()
            self._sound_like_a_room()

    @contextmanager
    def unplugged_microphone(self) -> Iterator[None]:
        """Take the microphone away while the block runs."""
        self._hush()
        modules = [
            line.split("\t") for line in self._control("list", "short", "modules").split("\n")
        ]
        (number,) = (row[0] for row in modules if len(row) > 2 and "sink_name=mic_in" in row[2])
        self._control("unload-module", number)
        try:
            yield
        finally:
            self.plug_in("mic_in")
            self._sound_like_a_room()

    @contextmanager
    def dead_microphone(self) -> Iterator[None]:
        """Have the microphone deliver nothing while the block runs, not even silence."""
        self._control("suspend-sink", "mic_in", "1")
        try:
            yield
        finally:
            self._control("suspend-sink", "mic_in", "0")

    def plug_in(self, microphone: str) -> None:
        """Add a microphone, which becomes the default one."""
        self._control("load-module", "module-null-sink", f"sink_name={microphone}", "rate=48000",
                      "channels=1")  # fmt: skip
        self._control("set-default-source", f"{microphone}.monitor")
        self._control("set-default-sink", "spk_out")

    @contextmanager
    def microphone_with_a_clock_of_its_own(
        self, sound: NDArray[np.int16], fast_ppm: float
    ) -> Iterator[None]:
        """Let the default microphone be so much too fast while the block runs.

        It hears ``sound`` (16 kHz, shape (n,)) and then a faint room, again and again.
        """
        pipe = self._home / "pipe"
        options = [f"file={pipe}", "format=s16le", f"rate={RECORDING_RATE}", "channels=1"]
        load = ["load-module", "module-pipe-source", "source_name=drifting", *options]
        module = self._control(*load).strip()
        self._control("set-default-source", "drifting")
        ended = threading.Event()
        rate = RECORDING_RATE * (1 + fast_ppm * 1e-6)
        feeder = threading.Thread(target=_feed, args=(pipe, sound, rate, ended), daemon=True)
        feeder.start()
        try:
            yield
        finally:
            ended.set()
            feeder.join(_STOP_SECONDS)
            self._control("set-default-source", "mic_in.monitor")
            self._control("unload-module", module)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the sound server answer nobody while the block runs."""
        if self._daemon is None:
            raise RuntimeError("the sound server is gone")
        os.killpg(self._daemon.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._daemon.pid, signal.SIGCONT)

    def _sound_like_a_room(self) -> None:
        """Let faint noise go on in the microphone."""
        dice = np.random.default_rng(0)
        noise = dice.integers(-_ROOM_PEAK, _ROOM_PEAK + 1, _ROOM_SECONDS * 48_000)
        self._loop(noise.astype("<i2"))

    def _loop(self, samples: NDArray[np.int16]) -> None:
        """Play 48 kHz mono into the microphone, again and again; ends with the sound server."""
        path = self._home / "loop.raw"
        path.write_bytes(samples.tobytes())
        self._room = subprocess.Popen(
            ["sh", "-c", _LOOP, "sh", str(path), _LOOP_OPTIONS],
            env=self.child_environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _hush(self) -> None:
        if self._room is not None:
            with suppress(ProcessLookupError):  # it has ended with the sound server
                os.killpg(self._room.pid, signal.SIGKILL)
            self._room.wait()
            self._room = None

    def _control(self, *command: str) -> str:
        """Give the sound server a command; gives what it answers."""
        done = subprocess.run(
            ["pactl", *command],
            env=self.child_environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @property
    def _socket(self) -> Path:
        return self._home / "native"

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            answer = subprocess.run(
                ["pactl", "list", "short", "sources"],
                env=self.child_environment,
                capture_output=True,
                check=False,
            )
            if b"mic_in.monitor" in answer.stdout:
                return
            if self._daemon is None or self._daemon.poll() is not None:
                break
            time.sleep(0.05)
        log = (self._home / "log").read_text(errors="replace")
        self.close()
        raise RuntimeError(f"PulseAudio does not start:\n{log}")


def _feed(pipe: Path, sound: NDArray[np.int16], rate: float, ended: threading.Event) -> None:
    """Write ``sound`` and a faint room into a pipe, so many samples a second."""
    dice = np.random.default_rng(0)
    room = dice.integers(-_ROOM_PEAK, _ROOM_PEAK + 1, 2 * RECORDING_RATE)
    samples = np.concatenate([sound, room.astype("<i2")])
    begin, written = time.monotonic(), 0
    with pipe.open("wb", buffering=0) as into:
        while not ended.wait(0.01):
            due = round((time.monotonic() - begin) * rate)
            into.write(np.take(samples, range(written, due), mode="wrap").astype("<i2").tobytes())
            written = due


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, kindly at first."""
    process.terminate()
    _reap(process)


def _reap(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
