"""Devices: choosing by name, and what a person reads where there is nothing to choose."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import SoundDeviceError
from tests.virtual_sound_card import VirtualSoundCard
from voice.devices import Device, choose

ROOT = Path(__file__).parents[2]


def _device(index: int, name: str, *, is_default: bool = False) -> Device:
    return Device(index, name, channels=1, rate=48_000, is_default=is_default)


BUILT_IN = _device(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)")
HEADSET = _device(1, "Jabra Évolve 20: USB Audio (hw:1,0)")
TABLE = _device(2, "Jabra Speak 510: USB Audio (hw:2,0)", is_default=True)
ALL = (BUILT_IN, HEADSET, TABLE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, TABLE),
        ("", TABLE),
        ("  ", TABLE),
        ("évolve", HEADSET),
        ("ÉVOLVE", HEADSET),
        (" ALC257 ", BUILT_IN),
        ("hw:1,0", HEADSET),
        ("jabra", TABLE),  # two fit: the default one
        ("usb audio (hw:1", HEADSET),
    ],
)
def test_a_part_of_the_name_chooses(name: str | None, expected: Device) -> None:
    assert choose(ALL, name, "input") == expected


def test_the_whole_name_wins_over_a_part() -> None:
    devices = (_device(0, "pulse monitor", is_default=True), _device(1, "pulse"))
    assert choose(devices, "pulse", "output").index == 1


def test_without_a_default_the_first_one_is_taken() -> None:
    assert choose((HEADSET, BUILT_IN), None, "input") == HEADSET


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(SoundDeviceError) as caught:
        choose(ALL, "zolder", "input")
    assert str(caught.value).startswith("De microfoon 'zolder' is niet gevonden: kies een van ")
    assert all(device.name in str(caught.value) for device in ALL)


@pytest.mark.parametrize(("direction", "word"), [("input", "microfoon"), ("output", "luidspreker")])
def test_without_devices_it_says_what_to_connect(direction: str, word: str) -> None:
    with pytest.raises(SoundDeviceError, match=f"geen {word} gevonden"):
        choose((), None, "input" if direction == "input" else "output")


@given(st.text(max_size=40))
def test_any_name_chooses_or_says_so(name: str) -> None:
    wanted = name.strip().casefold()
    if any(wanted in device.name.casefold() for device in ALL):
        assert wanted in choose(ALL, name, "output").name.casefold()
    else:
        shown = "".join(letter if letter.isprintable() else "?" for letter in name)
        with pytest.raises(SoundDeviceError, match=re.escape(f"'{shown}'")):
            choose(ALL, name, "output")


WITHOUT_PORTAUDIO = """
import ctypes.util
ctypes.util.find_library = lambda name: None
import voice.audio, voice.devices, voice.microphone, voice.recognizer
from errors import SoundDeviceError
for ask in (voice.devices.input_devices, voice.devices.find_output):
    try:
        ask()
    except SoundDeviceError as error:
        print(error)
"""


LIST_DEVICES = """
from voice.devices import find_input, find_output, input_devices, output_devices
from errors import SoundDeviceError
for devices in (input_devices(), output_devices()):
    print(*(device.name for device in devices if device.is_default))
for find in (find_input, find_output):
    try:
        print(find("zolder").name)
    except SoundDeviceError as error:
        print(error)
"""


def _run(program: str, environment: Mapping[str, str]) -> list[str]:
    """Run a program in a process of its own, since PortAudio looks at its surroundings once."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_devices_of_a_sound_card_are_listed(sound_card: VirtualSoundCard) -> None:
    default_input, default_output, *errors = _run(LIST_DEVICES, sound_card.child_environment)
    assert (default_input, default_output) == ("default", "default")
    assert [("'pulse'" in error, "'default'" in error) for error in errors] == [(True, True)] * 2


def test_without_a_sound_card_lists_are_empty_and_choosing_says_what_to_connect() -> None:
    if any(Path("/proc/asound").glob("card*")):
        pytest.skip("this machine has a sound card that can't be hidden")
    no_sound_server = {**os.environ, "PULSE_SERVER": "unix:/nergens", "XDG_RUNTIME_DIR": "/nergens"}
    default_input, default_output, no_input, no_output = _run(LIST_DEVICES, no_sound_server)
    assert (default_input, default_output) == ("", "")
    assert no_input.startswith("Er is geen microfoon gevonden")
    assert no_output.startswith("Er is geen luidspreker gevonden")


def test_without_portaudio_all_imports_work_and_a_device_is_refused_in_one_sentence() -> None:
    for error in _run(WITHOUT_PORTAUDIO, os.environ):
        assert "sudo apt install libportaudio2" in error
