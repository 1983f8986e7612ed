"""Lists of checksums, right and wrong."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import SpeechModelError
from tests.fuzzing import is_one_sentence, tried
from voice.model_manifest import MANIFEST, read_manifest
from voice.speech_model import check_model

NAMES = st.sampled_from(["am/final.mdl", "conf/mfcc.conf", "../x", "/etc/passwd", "", "a\0b", "é"])
LINES = st.one_of(
    st.text(max_size=30),
    st.builds("{}  {}".format, st.sampled_from(["0" * 64, "f" * 64, "g" * 64, ""]), NAMES),
    st.builds("# size {}  {}".format, st.integers() | st.just("9" * 5_000), NAMES),
)


@pytest.mark.fuzz
@tried(100)
@given(st.lists(LINES, max_size=6).map(lambda lines: "\n".join(lines).encode()) | st.binary())
def test_any_manifest_is_read_or_refused_and_its_model_gets_one_sentence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder)
        for name in ("am/final.mdl", "conf/mfcc.conf"):
            (model / name).parent.mkdir()
            (model / name).write_bytes(b"x")
        (model / MANIFEST).write_bytes(content)
        try:
            manifest = read_manifest(model)
        except ValueError:
            manifest = None
        if manifest is not None:
            assert all(not Path(name).is_absolute() for name in manifest.sums)
        with pytest.raises(SpeechModelError) as caught:
            check_model(model)
        assert is_one_sentence(str(caught.value))
