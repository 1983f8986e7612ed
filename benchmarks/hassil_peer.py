"""The peer hassil as Home Assistant runs it: strict templates first, then fuzzy n-grams.

Fuzzy matching left hassil after 3.8, and the product needs a later one. So that last version is
installed apart (``hassil_fuzzy.lock``, into the cache) and runs in a process of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cache import cache_folder
from benchmarks.unavailable import PeerUnavailableError
from evaluation.outcomes import DECLINED, Outcome

_HERE = Path(__file__).parent
_LOCK = _HERE / "hassil_fuzzy.lock"


class HassilFuzzy:
    """hassil 3.8: ``recognize_best``, and where that finds nothing ``FuzzyNgramMatcher``."""

    name = "hassil fuzzy"
    rejects = "its own thresholds (least score, least lead), or an off-topic intent"

    def __init__(self, examples: Sequence[tuple[str, Outcome]]) -> None:
        grouped: dict[Outcome, list[str]] = {}
        for text, outcome in examples:
            grouped.setdefault(outcome, []).append(text)
        self._outcomes = list(grouped)
        self._process = subprocess.Popen(
            [sys.executable, str(_HERE / "hassil_server.py")],
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join((str(_installed()), str(_HERE.parent)))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._exchange(list(grouped.values()))

    def understand(self, text: str) -> Outcome:
        """The intent it names, if any."""
        number = self._exchange(text)
        return DECLINED if number is None else self._outcomes[number]

    def _exchange(self, message: object) -> int | None:
        """Send one line of JSON, wait for one."""
        if self._process.stdin is None or self._process.stdout is None:
            raise PeerUnavailableError("hassil has no pipes")
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        if not (line := self._process.stdout.readline()):
            raise PeerUnavailableError("hassil's process has ended")
        number = json.loads(line)
        return None if number is None else int(number)

    def __del__(self) -> None:
        """End the process: it stops when its input does."""
        process: subprocess.Popen[str] | None = getattr(self, "_process", None)
        if process is not None and process.stdin is not None and process.stdout is not None:
            process.stdin.close()
            process.wait(timeout=10)
            process.stdout.close()


def _installed() -> Path:
    """The folder with hassil 3.8, installed on first use."""
    folder = cache_folder("hassil-3.8")
    if not (folder / "hassil" / "fuzzy.py").exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
        command += ["--no-deps", "--target", str(folder), "--requirement", str(_LOCK)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise PeerUnavailableError("hassil 3.8 could not be installed") from error
    return folder
