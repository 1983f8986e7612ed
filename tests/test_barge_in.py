"""Cutting in with the voice: the whole conversation in a room, where it hears itself aloud."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from console.wiring import Parts
from conversation import LiveConversation
from evaluation.effects import set_level, speech_level
from events import Heard, Speaking, Spoke, WordSpoken
from intents.results import Command, Match
from settings import load_settings
from tests.program import ENOUGH_SECONDS, EYELID, RECORDINGS
from tests.room import Acoustics, Room
from tests.test_conversation import Witness
from voice.audio import read_wav
from voice.barge_in import OpenEar
from voice.echo import EchoCanceller, Reference
from voice.recognizer import Recognizer
from voice.speaker import Speaker

ECHO_DBFS = -20.0
"""About as loud as the echo is: `Acoustics.gain` halves our own voice."""

needs_voices = pytest.mark.skipif(
    not voices_for("benchmark"), reason="NO VOICES TO CUT IN: no espeak-ng here"
)


@pytest.fixture(scope="module")
def converse() -> Callable[[], Any]:
    """A conversation in a room; gives it in the middle of the answer about eyelids."""
    parts = Parts(
        load_settings(None, {"dialogue": {"silence_prompt_after": None, "session_timeout": 600.0}})
    )

    @contextmanager
    def conversation() -> Iterator[tuple[LiveConversation, Witness, Room]]:
        reference = Reference()
        room = Room(Acoustics(), reference)
        witness = Witness()
        with (
            Recognizer(parts.loaded_model) as recognizer,
            Speaker(parts.settings.speaker, output=room) as speaker,
            room.open(),
        ):
            ear = OpenEar(room, EchoCanceller(reference), parts.settings.barge_in)
            live = LiveConversation(parts.assistant(), ear, recognizer, speaker, witness)
            thread = threading.Thread(target=live.run)
            thread.start()
            try:
                witness.wait_for(WordSpoken, count=12)  # it has learnt the room
                live.press()
                witness.wait_for(Spoke)
                threading.Event().wait(1.0)
                room.say(read_wav(EYELID).samples)
                witness.wait_for(Heard)
                witness.wait_for(WordSpoken, count=9, begin=len(witness.events))
                yield live, witness, room
            finally:
                live.stop()
                thread.join(ENOUGH_SECONDS)

    return conversation


def cough(seconds: float = 0.25) -> NDArray[np.int16]:
    """A burst of breath, as loud as speech and without a voice."""
    length = round(seconds * 16_000)
    breath = np.random.default_rng(4).standard_normal(length)
    soft = np.convolve(breath, np.ones(12) / 12, "same") * np.exp(-4 * np.linspace(0, 1, length))
    return set_level(np.asarray(soft * 3_000, np.int16), ECHO_DBFS + 6)


def insist(sound: NDArray[np.int16], witness: Witness, room: Room, begin: int) -> Spoke:
    """Say it, and say it again where nothing comes of it: one word in five goes unnoticed."""
    for _ in range(3):
        room.say(sound)
        deadline = time.monotonic() + len(sound) / 16_000 + 1.5
        while time.monotonic() < deadline:
            if spoke := witness.of(Spoke, begin):
                return spoke[0]
            threading.Event().wait(0.05)
    return witness.wait_for(Spoke, begin=begin)


@needs_voices
def test_stop_is_obeyed_over_its_own_voice_and_it_stays_silent(
    converse: Callable[[], Any],
) -> None:
    with converse() as (_, witness, room):
        begin = len(witness.events)
        cut = insist(set_level(speak("stop", "edward"), ECHO_DBFS), witness, room, begin)
        assert not cut.completed
        threading.Event().wait(5.0)
        assert not witness.of(Speaking, begin)
        assert all(
            isinstance(heard.turn.result, Command) and heard.turn.result.command == "stop"
            for heard in witness.of(Heard, begin)
        )


def test_a_new_complaint_cuts_in_and_is_answered(converse: Callable[[], Any]) -> None:
    complaint = RECORDINGS / "topics" / "arm_of_been" / "mijn_kuiten_trekken_iedere_avond_samen.wav"
    with converse() as (_, witness, room):
        begin = len(witness.events)
        said = set_level(read_wav(complaint).samples, ECHO_DBFS)
        assert not insist(said, witness, room, begin).completed
        result = witness.wait_for(Heard, begin=begin).turn.result
        assert isinstance(result, Match)
        assert [match.topic for match in result.topics] == ["arm_of_been"]


def test_after_a_cough_it_says_the_broken_off_sentence_again(
    converse: Callable[[], Any],
) -> None:
    with converse() as (_, witness, room):
        said = witness.wait_for(Speaking, count=2).reply.sentences
        begin = len(witness.events)
        cut = insist(cough(), witness, room, begin)
        assert not cut.completed
        again = witness.wait_for(Speaking, begin=begin).reply.sentences
        assert again == said[cut.sentences :]
        assert not witness.of(Heard, begin)


def test_a_cough_is_as_loud_as_it_says() -> None:
    assert speech_level(cough()) == pytest.approx(ECHO_DBFS + 6, abs=2)
