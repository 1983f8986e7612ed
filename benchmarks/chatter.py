"""Dutch chatter that nobody here wrote: the dialogues of the game Fish Fillets (GPL-2).

Fetched as the Debian package ``fillets-ng-data`` into the cache, never into the repository.
"""

import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from benchmarks.cache import cache_folder
from benchmarks.unavailable import ChatterUnavailableError

PACKAGE = "fillets-ng-data"
INSTALLED = Path("/usr/share/games/fillets-ng/script")
_DIALOGUE = re.compile(r"/script/[^/]+/dialogs_nl\.lua$")
_STRING = re.compile(r'dialogStr\(\s*"((?:[^"\\]|\\.)*)"')


def chatter() -> tuple[str, ...]:
    """Every sentence of the dialogues once, sorted.

    Raises:
        ChatterUnavailableError: where the package is neither installed nor to be had.
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
    kept.write_text("\n".join(sentences) + "\n", encoding="utf-8")
    return sentences


def _dialogues() -> list[str]:
    """The Lua files with the Dutch texts."""
    if files := sorted(INSTALLED.glob("*/dialogs_nl.lua")):
        return [file.read_text(encoding="utf-8", errors="replace") for file in files]
    unpack = ["dpkg-deb", "--fsys-tarfile", str(_package())]
    with (
        subprocess.Popen(unpack, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        return [
            file.read().decode("utf-8", errors="replace")
            for member in archive
            if _DIALOGUE.search(member.name) and (file := archive.extractfile(member))
        ]


def _package() -> Path:
    """The package file in the cache, fetched with apt where it is missing."""
    folder = cache_folder("chatter")
    if not (found := sorted(folder.glob(f"{PACKAGE}_*.deb"))):
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise ChatterUnavailableError("this system has no apt")
        try:
            subprocess.run(
                ["apt-get", "download", "--quiet", PACKAGE],
                cwd=folder, check=True, capture_output=True,
            )  # fmt: skip
        except (OSError, subprocess.CalledProcessError) as error:
            raise ChatterUnavailableError(f"apt-get could not fetch {PACKAGE}") from error
        found = sorted(folder.glob(f"{PACKAGE}_*.deb"))
    return found[-1]
