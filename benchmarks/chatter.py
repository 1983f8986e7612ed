"""Dutch chatter that nobody here wrote: the dialogues of the game Fish Fillets (GPL-2).

Fetched as the Debian package ``fillets-ng-data`` into the cache, never into the repository.
"""

import re
from pathlib import Path

from benchmarks.cache import cache_folder
from benchmarks.packages import unpacked
from whole_files import write_whole

PACKAGE = "fillets-ng-data"
INSTALLED = Path("/usr/share/games/fillets-ng/script")
_STRING = re.compile(r'dialogStr\(\s*"((?:[^"\\]|\\.)*)"')


def chatter() -> tuple[str, ...]:
    """Every sentence of the dialogues once, sorted.

    Raises:
        PackageUnavailableError: where the package is neither installed nor to be had.
    """
    kept = cache_folder("chatter") / "sentences.txt"
    if kept.exists():
        return tuple(kept.read_text(encoding="utf-8").splitlines())
    found = {
        " ".join(text.replace('\\"', '"').replace("\\n", " ").split())
        for source in _dialogues()
        for text in _STRING.findall(source)
    }
    sentences = tuple(sorted(found - {""}))
    write_whole(kept, ("\n".join(sentences) + "\n").encode())
    return sentences


def _dialogues() -> list[str]:
    """The Lua files with the Dutch texts."""
    files = sorted(INSTALLED.glob("*/dialogs_nl.lua")) or sorted(scripts().rglob("*.lua"))
    return [file.read_text(encoding="utf-8", errors="replace") for file in files]


def scripts() -> Path:
    """The folder with the scripts of the game, as the package has them."""
    return unpacked(PACKAGE, r"/script/[^/]+/dialogs_nl\.lua$")
