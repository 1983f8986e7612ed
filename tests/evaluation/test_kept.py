"""What was measured serves only as long as all that hearing and understanding rest on is the same.

Nothing is heard here: a stand-in counts what would be.
"""

import argparse
import shutil
from pathlib import Path

import pytest

from console import evaluation
from console.wiring import Parts
from evaluation.hearing import Measurement
from intents.catalogue import Catalogue
from settings import load_settings
from tests.program import RECORDINGS

NOISE = RECORDINGS / "off_topic" / "_ruis.wav"
"""Without words, so that the report needs no matcher either."""


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One item for each recording that was heard, and not taken from what was kept."""
    calls: list[object] = []

    def measure(*arguments: object, **_: object) -> Measurement:
        calls.append(arguments)
        return Measurement((), 1.0, 2.0, 0.1)

    monkeypatch.setattr("evaluation.run.measure", measure)
    return calls


@pytest.mark.parametrize(
    "name", ["voice/clarity.toml", "intents/hearing.toml", "intents/matcher.py"]
)
def test_after_a_change_nothing_that_was_kept_is_used(
    name: str,
    heard: list[object],
    catalogue: Catalogue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changing = tmp_path / "code" / name
    changing.parent.mkdir(parents=True)
    shutil.copy(evaluation.ROOT / name, changing)
    monkeypatch.setattr(evaluation, "ROOT", tmp_path / "code")
    recordings = tmp_path / "opnamen"
    recordings.mkdir()
    shutil.copy(NOISE, recordings)
    parts = Parts(load_settings(None, {}))
    vars(parts).update(catalogue=catalogue, matcher=None, loaded_model=None)
    options = argparse.Namespace(
        folder=recordings, out=tmp_path, noise="", room="", far="", clip="", telephone=False,
        seed=0, jobs=1,
    )  # fmt: skip

    def measured() -> int:
        before = len(heard)
        evaluation.evaluate(options, parts, "0")
        return len(heard) - before

    assert [measured(), measured()] == [1, 0]
    changing.write_bytes(changing.read_bytes() + b"\n")
    assert [measured(), measured()] == [1, 0]
