"""The one audio format of this program, 16 kHz mono int16, and the WAV files it comes from."""

import errno
import io
import os
import re
import stat
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from errors import AudioFileError
from whole_files import write_whole

SAMPLE_RATE = 16_000
"""Hz; what the Dutch speech models were trained on."""

_LOWEST_RATE = 8_000  # a telephone; below it the consonants are gone
_HIGHEST_RATE = 192_000
_READ_FRAMES = 4_096  # bounds the memory also with libsndfile's most, 1024 channels: 16 MB
_FULL_SCALE = 32_768.0

_MAGIC = {b"RIFF", b"RIFX", b"RF64"}  # little-endian, big-endian, larger than 4 GB
_CONTAINERS = {"WAV", "WAVEX", "RF64"}
_MOST_CHUNKS = 1_000  # that we pass on the way to the sound; a recorder writes some five
_ENCODINGS = {"PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW"}


@dataclass(frozen=True, eq=False)
class Audio:
    """A stretch of sound."""

    samples: NDArray[np.int16]
    """Shape ``(n,)``, 16 kHz mono."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / SAMPLE_RATE

    def to_bytes(self) -> bytes:
        """Give the samples as little-endian bytes, two for each sample."""
        return self.samples.astype("<i2").tobytes()


def read_wav(path: Path) -> Audio:
    """Read a whole WAV file; see `stream_wav` for what it takes, and for long files.

    Raises:
        AudioFileError: as `stream_wav`.
    """
    with _opened(path) as file:
        return Audio(np.concatenate(list(_resampled(file, path))))


def stream_wav(path: Path, block_seconds: float = 0.1) -> Iterator[bytes]:
    """Read a WAV file of any length as 16 kHz mono int16 blocks, in bounded memory.

    Takes 8-192 kHz, any number of channels (mixed down), 8 to 32-bit integers, floats, A-law and
    mu-law. Of a file that breaks off early, or whose header has no length yet, what is there is
    read: a recorder that lost its power leaves such files, and the speech in them is good.
    Not-a-number counts as silence, what is too loud is clipped. The header is checked now, the
    sound while it is read.

    Returns:
        Blocks of ``block_seconds`` (the last one may be shorter), never an empty one.

    Raises:
        AudioFileError: no such file, no right to read it, no WAV, no sound in it.
    """
    if block_seconds <= 0:
        raise ValueError("block_seconds must be positive")
    with _opened(path):
        pass
    return _stream(path, max(1, round(block_seconds * SAMPLE_RATE)))


def write_wav(path: Path, samples: NDArray[np.int16], rate: int) -> None:
    """Write mono 16-bit samples of shape ``(n,)`` at ``rate`` Hz.

    The file appears whole or not at all: it is written beside its place, then renamed.

    Raises:
        AudioFileError: it can't be written there; an older file of that name is left as it was.
    """
    try:
        target = path.resolve()  # through a link, so that the link itself stays
        if target.exists() and not target.is_file():
            raise AudioFileError(  # also keeps a rename from replacing /dev/null
                f"Op de plek '{_shown(path)}' staat al iets anders dan een bestand: "
                "kies een andere naam."
            )
        write_whole(target, _wav_bytes(samples, rate))
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, a loop of links
        raise AudioFileError(
            f"Het bestand '{_shown(path)}' kan niet geschreven worden: kies een map die bestaat, "
            "met schrijfrechten en genoeg ruimte."
        ) from error


def _wav_bytes(samples: NDArray[np.int16], rate: int) -> bytes:
    """Put a WAV header before the samples."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype(np.int16, casting="same_kind").tobytes())
    return buffer.getvalue()


def _stream(path: Path, block_samples: int) -> Iterator[bytes]:
    """Cut the file into blocks of ``block_samples``."""
    pending = np.empty(0, np.int16)
    with _opened(path) as file:
        for samples in _resampled(file, path):
            pending = np.concatenate([pending, samples])
            whole = len(pending) // block_samples * block_samples
            for start in range(0, whole, block_samples):
                yield pending[start : start + block_samples].astype("<i2").tobytes()
            pending = pending[whole:]
    if len(pending):
        yield pending.astype("<i2").tobytes()


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open a WAV file and check its header."""
    with _opened_raw(path) as raw:
        _check_magic(raw, path)
        try:
            file = _sound_file(raw)
        except (soundfile.SoundFileError, TypeError, ValueError) as error:
            raise _not_a_wav(path) from error
        except OSError as error:  # a failing disk
            raise AudioFileError(_why_not_opened(error, path)) from error
        with file:
            _check_header(file, path)
            yield file


def _opened_raw(path: Path) -> io.FileIO:
    """Open a regular file, unbuffered, since libsndfile reads on from the same descriptor."""
    try:
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise _not_a_wav(path)  # opening a pipe would wait for ever
        return path.open("rb", buffering=0)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise AudioFileError(_why_not_opened(error, path)) from error


def _check_magic(raw: io.FileIO, path: Path) -> None:
    """Refuse what is no WAV before libsndfile tries its thirty other formats on it."""
    try:
        start = raw.read(12)
        raw.seek(0)
    except OSError as error:  # a failing disk
        raise AudioFileError(_why_not_opened(error, path)) from error
    if not start:
        raise AudioFileError(f"Het bestand '{_shown(path)}' is leeg: maak de opname opnieuw.")
    if start[:4] not in _MAGIC or start[8:] != b"WAVE":
        raise _not_a_wav(path)


def _sound_file(raw: io.FileIO) -> soundfile.SoundFile:
    """Have libsndfile open it, with a length where the recorder never filled it in."""
    file = soundfile.SoundFile(raw.fileno(), closefd=False)
    if file.frames or (place := _empty_length(raw)) is None:
        return file
    file.close()
    raw.seek(0)
    return soundfile.SoundFile(_ToItsEnd(raw, place))


def _empty_length(raw: io.FileIO) -> int | None:
    """Where the header says 0 for the length of sound that is there; None where it does not."""
    size = raw.seek(0, io.SEEK_END)
    raw.seek(0)
    order: Literal["big", "little"] = "big" if raw.read(4) == b"RIFX" else "little"
    place = 12
    for _ in range(_MOST_CHUNKS):
        name, length = _chunk(raw, place, order)
        if name == b"data":
            break
        place += 8 + length + length % 2
    else:
        return None
    following, its_length = _chunk(raw, place + 8, order)
    is_chunk = re.fullmatch(rb"[ -~]{4}", following) and place + 16 + its_length <= size
    return None if length or not following or is_chunk else place + 4


def _chunk(raw: io.FileIO, place: int, order: Literal["big", "little"]) -> tuple[bytes, int]:
    """The name and the length that a chunk has in that place, if one is there."""
    raw.seek(place)
    header = raw.read(8)
    return header[:4], int.from_bytes(header[4:], order)


class _ToItsEnd:
    """A WAV file for libsndfile, whose header gives its sound the greatest length there is."""

    def __init__(self, raw: io.FileIO, place: int) -> None:
        self._raw = raw
        self._place = place

    def read(self, count: int) -> bytes:
        """As of any file, but for the four bytes that hold the length."""
        begin = self._raw.tell()
        block = bytearray(self._raw.read(count))
        for place in range(self._place - begin, self._place - begin + 4):
            if 0 <= place < len(block):
                block[place] = 0xFF
        return bytes(block)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file; a place that can't be is not gone to."""
        with suppress(OSError):
            self._raw.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        """As of any file."""
        return self._raw.tell()


def _check_header(file: soundfile.SoundFile, path: Path) -> None:
    """Refuse encodings and rates that would be read wrongly, or not at all."""
    if file.format not in _CONTAINERS or file.subtype not in _ENCODINGS:
        raise AudioFileError(
            f"Het bestand '{_shown(path)}' heeft een onbekende geluidsvorm: "
            "bewaar de opname als gewone 16-bit WAV."
        )
    if not _LOWEST_RATE <= file.samplerate <= _HIGHEST_RATE:
        raise AudioFileError(
            f"Het bestand '{_shown(path)}' heeft {file.samplerate} Hz: "
            f"bewaar de opname met {_LOWEST_RATE} tot {_HIGHEST_RATE} Hz, het liefst {SAMPLE_RATE}."
        )


def _resampled(file: soundfile.SoundFile, path: Path) -> Iterator[NDArray[np.int16]]:
    """Give the whole file as 16 kHz mono pieces; at least one sample, or an error."""
    chunks = _mono(file, path)
    if file.samplerate != SAMPLE_RATE:
        chunks = _at_our_rate(chunks, file.samplerate)
    empty = True
    for chunk in chunks:
        if len(chunk):
            empty = False
            yield to_int16(chunk)
    if empty:
        raise AudioFileError(
            f"In het bestand '{_shown(path)}' staat geen geluid: maak de opname opnieuw."
        )


def _mono(file: soundfile.SoundFile, path: Path) -> Iterator[NDArray[np.float32]]:
    """Give the file's frames as finite mono samples between -1 and 1, at its own rate."""
    while True:
        try:
            frames: NDArray[np.float32] = file.read(_READ_FRAMES, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise AudioFileError(
                f"Het bestand '{_shown(path)}' is beschadigd: maak de opname opnieuw."
            ) from error
        if not len(frames):
            return
        finite = np.nan_to_num(frames, nan=0.0, posinf=1.0, neginf=-1.0)
        yield np.clip(finite, -1.0, 1.0).mean(axis=1, dtype=np.float32)


def _at_our_rate(chunks: Iterable[NDArray[np.float32]], rate: int) -> Iterator[NDArray[np.float32]]:
    """Resample a stream of mono chunks to 16 kHz."""
    resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
    for chunk in chunks:
        yield resampler.resample_chunk(chunk)
    yield resampler.resample_chunk(np.empty(0, np.float32), last=True)


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Scale samples between -1 and 1 to 16 bits, clipping what a resampler let overshoot."""
    clipped = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    return np.asarray(clipped, np.int16)


def _not_a_wav(path: Path) -> AudioFileError:
    return AudioFileError(
        f"Het bestand '{_shown(path)}' is geen WAV-bestand: bewaar de opname als WAV."
    )


def _why_not_opened(error: OSError | ValueError, path: Path) -> str:
    """Say in Dutch why the system would not open the file."""
    match error:
        case FileNotFoundError() | NotADirectoryError() | ValueError():
            return f"Het bestand '{_shown(path)}' bestaat niet: controleer de naam."
        case IsADirectoryError():
            return f"'{_shown(path)}' is een map: kies een WAV-bestand uit die map."
        case OSError(errno=errno.ENAMETOOLONG):
            return f"De naam '{_shown(path)}' is te lang: controleer hem."
        case PermissionError():
            return f"U mag het bestand '{_shown(path)}' niet lezen: vraag om leesrechten."
        case _:
            return f"Het bestand '{_shown(path)}' kan niet gelezen worden: kies een ander bestand."


def _shown(path: Path) -> str:
    """Give a name that can always be printed: on Linux a file name may hold any bytes."""
    name = os.fsencode(path).decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "?" for char in name)
