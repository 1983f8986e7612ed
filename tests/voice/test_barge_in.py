"""Who cuts in is noticed; our own voice, a click and the noise of the room are not."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from benchmarks.barge_in import HALL, PLACES, Place, noticed
from evaluation.effects import make_noise, set_level
from tests.virtual_sound_card import VirtualSoundCard
from voice.audio import SAMPLE_RATE
from voice.barge_in import BLOCK_SECONDS, BargeInSettings, CutInDetector, OpenEar
from voice.echo import FRAME, EchoCanceller, EchoFrame, Reference
from voice.microphone import Microphone, MicrophoneSettings
from voice.speaker import Speaker, SpeakerSettings

Samples = NDArray[np.int16]
TEXT = (
    "Trillen in een arm of been is meestal onschuldig. Het komt vaak na sporten, na een drukke "
    "dag, of als u weinig slaapt. De spier is dan moe, en een klein takje van een zenuw geeft "
    "vanzelf een seintje. Zo'n trilling gaat bijna altijd vanzelf over."
)
needs_voices = pytest.mark.skipif(
    not voices_for("benchmark"), reason="NO VOICES TO CUT IN: no espeak-ng here"
)


@pytest.fixture(scope="module")
def answer() -> Samples:
    """Our own voice, 16 kHz."""
    with Speaker(SpeakerSettings()) as speaker:
        speech = speaker.synthesize(TEXT)
    at = np.arange(0, len(speech.samples) - 1, speech.rate / SAMPLE_RATE)
    return np.asarray(np.interp(at, np.arange(len(speech.samples)), speech.samples), np.int16)


def in_a_room(
    answer: Samples, place: Place, sound: Samples | None = None, at: float = 5.0
) -> Samples:
    """What the microphone hears of the answer, and of ``sound`` from ``at`` seconds on."""
    near = place.echo(answer)
    if sound is not None:
        begin = round(at * SAMPLE_RATE)
        near[begin : begin + len(sound)] += sound
    return np.asarray(np.clip(near, -32_768, 32_767), np.int16)


@pytest.mark.parametrize("place", [*PLACES, HALL], ids=lambda place: place.name)
def test_our_own_voice_never_cuts_in(place: Place, answer: Samples) -> None:
    assert noticed(in_a_room(answer, place), answer) is None


@pytest.mark.parametrize("early", [0.03, 0.06, 0.09])
def test_our_own_voice_never_cuts_in_where_it_is_heard_before_it_was_paired(
    early: float, answer: Samples
) -> None:
    near = in_a_room(answer, PLACES[0])[round(early * SAMPLE_RATE) :]
    assert noticed(near, answer[: len(near)]) is None


@needs_voices
@pytest.mark.parametrize("voice", ["edward", "anika", "grandpa"])
def test_a_stop_as_loud_as_our_own_voice_is_noticed(voice: str, answer: Samples) -> None:
    stop = set_level(speak("stop", voice), -22.0)
    at = noticed(in_a_room(answer, PLACES[0], stop), answer)
    assert at is not None
    assert 5.0 < at / SAMPLE_RATE < 5.0 + len(stop) / SAMPLE_RATE + 0.1


def test_nobody_cuts_in_before_it_knows_the_room(answer: Samples) -> None:
    detector = CutInDetector(BargeInSettings())
    loud = np.asarray(np.resize(answer[SAMPLE_RATE:], 50 * FRAME), np.int16)
    frames = [EchoFrame(one, one, one) for one in loud.reshape(-1, FRAME)]
    assert not any(detector.hear(frame) for frame in frames)


def test_a_click_is_too_short() -> None:
    assert not cuts_in(lambda at: 20_000 if at == 500 else 10)
    assert cuts_in(lambda at: 20_000 if 500 <= at < 510 else 10)


def test_a_loud_room_is_no_voice() -> None:
    detector = CutInDetector(BargeInSettings())
    room = make_noise("babble", 4.0, -40.0, np.random.default_rng(1)).reshape(-1, FRAME)
    silence = np.zeros(FRAME, np.int16)
    for frame in room:
        detector.hear(EchoFrame(frame, frame, silence))
    detector.begin()
    played = np.full(FRAME, 5_000, np.int16) * np.where(np.arange(FRAME) % 40 < 20, 1, -1)
    far = played.astype(np.int16)
    assert not any(detector.hear(EchoFrame(far, frame, far)) for frame in room)


def test_a_gap_in_what_was_played_is_learnt_anew() -> None:
    assert not cuts_in(lambda at: 20_000 if 500 <= at < 510 else 10, gap=490)


@pytest.mark.parametrize("we_speak", [False, True])
def test_a_voice_of_before_does_not_make_the_next_answer_deaf(we_speak: bool) -> None:
    """Neither of who asked between two answers nor of who cut in on the first one."""
    detector = CutInDetector(BargeInSettings())

    def hear(seconds: float, far: int, clean: int) -> bool:
        wave = np.where(np.arange(FRAME) % 40 < 20, 1, -1)
        near, left = (np.asarray(level * wave, np.int16) for level in (max(far, clean), clean))
        sound = EchoFrame(near, left, np.asarray(far * wave, np.int16))
        return sum(detector.hear(sound) for _ in range(round(100 * seconds))) > 0

    detector.begin()
    assert not hear(4.0, 1_000, 10)
    assert hear(2.0, 1_000 if we_speak else 0, 2_000)
    hear(1.0, 0, 10)
    detector.begin()
    assert not hear(2.0, 1_000, 10)
    assert hear(0.2, 1_000, 400)


def cuts_in(clean: Callable[[int], int], gap: int = -1) -> bool:
    """Whether 10 s in which this amplitude is left of our voice, in frame ``at``, hold a cut-in."""
    detector = CutInDetector(BargeInSettings())
    wave = np.where(np.arange(FRAME) % 40 < 20, 1, -1)
    far = np.asarray(3_000 * wave, np.int16)
    return any(
        detector.hear(EchoFrame(far, np.asarray(clean(at) * wave, np.int16), far, at == gap))
        for at in range(1000)
    )


class Tape:
    """A microphone that gives this sound, while the loudspeaker plays that; then silence."""

    def __init__(self, near: Samples, far: Samples, reference: Reference) -> None:
        self._near = near
        self._far = far
        self._reference = reference
        self._at = 0

    @property
    def silent_seconds(self) -> float:
        """It always gives sound."""
        return 0.0

    @property
    def repairs(self) -> int:
        """It never breaks."""
        return 0

    def without_renewal(self) -> AbstractContextManager[None]:
        """There is no other device to look for."""
        return nullcontext()

    def read(self, timeout: float) -> bytes | None:
        """The next 20 ms."""
        del timeout
        here = slice(self._at, self._at + 2 * FRAME)
        self._at += 2 * FRAME
        self._reference.played(self._far[here].tobytes(), SAMPLE_RATE, 1)
        return self._near[here].tobytes() or None


def test_what_was_said_over_us_is_given_afterwards_and_our_own_voice_is_not(
    answer: Samples,
) -> None:
    reference = Reference()
    voice = np.asarray(np.resize(answer[SAMPLE_RATE:], 2 * SAMPLE_RATE), np.int16)
    end = 8 * SAMPLE_RATE
    tape = Tape(in_a_room(answer, PLACES[0], voice)[:end], answer[:end], reference)
    ear = OpenEar(tape, EchoCanceller(reference), BargeInSettings())
    cut_in = threading.Event()
    with ear.listening(cut_in.set):
        assert cut_in.wait(30.0)
    kept = b"".join(iter(lambda: ear.read(0.0) or b"", b""))
    assert 2.0 < len(kept) / 2 / SAMPLE_RATE < 3.5  # of 8 s: from shortly before the voice on


ANSWER = "Een trillend ooglid komt vaak voor, en is meestal onschuldig."
QUICK = MicrophoneSettings(stall_seconds=0.5)


def _waits_for(what: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(what())


def test_a_microphone_that_dies_does_not_break_our_own_voice_off(
    sound_card: VirtualSoundCard,
) -> None:
    reference = Reference()
    with Speaker(SpeakerSettings(), listener=reference.played) as speaker:
        speaker.open()
        with Microphone(QUICK, BLOCK_SECONDS) as microphone:
            ear = OpenEar(microphone, EchoCanceller(reference), BargeInSettings())
            assert ear.read(30.0)
            before = microphone.repairs
            with sound_card.dead_microphone():
                with ear.listening(None):
                    assert speaker.say(ANSWER).completed
                    assert microphone.silent_seconds > 2.0
                    assert microphone.repairs == before
                assert _waits_for(lambda: microphone.repairs > before, 30.0)
            assert _waits_for(lambda: microphone.silent_seconds < 0.2, 30.0)


def test_it_does_not_hear_itself_after_a_microphone_was_gone(sound_card: VirtualSoundCard) -> None:
    reference = Reference()
    cut_in = threading.Event()
    with (
        Speaker(SpeakerSettings(), listener=reference.played) as speaker,
        sound_card.feedback(),
    ):
        speaker.open()
        with Microphone(MicrophoneSettings(), BLOCK_SECONDS) as microphone:
            ear = OpenEar(microphone, EchoCanceller(reference), BargeInSettings())

            def listen(seconds: float) -> None:
                deadline = time.monotonic() + seconds
                while time.monotonic() < deadline:
                    ear.read(0.1)

            listen(0.5)
            with sound_card.dead_microphone():
                listen(2.0)
            listen(1.5)
            with ear.listening(cut_in.set):
                assert speaker.say(ANSWER).completed
    assert not cut_in.is_set()
