"""Speech that comes in Debian packages: downloaded and unpacked into the cache, never installed."""

import logging
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from errors import SpiertolkError

_LOG = logging.getLogger(__name__)
GAME = ("fillets-ng-data", "fillets-ng-data-nl")
"""Fish Fillets NG with its Dutch dialogue: texts in one package, sound in the other."""
_GAME_FOLDER = Path("usr", "share", "games", "fillets-ng")


def game_speech(cache: Path) -> Path | None:
    """The game's folder; None where there is no Debian to get it from."""
    cache = cache.resolve()  # the commands run in folders of their own
    unpacked = cache / "debian"
    folder = unpacked / _GAME_FOLDER
    if folder.is_dir():
        return folder
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        _LOG.warning("no apt-get here: the recorded dialogue of %s is left out", GAME[1])
        return None
    _download(GAME, cache / "downloads")
    partial = cache / "debian.partial"
    shutil.rmtree(partial, ignore_errors=True)
    for package in sorted((cache / "downloads").glob("*.deb")):
        run_quietly(("dpkg", "-x", str(package), str(partial)), cache)
    partial.replace(unpacked)
    return folder


def _download(names: Sequence[str], folder: Path) -> None:
    """Let apt-get fetch packages, which checks their signed sums."""
    folder.mkdir(parents=True, exist_ok=True)
    _LOG.info("downloading %s", ", ".join(names))
    run_quietly(("apt-get", "download", *names), folder)


def run_quietly(command: Sequence[str], folder: Path) -> None:
    """Run a fixed command in a folder; of what it prints only its complaints are shown.

    Raises:
        SpiertolkError: it failed.
    """
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # fixed
    except subprocess.CalledProcessError as error:
        raise SpiertolkError(
            f"'{' '.join(command)}' is mislukt; kijk wat het zelf meldt, of er internet is, en "
            "begin opnieuw."
        ) from error
