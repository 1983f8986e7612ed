"""File, environment and flags: who wins, and that what is described can really be set."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import settings
from errors import SettingsError
from settings import Settings, load_settings
from tests.fuzzing import or_one_sentence, toml_documents, tried


def write(folder: Path, toml: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(toml)
    return file


def test_the_file_is_read(tmp_path: Path) -> None:
    file = write(tmp_path, "[speaker]\nwords_per_minute = 120\n")
    assert load_settings(file, {}).speaker.words_per_minute == 120


def test_environment_wins_over_the_file_and_flags_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "profile = 'home'\n[microphone]\ndevice = 'file'\n")
    monkeypatch.setenv("SPIERTOLK_MICROPHONE__DEVICE", "environment")
    assert load_settings(file, {}).microphone.device == "environment"
    assert load_settings(file, {}).profile == "home"
    assert load_settings(file, {"microphone": {"device": "flag"}}).microphone.device == "flag"
    assert load_settings(file, {"profile": "personal"}).profile == "personal"


def test_the_usual_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spiertolk").mkdir()
    write(tmp_path / "spiertolk", "profile = 'home'\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_settings(None, {}).profile == "home"


def test_without_a_file_of_ones_own_that_of_the_machine_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "_OF_THE_MACHINE", write(tmp_path, "profile = 'home'\n"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    assert load_settings(None, {}).profile == "home"
    (tmp_path / "own" / "spiertolk").mkdir(parents=True)
    write(tmp_path / "own" / "spiertolk", "profile = 'personal'\n")
    assert load_settings(None, {}).profile == "personal"


def test_a_profile_brings_its_manners_and_single_ones_can_differ(tmp_path: Path) -> None:
    file = write(tmp_path, "profile = 'personal'\n[dialogue]\npace = 2.0\n")
    dialogue = load_settings(file, {}).dialogue
    assert dialogue.brief
    assert not dialogue.desk
    assert dialogue.pace == 2.0
    assert load_settings(None, {}).dialogue.desk


@pytest.mark.parametrize("value", ["{", "hard"])
def test_an_environment_variable_that_can_not_be_used_is_explained(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIERTOLK_SPEAKER", value)
    with pytest.raises(SettingsError, match=r"(?i)speaker"):
        load_settings(None, {})


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"weg\.toml"):
        load_settings(tmp_path / "weg.toml", {})


def test_a_profile_says_when_to_listen_and_single_settings_can_differ(tmp_path: Path) -> None:
    assert load_settings(None, {}).conversation.listen == "always"
    assert load_settings(None, {}).conversation.attract_seconds is not None
    assert load_settings(None, {"profile": "home"}).conversation.listen == "phrase"
    file = write(tmp_path, "profile = 'home'\n[conversation.wake]\nwords = 'goedendag dokter'\n")
    conversation = load_settings(file, {}).conversation
    assert (conversation.listen, conversation.wake.words) == ("phrase", "goedendag dokter")


def test_a_wake_phrase_that_is_too_short_is_explained(tmp_path: Path) -> None:
    file = write(tmp_path, "[conversation.wake]\nwords = 'hallo'\n")
    with pytest.raises(SettingsError, match="drie lettergrepen"):
        load_settings(file, {})


def _names() -> list[str]:
    """Every setting and group as the file names it."""
    names = []
    for name, group in Settings(_env_prefix="-").model_dump().items():
        names.append(name)
        names += [f"{name}.{inner}" for inner in (group if isinstance(group, dict) else ())]
    return [*names, "conversation.wake.words", "recognizer.voice_activity.nearer_db"]


SETTING_NAMES = _names()
DOCUMENTS = toml_documents(
    st.sampled_from(SETTING_NAMES) | st.sampled_from(["x", '"\\n"', '"{0}"', "speaker.x.y"]),
    st.sampled_from(["kiosk", "home", "phrase", "nl", "hallo computer", "", "{}"]) | st.text(),
)
VARIABLES = st.sampled_from(SETTING_NAMES).map(
    lambda name: f"SPIERTOLK_{name.upper().replace('.', '__')}"
) | st.sampled_from(["SPIERTOLK_", "SPIERTOLK___", "SPIERTOLK_SPEAKER__", "SPIERTOLK_MODEL__X"])
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | (
    st.sampled_from(["[" * 5_000, "9" * 5_000, f"[{'9' * 5_000}]", "{", '{"a": 1}', "null", "nan"])
)


@pytest.mark.fuzz
@tried(200)
@given(DOCUMENTS, st.dictionaries(VARIABLES, VALUES, max_size=3))
@example(f"x = {'[' * 2_000}", {})
@example(f"[speaker]\nvolume = {'9' * 5_000}", {})
@example('"een\\ntwee" = 1', {})
@example("", {"SPIERTOLK_RECOGNIZER__VOICE_ACTIVITY": "[" * 5_000})
def test_any_file_and_environment_give_settings_or_one_sentence(
    document: str, variables: dict[str, str]
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        for name, value in variables.items():
            patch.setenv(name, value)
        with or_one_sentence(SettingsError):
            loaded = load_settings(write(Path(folder), document), {})
            assert 0 <= loaded.speaker.volume <= 4


@pytest.mark.fuzz
@tried(100)
@given(st.binary(max_size=60))
def test_any_bytes_give_settings_or_one_sentence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "settings.toml")
        file.write_bytes(content)
        with or_one_sentence(SettingsError):
            load_settings(file, {})
