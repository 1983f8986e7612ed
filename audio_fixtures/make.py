"""Make or remake the recordings: ``python -m audio_fixtures.make``.

Reads ``sentences.tsv``, lets each voice say its sentences, puts the sound of a room around them
and writes each folder's WAV files and its ``voices.tsv``. Seeded by the file's own path: the same
sentence gives the same bytes on the same versions of the engines, and adding one sentence
changes no other file. Sentences of voices that are not installed here are left as they are.
"""

import argparse
import csv
import io
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import soundfile
import soxr

from audio_fixtures.voices import SAMPLE_RATE, VOICES, VoiceUnavailableError, engine_version, speak
from errors import SpiertolkError
from evaluation.effects import (
    Samples,
    add_noise,
    far_field,
    make_noise,
    reverberate,
    set_level,
    surround,
    telephone,
)
from voice.collection import Row, file_name, read_table, write_table
from whole_files import write_whole

HOME = Path(__file__).parent
SENTENCES = HOME / "sentences.tsv"

_AROUND = 0.3  # seconds of room before and after the speech
_LEVELS = (-30.0, -20.0)  # dBFS, of people at 30 to 60 cm from a microphone
_WORDLESS_SECONDS = 4.0


@dataclass(frozen=True)
class Sentence:
    """One line of ``sentences.tsv``: what to say, who says it, and where it sounds."""

    folder: str
    """The expected result: ``topics/ooglid``, ``commands/stop`` ..."""
    text: str
    voice: str
    """Empty for a sound without words."""
    pace: float
    sound: str
    """Effects in their order, comma-separated: ``reverb 0.5, room 30``; see `_EFFECTS`."""
    rate: int
    encoding: str
    channels: int

    @property
    def path(self) -> Path:
        """Where the recording goes, within the collection."""
        return Path(self.folder, file_name(self.text))


def read_sentences(path: Path = SENTENCES) -> tuple[Sentence, ...]:
    """Read the list of sentences."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_sentence(cells) for cells in csv.DictReader(file, dialect=csv.excel_tab))


def _sentence(cells: dict[str, str]) -> Sentence:
    rate, encoding, channels = cells["format"].split()
    return Sentence(
        folder=cells["folder"],
        text=cells["text"],
        voice=cells["voice"],
        pace=float(cells["pace"]),
        sound=cells["sound"],
        rate=int(rate),
        encoding=encoding,
        channels=int(channels),
    )


def render(sentence: Sentence) -> Samples:
    """Make the sound of a sentence: 16 kHz mono, shape ``(n,)``, the same on each call.

    Raises:
        VoiceUnavailableError: the engine of its voice is not installed.
    """
    rng = np.random.default_rng(zlib.crc32(sentence.path.as_posix().encode()))
    level = rng.uniform(*_LEVELS)
    samples = np.zeros(0, np.int16)
    if sentence.voice:
        spoken = speak(sentence.text, sentence.voice, sentence.pace)
        samples = surround(set_level(spoken, level), _AROUND, _AROUND)
    for effect in sentence.sound.split(","):
        samples = _apply(effect.split(), samples, rng)
    return samples


def _apply(effect: Sequence[str], samples: Samples, rng: np.random.Generator) -> Samples:
    """Apply one effect of a recipe such as ``room 30`` or ``only hum -30``."""
    match effect:
        case ["only", "silence"]:
            return surround(samples, _WORDLESS_SECONDS, 0.0)
        case ["only", ("white" | "hum" | "room" | "babble" | "household") as kind, dbfs]:
            return make_noise(kind, _WORDLESS_SECONDS, float(dbfs), rng)
        case [("white" | "hum" | "room" | "babble" | "household") as kind, snr]:
            return add_noise(samples, kind, float(snr), rng)
        case ["reverb", rt60]:
            return reverberate(samples, float(rt60), rng)
        case ["far", metres]:
            return far_field(samples, float(metres), rng)
        case ["telephone"]:
            return telephone(samples)
        case _:
            raise ValueError(f"unknown effect: {' '.join(effect)}")


def write(sentence: Sentence, samples: Samples, root: Path) -> None:
    """Write the recording in the rate and encoding that its line asks for, whole or not at all."""
    sound = samples.astype(np.float64) / 32_768
    if sentence.rate != SAMPLE_RATE:
        sound = soxr.resample(sound, SAMPLE_RATE, sentence.rate)
    softer = [0.7**channel for channel in range(sentence.channels)]  # a real pair is never equal
    buffer = io.BytesIO()
    frames = np.clip(np.outer(sound, softer), -1.0, 1.0)
    soundfile.write(buffer, frames, sentence.rate, sentence.encoding, format="WAV")
    target = root / sentence.path
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, buffer.getvalue())


def make_folder(folder: str, sentences: Sequence[Sentence], root: Path) -> Iterator[str]:
    """Make the recordings of one folder and its table; yields a line for each thing left undone."""
    known = {row.file: row for row in read_table(root / folder)}
    rows = []
    for sentence in sentences:
        name = sentence.path.name
        try:
            write(sentence, render(sentence), root)
            rows.append(_row(sentence))
        except VoiceUnavailableError as error:
            yield f"left as it is: {sentence.path} ({error})"
            if name in known:
                rows.append(known[name])
    for name in sorted(known.keys() - {sentence.path.name for sentence in sentences}):
        (root / folder / name).unlink(missing_ok=True)
        yield f"removed, no longer in the list: {folder}/{name}"
    write_table(root / folder, rows)


def _row(sentence: Sentence) -> Row:
    engine = engine_version(VOICES[sentence.voice]) if sentence.voice else "evaluation.effects"
    return Row(
        file=sentence.path.name,
        text=sentence.text,
        voice=sentence.voice,
        engine=engine,
        rate=sentence.rate,
        encoding=sentence.encoding,
        channels=sentence.channels,
        sound=sentence.sound,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the folders that are named, or all; gives the exit code: 0 fine, 2 an error."""
    parser = argparse.ArgumentParser(prog="python -m audio_fixtures.make", description=__doc__)
    parser.add_argument("folders", nargs="*", help="such as topics/ooglid; all if none is named")
    parser.add_argument("--into", type=Path, default=HOME, help="where the collection lies")
    options = parser.parse_args(arguments)
    sentences = sorted(read_sentences(), key=lambda sentence: sentence.folder)
    for unknown in set(options.folders) - {sentence.folder for sentence in sentences}:
        print(
            f"Spiertolk: de map '{unknown}' staat niet in {SENTENCES}; kies er een die daar staat.",
            file=sys.stderr,
        )
        return 2
    try:
        for folder, group in groupby(sentences, key=lambda sentence: sentence.folder):
            if not options.folders or folder in options.folders:
                members = tuple(group)
                print(f"{folder}: {len(members)} recordings", flush=True)
                for remark in make_folder(folder, members, options.into):
                    print(f"  {remark}", file=sys.stderr)
    except (SpiertolkError, OSError) as error:
        print(f"Spiertolk: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
