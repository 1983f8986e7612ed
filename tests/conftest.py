"""Fixtures for the whole suite."""

import os
import sys
from collections.abc import Iterator

import pytest

from tests.virtual_sound_card import VirtualSoundCard, missing_tools


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--soak-minutes 5``: as a release wants it; a test run has room for less."""
    parser.addoption("--soak-minutes", type=float, default=None, help="length of the short soak")


@pytest.fixture(scope="session")
def sound_card() -> Iterator[VirtualSoundCard]:
    """A private sound card, for this process and its children (``child_environment``).

    PortAudio asks ALSA for the devices when it is initialised, ALSA asks PulseAudio when a device
    is opened. So the environment is set first and PortAudio looks again if it had been loaded.
    """
    if missing := missing_tools():
        pytest.skip(f"NO SOUND TESTS: {', '.join(missing)} not installed (apt: pulseaudio-utils)")
    with VirtualSoundCard() as card:
        saved = dict(os.environ)
        os.environ.update(card.environment)
        _look_for_devices_again()
        yield card
        os.environ.clear()
        os.environ.update(saved)


def _look_for_devices_again() -> None:
    if sounddevice := sys.modules.get("sounddevice"):
        sounddevice._terminate()
        sounddevice._initialize()
