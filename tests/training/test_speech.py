"""Reading, keeping and making over speech; what rooms and noise do to it in training."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import SpiertolkError
from training import augment as effects
from training import espeak
from training.augment import LONG_PAUSE, Augmentation, augment
from training.clips import RATE, Clip, ClipStore, ClipWriter, make_clips, write_clips
from training.features import cepstra, log_mel
from training.packages import game_speech
from training.sources import read_folder
from training.speakers import KINDS, _vocoder, new_speaker
from training.speech import VARIANTS, Source, SpeechSettings, prepare_speech

SOUND = espeak.speak("mijn ooglid trilt", "m3")


def clip(name: str, count: int = 100) -> Clip:
    return Clip(name, "piet", "mijn oog", np.full(count, len(name), np.int16))


def test_a_store_gives_back_what_was_written(tmp_path: Path) -> None:
    clips = [clip("a", 10), clip("bb", 20), clip("ccc", 30)]
    store = write_clips(tmp_path / "store", clips)
    assert len(store) == 3
    for number, wanted in enumerate(clips):
        found = store[number]
        assert (found.name, found.speaker, found.text) == (wanted.name, "piet", "mijn oog")
        assert np.array_equal(found.samples, wanted.samples)
    assert store.seconds(1) == 20 / RATE


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_store_cut_off_by_a_kill_goes_on_where_it_was_whole(tmp_path: Path, cut: int) -> None:
    write_clips(tmp_path / "store", [clip("a", 10), clip("bb", 20)])
    index = tmp_path / "store.tsv"
    index.write_bytes(index.read_bytes()[:-cut])
    with (tmp_path / "store.s16").open("ab") as audio:
        audio.write(b"half a clip")
    with ClipWriter(tmp_path / "store") as writer:
        assert set(writer.done) == {"a"}
        for again in (clip("a", 99), clip("bb", 20), clip("ccc", 30)):
            writer.add(again)
    store = ClipStore(tmp_path / "store")
    assert [store[i].name for i in range(len(store))] == ["a", "bb", "ccc"]
    assert [len(store[i].samples) for i in range(3)] == [10, 20, 30]
    assert np.array_equal(store[1].samples, clip("bb", 20).samples)


def test_words_that_were_mended_since_are_not_lost_in_silence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_clips(tmp_path / "store", [clip("a"), clip("b")])
    assert not caplog.messages
    write_clips(tmp_path / "store", [clip("a"), replace(clip("b"), text="mijn oor")])
    (told,) = caplog.messages
    assert told.startswith("b has other words now")


def test_only_what_a_store_lacks_is_made(tmp_path: Path) -> None:
    names = ["a", "bb", "ccc"]
    asked: list[int] = []

    def make(number: int) -> Clip | None:
        asked.append(number)
        return clip(f"{names[number]}@woman") if names[number] != "bb" else None

    make_clips(tmp_path / "store", names[:1], make)
    store = make_clips(tmp_path / "store", names, make)
    assert asked == [0, 1, 2]
    assert [store.name(i) for i in range(len(store))] == ["a@woman", "ccc@woman"]


def test_what_was_prepared_before_is_not_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "piet"
    (folder / "wavs").mkdir(parents=True)
    soundfile.write(folder / "wavs" / "1.wav", SOUND, RATE)
    (folder / "metadata.csv").write_text("1|Mijn ooglid trilt.\n")
    little = SpeechSettings(synthetic=3, copies=0, neural=0)
    texts = [("mijn", "oog", "trilt"), ("mijn", "been")]
    first = prepare_speech(tmp_path / "cache", [folder], texts, little)
    assert [(source.name, len(source.store)) for source in first] == [("piet", 1), ("espeak", 3)]
    written = (tmp_path / "cache" / "espeak.s16").read_bytes()
    more = prepare_speech(tmp_path / "cache", [folder], texts, replace(little, synthetic=5))
    assert [len(source.store) for source in more] == [1, 5]
    assert (tmp_path / "cache" / "espeak.s16").read_bytes().startswith(written)


@pytest.mark.parametrize("names", [("anna/nl", "bert/nl"), ("espeak",), ("nl", "nl-world0")])
def test_two_folders_of_one_name_are_not_mixed_up(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(SpiertolkError, match="andere naam"):
        prepare_speech(tmp_path / "cache", [tmp_path / n for n in names], [], SpeechSettings())


def write_sound(path: Path, rate: int = 22_050) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros((rate, 2)), rate)


def test_metadata_csv_is_read(tmp_path: Path) -> None:
    write_sound(tmp_path / "wavs" / "een.wav")
    (tmp_path / "metadata.csv").write_text("een|Mijn oog trilt!\nontbreekt|Weg.\n")
    (found,) = read_folder(tmp_path)
    assert (found.name, found.text, len(found.samples)) == ("een", "mijn oog trilt", RATE)


def test_common_voice_is_read(tmp_path: Path) -> None:
    write_sound(tmp_path / "clips" / "cv1.flac", 48_000)
    (tmp_path / "validated.tsv").write_text(
        'client_id\tpath\tsentence\nabc\tcv1.flac\tHij zei: "ja.\nabc\tweg.mp3\tWeg.\n'
    )
    (found,) = read_folder(tmp_path)
    assert (found.speaker, found.text) == ("abc", "hij zei ja")


def test_librispeech_is_read(tmp_path: Path) -> None:
    write_sound(tmp_path / "audio" / "12" / "34" / "12_34_001.flac", 16_000)
    (tmp_path / "transcripts.txt").write_text("12_34_001\teen zin\n")
    (found,) = read_folder(tmp_path)
    assert (found.speaker, found.text) == ("12", "een zin")


def test_game_dialogue_is_read(tmp_path: Path) -> None:
    (tmp_path / "script" / "kamer").mkdir(parents=True)
    (tmp_path / "script" / "kamer" / "dialogs_nl.lua").write_text(
        'dialogId("k-m-een", "font_small", "One")\ndialogStr("Dit is een zin.")\n\n'
        'dialogId("k-v-twee", "font_big", "Two")\ndialogStr("Nummer 2.")\n'
    )
    write_sound(tmp_path / "sound" / "kamer" / "nl" / "k-m-een.ogg")
    (found,) = read_folder(tmp_path)
    assert (found.name, found.speaker, found.text) == (
        "kamer/k-m-een", "fillets-small", "dit is een zin",
    )  # fmt: skip


def test_an_unknown_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpiertolkError, match=r"metadata\.csv"):
        list(read_folder(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("metadata.csv", "1|Geïrriteerd.\n".encode("latin-1"), "UTF-8"),
        ("validated.tsv", b"client_id\tpath\nabc\t1.mp3\n", "'sentence'"),
    ],
)
def test_a_list_that_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SpiertolkError, match=told):
        list(read_folder(tmp_path))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("validated.tsv", "client_id\tpath\tsentence\nabc\t1.mp3\nabc\n"),
        ("transcripts.txt", "without a tab\nno_such\tGeluid.\nonedash\tOok niet.\n"),
    ],
)
def test_a_line_that_is_cut_off_is_left_out(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert list(read_folder(tmp_path)) == []


def test_a_list_saved_by_windows_is_read(tmp_path: Path) -> None:
    write_sound(tmp_path / "wavs" / "een.wav")
    (tmp_path / "metadata.csv").write_text("een|Mijn oog trilt.\n", "utf-8-sig")
    (found,) = read_folder(tmp_path)
    assert found.text == "mijn oog trilt"


def pitch_of(sound: np.ndarray) -> float:
    pitch, _ = _vocoder().harvest(sound.astype(np.float64) / 32_768, RATE)
    return float(np.median(pitch[pitch > 0]))


def test_a_new_speaker_has_another_pitch_and_says_the_same() -> None:
    if importlib.util.find_spec("pyworld") is None:
        pytest.skip("pyworld is not installed: new speakers are not tested")
    original = Clip("x", "man", "mijn ooglid trilt", SOUND)
    kinds = {kind.name: kind for kind in KINDS}
    for seed in range(4):
        made = new_speaker(original, np.random.default_rng(seed))
        assert made is not None
        assert made.text == original.text
        low, high = kinds[made.name.partition("@")[2]].pitch
        assert low * 0.85 < pitch_of(made.samples) < high * 1.15
    silence = Clip("x", "man", "", np.zeros(RATE, np.int16))
    assert new_speaker(silence, np.random.default_rng(1)) is None


def test_what_was_made_of_a_recording_is_kept_back_with_it(tmp_path: Path) -> None:
    names = [f"opname{i}" for i in range(200)]
    own = Source("own", write_clips(tmp_path / "a", [clip(n, 8_000) for n in names]), 1)
    made = [clip(f"{n}@woman", 8_000) for n in names]
    copies = Source("copies", write_clips(tmp_path / "b", made), 1)
    assert own.development() == copies.development()
    assert 0 < len(own.development()) < 30
    assert sorted(own.training() + own.development()) == list(range(200))


def test_what_the_benchmarks_hear_chooses_no_model(tmp_path: Path) -> None:
    names = [f"{room}/line{n}" for room in ("airplane", "barrel") for n in range(100)]
    game = Source("game", write_clips(tmp_path / "a", [clip(n, 8_000) for n in names]), 1)
    assert {names[i].partition("/")[0] for i in game.training()} == {"barrel"}
    assert {names[i].partition("/")[0] for i in game.development()} == {"barrel"}


def test_held_out_voices_are_never_trained_on() -> None:
    voices = pytest.importorskip("audio_fixtures.voices").VOICES.values()
    held_out = {v.variant for v in voices if hasattr(v, "variant")}
    babble = {"f2", "adam", "linda", "max", "belinda", "robert"}
    assert held_out == {"f5", "m8", "Mike", "anika", "edward", "Hugo", "grandpa", "klatt3"}
    assert not (held_out | babble) & set(VARIANTS)
    assert len(set(VARIANTS)) == len(VARIANTS) > 50


def talker(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(8_000).astype(np.float32) * 1_000


def test_speech_at_another_speed_keeps_its_highest_sounds() -> None:
    """A resampler that cuts them teaches that nobody ever hisses above 6 kHz."""
    hiss = np.random.default_rng(1).normal(0, 1_000, 32_000).astype(np.float32)
    plain = Augmentation((1.01, 1.01), (1.0, 1.0), 0, 0, 0, 0, level_down=0, gated=0, masks=0)
    heard = augment([hiss], np.random.default_rng(2), plain, talker)
    energies = heard.features @ np.linalg.inv(cepstra(np.eye(40, dtype=np.float32)))
    louder = energies.max(axis=0) - log_mel(hiss).max(axis=0)
    assert np.ptp(louder[-15:]) < 1


@settings(deadline=None, max_examples=40)  # a slow machine is no error
@given(st.integers(0, 10_000), st.integers(0, 2))
def test_augmented_speech_is_sound_in_every_draw(seed: int, count: int) -> None:
    clips = [SOUND.astype(np.float32)] * count
    heard = augment(clips, np.random.default_rng(seed), Augmentation(), talker)
    assert heard.features.shape[1] == 40
    assert np.isfinite(heard.features).all()
    assert len(heard.silences) == count + 1
    spoken = count * len(SOUND) / RATE / Augmentation().speed[1]
    assert len(heard.features) / 100 > spoken + sum(heard.silences) * LONG_PAUSE - 0.1
    again = augment(clips, np.random.default_rng(seed), Augmentation(), talker)
    assert np.array_equal(heard.features, again.features)


@pytest.mark.parametrize("count", [100, 3_000, 40_000])
def test_music_fills_any_length(count: int) -> None:
    for seed in range(5):
        music = effects._music(count, np.random.default_rng(seed))
        assert music.shape == (count,)
        assert music.dtype == np.float32
        assert np.std(music) == pytest.approx(1, abs=0.01)


def test_noise_of_every_kind_is_as_loud_as_asked() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        assert np.std(effects._noise(16_000, rng)) == pytest.approx(1, abs=0.05)
        assert np.std(effects._babble(16_000, rng, talker)) == pytest.approx(1, abs=0.05)


def test_a_telephone_passes_only_its_band() -> None:
    def loud(hertz: float) -> float:
        tone = (8_000 * np.sin(2 * np.pi * hertz * np.arange(16_000) / RATE)).astype(np.float32)
        return float(np.std(effects._telephone(tone)))

    assert loud(100) < 100
    assert loud(1_000) > 5_000
    assert loud(5_000) < 100


def test_pauses_keep_the_echo_of_the_words_before() -> None:
    quiet = np.array([True] * 100 + [False] * 50 + [True] * 10_000)
    shrunk = effects._shrunk(quiet)
    assert shrunk[:100].all()
    assert not shrunk[100 : 150 + 3_000].any()
    assert shrunk[-6_000:].all()


def test_without_debian_the_game_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert game_speech(tmp_path) is None


def test_a_package_that_cannot_be_fetched_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("apt-get", "dpkg"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 100\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(SpiertolkError, match="is mislukt"):
        game_speech(tmp_path)


def test_the_game_is_not_fetched_twice(tmp_path: Path) -> None:
    there = tmp_path / "debian" / "usr" / "share" / "games" / "fillets-ng"
    there.mkdir(parents=True)
    assert game_speech(tmp_path) == there
