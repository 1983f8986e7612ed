"""Where the benchmark keeps what it fetched or synthesised: outside the repository."""

import os
from pathlib import Path


def cache_folder(name: str) -> Path:
    """A folder of our own in the user's cache, made if it is missing (``XDG_CACHE_HOME``)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "spiertolk" / "benchmarks" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
