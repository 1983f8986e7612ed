"""The wake phrase: how often it is missed, and how often other people's speech wakes by mistake.

Other people's speech is the Dutch dubbing of the game Fish Fillets (GPL-2), lively dialogue of
several voices, fetched as the Debian package ``fillets-ng-data-nl`` into the cache. Any folder of
recordings can be laid beside it.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
import vosk
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from benchmarks.packages import unpacked
from benchmarks.unavailable import PackageUnavailableError, VoicesUnavailableError
from evaluation.effects import add_noise, surround
from evaluation.metrics import Share
from evaluation.tables import Cell, Table
from intents.wake_phrase import WakePhrase, WakePhraseSettings
from voice.audio import SAMPLE_RATE
from voice.recognizer import Utterance, transcribe

PACKAGE = "fillets-ng-data-nl"
PHRASES = ("hallo computer", "luister eens computer", "goedendag dokter")
"""The product's own phrase first, then others for comparison."""
VOICES = ("edward", "hugo", "grandpa", "klatt3")
"""Never used in training."""
PACES = (0.85, 1.0, 1.2)
COMPLAINT = "mijn ooglid trilt"
LIKENESSES = (0.70, 0.75, 0.80, 0.85, 0.90)
SUFFIXES = (".flac", ".ogg", ".wav")
_GAP = np.zeros(round(1.5 * SAMPLE_RATE), np.int16)  # between recordings: each a sentence


@dataclass(frozen=True)
class Speech:
    """What was understood of a body of other people's speech."""

    name: str
    hours: float
    utterances: tuple[Utterance, ...]


def waking(
    model: vosk.Model, folders: Sequence[Path], most: int, say: Callable[[str], None]
) -> Iterator[Table]:
    """Both tables; ``folders`` hold recordings in which nobody says the phrase.

    Of the dubbing at most ``most`` recordings are heard. The model has been trained on it, which is
    kind to false wakes; ``folders`` is the place for speech that it never heard.

    Raises:
        VoicesUnavailableError: nobody here could say the phrase.
    """
    if not set(VOICES) <= set(voices_for("benchmark")):
        raise VoicesUnavailableError("the wake phrase needs espeak-ng")
    yield _missed(model, say)
    speech = []
    for folder in folders:
        if recordings := _recordings(folder, say):
            speech.append(_understood(model, folder.name, recordings, say))
        else:
            say(f"left out {folder}: it holds no recording")
    try:
        speech.append(_understood(model, PACKAGE, _dubbing(most), say))
    except PackageUnavailableError as error:
        say(f"left out {PACKAGE}: {error}")
    if speech:
        yield _mistaken(speech)


def _missed(model: vosk.Model, say: Callable[[str], None]) -> Table:
    """How often the phrase does not wake, alone and with a complaint in the same breath."""
    rows: list[tuple[Cell, ...]] = []
    for words in PHRASES:
        say(f"waking with '{words}'")
        phrase = WakePhrase(WakePhraseSettings(words=words))
        row: list[Cell] = [words]
        for babble in (False, True):
            for tail in ("", f", {COMPLAINT}"):
                heard = [
                    _wakes(model, phrase, _said(words + tail, voice, pace, babble))
                    for voice in VOICES
                    for pace in PACES
                ]
                row.append(Share(heard.count(False), len(heard)))
        rows.append(tuple(row))
    return Table(
        "Wake phrase: missed",
        ("phrase", "alone", "with complaint", "alone, babble 10 dB", "complaint, babble 10 dB"),
        tuple(rows),
        f"Voices {', '.join(VOICES)} at paces {', '.join(map(str, PACES))}; lower is better.",
    )


def _said(text: str, voice: str, pace: float, babble: bool) -> NDArray[np.int16]:
    spoken = surround(speak(text, voice, pace), 0.8, 1.5)
    return add_noise(spoken, "babble", 10.0, np.random.default_rng(5)) if babble else spoken


def _wakes(model: vosk.Model, phrase: WakePhrase, sound: NDArray[np.int16]) -> bool:
    return any(
        phrase.call(utterance.text, utterance.alternatives) is not None
        for utterance in transcribe(model, [sound.tobytes()])
    )


def _mistaken(speech: Sequence[Speech]) -> Table:
    """False wakes an hour, at several likenesses."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.name, words, one.hours * 60, *(_false_wakes(one, words, like) for like in LIKENESSES))
        for one in speech
        for words in PHRASES
    )
    return Table(
        "Wake phrase: woken by mistake, times an hour of other people's speech",
        ("speech", "phrase", "minutes", *(f"likeness {like}" for like in LIKENESSES)),
        rows,
        f"All readings of the recogniser count. {PACKAGE} is also training speech of the model. "
        "The product's likeness is "
        f"{WakePhraseSettings().likeness}.",
    )


def _false_wakes(speech: Speech, words: str, likeness: float) -> float:
    phrase = WakePhrase(WakePhraseSettings(words=words, likeness=likeness))
    wakes = sum(phrase.call(one.text, one.alternatives) is not None for one in speech.utterances)
    return wakes / speech.hours


def _understood(
    model: vosk.Model,
    name: str,
    recordings: Sequence[NDArray[np.int16]],
    say: Callable[[str], None],
) -> Speech:
    seconds = sum(map(len, recordings)) / SAMPLE_RATE
    say(f"listening to {seconds / 60:.0f} minutes of {name}")
    blocks = (block.tobytes() for recording in recordings for block in (recording, _GAP))
    return Speech(name, seconds / 3600, tuple(transcribe(model, blocks)))


def _recordings(folder: Path, say: Callable[[str], None]) -> list[NDArray[np.int16]]:
    """All recordings below a folder, 16 kHz mono; ``say`` hears of those that can't be read."""
    found = []
    for file in sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES):
        try:
            found.append(_read(file.read_bytes()))
        except soundfile.LibsndfileError:
            say(f"left out {file}: its sound can't be read")
    return [recording for recording in found if len(recording)]


def _dubbing(most: int) -> list[NDArray[np.int16]]:
    """At most so many sounds of the package, from all its rooms."""
    files = sorted(dubbing().rglob("*.ogg"))
    return [_read(file.read_bytes()) for file in files[:: -(-len(files) // most)]]


def dubbing() -> Path:
    """The folder with the Dutch sounds of the game, as the package has them."""
    return unpacked(PACKAGE, r"/nl/[^/]+\.ogg$")


def _read(data: bytes) -> NDArray[np.int16]:
    samples, rate = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    return np.asarray(soxr.resample(samples[:, 0], rate, SAMPLE_RATE), np.int16)
