"""A dead microphone, told from a quiet room."""

import logging

import numpy as np
import pytest
import vosk
from numpy.typing import NDArray

from tests.voice.conftest import room
from voice.audio import SAMPLE_RATE
from voice.flatline import Flatline
from voice.recognizer import Recognizer, RecognizerSettings


def _flat(value: int, seconds: float) -> NDArray[np.int16]:
    return np.full(round(seconds * SAMPLE_RATE), value, np.int16)


def _after(*stretches: NDArray[np.int16]) -> Flatline:
    flatline = Flatline(seconds=2.0)
    for stretch in stretches:
        for start in range(0, len(stretch), 1_600):
            flatline.add(stretch[start : start + 1_600])
    return flatline


@pytest.mark.parametrize(("value", "fault"), [(0, "muted"), (-1, "muted"), (-900, "stuck")])
def test_a_value_that_stays_is_a_fault(value: int, fault: str) -> None:
    assert _after(room(1.0), _flat(value, 2.2)).fault == fault


def test_neither_a_quiet_room_nor_a_short_drop_out_is_a_fault() -> None:
    assert _after(room(5.0, loudness=2.0)).fault is None
    assert _after(room(1.0), _flat(0, 1.5), room(0.2), _flat(0, 1.5)).fault is None
    assert _after(room(1.0), _flat(0, 1.5), _flat(500, 1.5)).fault is None
    assert _after(room(0.0)).fault is None


def test_a_microphone_that_lives_again_is_well_and_each_change_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    assert _after(_flat(0, 6.0), room(0.5)).fault is None
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "muted" in caplog.messages[0]


def test_a_sound_server_that_suppresses_noise_is_not_called_muted_all_day() -> None:
    assert _after(_flat(0, 2.5), room(0.5), _flat(0, 10.0)).fault is None
    assert _after(_flat(0, 2.5), room(0.5), _flat(0, 12.5)).fault == "muted"
    assert _after(_flat(0, 2.5), room(0.5), _flat(900, 2.5)).fault == "stuck"


def test_live_sound_is_watched_and_files_are_not(model: vosk.Model) -> None:
    with Recognizer(model, RecognizerSettings(flat_seconds=1.0)) as recognizer:

        def fault_after(sound: NDArray[np.int16], wait: bool) -> str | None:
            recognizer.accept(sound.tobytes(), wait)
            return recognizer.microphone_fault

        assert fault_after(_flat(0, 5.0), wait=True) is None
        assert fault_after(_flat(0, 1.5), wait=False) == "muted"
        assert fault_after(room(0.5), wait=False) is None
