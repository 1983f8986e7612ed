"""The microphone on a real, virtual sound card: it hears, is deaf when told, and heals itself."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import vosk
from numpy.typing import NDArray

from errors import SoundDeviceError
from tests.virtual_sound_card import VirtualSoundCard
from tests.voice.conftest import Say
from voice.audio import SAMPLE_RATE, write_wav
from voice.devices import Device
from voice.microphone import Microphone, MicrophoneSettings, _Converter, _formats
from voice.portaudio import SOUND_SYSTEM
from voice.recognizer import Recognizer, Utterance

PATIENCE = 30.0  # seconds; what takes longer never comes


@pytest.fixture
def microphone(sound_card: VirtualSoundCard) -> Iterator[Microphone]:
    """The default microphone of the virtual sound card."""
    del sound_card
    with Microphone() as microphone:
        yield microphone


def _eventually(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def _first_block(microphone: Microphone) -> bytes:
    block = microphone.read(PATIENCE)
    assert block is not None
    return block


def test_what_is_said_into_it_is_understood(
    microphone: Microphone,
    sound_card: VirtualSoundCard,
    model: vosk.Model,
    say: Say,
    tmp_path: Path,
) -> None:
    wav = tmp_path / "said.wav"
    write_wav(wav, say(0.5, "mijn ooglid trilt al dagen", 2.0), SAMPLE_RATE)
    player = sound_card.play_to_microphone(wav, wait=False)
    assert _understood(microphone, model, 1) == ["mijn ooglid trilt al dagen"]
    player.wait(PATIENCE)
    assert microphone.dropped_seconds == 0


def _understood(microphone: Microphone, model: vosk.Model, count: int) -> list[str]:
    """So many sentences that are said into it."""
    deadline = time.monotonic() + PATIENCE
    heard: list[str] = []
    with Recognizer(model) as recognizer:
        while len(heard) < count and time.monotonic() < deadline:
            if block := microphone.read(0.2):
                recognizer.accept(block, wait=False)
            event = recognizer.poll(0)
            heard += [event.text] if isinstance(event, Utterance) else []
    return heard


def test_a_device_that_takes_48_khz_only_is_understood(
    sound_card: VirtualSoundCard,
    monkeypatch: pytest.MonkeyPatch,
    model: vosk.Model,
    say: Say,
    tmp_path: Path,
) -> None:
    import sounddevice  # noqa: PLC0415  # needs the sound card

    real = sounddevice.RawInputStream

    def picky(**options: object) -> object:
        if options["samplerate"] != 48_000:
            raise sounddevice.PortAudioError("Invalid sample rate", -9997)
        return real(**options)

    monkeypatch.setattr(sounddevice, "RawInputStream", picky)
    wav = tmp_path / "said.wav"
    write_wav(wav, say(0.5, "mijn ooglid trilt al dagen", 2.0), SAMPLE_RATE)
    with Microphone() as microphone:
        assert len(_first_block(microphone)) <= SAMPLE_RATE // 10 * 2
        player = sound_card.play_to_microphone(wav, wait=False)
        assert _understood(microphone, model, 1) == ["mijn ooglid trilt al dagen"]
        player.wait(PATIENCE)


@pytest.mark.parametrize("fast_ppm", [500.0, -20_000.0])
def test_a_device_with_a_clock_of_its_own_is_understood(
    sound_card: VirtualSoundCard, model: vosk.Model, say: Say, fast_ppm: float
) -> None:
    sound = say(0.5, "mijn ooglid trilt al dagen", 1.5)
    with (
        sound_card.microphone_with_a_clock_of_its_own(sound, fast_ppm),
        Microphone() as microphone,
    ):
        *_, last = _understood(microphone, model, 2)  # of the first one it may hear half
        assert last == "mijn ooglid trilt al dagen"
        assert microphone.repairs == 0
        assert microphone.dropped_seconds == 0


def test_blocks_come_in_time_and_in_our_format(microphone: Microphone) -> None:
    started = time.monotonic()
    blocks = [_first_block(microphone) for _ in range(20)]
    assert {len(block) for block in blocks} == {SAMPLE_RATE // 10 * 2}
    assert time.monotonic() - started > 1.5  # 2 s of sound, of which a little may have waited


def test_it_is_deaf_while_muted_and_for_a_tail_after_it(microphone: Microphone) -> None:
    _first_block(microphone)
    with microphone.muted():
        with microphone.muted():
            assert microphone.read(0.3) is None
        assert microphone.read(0.3) is None  # the outer one still holds
        ended = time.monotonic()
    _first_block(microphone)
    assert time.monotonic() - ended >= MicrophoneSettings().tail_seconds


def test_what_was_not_read_before_it_was_muted_is_forgotten(microphone: Microphone) -> None:
    assert _eventually(lambda: microphone._blocks.qsize() > 3)
    with microphone.muted():
        pass
    assert microphone.read(0) is None


def test_it_forgets_the_mute_where_speaking_fails(microphone: Microphone) -> None:
    with pytest.raises(ZeroDivisionError), microphone.muted():
        _ = 1 / 0
    _first_block(microphone)


def test_what_nobody_reads_is_dropped_and_counted(sound_card: VirtualSoundCard) -> None:
    del sound_card
    with Microphone(MicrophoneSettings(queue_seconds=1.0)) as microphone:
        assert _eventually(lambda: microphone.dropped_seconds > 0.5)
        assert microphone._blocks.qsize() == 10


def test_it_is_back_after_the_sound_server_was_restarted(
    microphone: Microphone, sound_card: VirtualSoundCard
) -> None:
    _first_block(microphone)
    sound_card.kill()
    try:
        assert _eventually(lambda: microphone.repairs > 0)
        started = time.monotonic()
        microphone.read(0.1)
        assert time.monotonic() - started < PATIENCE  # healing is not the reader's business
    finally:
        sound_card.start()
    while microphone.read(0):
        pass
    _first_block(microphone)


def test_it_does_not_heal_in_the_middle_of_our_own_sentence(
    microphone: Microphone, sound_card: VirtualSoundCard
) -> None:
    _first_block(microphone)
    with microphone.muted():
        sound_card.kill()
        try:
            assert _eventually(lambda: not microphone._is_alive())
            assert microphone.repairs == 0
        finally:
            sound_card.start()
    _first_block(microphone)
    assert microphone.repairs > 0


def test_it_opens_again_when_somebody_else_renews_portaudio(microphone: Microphone) -> None:
    _first_block(microphone)
    generation = SOUND_SYSTEM.generation
    SOUND_SYSTEM.renew(generation)
    SOUND_SYSTEM.renew(generation)  # from one who saw the same trouble: nothing left to do
    assert SOUND_SYSTEM.generation == generation + 1
    while microphone.read(0):
        pass
    _first_block(microphone)
    assert microphone.repairs == 0


def test_close_wakes_the_reader_and_may_be_repeated(sound_card: VirtualSoundCard) -> None:
    del sound_card
    microphone = Microphone()
    ended: list[int] = []
    reader = threading.Thread(target=lambda: ended.append(len(list(microphone.blocks()))))
    reader.start()
    assert _eventually(lambda: microphone._stream.active)
    microphone.close()
    microphone.close()
    reader.join(PATIENCE)
    assert len(ended) == 1
    assert microphone.read(PATIENCE) is None
    SOUND_SYSTEM.renew(SOUND_SYSTEM.generation)
    assert microphone._stream is None


def test_a_device_is_chosen_by_a_part_of_its_name(sound_card: VirtualSoundCard) -> None:
    del sound_card
    with Microphone(MicrophoneSettings(device="PUL")) as microphone:
        _first_block(microphone)
    with pytest.raises(SoundDeviceError, match="'zolder' is niet gevonden: kies een van"):
        Microphone(MicrophoneSettings(device="zolder"))


def test_a_microphone_that_refuses_at_the_start_is_an_error(sound_card: VirtualSoundCard) -> None:
    sound_card.kill()
    try:
        with pytest.raises(SoundDeviceError):
            Microphone()
    finally:
        sound_card.start()


def test_nothing_of_it_stays_after_an_error_at_the_start() -> None:
    before = threading.active_count()
    with pytest.raises(SoundDeviceError):
        Microphone(MicrophoneSettings(device="bestaat nergens"))
    assert threading.active_count() == before


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (44_100, 1), (16_000, 2), (8_000, 1)])
def test_any_format_becomes_ours(rate: int, channels: int) -> None:
    times = np.arange(2 * rate) / rate
    tone: NDArray[np.int16] = np.round(8_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    data = np.repeat(tone, channels).tobytes()
    block = rate // 10 * channels * 2
    converter = _Converter(rate, channels)
    converted = b"".join(
        converter.convert(data[start : start + block]) for start in range(0, len(data), block)
    )
    samples = np.frombuffer(converted, "<i2")
    expected = 8_000 * np.sin(2 * np.pi * 440 * np.arange(len(samples)) / SAMPLE_RATE)
    assert len(samples) > 1.8 * SAMPLE_RATE
    assert np.abs(samples[800:-800] - expected[800:-800]).max() < 100


def test_our_own_format_passes_untouched() -> None:
    assert _Converter(SAMPLE_RATE, 1).convert(b"\1\2\3\4") == b"\1\2\3\4"


def test_our_own_format_is_tried_first_then_what_the_device_has() -> None:
    stereo = Device(0, "usb", channels=2, rate=48_000, is_default=True)
    assert _formats(stereo)[0] == (SAMPLE_RATE, 1)
    assert (48_000, 2) in _formats(stereo)
    mono = Device(0, "usb", channels=1, rate=32_000, is_default=True)
    assert [channels for _, channels in _formats(mono)] == [1] * 4
    assert (32_000, 1) in _formats(mono)


def test_who_speaks_for_ever_does_not_keep_it_deaf(
    sound_card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.microphone._LONGEST_REPLY_SECONDS", 1.0)
    settings = MicrophoneSettings(stall_seconds=0.5)
    with (
        Microphone(settings) as microphone,
        sound_card.dead_microphone(),
        microphone.without_renewal(),
    ):
        assert _eventually(lambda: microphone.repairs)


def test_a_device_that_stays_away_is_looked_for_less_often(
    sound_card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.microphone._EAGER_SECONDS", 1.0)
    with Microphone(MicrophoneSettings(stall_seconds=0.5)) as microphone:
        with sound_card.dead_microphone():
            assert _eventually(lambda: microphone.repairs >= 2)  # the second is the patient one
            time.sleep(1.5)
            before = microphone.repairs
            time.sleep(5.0)
            assert microphone.repairs == before
            os.utime(os.environ["XDG_RUNTIME_DIR"])  # as when a sound server comes
            assert _eventually(lambda: microphone.repairs > before)
        assert _eventually(lambda: microphone.silent_seconds < 0.2)
