"""The parts of a conversation: made side by side, and left to nobody's care when one fails."""

import gc
from pathlib import Path

import pytest

from console.wiring import Parts
from errors import ContentError, SpeechModelError
from settings import load_settings


def test_content_and_model_are_there_and_the_collector_works_on() -> None:
    parts = Parts(load_settings(None, {}))
    parts.furnish()
    assert {"matcher", "dialogue", "loaded_model"} <= vars(parts).keys()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"content": Path("nergens")}, ContentError), ({"model": Path("nergens")}, SpeechModelError)],
)
def test_whichever_fails_says_so(settings: dict[str, Path], error: type[Exception]) -> None:
    with pytest.raises(error, match="nergens"):
        Parts(load_settings(None, settings)).furnish()
    assert gc.isenabled()
