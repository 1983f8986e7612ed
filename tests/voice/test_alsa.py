"""ALSA's own messages, provoked for real, in a process of their own."""

import subprocess
import sys

OPEN_A_DEVICE_THAT_IS_NOT_THERE = """
import ctypes
from voice.alsa import quieten
{quieten}
alsa, device = ctypes.CDLL("libasound.so.2"), ctypes.c_void_p()
assert alsa.snd_pcm_open(ctypes.byref(device), b"hw:99", 0, 0) < 0
"""


def complaints(quieten: str) -> str:
    program = OPEN_A_DEVICE_THAT_IS_NOT_THERE.format(quieten=quieten)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stderr


def test_alsa_writes_nothing_on_standard_error() -> None:
    assert "ALSA lib" in complaints("")
    assert complaints("quieten()") == ""
