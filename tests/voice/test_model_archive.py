"""Archives from strangers: whatever their entries are called or say they are."""

import io
import os
import stat
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import SpeechModelError
from tests.fuzzing import or_one_sentence, tried
from voice.model_archive import ALWAYS_ALLOWED, unpack

PARTS = st.sampled_from(
    ["..", ".", "", "am", "final.mdl", "conf", "C:", "a\\b", "~", "\0", "\n", "\u202e", "a" * 99]
)
NAMES = st.lists(PARTS | st.text(max_size=6), min_size=1, max_size=5).map("/".join)
KINDS = st.sampled_from(
    [0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK]
)
CONTENTS = st.binary(max_size=60) | st.sampled_from(
    [b"../../buiten", b"/etc/passwd", bytes(3_000_000), bytes(20_000_000)]
)
METHODS = st.sampled_from(
    [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
NUMBERS = st.sampled_from([0, 1, 2**16 - 1, 2**31, 2**32 - 2, 2**32 - 1]) | st.integers(0, 999)
FIELDS = (16, 20, 24)  # of an entry in the central directory: CRC, packed size, size


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Zip files with hostile names and kinds; now and then the directory lies about an entry."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", draw(METHODS)) as archive:
        for _ in range(draw(st.integers(0, 5))):
            entry = zipfile.ZipInfo("x")
            # Past the constructor, which mends names, but not past the header's 65,535 bytes.
            entry.filename = draw(NAMES).encode("utf-8", "replace").decode()
            entry.external_attr = (draw(KINDS) | 0o777) << 16
            entry.compress_type = archive.compression
            if not entry.filename.endswith("/"):
                archive.writestr(entry, draw(CONTENTS))
    content = bytearray(buffer.getvalue())
    found = content.find(b"PK\x01\x02")
    if found >= 0 and draw(st.booleans()):
        at = found + draw(st.sampled_from(FIELDS))
        content[at : at + 4] = draw(NUMBERS).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.fuzz
@tried(50)
@given(archives())
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_any_archive_gives_files_below_the_target_or_one_sentence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder, "x.zip"), Path(folder, "new")
        path.write_bytes(content)
        with or_one_sentence(SpeechModelError):
            for step in unpack(path, target, "x.zip"):
                assert 0 <= step.done <= step.total
        assert {entry.name for entry in Path(folder).iterdir()} <= {"x.zip", "new"}
        written = list(target.rglob("*"))
        kinds = {stat.S_IFMT(entry.lstat().st_mode) for entry in written}
        assert kinds <= {stat.S_IFREG, stat.S_IFDIR}
        size = sum(entry.stat().st_size for entry in written if entry.is_file())
        assert size <= max(ALWAYS_ALLOWED, 50 * len(content))
        assert all(os.access(entry, os.W_OK) for entry in written)


def test_a_bomb_of_overlapping_entries_is_refused(tmp_path: Path) -> None:
    """Many entries of the directory point at one and the same packed file (Fifield 2019)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0000", bytes(4_000_000))
    content = buffer.getvalue()
    directory, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry = content[directory:end]
    entries = b"".join(entry.replace(b"0000", b"%04d" % number) for number in range(500))
    tail = bytearray(content[end:])
    tail[8:10] = tail[10:12] = (500).to_bytes(2, "little")
    tail[12:16] = len(entries).to_bytes(4, "little")
    path = tmp_path / "bom.zip"
    path.write_bytes(content[:directory] + entries + tail)
    with zipfile.ZipFile(path) as opened:
        assert sum(info.file_size for info in opened.infolist()) == 2_000_000_000
    with pytest.raises(SpeechModelError, match="zipbom"):
        list(unpack(path, tmp_path / "new", "bom.zip"))
    assert not (tmp_path / "new").exists()
