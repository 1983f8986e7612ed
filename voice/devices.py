"""Sound devices: what there is, and choosing one by a part of its name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from errors import SoundDeviceError
from voice.portaudio import SOUND_SYSTEM, load_sounddevice

Direction = Literal["input", "output"]

_NAMES = {"input": "microfoon", "output": "luidspreker"}
_NUMBER = re.compile(r" *\(hw:\d+,\d+\)$")


@dataclass(frozen=True)
class Device:
    """One microphone or loudspeaker, as PortAudio sees it now."""

    index: int
    """Its number, valid until PortAudio is renewed."""
    name: str
    """What a person picks it by."""
    channels: int
    """How many channels it has in the direction asked for."""
    rate: int
    """Its own sample rate, in Hz."""
    is_default: bool
    """Whether the system picks it where nobody chooses."""

    @property
    def lasting_name(self) -> str:
        """Its name without the number that ALSA gives to whatever is plugged in again."""
        return _NUMBER.sub("", self.name)


def input_devices() -> tuple[Device, ...]:
    """List the microphones; empty without a sound card. SoundDeviceError without PortAudio."""
    return _devices("input")


def output_devices() -> tuple[Device, ...]:
    """List the loudspeakers; empty without a sound card. SoundDeviceError without PortAudio."""
    return _devices("output")


def find_input(name: str | None = None) -> Device:
    """Choose a microphone as `choose` does. SoundDeviceError says what there is instead."""
    return choose(_devices("input"), name, "input")


def find_output(name: str | None = None) -> Device:
    """Choose a loudspeaker as `choose` does. SoundDeviceError says what there is instead."""
    return choose(_devices("output"), name, "output")


def choose(devices: Sequence[Device], name: str | None, direction: Direction) -> Device:
    """Choose a device by a part of its name, in any case; without a name, the default one.

    The whole name wins over a part, and among parts the default device, then the first one.
    By name and not by number, since numbers change when something is plugged in.

    Raises:
        SoundDeviceError: there is none, or none of that name.
    """
    kind = _NAMES[direction]
    if not devices:
        raise SoundDeviceError(
            f"Er is geen {kind} gevonden: sluit een {kind} aan en probeer het opnieuw."
        )
    wanted = (name or "").strip().casefold()
    default_first = sorted(devices, key=lambda device: not device.is_default)
    for device in default_first:
        if device.name.casefold() == wanted:
            return device
    for device in default_first:
        if wanted in device.name.casefold():
            return device
    available = ", ".join(f"'{device.name}'" for device in devices)
    raise SoundDeviceError(f"De {kind} '{name}' is niet gevonden: kies een van {available}.")


def _devices(direction: Direction) -> tuple[Device, ...]:
    """Ask PortAudio for the devices with at least one channel in that direction."""
    sounddevice = load_sounddevice()
    with SOUND_SYSTEM.held():
        try:
            found: list[dict[str, Any]] = list(sounddevice.query_devices())
        except sounddevice.PortAudioError as error:
            raise SoundDeviceError(
                "De geluidskaart geeft geen antwoord: controleer de aansluiting en probeer het "
                "opnieuw."
            ) from error
        default = sounddevice.default.device[direction]
    return tuple(
        Device(
            index=info["index"],
            name=info["name"],
            channels=info[f"max_{direction}_channels"],
            rate=round(info["default_samplerate"]),
            is_default=info["index"] == default,
        )
        for info in found
        if info[f"max_{direction}_channels"] > 0
    )
