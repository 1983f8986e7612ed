"""WAV files: all that a recorder makes is read, anything else is refused in one sentence."""

import io
import os
import resource
import struct
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from errors import AudioFileError
from tests.fuzzing import is_one_sentence, tried
from tests.voice.without_root import not_as_root
from voice.audio import SAMPLE_RATE, Audio, read_wav, stream_wav, write_wav

SAMPLES = arrays.arrays(np.int16, st.integers(10, 3_000))


def _tone(seconds: float, rate: int) -> NDArray[np.float64]:
    """A tone that every rate and encoding can carry."""
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)


def _header(*, rate: int = SAMPLE_RATE, channels: int = 1, data_bytes: int = 0) -> bytes:
    """The 44 bytes before 16-bit samples."""
    frame = 2 * channels
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + data_bytes, b"WAVE", b"fmt ", 16, 1, channels, rate),
        *(rate * frame, frame, 16, b"data", data_bytes),
    )


def _names(folder: str | Path) -> list[str]:
    return [entry.name for entry in Path(folder).iterdir()]


def _read_or_error(content: bytes) -> Audio | AudioFileError:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(content)
        file.flush()
        try:
            return read_wav(Path(file.name))
        except AudioFileError as error:
            return error


@given(SAMPLES)
def test_what_was_written_is_read_back_exactly(samples: NDArray[np.int16]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.wav")
        write_wav(path, samples, SAMPLE_RATE)
        audio = read_wav(path)
        assert _names(folder) == ["a.wav"]
    assert np.array_equal(audio.samples, samples)
    assert audio.seconds == len(samples) / SAMPLE_RATE
    assert audio.to_bytes() == samples.astype("<i2").tobytes()


@given(SAMPLES, st.sampled_from([8_000, SAMPLE_RATE, 44_100]), st.floats(0.0001, 0.3))
def test_streaming_gives_the_same_in_blocks_of_any_length(
    samples: NDArray[np.int16], rate: int, block_seconds: float
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.wav")
        write_wav(path, samples, rate)
        blocks = list(stream_wav(path, block_seconds))
        assert b"".join(blocks) == read_wav(path).to_bytes()
    lengths = [len(block) // 2 for block in blocks]
    assert set(lengths[:-1]) <= {max(1, round(block_seconds * SAMPLE_RATE))}
    assert 0 < lengths[-1] <= lengths[0]


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_rate_and_number_of_channels(rate: int, channels: int, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.repeat(_tone(1.0, rate)[:, None], channels, axis=1), rate)
    samples = read_wav(path).samples / 32_768
    assert abs(len(samples) - SAMPLE_RATE) <= 2
    assert np.abs(samples[1_000:15_000] - _tone(1.0, SAMPLE_RATE)[1_000:15_000]).max() < 0.01


@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize(
    "encoding", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW"]
)
def test_every_encoding(container: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = _tone(0.5, SAMPLE_RATE)
    soundfile.write(path, tone, SAMPLE_RATE, format=container, subtype=encoding)
    assert np.abs(read_wav(path).samples / 32_768 - tone).max() < 0.03


def test_big_endian_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = _tone(0.1, SAMPLE_RATE)
    soundfile.write(path, tone, SAMPLE_RATE, format="WAV", endian="BIG")
    assert path.read_bytes()[:4] == b"RIFX"
    assert np.abs(read_wav(path).samples / 32_768 - tone).max() < 0.001


def test_stereo_is_mixed_down(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.array([[0.5, 0.25], [-0.5, 0.5]]), SAMPLE_RATE)
    assert read_wav(path).samples.tolist() == [12_288, 0]


def test_floats_that_are_no_sound_are_tamed(tmp_path: Path) -> None:
    path = tmp_path / "wild.wav"
    wild = np.array([np.nan, np.inf, -np.inf, 1e30, -7.0, 0.5], np.float32)
    soundfile.write(path, wild, SAMPLE_RATE, subtype="FLOAT")
    assert read_wav(path).samples.tolist() == [0, 32_767, -32_768, 32_767, -32_768, 16_384]


@pytest.mark.fuzz
@tried(100)
@given(arrays.arrays(np.float64, st.integers(1, 500)), st.sampled_from([8_000, 16_000, 48_000]))
def test_any_floats_are_read(samples: NDArray[np.float64], rate: int) -> None:
    content = io.BytesIO()
    soundfile.write(content, samples, rate, format="WAV", subtype="DOUBLE")
    assert isinstance(_read_or_error(content.getvalue()), Audio | AudioFileError)


def test_of_a_file_that_breaks_off_what_is_there_is_read(tmp_path: Path) -> None:
    path = tmp_path / "broken_off.wav"
    path.write_bytes(_header(data_bytes=1_000_000) + b"\1\0" * 100 + b"\1")
    assert read_wav(path).samples.tolist() == [1] * 100


LIST = b"LIST" + struct.pack("<I", 12) + b"INFOISFT\0\0\0\0"


def _with_lengths(content: bytes, riff: int, data: int, order: str = "<") -> bytes:
    place = content.index(b"data") + 4
    lengths = struct.pack(f"{order}I", riff), struct.pack(f"{order}I", data)
    return content[:4] + lengths[0] + content[8:place] + lengths[1] + content[place + 4 :]


@pytest.mark.parametrize("riff", [0, 8, 36, 32_036, 2**32 - 1])
@pytest.mark.parametrize("before", [b"", LIST, b"JUNK" + struct.pack("<I", 3) + b"\0" * 4])
@pytest.mark.parametrize("first", [0, 1, -1])
def test_a_length_that_was_never_filled_in_is_no_silence(
    riff: int, before: bytes, first: int, tmp_path: Path
) -> None:
    path = tmp_path / "unfinished.wav"
    samples = np.arange(first, first + 16_000, dtype="<i2")
    header = _header()
    path.write_bytes(_with_lengths(header[:36] + before + header[36:], riff, 0) + samples.tobytes())
    assert np.array_equal(read_wav(path).samples, samples)
    assert b"".join(stream_wav(path)) == samples.tobytes()


@pytest.mark.parametrize(("container", "endian"), [("WAV", "BIG"), ("WAVEX", "FILE")])
@pytest.mark.parametrize("encoding", ["PCM_U8", "PCM_24", "FLOAT"])
def test_such_a_length_is_mended_in_every_form(
    container: str, endian: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "tone.wav"
    tone = _tone(0.5, SAMPLE_RATE)
    soundfile.write(path, tone, SAMPLE_RATE, format=container, subtype=encoding, endian=endian)
    path.write_bytes(_with_lengths(path.read_bytes(), 0, 0))
    assert np.abs(read_wav(path).samples / 32_768 - tone).max() < 0.03


def test_what_follows_an_empty_recording_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.write_bytes(_with_lengths(_header() + LIST, 36 + len(LIST), 0))
    with pytest.raises(AudioFileError, match="staat geen geluid"):
        read_wav(path)


@pytest.mark.parametrize(
    ("rate", "seconds", "filled_in"),
    [(SAMPLE_RATE, 900, True), (48_000, 120, True), (SAMPLE_RATE, 900, False)],
)
def test_a_long_file_streams_in_bounded_memory(
    rate: int, seconds: int, filled_in: bool, tmp_path: Path
) -> None:
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(_header(rate=rate, data_bytes=2 * rate * seconds * filled_in))
        file.truncate(file.tell() + 2 * rate * seconds)  # sparse: silence that takes no disk
    tracemalloc.start()
    try:
        total = sum(len(block) for block in stream_wav(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 2 * SAMPLE_RATE * seconds
    assert peak < 3_000_000


def test_leaving_a_stream_half_read_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, np.zeros(100_000, np.int16), SAMPLE_RATE)
    before = len(_names("/proc/self/fd"))
    stream = stream_wav(path)
    next(stream)
    del stream
    assert len(_names("/proc/self/fd")) == before


def test_a_bad_file_is_refused_before_the_first_block() -> None:
    with pytest.raises(AudioFileError):
        stream_wav(Path("bestaat niet.wav"))
    with pytest.raises(ValueError, match="block_seconds"):
        stream_wav(Path("bestaat niet.wav"), block_seconds=0.0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is leeg"),
        (b"RIFF", "geen WAV-bestand"),
        (b"ID3\4\0\0\0\0\0\0 this is an MP3", "geen WAV-bestand"),
        (b"RIFF\0\0\0\0AVI LIST", "geen WAV-bestand"),
        (b"RIFF\xff\xff\xff\xffWAVE", "geen WAV-bestand"),
        (_header(), "staat geen geluid"),
        (_header(data_bytes=100), "staat geen geluid"),
        (_header(rate=4_000, data_bytes=4) + b"1234", "4000 Hz"),
        (_header(rate=400_000, data_bytes=4) + b"1234", "400000 Hz"),
    ],
)
def test_what_is_refused_names_the_file_and_what_to_do(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "opname van mevrouw é.wav"
    path.write_bytes(content)
    for read in (read_wav, lambda path: list(stream_wav(path))):
        with pytest.raises(AudioFileError, match=sentence) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_encoding_that_cannot_be_checked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "adpcm.wav"
    soundfile.write(path, _tone(0.5, SAMPLE_RATE), SAMPLE_RATE, subtype="IMA_ADPCM")
    with pytest.raises(AudioFileError, match="onbekende geluidsvorm"):
        read_wav(path)


def test_flac_under_a_wav_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flac.wav"
    soundfile.write(path, _tone(0.5, SAMPLE_RATE), SAMPLE_RATE, format="FLAC")
    with pytest.raises(AudioFileError, match="geen WAV-bestand"):
        read_wav(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)  # opening it would wait for ever
    for path, sentence in (
        (tmp_path, "is een map"),
        (tmp_path / "weg.wav", "bestaat niet"),
        (Path("a\0b.wav"), "bestaat niet"),
        (Path("/etc/passwd/a.wav"), "bestaat niet"),
        (pipe, "geen WAV-bestand"),
        (Path("/dev/zero"), "geen WAV-bestand"),
    ):
        with pytest.raises(AudioFileError, match=sentence):
            read_wav(path)


def test_a_name_of_any_bytes_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\x1b[31m.wav"))
    with pytest.raises(AudioFileError) as caught:
        read_wav(path)
    str(caught.value).encode("utf-8")
    assert str(caught.value).isprintable()


def test_without_the_right_to_read_or_write_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "geheim.wav"
    write_wav(path, np.ones(10, np.int16), SAMPLE_RATE)
    path.chmod(0)
    tmp_path.chmod(0o555)
    try:
        with not_as_root():
            with pytest.raises(AudioFileError, match="niet lezen: vraag om leesrechten"):
                read_wav(path)
            with pytest.raises(AudioFileError, match="kan niet geschreven worden"):
                write_wav(tmp_path / "nieuw.wav", np.ones(10, np.int16), SAMPLE_RATE)
    finally:
        tmp_path.chmod(0o755)
    assert _names(tmp_path) == ["geheim.wav"]


@pytest.mark.fuzz
@tried(300)
@given(st.binary(max_size=300), st.booleans())
def test_random_bytes_are_sound_or_an_error(content: bytes, with_header: bool) -> None:
    _read_or_error(_header(data_bytes=len(content)) * with_header + content)


@pytest.mark.fuzz
@tried(200)
@given(
    st.sampled_from(["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "ALAW"]),
    st.sampled_from(["WAV", "WAVEX", "RF64"]),
    st.lists(st.tuples(st.integers(0, 110), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 600),
)
def test_a_damaged_header_gives_sound_or_an_error(
    encoding: str, container: str, damage: list[tuple[int, int]], length: int
) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, _tone(0.01, 8_000), 8_000, format=container, subtype=encoding)
    content = bytearray(buffer.getvalue())
    for position, value in damage:
        content[position % len(content)] = value
    result = _read_or_error(bytes(content[:length]))
    assert isinstance(result, AudioFileError) or result.samples.dtype == np.int16


SIZES = st.integers(0, 64) | st.sampled_from([2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1])
FORMATS = st.builds(
    struct.pack,
    st.just("<HHIIHH"),
    st.sampled_from([1, 2, 3, 6, 7, 0x11, 0x31, 0x55, 0xFFFE]) | st.integers(0, 65_535),
    st.sampled_from([0, 1, 2, 6, 1_024]) | st.integers(0, 65_535),
    st.sampled_from([0, 8_000, 16_000, 44_100, 192_000, 2**32 - 1]) | st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 16) | st.integers(0, 65_535),
    st.sampled_from([0, 1, 8, 12, 16, 24, 32, 64]) | st.integers(0, 65_535),
)
CHUNK_NAMES = st.sampled_from(
    [b"fmt ", b"data", b"fact", b"LIST", b"ds64", b"JUNK", b"PEAK", b"cue ", b"smpl", b"bext"]
)


@st.composite
def riff_files(draw: st.DrawFn) -> bytes:
    """Chunks of any kind and order, often with a format that holds together; sizes may lie."""
    magic = draw(st.sampled_from([b"RIFF", b"RIFX", b"RF64"]))
    content = draw(FORMATS) if draw(st.booleans()) else _header()[20:36]
    body = b"fmt " + struct.pack("<I", len(content)) + content
    for _ in range(draw(st.integers(0, 4))):
        content = draw(st.binary(max_size=200) | FORMATS)
        size = draw(st.just(len(content)) | SIZES)
        body += draw(CHUNK_NAMES) + struct.pack("<I", size) + content
    return magic + struct.pack("<I", draw(st.just(len(body) + 4) | SIZES)) + b"WAVE" + body


@pytest.mark.fuzz
@tried(200)
@given(riff_files())
def test_any_chunks_give_no_more_sound_than_is_there_or_a_sentence(content: bytes) -> None:
    before = len(_names("/proc/self/fd"))
    result = _read_or_error(content)
    assert len(_names("/proc/self/fd")) == before
    if isinstance(result, AudioFileError):
        assert is_one_sentence(str(result))
        return
    # The densest sound is 4 bits a sample at the lowest rate, which doubles in ours.
    assert len(result.samples) <= 4 * len(content) + SAMPLE_RATE // 10
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(content)
        file.flush()
        assert b"".join(stream_wav(Path(file.name))) == result.to_bytes()


@pytest.mark.parametrize("place", ["bestaat_niet/a.wav", ".", "/dev/null", "a\0b.wav", "x" * 300])
def test_where_nothing_can_be_written_it_says_so(place: str, tmp_path: Path) -> None:
    with pytest.raises(AudioFileError):
        write_wav(tmp_path / place, np.ones(10, np.int16), SAMPLE_RATE)
    assert _names(tmp_path) == []
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_leaves_the_older_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, np.ones(10, np.int16), SAMPLE_RATE)
    older = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(AudioFileError, match="genoeg ruimte"):
            write_wav(path, np.ones(10_000, np.int16), SAMPLE_RATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == older
    assert _names(tmp_path) == ["a.wav"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to("echt.wav")
    write_wav(link, np.ones(10, np.int16), SAMPLE_RATE)
    assert link.is_symlink()
    assert read_wav(tmp_path / "echt.wav").samples.tolist() == [1] * 10
    loop = tmp_path / "lus.wav"
    loop.symlink_to("lus.wav")
    with pytest.raises(AudioFileError):
        write_wav(loop, np.ones(10, np.int16), SAMPLE_RATE)
    with pytest.raises(AudioFileError):
        read_wav(loop)
