"""File, environment and flags: who wins, and that what is described can really be set."""

import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import settings
from counters.settings import SERVICE_FILE, CountersSettings
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


def test_a_wrong_flag_or_variable_is_not_put_on_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "[speaker]\nvoice = 'nl'\nvolume = 0.5\n")
    with pytest.raises(SettingsError, match=r"conversation\.wake\.words") as caught:
        load_settings(file, {"conversation": {"wake": {"words": "jo"}}})
    assert str(file) not in str(caught.value)
    monkeypatch.setenv("SPIERTOLK_SPEAKER__VOLUME", "9")
    with pytest.raises(SettingsError, match=r"speaker\.volume") as caught:
        load_settings(file, {})
    assert str(file) not in str(caught.value)
    with pytest.raises(SettingsError, match=r"speaker\.voice") as caught:
        load_settings(write(tmp_path, "[speaker]\nvoice = 3\n"), {})
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[recognizer]\nalternatives = 1.5", "dat moet een heel getal zijn"),
        ("[counters]\nkeep = []", "dat moet true of false zijn"),
        ("[counters]\nfile = []", "dat moet de naam van een map of bestand zijn"),
        ("profile = 'tuin'", "kies uit 'kiosk', 'home' of 'personal'"),
        ("[recognizer]\nalternatives = inf", "dat moet een gewoon getal zijn"),
    ],
)
def test_what_is_wrong_is_told_in_dutch(toml: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, toml), {})
    assert str(caught.value).endswith(f"klopt niet: {sentence}.")


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_text, args=("profile = 'home'\n",), daemon=True).start()
    assert load_settings(pipe, {}).profile == "home"


def test_the_mark_that_some_editors_put_first_is_no_mistake(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, "\ufeffprofile = 'home'\n"), {}).profile == "home"


def test_an_empty_variable_sets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIERTOLK_MODEL", "")
    monkeypatch.setenv("SPIERTOLK_SPEAKER__VOLUME", "")
    loaded = load_settings(write(tmp_path, "model = 'eigen'\n"), {})
    assert (loaded.model, loaded.speaker.volume) == (Path("eigen"), 1.0)


def test_a_tilde_is_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/balie")
    file = write(tmp_path, "content = '~/pakket'\n[counters]\nfile = '~/tellingen'\n")
    loaded = load_settings(file, {})
    assert loaded.content == Path("/home/balie/pakket")
    assert loaded.counters.file == Path("/home/balie/tellingen")
    assert load_settings(None, {"content": "~niemand/x"}).content == Path("~niemand/x")


def test_whoever_has_no_home_has_no_file_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 54_321)  # nobody's
    with pytest.raises(RuntimeError):
        Path.home()
    assert load_settings(None, {}).profile == "kiosk"
    assert CountersSettings().path({}) == SERVICE_FILE


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
