"""Cutting in with the voice: the whole conversation in a room, where it hears itself aloud."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_fixtures.voices import speak, voices_for
from console.wiring import Parts
from conversation import LiveConversation
from evaluation.effects import set_level, speech_level
from events import Heard, Speaking, Spoke, WordSpoken
from intents.results import Match, NotRecognized
from responses.library import load_library
from settings import load_settings
from tests.program import ENOUGH_SECONDS, EYELID, RECORDINGS, comes_true
from tests.room import Acoustics, Room
from tests.test_conversation import Witness
from voice.audio import SAMPLE_RATE, read_wav
from voice.barge_in import OpenEar
from voice.echo import EchoCanceller, Reference
from voice.recognizer import Recognizer
from voice.speaker import Speaker

YES = RECORDINGS / "commands" / "ja" / "ja_graag.wav"
TRIES = 5
GO_ON = load_library().prompts.answer.go_on
COUGH_DB = 10.0
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
    def conversation() -> Iterator[tuple[Witness, Room]]:
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
                witness.wait_for(Spoke)  # the welcome, from which it has learnt the room
                ask(witness, room)
                yield witness, room
            finally:
                live.stop()
                thread.join(ENOUGH_SECONDS)

    return conversation


def cough(seconds: float = 0.25) -> NDArray[np.int16]:
    """A burst of breath, louder than speech and without a voice."""
    length = round(seconds * SAMPLE_RATE)
    breath = np.random.default_rng(4).standard_normal(length)
    soft = np.convolve(breath, np.ones(12) / 12, "same") * np.exp(-4 * np.linspace(0, 1, length))
    return set_level(np.asarray(soft * 3_000, np.int16), ECHO_DBFS + COUGH_DB)


def ask(witness: Witness, room: Room) -> None:
    """Tell of the eyelid until it is answered, and let the answer begin."""
    for _ in range(TRIES):
        begin = len(witness.events)
        room.say(read_wav(EYELID).samples)
        if comes_true(partial(is_answered, witness, begin), 15.0):
            witness.wait_for(WordSpoken, count=4, begin=begin)
            return
    raise AssertionError("it did not hear")


def is_answered(witness: Witness, begin: int) -> bool:
    return any(event.reply.part for event in witness.of(Speaking, begin))


def cut_in(sound: NDArray[np.int16], witness: Witness, room: Room) -> int:
    """Say it until it falls silent, as a person does; gives how many events there were until then.

    Not every word is noticed. Where the answer ends meanwhile, the complaint is told once more.
    """
    for _ in range(TRIES):
        begin, deadline = len(witness.events), time.monotonic() + ENOUGH_SECONDS
        while not (spoke := witness.of(Spoke, begin)):
            assert time.monotonic() < deadline, "it talks on for ever"
            room.say(sound)
            comes_true(partial(witness.of, Spoke, begin), len(sound) / SAMPLE_RATE + 1.5)
        if not spoke[0].completed:
            return witness.events.index(spoke[0]) + 1
        ask(witness, room)
    raise AssertionError("it never fell silent")


def what_comes(witness: Witness, begin: int) -> Heard | tuple[str, ...]:
    """What comes of a cut-in: what was understood, or what is said where nothing was."""

    def found() -> list[Heard | Speaking]:
        return [
            event
            for event in witness.events[begin:]
            if isinstance(event, Speaking)
            or (isinstance(event, Heard) and not isinstance(event.turn.result, NotRecognized))
        ]

    assert comes_true(found, ENOUGH_SECONDS), "nothing came of it"
    event = found()[0]
    return event if isinstance(event, Heard) else event.reply.sentences


@needs_voices
def test_after_a_stop_over_its_own_voice_it_does_not_talk_on(converse: Callable[[], Any]) -> None:
    with converse() as (witness, room):
        begin = cut_in(set_level(speak("stop", "edward"), ECHO_DBFS), witness, room)
        answer = {*witness.of(Speaking)[-1].reply.sentences} - {GO_ON}
        threading.Event().wait(8.0)  # it takes back what it broke off within two, or not at all
        said = {words for event in witness.of(Speaking, begin) for words in event.reply.sentences}
        assert not said & answer


def test_a_new_complaint_cuts_in_and_is_answered(converse: Callable[[], Any]) -> None:
    complaint = RECORDINGS / "topics" / "arm_of_been" / "mijn_kuiten_trekken_iedere_avond_samen.wav"
    said = set_level(read_wav(complaint).samples, ECHO_DBFS)
    with converse() as (witness, room):
        begin = cut_in(said, witness, room)
        what = what_comes(witness, begin)
        for _ in range(TRIES):
            if isinstance(what, Heard) and isinstance(what.turn.result, Match):
                break
            witness.wait_for(Spoke, begin=begin)  # it asks back, and the person says it again
            begin = len(witness.events)
            room.say(said)
            what = what_comes(witness, begin)
        assert isinstance(what, Heard)
        assert isinstance(what.turn.result, Match)
        assert [match.topic for match in what.turn.result.topics] == ["arm_of_been"]


def test_after_a_cough_it_says_the_broken_off_sentence_again(
    converse: Callable[[], Any],
) -> None:
    with converse() as (witness, room):
        begin = cut_in(cough(), witness, room)
        broken, cut = witness.of(Speaking)[-1].reply.sentences, witness.events[begin - 1]
        assert isinstance(cut, Spoke)
        what = what_comes(witness, begin)
        if what == (GO_ON,):  # it may take breath for a word that it could not read
            witness.wait_for(Spoke, begin=begin)
            threading.Event().wait(0.5)
            begin = len(witness.events)
            room.say(read_wav(YES).samples)
            assert isinstance(what_comes(witness, begin), Heard)
            what = witness.wait_for(Speaking, begin=begin).reply.sentences
        assert what == broken[cut.sentences :]


def test_a_cough_is_as_loud_as_it_says() -> None:
    assert speech_level(cough()) == pytest.approx(ECHO_DBFS + COUGH_DB, abs=2)
