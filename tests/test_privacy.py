"""That nothing leaves: a conversation watched by strace, and one in a world without a network."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.program import ENOUGH_SECONDS, EYELID, MAIN, RECORDINGS
from tests.test_live import Lines, ask
from tests.virtual_sound_card import VirtualSoundCard

FAST = {"SPIERTOLK_DIALOGUE__PACE": "2.5", "SPIERTOLK_PROFILE": "personal"}
DEMO = [RECORDINGS / name for name in (RECORDINGS / "demo.txt").read_text().split()]
WATCHED = "trace=%network,open,openat,openat2,creat,/^rename,/link"


def can_run(*command: str) -> bool:
    """Whether this machine lets us do so."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0


STRACE = ("strace", "-f", "-qq", "-o", "/dev/null")
NO_NETWORK = next(
    (way for way in (("unshare", "-n"), ("unshare", "-r", "-n")) if can_run(*way)), None
)


@dataclass(frozen=True)
class Watched:
    """What a conversation asked of the kernel, one call a line."""

    calls: tuple[str, ...]
    topics: list[str]

    def of(self, *names: str) -> list[str]:
        """The calls of these names, those that failed left out."""
        pattern = re.compile(rf"^\d+ +(?:{'|'.join(names)})\(")
        return [call for call in self.calls if pattern.match(call) and " = -1 " not in call]


def wait_for(file: Path, pattern: str) -> None:
    """Wait until a line of the file begins like this."""
    deadline = time.monotonic() + ENOUGH_SECONDS
    while not re.search(f"^{pattern}", file.read_text(errors="replace"), re.MULTILINE):
        assert time.monotonic() < deadline, f"no {pattern} in {file}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def watched(sound_card: VirtualSoundCard, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A spoken conversation from welcome to Ctrl-C."""
    if not can_run(*STRACE):
        pytest.skip("NO PROOF OF PRIVACY: strace is not here, or may not trace")
    trace = tmp_path_factory.mktemp("privacy") / "trace"
    process = subprocess.Popen(
        [
            # -D: what we start is the program itself, and strace looks on from aside.
            *("strace", "-D", "-f", "-q", "--seccomp-bpf", "-e", WATCHED, "-o", str(trace)),
            *(sys.executable, str(MAIN), "listen", "--json", "--verbose"),
        ],
        env={**sound_card.child_environment, **FAST},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            lines = Lines(process.stdout)
            topics = ask(sound_card, lines, EYELID)
            process.send_signal(signal.SIGINT)
            process.wait(ENOUGH_SECONDS)
        finally:
            process.kill()
    wait_for(trace, rf"{process.pid} +\+\+\+ exited with 0 ")
    return Watched(tuple(trace.read_text(errors="replace").splitlines()), topics)


def test_it_was_a_conversation(watched: Watched) -> None:
    assert watched.topics  # which one, a busy machine may hear wrong
    assert watched.of("openat")


def test_no_socket_but_that_of_the_sound_server(
    watched: Watched, sound_card: VirtualSoundCard
) -> None:
    assert all("socket(AF_UNIX, " in call for call in watched.of("socket"))
    address = sound_card.environment["PULSE_SERVER"].removeprefix("unix:")
    reached = watched.of("connect", "bind")
    assert reached
    assert all(f'sun_path="{address}"' in call for call in reached)
    assert not [call for call in watched.of("sendto", "sendmsg") if "sa_family=" in call]


def test_no_file_that_could_hold_sound_or_words_is_written(
    watched: Watched, sound_card: VirtualSoundCard
) -> None:
    written = {
        path
        for call in watched.of("open", "openat", "openat2", "creat")
        if re.search(r"O_WRONLY|O_RDWR|O_CREAT|creat\(", call)
        for path in re.findall(r'"([^"]*)"', call)
    }
    strange = {path for path in written if not may_be_written(path, sound_card)}
    assert not strange
    moved = watched.of("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat")
    assert all("/__pycache__/" in call for call in moved)


def may_be_written(path: str, card: VirtualSoundCard) -> bool:
    """Whether this is a device, or a file that other people's libraries keep for themselves."""
    return (
        path == "/dev/null"
        or path.startswith(("/dev/snd/", "/dev/shm/jack_db-"))  # noqa: S108  # libjack's properties
        or path == card.environment["PULSE_COOKIE"]
        or "/__pycache__/" in path  # Python's own compiled programs
    )


@pytest.mark.skipif(NO_NETWORK is None, reason="NO PROOF WITHOUT NETWORK: no namespaces here")
def test_a_conversation_goes_as_well_in_a_world_without_a_network(tmp_path: Path) -> None:
    assert NO_NETWORK is not None
    devices = [*NO_NETWORK, "cat", "/proc/net/dev"]
    network = subprocess.run(devices, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^ *(\w+):", network, re.MULTILINE) == ["lo"]
    done = subprocess.run(
        [*NO_NETWORK, sys.executable, MAIN, "hear", "--json", *DEMO, "--out", tmp_path / "answers"],
        capture_output=True,
        text=True,
        timeout=2 * ENOUGH_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["file"] for turn in turns] == list(map(str, DEMO))
    assert all(turn["outcome"] != "not_recognized" for turn in turns)
    assert len(list((tmp_path / "answers").iterdir())) == sum(bool(turn["reply"]) for turn in turns)
