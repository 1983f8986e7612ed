"""The recordings can be made again, and nothing is lost where they can't."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_fixtures import make
from audio_fixtures.make import HOME, Sentence
from audio_fixtures.voices import VOICES, VoiceUnavailableError, engine_version
from voice.audio import read_wav
from voice.collection import TABLE, read_table

HUM = Sentence("off_topic", "_brom", "", 1.0, "only hum -30", 48_000, "PCM_24", 2)
SPOKEN = Sentence("commands/ja", "Ja.", "m8", 1.0, "room 30", 16_000, "PCM_16", 1)


def test_espeak_recordings_are_the_same_when_made_again() -> None:
    try:
        version = engine_version(VOICES["m8"])
    except VoiceUnavailableError as error:
        pytest.skip(str(error))
    (row,) = (row for row in read_table(HOME / "commands/ja") if row.file == "ja.wav")
    if row.engine != version:
        pytest.skip(f"made by {row.engine}, here is {version}")
    (listed,) = (line for line in make.read_sentences() if line.path == SPOKEN.path)
    again, kept = make.render(listed), read_wav(HOME / listed.path).samples
    assert len(again) == len(kept)
    assert np.max(np.abs(again.astype(int) - kept)) <= 2  # other processors round otherwise


def test_a_recording_gets_the_form_that_its_line_asks_for(tmp_path: Path) -> None:
    assert list(make.make_folder(HUM.folder, [HUM], tmp_path)) == []
    header = soundfile.info(tmp_path / "off_topic/_brom.wav")
    assert (header.samplerate, header.subtype, header.channels) == (48_000, "PCM_24", 2)
    (row,) = read_table(tmp_path / "off_topic")
    assert (row.file, row.rate, row.sound) == ("_brom.wav", 48_000, "only hum -30")
    assert {path.name for path in (tmp_path / "off_topic").iterdir()} == {"_brom.wav", TABLE}


def test_what_left_the_list_is_removed(tmp_path: Path) -> None:
    list(make.make_folder(HUM.folder, [HUM], tmp_path))
    remarks = list(make.make_folder(HUM.folder, [], tmp_path))
    assert remarks == ["removed, no longer in the list: off_topic/_brom.wav"]
    assert {path.name for path in (tmp_path / "off_topic").iterdir()} == {TABLE}


def test_where_an_engine_is_missing_its_recordings_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "commands/ja"
    folder.mkdir(parents=True)
    for name in ("ja.wav", TABLE):
        (folder / name).write_bytes((HOME / "commands/ja" / name).read_bytes())
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".wav"}
    monkeypatch.setenv("PATH", str(tmp_path))
    remarks = list(make.make_folder(SPOKEN.folder, [SPOKEN], tmp_path))
    assert any("apt-get install espeak-ng" in remark for remark in remarks)
    assert {path.name: path.read_bytes() for path in folder.glob("*.wav")} == before
    assert [row.file for row in read_table(folder)] == ["ja.wav"]


def test_an_unknown_effect_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown effect: rain 20"):
        make.render(Sentence("off_topic", "_regen", "", 1.0, "rain 20", 16_000, "PCM_16", 1))


def test_only_the_folders_that_are_named_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "read_sentences", lambda: (HUM, replace(HUM, folder="other")))
    assert make.main([HUM.folder, "--into", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [HUM.folder]


def test_a_table_that_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "commands/ja").mkdir(parents=True)
    (tmp_path / "commands/ja" / TABLE).write_text("file\ttext\nx\n")
    assert make.main(["commands/ja", "--into", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("Spiertolk: De lijst")


def test_a_folder_that_is_not_in_the_list_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make.main(["topics/ooglid", "topics/bogus", "--into", str(tmp_path)]) == 2
    assert "'topics/bogus'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
