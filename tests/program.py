"""Runs the program as a user does: in a process of its own, from any folder."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAIN = ROOT / "main.py"
RECORDINGS = ROOT / "audio_fixtures"
EYELID = RECORDINGS / "topics" / "ooglid" / "mijn_ooglid_trilt_al_dagen.wav"

ENOUGH_SECONDS = 120.0
"""A bound against hanging, not a measurement."""


def comes_true(condition: Callable[[], object], seconds: float = ENOUGH_SECONDS) -> bool:
    """Wait for a condition; whether it came true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def run(
    *arguments: str | Path, stdin: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, str(MAIN), *map(str, arguments)],
        input=stdin,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=ENOUGH_SECONDS,
        check=False,
    )


@contextmanager
def started(
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[str]]:
    """Start a command that goes on; it is ended with the block at the latest."""
    process = subprocess.Popen(
        [sys.executable, str(MAIN), *map(str, arguments)],
        env={**os.environ, **(environment or {})},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with process:
            try:
                yield process
            finally:
                process.kill()
    finally:
        process.wait()
