"""The live conversation inside one process: its events, its interruptions, its rests."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from assistant import Assistant
from benchmarks.soak.__main__ import CountingRecognizer, Nowhere
from benchmarks.soak.sound_card import FastSoundCard
from console.wiring import Parts
from conversation import LiveConversation
from errors import SoundDeviceError
from events import Event, Failing, Heard, Hearing, Resting, Sounding, Speaking, Spoke, WordSpoken
from intents.results import Match
from responses.library import load_library
from settings import load_settings
from tests.program import ENOUGH_SECONDS, EYELID, RECORDINGS
from tests.virtual_sound_card import VirtualSoundCard
from voice.audio import read_wav
from voice.barge_in import OpenEar
from voice.microphone import Microphone, MicrophoneSettings
from voice.recognizer import Recognizer
from voice.speaker import Speaker
from voice.utterances import Partial

E = TypeVar("E", bound=Event)
FAST: dict[str, Any] = {"pace": 2.5, "silence_prompt_after": None}
SHORT: dict[str, Any] = {"session_timeout": 1.0, "silence_prompt_after": None}


class Witness:
    """Sees every event, and fails at each: the conversation must not mind."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        """Take note, and fail."""
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
        raise RuntimeError("a screen that is broken")

    def wait_for(self, kind: type[E], count: int = 1, begin: int = 0) -> E:
        """The ``count``-th event of this kind after the first ``begin`` events."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: len(self.of(kind, begin)) >= count, ENOUGH_SECONDS
            ), f"no {kind.__name__}"
            return self.of(kind, begin)[count - 1]

    def of(self, kind: type[E], begin: int = 0) -> list[E]:
        """All events of this kind."""
        return [event for event in self.events[begin:] if isinstance(event, kind)]


@pytest.fixture(scope="module")
def converse() -> Callable[..., Any]:
    """Starts a conversation with these settings; the parts that never change are made once."""
    first = Parts(load_settings(None, {}))

    @contextmanager
    def conversation(**flags: object) -> Iterator[tuple[LiveConversation, Witness]]:
        parts = Parts(load_settings(None, flags))
        vars(parts).update(matcher=first.matcher, loaded_model=first.loaded_model)
        witness = Witness()
        with parts.live(witness) as live:
            thread = threading.Thread(target=live.run)
            thread.start()
            try:
                yield live, witness
            finally:
                live.stop()
                thread.join(ENOUGH_SECONDS)
        assert not thread.is_alive()

    return conversation


def skip_the_welcome(live: LiveConversation, witness: Witness) -> None:
    witness.wait_for(WordSpoken)
    live.press()
    witness.wait_for(Spoke)
    witness.wait_for(Sounding)  # it listens
    time.sleep(1)  # until that sign is over, and its echo


def test_all_that_happens_is_told_in_order_even_to_a_listener_that_fails(
    sound_card: VirtualSoundCard, converse: Callable[..., Any]
) -> None:
    with converse(dialogue=FAST) as (live, witness):
        skip_the_welcome(live, witness)
        begin = len(witness.events)
        sound_card.play_to_microphone(EYELID)
        said = witness.wait_for(Spoke, begin=begin)
    heard = witness.wait_for(Heard, begin=begin)
    speaking = witness.wait_for(Speaking, begin=begin)
    words = witness.of(WordSpoken, begin)
    assert heard.turn.reply is not None
    assert speaking.reply == heard.turn.reply
    assert said.completed
    assert said.sentences == len(speaking.reply.sentences)
    assert heard.start < heard.end < heard.at
    earcon = witness.wait_for(Sounding, begin=begin)
    times = [heard.at, earcon.at, speaking.at, *(word.at for word in words), said.at]
    assert times == sorted(times)
    spoken = [speaking.reply.text[word.position :].startswith(word.text) for word in words]
    assert len(spoken) > 10
    assert all(spoken)


def test_who_presses_the_key_is_told_the_rest_later(
    sound_card: VirtualSoundCard, converse: Callable[..., Any]
) -> None:
    with converse() as (live, witness):
        witness.wait_for(WordSpoken, count=8)  # the first sentence has seven
        live.press()
        cut = witness.wait_for(Spoke)
        assert not cut.completed
        assert 0 < cut.sentences < len(witness.wait_for(Speaking).reply.sentences)
        begin = len(witness.events)
        witness.wait_for(Sounding, begin=begin - 1)  # it listens
        time.sleep(0.5)
        sound_card.play_to_microphone(EYELID)
        assert witness.wait_for(Heard).turn.reply is not None


@pytest.mark.usefixtures("sound_card")
def test_an_empty_room_is_invited_now_and_then(converse: Callable[..., Any]) -> None:
    with converse(dialogue=SHORT, conversation={"attract_seconds": 0.5}) as (live, witness):
        witness.wait_for(WordSpoken)
        live.press()
        witness.wait_for(Resting)
        begin = len(witness.events)
        invitation = witness.wait_for(Speaking, begin=begin).reply
        assert not invitation.expects_answer
        live.press()
        again = witness.wait_for(Speaking, count=2, begin=begin).reply
        assert again == invitation
    assert len(witness.of(Resting)) == 1


@pytest.mark.usefixtures("sound_card")
def test_at_home_it_says_nothing_until_the_key_wakes_it(converse: Callable[..., Any]) -> None:
    with converse(profile="home", dialogue=SHORT) as (live, witness):
        witness.wait_for(Resting)
        assert not witness.of(Speaking)
        live.press()
        assert witness.wait_for(Speaking).reply.expects_answer
        witness.wait_for(WordSpoken)
        live.press()
        witness.wait_for(Resting, count=2)


def test_it_never_answers_itself_whatever_it_says(
    sound_card: VirtualSoundCard, converse: Callable[..., Any]
) -> None:
    folders = [path for path in (RECORDINGS / "topics").iterdir() if "+" not in path.name]
    complaints = [min(path.glob("*.wav")) for path in sorted(folders)]
    with (
        sound_card.feedback(),
        converse(profile="personal", dialogue=FAST) as (live, witness),
    ):
        skip_the_welcome(live, witness)
        for complaint in complaints:
            begin = len(witness.events)
            assert _heard(sound_card, witness, complaint)
            witness.wait_for(Spoke, begin=begin)
            answered = len(witness.events)
            time.sleep(2.5)  # as long as a sentence may wait for its end
            assert not witness.of(Hearing, answered)
            assert not witness.of(Heard, answered)


def _heard(card: VirtualSoundCard, witness: Witness, complaint: Path) -> str:
    """Say it, on a busy machine once more; gives what was heard."""
    begin = len(witness.events)
    for _ in range(3):
        card.play_to_microphone(complaint)
        deadline = time.monotonic() + ENOUGH_SECONDS / 3
        while time.monotonic() < deadline:
            if heard := witness.of(Heard, begin):
                return heard[0].turn.text
            time.sleep(0.1)
    raise AssertionError("it did not hear")


@pytest.mark.usefixtures("sound_card")
def test_what_is_broken_off_by_a_dead_loudspeaker_is_told_to_have_ended(
    converse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise SoundDeviceError("De luidspreker is weg.")

    monkeypatch.setattr(Speaker, "say", fail)
    with converse() as (_, witness):
        ended = witness.wait_for(Spoke)
        failing = witness.wait_for(Failing)
    assert (ended.sentences, ended.completed) == (0, False)
    assert failing.defect == "loudspeaker_gone"
    assert witness.events.index(ended) < witness.events.index(failing)


def test_who_speaks_is_not_taken_for_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a card whose clock is the sound itself, so that a busy machine changes nothing."""
    recordings = (RECORDINGS / "topics" / "hele_lichaam").glob("*.wav")
    sound = max((read_wav(path) for path in recordings), key=lambda audio: audio.seconds)
    parts = Parts(load_settings(None, {"dialogue": {"silence_prompt_after": sound.seconds / 2}}))
    pieces = [sound.samples[at : at + 1_600] for at in range(0, len(sound.samples), 1_600)]
    played = 0
    witness = Witness()

    def blocks() -> Iterator[bytes]:
        nonlocal played
        witness.wait_for(Spoke)  # the welcome asks what is wrong, from then on silence counts
        for piece in [*pieces, *[np.zeros(1_600, np.int16)] * 40]:
            played += 1
            yield piece.astype("<i2").tobytes()
        live.stop()

    with (
        Speaker(parts.settings.speaker, Nowhere()) as speaker,
        CountingRecognizer(parts.loaded_model, parts.settings.recognizer) as recognizer,
    ):
        card = FastSoundCard(blocks(), lambda: recognizer.backlog_seconds < 0.3)
        recognizer.taken = card.heard
        monkeypatch.setitem(sys.modules, "sounddevice", card)
        with Microphone(MicrophoneSettings(tail_seconds=0.0, stall_seconds=60.0)) as microphone:
            assistant = Assistant(parts.matcher, parts.dialogue, lambda: played / 10)
            live = LiveConversation(assistant, microphone, recognizer, speaker, witness)
            live.run()
    kinds = [type(event) for event in witness.events if isinstance(event, Heard | Speaking)]
    assert kinds[:3] == [Speaking, Heard, Speaking]  # the welcome, the sentence, its answer


class CutIn(OpenEar):
    """An ear in a still room, where one voice cuts in, as soon as we begin to speak."""

    def __init__(self) -> None:
        self._comes = True
        self._blocks = iter([bytes(3_200)] * 200)

    @property
    def silent_seconds(self) -> float:
        """It always gives sound."""
        return 0.0

    @property
    def repairs(self) -> int:
        """It never breaks."""
        return 0

    @contextmanager
    def listening(self, on_cut_in: Callable[[], None] | None) -> Iterator[None]:
        """Cut in, the first time."""
        if self._comes and on_cut_in is not None:
            self._comes = False
            on_cut_in()
        yield

    def read(self, timeout: float) -> bytes:
        """Give the next of 20 s: what is not decided by then never will be."""
        del timeout
        return next(self._blocks)

    def was_voiced(self) -> bool:
        """It is a voice."""
        return True


class Unsettled(Recognizer):
    """Understands these words of the first sound, and never that a sentence is over."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._seconds = 0.0

    @property
    def decoded_seconds(self) -> float:
        """All that came in."""
        return self._seconds

    @property
    def backlog_seconds(self) -> float:
        """It is as fast as the sound."""
        return 0.0

    @property
    def microphone_fault(self) -> None:
        """It looks for none."""

    def accept(self, block: bytes, wait: bool) -> bool:
        """Decode it at once."""
        del wait
        self._seconds += len(block) / 32_000
        return True

    def poll(self, timeout: float) -> Partial | None:
        """Give the words once."""
        del timeout
        words, self._words = self._words, ""
        return Partial(words, self._seconds) if words else None

    def reset(self) -> None:
        """Nothing is left to forget."""


def cut_in_with(words: str) -> list[Event]:
    """What is told from a cut-in on the welcome, of which so much is understood, to our answer."""
    parts = Parts(load_settings(None, {}))
    events: list[Event] = []

    def show(event: Event) -> None:
        events.append(event)
        if isinstance(event, Speaking):
            live.stop()

    with Speaker(parts.settings.speaker, Nowhere()) as speaker:
        live = LiveConversation(parts.assistant(), CutIn(), Unsettled(words), speaker, show)
        live.run()
    return [event for event in events if isinstance(event, Hearing | Heard | Speaking)]


def test_what_was_heard_over_our_own_voice_is_told_though_the_sentence_never_ends() -> None:
    hearing, heard, speaking = cut_in_with(said := "mijn ooglid trilt al dagen")
    assert isinstance(hearing, Hearing)
    assert isinstance(heard, Heard)
    assert isinstance(speaking, Speaking)
    assert isinstance(heard.turn.result, Match)
    assert heard.turn.text == hearing.text == said
    assert heard.turn.reply == speaking.reply
    assert hearing.at - 1 < heard.start == heard.end < heard.at


def test_a_voice_of_which_no_word_was_heard_is_told_by_no_words() -> None:
    (speaking,) = cut_in_with("")
    assert isinstance(speaking, Speaking)
    assert speaking.reply.sentences == (load_library().prompts.answer.go_on,)
