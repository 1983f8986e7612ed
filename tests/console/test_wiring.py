"""The parts of a conversation: made side by side, and left to nobody's care when one fails."""

import gc
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier

import pytest

from console.wiring import Parts
from errors import ContentError, SpeechModelError
from intents.catalogue import Catalogue, load_catalogue
from settings import load_settings
from voice.speech_model import EMBEDDED, SpeechModel


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    """What one test froze would never be collected by the others."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_content_and_model_are_made_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = Barrier(2, timeout=60)
    load = SpeechModel.load

    def loading(model: SpeechModel) -> object:
        meeting.wait()
        return load(model)

    def reading(content: Path | None) -> Catalogue:
        meeting.wait()
        return load_catalogue(content)

    monkeypatch.setattr(SpeechModel, "load", loading)
    monkeypatch.setattr("console.wiring.load_catalogue", reading)
    parts = Parts(load_settings(None, {}))
    parts.load_all()
    assert {"matcher", "dialogue", "loaded_model"} <= vars(parts).keys()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_the_flag_for_the_model_wins_over_the_variable_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"model = '{EMBEDDED}'\n")
    monkeypatch.setenv("SPIERTOLK_MODEL", "nergens")
    assert Parts(load_settings(file, {"model": EMBEDDED})).speech_model.path == EMBEDDED
    with pytest.raises(SpeechModelError, match="nergens"):
        _ = Parts(load_settings(file, {})).speech_model
    monkeypatch.setenv("SPIERTOLK_MODEL", "")
    assert Parts(load_settings(file, {})).speech_model.path == EMBEDDED


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"content": Path("nergens")}, ContentError), ({"model": Path("nergens")}, SpeechModelError)],
)
def test_whichever_fails_says_so(settings: dict[str, Path], error: type[Exception]) -> None:
    with pytest.raises(error, match="nergens"):
        Parts(load_settings(None, settings)).load_all()
    assert gc.isenabled()
