"""The arithmetic of the timeline, on moments that were laid down by hand."""

import pytest

from benchmarks.timeline import Exchange, _delays, _end_of_speech, _who_spoke_when
from voice.earcons import LISTENING

ONE = Exchange("mijn oog trilt", 10.0, 12.0, 0.6, 12.8, 12.9, 13.0, 15.0, 15.04)


def test_moments_are_told_from_the_first_word_on() -> None:
    table = _who_spoke_when((ONE,))
    assert [row[0] for row in table.rows] == [0, 2000, 2900, 3000, 5000, 5040]
    assert {row[1] for row in table.rows} == {"patient", "spiertolk"}
    assert "mijn oog trilt" in table.text()


def test_delays_are_the_differences() -> None:
    rows = {str(name): value for name, value in _delays((ONE,)).rows}
    assert rows["- waiting for more words"] == 600
    assert rows["- computing, and the way of the sound"] == 200
    assert rows["end of speech to earcon"] == 900
    assert rows["end of speech to first word"] == 1000
    assert rows["key to silence"] == 40


def test_the_sign_that_it_listens_is_not_speech() -> None:
    begin = 20.0
    sign = [
        begin + note.start + part * note.seconds for note in LISTENING.notes for part in (0.0, 0.5)
    ]
    assert _end_of_speech([17.0, 18.0, 19.5, *sign]) == pytest.approx(19.5)
