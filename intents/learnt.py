"""Keeps what was learnt from a pack, so that a start takes a moment and not seconds.

Our own content's weights are committed beside it (``learnt.json``); those of other packs go to the
user's cache folder. Either serves only while the content is unchanged.
"""

import json
import os
from pathlib import Path

COMMITTED = Path(__file__).with_name("learnt.json")


def cache_folder() -> Path:
    """Where learnt weights are kept for packs other than ours."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "spiertolk"


def recall(fingerprint: str) -> dict[str, list[float]] | None:
    """What was learnt for this content, or None."""
    for path in (COMMITTED, cache_folder() / f"{fingerprint}.json"):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict) and found.get("fingerprint") == fingerprint:
            weights: dict[str, list[float]] = found["weights"]
            return weights
    return None


def keep(fingerprint: str, weights: dict[str, list[float]], path: Path | None = None) -> None:
    """Keep what was learnt; where nothing may be written it is learnt again next time."""
    path = path or cache_folder() / f"{fingerprint}.json"
    text = json.dumps({"fingerprint": fingerprint, "weights": weights}, indent=1) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError:
        return
