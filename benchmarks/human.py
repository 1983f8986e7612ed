"""Real people who are not ours: Dutch speech in Debian packages, as recordings to evaluate.

===========================  =============================================================
package                      what it holds
===========================  =============================================================
``fillets-ng-data-nl``       lively dialogue of a game, several actors (GPL-2)
``tuxpaint-stamps-default``  one speaker who names animals (GPL-2)
``klettres-data``            one speaker, letters and syllables (GPL-2)
``ktuberling-data``          one speaker, parts of a face and clothes (GPL-2)
===========================  =============================================================

Nobody in them asks about a twitching muscle, so every answer is a false one. ``gcompris-qt-data``
holds no speech. Of the game, recordings that the model was trained on are left out (its actors it
knows all the same); of the other three it has never heard anybody.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cache import cache_folder
from benchmarks.chatter import scripts
from benchmarks.packages import unpacked
from benchmarks.unavailable import UnavailableError
from benchmarks.waking import dubbing
from evaluation.effects import Samples
from evaluation.tables import Table
from training.sources import read_folder, read_sound
from training.speech import HELD_OUT_ROOMS, is_for_development
from voice.audio import SAMPLE_RATE, write_wav
from whole_files import write_whole

GAME, ANIMALS, LETTERS, FACE = (
    "fillets-ng-data-nl", "tuxpaint-stamps-default", "klettres-data", "ktuberling-data"
)  # fmt: skip
_GAME_FOLDER = Path("usr", "share", "games", "fillets-ng")
_STORY = Path("am", "ORIGIN.md")
_ROOMS_TOLD = "of the game's rooms"


@dataclass(frozen=True)
class Clip:
    """One recording of a package."""

    package: str
    name: str
    speaker: str
    text: str | None
    samples: Samples


def human_recordings(model: Path, say: Callable[[str], None]) -> tuple[Path | None, Table]:
    """A folder in the cache with a manifest of recordings, and what was left out of it.

    Args:
        model: the folder of the speech model; its story says what it was trained on.
        say: hears what could not be had.

    Returns:
        None for the folder where nothing could be had.
    """
    rule, heard = _unheard(model)
    folder = cache_folder("human") / rule
    counts = _counts(folder)
    for package, read in _PACKAGES.items():
        if package in counts:
            continue
        try:
            say(f"fetching {package}")
            _write(folder, package, [clip for clip in read() if heard(clip)])
        except UnavailableError as error:
            say(f"left out {package}: {error}")
    return (folder if _counts(folder) else None), _left_out(rule, _counts(folder))


def _unheard(model: Path) -> tuple[str, Callable[[Clip], bool]]:
    """What a model has not been trained on, by a name for the rule."""
    story = model / _STORY
    told = story.read_text(encoding="utf-8") if story.exists() else ""
    if told and _ROOMS_TOLD not in told:  # trained on lines of all rooms, after a version that
        # had heard all lines of the other rooms: only what both left out is unheard
        return (
            "rooms-and-lines",
            lambda clip: clip.package != GAME or (_in_room(clip) and is_for_development(clip.name)),
        )
    return "rooms", _in_room


def _in_room(clip: Clip) -> bool:
    return clip.package != GAME or clip.name.partition("/")[0] in HELD_OUT_ROOMS


def _counts(folder: Path) -> dict[str, int]:
    """Recordings by package."""
    path = folder / "manifest.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    packages = [json.loads(line)["path"].partition("/")[0] for line in lines]
    return {package: packages.count(package) for package in dict.fromkeys(packages)}


def _write(folder: Path, package: str, clips: Sequence[Clip]) -> None:
    """Write the sound of a package, then all its lines at once: a package is listed, or not."""
    lines = []
    for clip in clips:
        path = Path(package, clip.name).with_suffix(".wav")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_wav(folder / path, clip.samples, SAMPLE_RATE)
        row = {
            "path": path.as_posix(), "expected": "decline",
            "speaker": clip.speaker, "kind": "human",
        }  # fmt: skip
        lines.append(json.dumps(row if clip.text is None else {**row, "text": clip.text}) + "\n")
    manifest = folder / "manifest.jsonl"
    before = manifest.read_bytes() if manifest.exists() else b""
    manifest.parent.mkdir(parents=True, exist_ok=True)
    write_whole(manifest, before + "".join(lines).encode())


def _left_out(rule: str, counts: dict[str, int]) -> Table:
    """What is heard of each package and what is not."""
    rooms = ", ".join(sorted(HELD_OUT_ROOMS))
    why = {
        GAME: "every room that the model was trained on; its actors are in the training",
        LETTERS: "nothing: it was in no training",
        ANIMALS: "nothing: it was in no training",
        FACE: "nothing: it was in no training",
    }
    rows = tuple((name, counts.get(name, 0), why[name]) for name in _PACKAGES)
    note = f"Heard of the game (rule: {rule}): rooms {rooms}."
    return Table(
        "Real voices, and what is left out", ("package", "recordings", "left out"), rows, note
    )


def _game() -> Iterator[Clip]:
    """The dialogue, its texts beside its sounds."""
    together = cache_folder("packages") / "fillets-ng"
    together.mkdir(exist_ok=True)
    for name, package in (("script", scripts()), ("sound", dubbing())):
        link = together / name
        link.unlink(missing_ok=True)
        link.symlink_to(package / _GAME_FOLDER / name)
    for clip in read_folder(together):
        yield Clip(GAME, clip.name, clip.speaker, clip.text, np.asarray(clip.samples, np.int16))


def _animals() -> Iterator[Clip]:
    folder = unpacked(ANIMALS, r"_desc_nl\.ogg$|/stamps/.*\.txt$")
    for path in sorted(folder.rglob("*_desc_nl.ogg")):
        texts = path.with_name(path.name.replace("_desc_nl.ogg", ".txt"))
        lines = texts.read_text("utf-8", errors="replace").splitlines() if texts.exists() else []
        text = next(
            (line[len("nl.utf8=") :] for line in lines if line.startswith("nl.utf8=")), None
        )
        yield Clip(ANIMALS, path.stem, "tuxpaint", text, read_sound(path))


def _letters() -> Iterator[Clip]:
    """Letters and syllables: no words, so no word errors."""
    for path in sorted(unpacked(LETTERS, r"/klettres/nl/.*\.ogg$").rglob("*.ogg")):
        yield Clip(LETTERS, path.stem, "klettres", None, read_sound(path))


def _face() -> Iterator[Clip]:
    for path in sorted(unpacked(FACE, r"/sounds/nl/.*\.wav$").rglob("*.wav")):
        yield Clip(FACE, path.stem, "ktuberling", path.stem, read_sound(path))


_PACKAGES: dict[str, Callable[[], Iterator[Clip]]] = {
    GAME: _game,
    ANIMALS: _animals,
    LETTERS: _letters,
    FACE: _face,
}


def some_of(folder: Path, most: int, into: Path) -> Path:
    """At most so many of its recordings, from every package, as a folder of links."""
    into.mkdir()
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    chosen = lines[:: -(-len(lines) // most)]
    (into / "manifest.jsonl").write_text("\n".join(chosen), encoding="utf-8")
    for package in {json.loads(line)["path"].partition("/")[0] for line in chosen}:
        (into / package).symlink_to(folder / package)
    return into
