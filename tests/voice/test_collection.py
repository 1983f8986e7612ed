"""Names and tables of recordings."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import AudioFileError
from voice.collection import TABLE, Row, add_row, expected_text, file_name, read_table, write_table

ROW = Row("ja.wav", "Ja.", "f5", "espeak-ng 1.51", 16_000, "PCM_16", 1, "room 30")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kan dit ALS zijn?", "kan_dit_als_zijn.wav"),
        ("Nee, dank u wel.", "nee_dank_u_wel.wav"),
        ("Foto’s van zo'n oog", "foto's_van_zo'n_oog.wav"),
        ("Eén vitamine-D-tekort!", "eén_vitamine-d-tekort.wav"),
        ("../../etc/passwd", "etc_passwd.wav"),
        ("_stilte", "_stilte.wav"),
    ],
)
def test_the_file_is_named_after_the_text(text: str, name: str) -> None:
    assert file_name(text) == name


@pytest.mark.parametrize("text", ["", "...", " ? "])
def test_a_text_without_words_has_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="no words"):
        file_name(text)


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyzëïé", min_size=1), min_size=1, max_size=9))
def test_the_name_gives_the_words_back(words: list[str]) -> None:
    text = " ".join(words)[:100].strip()
    assert expected_text(file_name(text.capitalize() + ".")) == text.lower()


def test_a_sound_without_words_promises_none() -> None:
    assert expected_text("_stilte.wav") == ""


def test_a_table_comes_back_sorted(tmp_path: Path) -> None:
    other = Row("dag.wav", 'Dag\t"hoor"', "m8", "human", 8_000, "ULAW", 2, "")
    write_table(tmp_path / "new", [ROW, other])
    assert read_table(tmp_path / "new") == (other, ROW)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [TABLE]


def test_a_row_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    add_row(tmp_path, Row("ja.wav", "Ja.", "m8", "human", 8_000, "PCM_16", 1, ""))
    add_row(tmp_path, ROW)
    assert read_table(tmp_path) == (ROW,)


def test_no_table_has_no_rows(tmp_path: Path) -> None:
    assert read_table(tmp_path) == ()


@pytest.mark.parametrize("content", [b"file\ttext\na\tb\n", b"\xff\xfe\x00", b"file\n\x00\n"])
def test_another_file_of_that_name_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(content)
    with pytest.raises(AudioFileError, match="kan niet gelezen worden"):
        read_table(tmp_path)


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioFileError, match="kan niet geschreven worden"):
        write_table(tmp_path / "file", [ROW])
