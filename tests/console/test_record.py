"""Sessions in which somebody reads sentences aloud, with real speech from our recordings."""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from console.record import Prompts, Report, Sentence, read_sentences, record
from errors import AudioFileError, ContentError
from tests.virtual_sound_card import VirtualSoundCard
from voice.audio import SAMPLE_RATE, read_wav
from voice.collection import SPEAKER, TABLE, read_table
from voice.microphone import Microphone

RECORDINGS = Path(__file__).parents[2] / "audio_fixtures"
EYE = Sentence("topics/ooglid", "Mijn ooglid trilt al dagen.")
YES = Sentence("commands/ja", "Ja.")
SOUNDS = {
    sentence: read_wav(RECORDINGS / sentence.folder / name).samples
    for sentence, name in ((EYE, "mijn_ooglid_trilt_al_dagen.wav"), (YES, "ja.wav"))
}


class Reader:
    """A person at the terminal: types the answers in turn and reads aloud what was shown last."""

    def __init__(self, *answers: str | type[BaseException], gain: float = 1.0) -> None:
        self.answers = list(answers)
        self.gain = gain
        self.screen: list[str] = []
        self.opened = 0
        self.open = False

    @property
    def prompts(self) -> Prompts:
        """How the program talks with this reader."""
        return Prompts(tell=self.screen.append, ask=self.ask, wait=lambda _: None)

    @property
    def shown(self) -> str:
        """All that was told and asked."""
        return "\n".join(self.screen)

    @property
    def code(self) -> str:
        """The code that was told."""
        return self.shown.split("Uw code is ")[1][:6]

    def ask(self, question: str) -> str:
        """Type the next answer; the input ends after the last."""
        assert not self.open, "the microphone must be closed while we talk"
        self.screen.append(question)
        answer = self.answers.pop(0) if self.answers else EOFError
        if isinstance(answer, str):
            return answer
        raise answer

    @contextmanager
    def microphone(self) -> Iterator["Tape"]:
        """Hear the reader say what is on the screen."""
        self.opened += 1
        self.open = True
        text = next(text for text in reversed(self.screen) if text.startswith("\nZin"))
        sentence = next(sentence for sentence in SOUNDS if sentence.text in text)
        try:
            yield Tape((SOUNDS[sentence] * self.gain).astype(np.int16))
        finally:
            self.open = False

    def session(self, root: Path, *sentences: Sentence) -> Report:
        """Sit through a session."""
        return record(root, sentences or (EYE, YES), self.microphone, self.prompts)


class Tape:
    """Plays samples as the microphone would give them, then goes on with the noise of the room."""

    def __init__(self, samples: NDArray[np.int16]) -> None:
        room = np.random.default_rng(1).normal(0, 60, 30 * SAMPLE_RATE).astype(np.int16)
        self.samples = np.concatenate([room[:8_000], samples, room])
        self.position = 0

    def read(self, timeout: float) -> bytes | None:
        """Give the next 0.1 s, at once."""
        start, self.position = self.position, self.position + 1_600
        assert timeout > 0
        return self.samples[start : self.position].tobytes()


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_new_speaker_leaves_a_collection_of_the_same_form(tmp_path: Path) -> None:
    reader = Reader("", "ja", "", "", "", "")
    report = reader.session(tmp_path)
    assert report == Report(reader.code, kept=2, left=0)
    home = tmp_path / reader.code
    assert files(home) == {
        SPEAKER,
        "topics/ooglid/mijn_ooglid_trilt_al_dagen.wav",
        f"topics/ooglid/{TABLE}",
        "commands/ja/ja.wav",
        f"commands/ja/{TABLE}",
    }
    (row,) = read_table(home / "topics/ooglid")
    assert (row.voice, row.engine, row.text) == (reader.code, "human", EYE.text)
    kept = read_wav(home / "topics/ooglid" / row.file)
    assert abs(kept.seconds - len(SOUNDS[EYE]) / SAMPLE_RATE) < 0.3
    assert reader.opened == 2


def test_of_the_speaker_only_consent_and_code_are_kept(tmp_path: Path) -> None:
    reader = Reader("", " JA ", "s", "s")
    report = reader.session(tmp_path)
    assert report == Report(reader.code, kept=0, left=2)
    assert files(tmp_path) == {f"{reader.code}/{SPEAKER}"}
    kept = tomllib.loads((tmp_path / reader.code / SPEAKER).read_text())
    assert kept == {"consent": True, "wording": 1}


@pytest.mark.parametrize("answer", ["nee", "", "jawel", EOFError, KeyboardInterrupt])
def test_without_consent_nothing_is_kept(answer: str, tmp_path: Path) -> None:
    reader = Reader("", answer)
    assert reader.session(tmp_path) == Report(None, kept=0, left=2)
    assert files(tmp_path) == set()
    assert reader.opened == 0


@pytest.mark.parametrize("stop", ["q", EOFError, KeyboardInterrupt])
def test_whoever_stops_goes_on_later_with_the_same_code(
    stop: str | type[BaseException], tmp_path: Path
) -> None:
    first = Reader("", "ja", "", "", stop)
    assert first.session(tmp_path) == Report(first.code, kept=1, left=1)
    assert first.code in first.screen[-1]
    second = Reader(first.code.upper(), "", "")
    assert second.session(tmp_path) == Report(first.code, kept=2, left=0)
    assert "Zin 1 van 1:" in second.shown


@pytest.mark.parametrize("code", ["zzzzzz", "../x", "jan", "/", "."])
def test_an_unknown_code_is_asked_again(code: str, tmp_path: Path) -> None:
    reader = Reader(code, "", "nee")
    assert reader.session(tmp_path).code is None
    assert "Die code ken ik niet" in reader.shown


def test_a_folder_without_consent_is_no_speaker(tmp_path: Path) -> None:
    (tmp_path / "abcdef").mkdir()
    (tmp_path / "abcdef" / SPEAKER).write_text("consent = false\n")
    assert Reader("abcdef").session(tmp_path).code is None


def test_a_recording_whose_row_was_lost_is_read_again(tmp_path: Path) -> None:
    first = Reader("", "ja", "", "")
    first.session(tmp_path, EYE)
    (tmp_path / first.code / EYE.folder / TABLE).unlink()
    second = Reader(first.code, "", "")
    assert second.session(tmp_path, EYE).kept == 1
    assert second.opened == 1


def test_a_take_can_be_done_again_or_skipped(tmp_path: Path) -> None:
    reader = Reader("", "ja", "", "o", "o", "s")
    assert reader.session(tmp_path, EYE).kept == 0
    assert reader.opened == 3


def test_a_bad_take_is_explained_and_offered_again(tmp_path: Path) -> None:
    reader = Reader("", "ja", "", "", "b", gain=0.03)
    assert reader.session(tmp_path, EYE).kept == 1
    assert reader.screen.count("Het geluid is te zacht. Kom wat dichter bij de microfoon.") == 2


def test_an_unknown_letter_is_asked_again(tmp_path: Path) -> None:
    reader = Reader("", "ja", "x", "", "b", "")
    assert reader.session(tmp_path, EYE).kept == 1
    assert reader.screen.count("Die letter ken ik niet.") == 2


def listen_with(
    read: Callable[[float], bytes | None], root: Path, *answers: str
) -> tuple[Report, Reader]:
    """A session with a microphone that does not hear what it should."""

    class Broken:
        def read(self, timeout: float) -> bytes | None:
            return read(timeout)

    @contextmanager
    def microphone() -> Iterator[Broken]:
        yield Broken()

    reader = Reader("", "ja", "", *answers)
    return record(root, [EYE], microphone, reader.prompts), reader


@pytest.mark.parametrize("block", [None, b"", bytes(3_200)])
def test_a_dead_microphone_is_named_and_nothing_is_kept(
    block: bytes | None, tmp_path: Path
) -> None:
    report, reader = listen_with(lambda _: block, tmp_path, "b", "s")
    assert report.kept == 0
    assert "De microfoon geeft geen geluid." in reader.shown
    assert "b = toch bewaren" not in reader.shown


def test_stopping_while_recording_leaves_nothing_half_written(tmp_path: Path) -> None:
    def interrupted(_: float) -> bytes | None:
        raise KeyboardInterrupt

    report, reader = listen_with(interrupted, tmp_path)
    assert report == Report(reader.code, kept=0, left=1)
    assert files(tmp_path) == {f"{reader.code}/{SPEAKER}"}


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioFileError, match="schrijfrechten"):
        Reader("", "ja").session(tmp_path / "file")


def test_a_folder_that_turned_into_a_file_is_named(tmp_path: Path) -> None:
    first = Reader("", "ja", "q")
    first.session(tmp_path, EYE)
    (tmp_path / first.code / "topics").write_text("")
    with pytest.raises(AudioFileError, match="schrijfrechten"):
        Reader(first.code, "", "").session(tmp_path, EYE)


def test_speakers_read_in_different_orders(tmp_path: Path) -> None:
    sentences = [Sentence("off_topic", f"Dit is zin {number}.") for number in range(40)]
    orders = set()
    for _ in range(2):
        reader = Reader("", "ja", *["s"] * 40)
        reader.session(tmp_path, *sentences)
        orders.add(tuple(text for text in reader.screen if text.startswith("\nZin")))
    assert len(orders) == 2


def test_a_session_at_a_real_microphone(sound_card: VirtualSoundCard, tmp_path: Path) -> None:
    reader = Reader("", "ja", "", "")
    wav = RECORDINGS / EYE.folder / "mijn_ooglid_trilt_al_dagen.wav"

    def tell(text: str) -> None:
        reader.screen.append(text)
        if text == "Spreek nu.":
            sound_card.play_to_microphone(wav, wait=False)

    prompts = Prompts(tell, reader.ask, wait=lambda _: None)
    report = record(tmp_path, [EYE], Microphone, prompts)
    assert report.kept == 1, reader.shown
    kept = read_wav(tmp_path / reader.code / EYE.folder / wav.name)
    assert abs(kept.seconds - len(SOUNDS[EYE]) / SAMPLE_RATE) < 0.5


def test_the_sentences_of_our_recordings_are_the_default_list() -> None:
    sentences = read_sentences(RECORDINGS / "sentences.tsv")
    assert EYE in sentences
    assert YES in sentences
    assert not [sentence for sentence in sentences if sentence.text.startswith("_")]


@pytest.mark.parametrize(
    "content",
    [
        b"folder\ttext\n../elders\tJa.\n",
        b"folder\ttext\n/etc\tJa.\n",
        b"folder\ttext\ncommands/ja\t...\n",
        b"folder\ttext\ncommands/ja\n",
        b"map\tzin\ncommands/ja\tJa.\n",
        b"\xff\xfe",
        None,
    ],
)
def test_a_list_that_can_not_be_used_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "zinnen.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContentError, match="zinnenlijst"):
        read_sentences(path)
