"""Echo cancellation on our own real speech, heard back as a room gives it."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.room import Acoustics
from voice.audio import SAMPLE_RATE
from voice.echo import FRAME, EchoCanceller, Reference
from voice.speaker import RATE, Speaker, SpeakerSettings

TEXT = "Een trillend ooglid is lastig, maar bijna altijd onschuldig. Het begint bij een zenuw."


@pytest.fixture(scope="module")
def speech() -> NDArray[np.int16]:
    with Speaker(SpeakerSettings()) as speaker:
        return speaker.synthesize(TEXT).samples


def heard_through(
    canceller: EchoCanceller, reference: Reference, far: NDArray[np.int16], gain: float = 0.5
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """What the microphone hears of ``far`` (16 kHz) in a room, and what is left of it."""
    echo = np.convolve(far / 32_768, Acoustics(delay=0.09, gain=gain).response())[: len(far)]
    near = np.asarray(np.rint(echo * 32_768), np.int16)
    left = []
    for at in range(0, len(far) // FRAME * FRAME, FRAME):
        reference.played(far[at : at + FRAME].tobytes(), SAMPLE_RATE, 1)
        left += [frame.clean for frame in canceller.hear(near[at : at + FRAME].tobytes())]
    return near, np.concatenate(left)


def level(samples: NDArray[np.int16]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(np.float64) ** 2)) + 1e-9))


def test_our_own_voice_is_taken_out(speech: NDArray[np.int16]) -> None:
    reference = Reference()
    near, left = heard_through(EchoCanceller(reference), reference, speech)
    learnt = slice(SAMPLE_RATE, len(left))
    assert level(near[learnt]) - level(left[learnt]) > 20.0


def test_it_is_taken_out_where_it_seems_to_be_heard_before_it_was_played(
    speech: NDArray[np.int16],
) -> None:
    reference, waiting = Reference(), SAMPLE_RATE // 10
    canceller = EchoCanceller(reference)
    reference.played(bytes(2 * waiting), SAMPLE_RATE, 1)  # it waits for 100 ms, the echo for 90
    near, left = heard_through(canceller, reference, np.tile(speech[: 4 * SAMPLE_RATE], 2))
    learnt = slice(4 * SAMPLE_RATE, len(left))
    assert level(near[learnt]) - level(left[learnt]) > 20.0


def test_other_voices_are_left_as_they_are_while_we_are_silent(speech: NDArray[np.int16]) -> None:
    frames = EchoCanceller(Reference()).hear(speech.tobytes())
    assert np.array_equal(
        np.concatenate([frame.clean for frame in frames]), speech[: len(frames) * FRAME]
    )


def test_a_dead_microphone_stays_dead(speech: NDArray[np.int16]) -> None:
    reference = Reference()
    _, left = heard_through(EchoCanceller(reference), reference, speech, gain=0.0)
    assert not left.any()


def test_blocks_of_any_length_make_whole_frames() -> None:
    canceller = EchoCanceller(Reference())
    sound = np.arange(5 * FRAME, dtype=np.int16).tobytes()
    cuts = [0, 2, 318, 321, 1000, len(sound)]
    frames = [
        frame
        for begin, end in itertools.pairwise(cuts)
        for frame in canceller.hear(sound[begin:end])
    ]
    assert b"".join(frame.near.tobytes() for frame in frames) == sound


def test_what_is_played_is_brought_to_16_khz_mono(speech: NDArray[np.int16]) -> None:
    reference = Reference()
    reference.played(np.repeat(speech[:RATE], 2).tobytes(), RATE, 2)
    taken = reference.take(SAMPLE_RATE)
    assert level(taken) == pytest.approx(level(speech[:RATE]), abs=1.0)


def test_sound_that_is_missing_is_told() -> None:
    reference = Reference()
    assert not reference.take(FRAME).any()
    assert reference.gaps == 0  # no loudspeaker is open yet
    reference.played(bytes(2 * FRAME), SAMPLE_RATE, 1)
    reference.take(FRAME)
    assert reference.gaps == 0
    reference.take(FRAME)
    assert reference.gaps == 1


def test_a_reference_that_runs_ahead_catches_up_in_silence() -> None:
    reference = Reference()
    reference.played(bytes(2 * SAMPLE_RATE), SAMPLE_RATE, 1)  # a second of silence too much
    for _ in range(600):
        reference.played(bytes(2 * FRAME), SAMPLE_RATE, 1)
        reference.take(FRAME)
    click = np.full(FRAME, 1000, np.int16)
    reference.played(click.tobytes(), SAMPLE_RATE, 1)
    behind = 0
    while not reference.take(FRAME).any():
        behind += 1
    assert behind < 10
