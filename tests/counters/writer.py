"""A process that writes counts until it is killed: ``python -m tests.counters.writer FILE [N]``.

After each commit it prints how many it has made.
"""

import sys
from itertools import count
from pathlib import Path

from counters.counts_file import CountsFile

TOPICS = 40  # some pages, so that a commit takes its time


def main() -> None:
    """Write ``N`` times, or for ever: one turn and one of each topic at a time."""
    rounds = range(1, int(sys.argv[2]) + 1) if len(sys.argv) > 2 else count(1)
    with CountsFile(Path(sys.argv[1])) as file:
        for number in rounds:
            topics = {("2026-11-25", "topic", f"topic_{topic}"): 1 for topic in range(TOPICS)}
            file.add({("2026-11-25", "turn", "match"): 1, **topics})
            print(number, flush=True)


if __name__ == "__main__":
    main()
