"""Debian packages with Dutch speech and text: fetched into the cache, never into the repository."""

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from benchmarks.cache import cache_folder
from benchmarks.unavailable import PackageUnavailableError

_FETCH_SECONDS = 900
"""For the largest, 161 MB, over a slow line."""


def unpacked(package: str, members: str) -> Path:
    """A folder with the members of a Debian package whose path matches; the rest is thrown away.

    apt-get checks the signed sum of what it fetches. What was unpacked once is not fetched again.

    Raises:
        PackageUnavailableError: there is no apt, or it could not fetch the package.
    """
    folder = cache_folder("packages") / package
    if folder.is_dir():
        return folder
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise PackageUnavailableError("this system has no apt")
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        part = Path(temporary) / "part"
        part.mkdir()
        _extract(_fetched(package, Path(temporary)), re.compile(members), part)
        part.replace(folder)
    return folder


def _fetched(package: str, folder: Path) -> Path:
    try:
        subprocess.run(
            ["apt-get", "download", "--quiet", package],
            cwd=folder, check=True, capture_output=True, timeout=_FETCH_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise PackageUnavailableError(f"apt-get could not fetch {package}") from error
    return next(folder.glob("*.deb"))


def _extract(package: Path, members: re.Pattern[str], folder: Path) -> None:
    unpack = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(unpack, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for member in archive:
            file = archive.extractfile(member) if members.search(member.name) else None
            if file and ".." not in (path := PurePosixPath(member.name)).parts:
                target = folder / path.relative_to(path.anchor)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read())
