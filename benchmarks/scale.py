"""Speed, start-up and memory with 10, 1,000 and 100,000 phrases, each in a fresh process.

``python -m benchmarks.scale COUNT`` is that process: it prints one JSON object.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

from benchmarks.heldout import load_heldout
from evaluation.metrics import percentile
from evaluation.tables import Cell, Table
from intents.catalogue import load_catalogue
from intents.matcher import Matcher

COUNTS = (10, 1_000, 100_000)
LIMITS = {10: 1, 1_000: 5, 100_000: 100}
"""Milliseconds that one match may take."""
PATIENCE = 300
"""Seconds after which a size is given up."""
QUERIES = 200
_TOPICS = 8
_VERBS = ("trilt", "knippert", "springt", "trekt", "schokt", "bibbert", "tikt", "klopt")
_TIMES = ("", " al dagen", " elke avond", " na het eten", " de hele dag")
_OPENINGS = ("mijn", "soms voel ik dat mijn", "het lijkt wel of mijn", "waarom is het dat mijn")


def scale(say: Callable[[str], None], counts: tuple[int, ...] = COUNTS) -> Table:
    """Measure each size twice: learning its calibration, and with that in the cache."""
    rows: list[tuple[Cell, ...]] = []
    for count in counts:
        say(f"measuring {count:,} phrases")
        with tempfile.TemporaryDirectory() as cache:
            first = _in_a_process(count, cache)
            again = _in_a_process(count, cache) if first else None
        if first is None or again is None:
            rows.append((f"{count:,}", None, f"> {PATIENCE}", None, None, None, None, None))
            continue
        rows.append(
            (
                f"{count:,}", int(again["phrases"]), first["startup"], again["startup"],
                again["median"], again["p95"], LIMITS.get(count), again["megabytes"],
            )
        )  # fmt: skip
    columns = (
        "pack", "phrases in all", "first start s", "start s",
        "median ms", "95 % ms", "allowed ms", "memory MB",
    )  # fmt: skip
    note = (
        "Time of one core. A pack of its own topics; our off-topic phrases join it. First start: "
        "with nothing learnt before. Memory: what catalogue "
        "and matcher add to the process."
    )
    return Table("A catalogue of any size", columns, tuple(rows), note)


def _in_a_process(count: int, cache: str) -> dict[str, float] | None:
    """Run this module for one size; nothing where it takes too long."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.scale", str(count)],
            cwd=Path(__file__).parents[1],
            env=os.environ | {"XDG_CACHE_HOME": cache},
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return None
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def write_pack(folder: Path, count: int) -> None:
    """A content pack of ``count`` phrases about parts that do not exist, over eight topics."""
    topics = folder / "intents" / "topics"
    topics.mkdir(parents=True)
    dice = random.Random(count)
    parts = iter(dict.fromkeys("".join(dice.choices(_SYLLABLES, k=3)) for _ in range(20_000)))
    for number in range(min(_TOPICS, max(2, count // 5))):
        share = count // min(_TOPICS, max(2, count // 5))
        phrases = list(_phrases(parts, share))
        body = "phrases = [\n" + "".join(f'  "{phrase}",\n' for phrase in phrases) + "]\n"
        (topics / f"onderwerp_{number}.toml").write_text(body, encoding="utf-8")
    small = {
        "commands": '[stop]\nphrases = ["stop"]\n',
        "follow_ups": '[uitleg]\nphrases = ["hoe komt dat"]\n',
    }
    for name, text in small.items():
        (folder / "intents" / f"{name}.toml").write_text(text, encoding="utf-8")


_SYLLABLES = tuple(a + b for a, b in product("bdfghklmnprstvwz", ("a", "o", "ie", "oe", "u")))


def _phrases(parts: Iterator[str], count: int) -> Iterator[str]:
    """``count`` phrases: every opening, verb and time for one part, then for the next."""
    made = 0
    while made < count:
        part = next(parts)
        for opening, verb, since in product(_OPENINGS, _VERBS, _TIMES):
            if made == count:
                return
            yield f"{opening} {part} {verb}{since}"
            made += 1


def _resident() -> float:
    """Memory of this process that is in RAM, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Measure the size given as argument."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as name:
        write_pack(Path(name), int(sys.argv[1]))
        before, start = _resident(), time.process_time()
        catalogue = load_catalogue(Path(name))
        matcher = Matcher(catalogue)
        startup, after = time.process_time() - start, _resident()
    own = random.Random(0).sample(catalogue.of("topic"), min(QUERIES, len(catalogue.of("topic"))))
    texts = [phrase.text for phrase in own] + [s.text.lower() for s in load_heldout()[::7]]
    milliseconds = []
    for text in texts:
        start = time.process_time()
        matcher.understand(text)
        milliseconds.append(1_000 * (time.process_time() - start))
    figures = {
        "phrases": len(catalogue.phrases),
        "startup": startup,
        "median": percentile(milliseconds, 50),
        "p95": percentile(milliseconds, 95),
        "megabytes": after - before,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
