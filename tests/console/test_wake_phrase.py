"""A wake phrase that could never be heard is noticed before anybody waits for it."""

import pytest

from console.health import check
from console.wiring import Parts
from errors import SettingsError
from settings import load_settings


def parts(words: str) -> Parts:
    return Parts(
        load_settings(None, {"conversation": {"listen": "phrase", "wake": {"words": words}}})
    )


def test_each_word_of_it_must_be_known() -> None:
    with pytest.raises(SettingsError, match=r": qwxz;"):
        parts("hallo qwxz computer").check_wake_phrase()
    parts("hallo computer").check_wake_phrase()


def test_the_check_tells_what_to_say() -> None:
    (finding,) = (found for found in check(parts("goedendag dokter")) if found.part == "wekzin")
    assert finding.passed
    assert "goedendag dokter" in finding.remark
