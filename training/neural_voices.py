"""Neural speakers: Kokoro, fed Dutch phonemes, in voices that speak neither in fixtures nor tests.

A voice of Kokoro is a vector for each length of sentence. Those of the npm package ``kokoro-js``
(Apache-2.0) are of people who speak English, Spanish, French, Italian and Portuguese: clear Dutch
with an accent, in voices that no formant synthesis has, half of them women's. Two of them mixed are
a speaker of their own, who speaks in the manner of two others. The model itself is that of
`audio_fixtures.voices`; its Japanese speakers are kept for fixtures and benchmarks.
"""

import logging
import random
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from audio_fixtures.voices import KOKORO_RATE, Kokoro, kokoro
from training.clips import RATE, Clip
from training.packages import run_quietly

_LOG = logging.getLogger(__name__)
PACKAGE = "kokoro-js@1.2.1"
_VOICES = Path("package", "voices")
_LANGUAGES = "abefip"
"""First letters of the voices that are clear in Dutch; Chinese and Hindi ones are not."""
_ROWS, _SIZE = 510, 256
_TIMBRE = 128
"""Of a voice's numbers, the first ones make its sound, the others its melody and pace."""
_TEMPO = (0.8, 1.08)
_PEAK = 0.7

Styles = Mapping[str, NDArray[np.float32]]
"""By name, each of shape (510, 1, 256)."""


def fetch_styles(cache: Path) -> Styles | None:
    """The voices, fetched from npm where they are not there yet; None where there is no npm."""
    folder = cache.resolve() / "kokoro-js"
    if not folder.is_dir():
        if shutil.which("npm") is None:
            _LOG.warning("no npm here: the neural voices are left out")
            return None
        _download(folder)
    return {
        path.stem: np.fromfile(path, "<f4").reshape(_ROWS, 1, _SIZE)
        for path in sorted(folder.glob("*.bin"))
        if path.stem[0] in _LANGUAGES
    }


def _download(folder: Path) -> None:
    """Let npm fetch the package, which checks its sum, and take the voices out of it."""
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _LOG.info("downloading %s", PACKAGE)
    run_quietly(("npm", "pack", "--silent", PACKAGE), partial)
    for archive in partial.glob("*.tgz"):
        take_voices(archive, partial)
        archive.unlink()
    partial.replace(folder)


def take_voices(archive: Path, folder: Path) -> None:
    """Write the voices of the packed package to the folder, and nothing else of it."""
    with tarfile.open(archive) as package:
        for member in package:
            place = Path(member.name)
            if member.isfile() and place.parent == _VOICES and place.suffix == ".bin":
                member.name = place.name
                package.extract(member, folder, filter="data")


def neural_clip(name: str, text: str, styles: Styles, rng: random.Random) -> Clip:
    """The text as a new speaker says it: mixed of two, in the manner of two others.

    ``styles`` holds at least four voices.
    """
    names = rng.sample(sorted(styles), 4)
    sound, manner = (_mixed(styles, pair, rng) for pair in (names[:2], names[2:]))
    style = np.concatenate([sound[..., :_TIMBRE], manner[..., _TIMBRE:]], axis=-1)
    samples = _speak(kokoro(), text, style, rng.uniform(*_TEMPO))
    return Clip(name, f"{'+'.join(names[:2])}, as {'+'.join(names[2:])}", text, samples)


def _mixed(styles: Styles, names: list[str], rng: random.Random) -> NDArray[np.float32]:
    """Two voices, the first at least half."""
    share = rng.uniform(0.5, 1.0)
    first, second = (styles[name] for name in names)
    return np.asarray(share * first + (1 - share) * second, np.float32)


def _speak(
    engine: Kokoro, text: str, style: NDArray[np.float32], tempo: float
) -> NDArray[np.int16]:
    sound = soxr.resample(engine.speak(text, style, tempo), KOKORO_RATE, RATE)
    level = _PEAK * 32767 / max(float(np.abs(sound).max(initial=0.0)), 1e-3)
    return np.asarray(np.rint(sound * level), np.int16)
