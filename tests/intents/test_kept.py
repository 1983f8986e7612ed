"""What is kept of a content pack serves only as long as the content is the same."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from errors import ContentError
from intents.catalogue import WRITTEN_OUT, load_catalogue
from intents.kept import MOST_KEPT, recall, write_whole
from intents.pack import find_pack
from intents.templates import write_out

PHRASES = 'phrases = ["ik wil [graag] stoppen met roken", "mijn {wat} helpt niet"]'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "spiertolk"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    topics = tmp_path / "pack" / "intents" / "topics"
    topics.mkdir(parents=True)
    (topics / "roken.toml").write_text(PHRASES, encoding="utf-8")
    shared = '[lists]\nwat = ["pleister", "kauwgom"]'
    (topics.parent / "shared.toml").write_text(shared, encoding="utf-8")
    return tmp_path / "pack"


def texts(pack: Path) -> set[str]:
    return {phrase.text for phrase in load_catalogue(pack).of("topic")}


def test_ours_are_kept_as_they_are_read() -> None:
    """Fails after a change of the content: then `make learn` writes it out anew."""
    written = write_out(find_pack(None))
    kept = recall(WRITTEN_OUT, written.name)
    assert kept is not None
    assert kept.grades == written.grades
    assert [tuple(row) for row in kept.rows] == written.rows


def test_a_second_start_is_the_same_and_reads_what_was_kept(cache: Path, pack: Path) -> None:
    first = load_catalogue(pack)
    (kept,) = cache.iterdir()
    begin = kept.read_bytes()
    again = load_catalogue(pack)
    assert again == first
    assert kept.read_bytes() == begin
    kept.write_bytes(begin[: len(begin) // 2])  # a power cut
    assert load_catalogue(pack) == first
    assert kept.read_bytes() == begin


def test_another_way_of_reading_packs_leaves_what_is_kept_of_ours(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = find_pack(pack).name, find_pack(None).name
    monkeypatch.setattr("intents.pack._READING_PACKS", "another")
    assert find_pack(pack).name != before[0]
    assert find_pack(None).name == before[1]


def test_a_pack_that_changes_often_fills_no_disk(cache: Path) -> None:
    for number in range(MOST_KEPT + 3):
        path = cache / f"{number}.txt"
        write_whole(path, lambda part: part.write_text("een pakket"))
        os.utime(path, (number, number))
    left = sorted(int(path.stem) for path in cache.iterdir())
    assert left == list(range(3, MOST_KEPT + 3))


def test_what_is_kept_is_what_is_read(cache: Path, pack: Path) -> None:
    written = write_out(find_pack(pack))
    renamed = [(row[0].replace("roken", "drinken"), *row[1:]) for row in written.rows]
    replace(written, rows=renamed).keep(cache / f"{written.name}.json.gz")
    assert "ik wil stoppen met drinken" in texts(pack)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("file", ["topics/roken.toml", "shared.toml"])
def test_a_changed_file_is_read_anew(pack: Path, file: str) -> None:
    assert "mijn pleister helpt niet" in texts(pack)
    path = pack / "intents" / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("stoppen", "kappen").replace("pleister", "pil"), encoding="utf-8")
    assert texts(pack) & {"ik wil kappen met roken", "mijn pil helpt niet"}


def test_a_broken_pack_is_not_kept(cache: Path, pack: Path) -> None:
    (pack / "intents" / "topics" / "roken.toml").write_text('phrases = ["("]', encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ContentError, match="roken"):
            load_catalogue(pack)
    assert not cache.exists()


def test_a_folder_that_may_not_be_written_does_no_harm(
    tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert load_catalogue(pack) == load_catalogue(pack)
