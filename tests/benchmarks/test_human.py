"""Real voices from Debian packages: what is heard of them, and what was trained on and is not."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from benchmarks import human, packages
from benchmarks.human import GAME, LETTERS, Clip, human_recordings, some_of
from benchmarks.packages import unpacked
from benchmarks.unavailable import PackageUnavailableError
from evaluation.samples import HUMAN, read_samples
from intents.catalogue import load_catalogue
from training.speech import HELD_OUT_ROOMS, is_for_development, is_held_out
from voice.speech_model import EMBEDDED

SOUND = np.full(1_600, 100, np.int16)


def clip(package: str, name: str) -> Clip:
    return Clip(package, name, "iemand", "dag", SOUND)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_ten_rooms_of_the_game_are_in_no_training() -> None:
    assert len(HELD_OUT_ROOMS) == 10
    assert is_held_out("airplane/let-m-divna")
    assert not is_held_out("barrel/bar-m-barel")


def test_what_the_model_was_trained_on_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [f"airplane/regel{number}" for number in range(60)]
    clips = [*(clip(GAME, name) for name in (*lines, "barrel/a"))]
    readers = {GAME: lambda: iter(clips), LETTERS: lambda: iter([clip(LETTERS, "a-0")])}
    monkeypatch.setattr(human, "_PACKAGES", readers)
    folder, table = human_recordings(EMBEDDED, lambda _: None)
    assert folder
    heard = [sample.name for sample in read_samples(folder, load_catalogue())]
    assert heard == [*(f"{GAME}/{name}.wav" for name in lines), f"{LETTERS}/a-0.wav"]
    assert [row[:2] for row in table.rows] == [(GAME, 60), (LETTERS, 1)]
    assert all(room in table.note for room in HELD_OUT_ROOMS)
    # A model that says nothing of rooms went on from one that did keep them back.
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "ORIGIN.md").write_text("one recording in 25 was kept back", "utf-8")
    folder, _ = human_recordings(tmp_path, lambda _: None)
    assert folder
    few = [sample.name for sample in read_samples(folder, load_catalogue())]
    kept = [f"{GAME}/{name}.wav" for name in lines if is_for_development(name)]
    assert few == [*kept, f"{LETTERS}/a-0.wav"]
    assert len(kept) < 10


def test_nothing_is_read_twice_and_some_are_of_every_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    readers = {
        name: lambda name=name: iter([clip(name, f"airplane/{n}") for n in range(20)])
        for name in (GAME, LETTERS)
    }
    monkeypatch.setattr(human, "_PACKAGES", readers)
    first, _ = human_recordings(EMBEDDED, lambda _: None)
    monkeypatch.setattr(human, "_PACKAGES", dict.fromkeys(readers, lambda: pytest.fail("again")))
    again, _ = human_recordings(EMBEDDED, lambda _: None)
    assert first == again
    assert first
    samples = read_samples(some_of(first, 8, tmp_path / "some"), load_catalogue())
    assert len(samples) == 8
    assert {sample.name.partition("/")[0] for sample in samples} == {GAME, LETTERS}
    assert all(sample.path.is_file() and sample.kind == HUMAN for sample in samples)


def test_a_package_is_listed_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def killed(file: int) -> None:
        written.append(file)
        if len(written) == 2:  # the sound is there, its line is on its way
            raise KeyboardInterrupt

    monkeypatch.setattr(human, "_PACKAGES", {LETTERS: lambda: iter([clip(LETTERS, "a-0")])})
    with monkeypatch.context() as once:
        once.setattr("whole_files.os.fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            human_recordings(EMBEDDED, lambda _: None)
    _, table = human_recordings(EMBEDDED, lambda _: None)
    assert table.rows[0][:2] == (LETTERS, 1)


def test_a_package_is_unpacked_once_and_only_what_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    for name, text in (("DEBIAN/control", CONTROL), ("usr/nl/a.ogg", "a"), ("usr/cs/a.ogg", "b")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")
    package = tmp_path / "x.deb"
    subprocess.run(
        ["dpkg-deb", "--build", str(tree), str(package)], check=True, capture_output=True
    )
    monkeypatch.setattr(packages, "_fetched", lambda *_: package)
    folder = unpacked("x", r"/nl/.*\.ogg$")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files == [folder / "usr" / "nl" / "a.ogg"]
    monkeypatch.setattr(packages, "_fetched", lambda *_: pytest.fail("fetched twice"))
    assert unpacked("x", r"/nl/.*\.ogg$") == folder


CONTROL = """\
Package: x
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: a test
"""


def test_without_apt_the_voices_are_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackageUnavailableError, match="no apt"):
        unpacked("x", "y")
    said: list[str] = []
    folder, table = human_recordings(EMBEDDED, said.append)
    assert folder is None
    assert [row[1] for row in table.rows] == [0, 0, 0, 0]
    assert len([line for line in said if line.startswith("left out")]) == 4
    assert json.dumps(table.data())
