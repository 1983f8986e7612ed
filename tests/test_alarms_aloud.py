"""An alarm is not forgotten before somebody heard it, whatever becomes of microphone and mouth."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

import conversation
import responses.dialogue
from assistant import Assistant
from benchmarks.soak.__main__ import Nowhere
from console.wiring import Parts
from conversation import LiveConversation
from errors import SoundDeviceError
from events import Event, Failing, Resting, Speaking, Spoke
from settings import load_settings
from tests.program import ENOUGH_SECONDS, comes_true
from tests.test_conversation import Unsettled
from voice.barge_in import OpenEar
from voice.clarity import Evidence
from voice.speaker import Speaker
from voice.utterances import Partial, Utterance

SAID = "mijn mond hangt scheef"
FORGETS_SECONDS = 2.0


class Ear(OpenEar):
    """A microphone in a still room, which may be pulled out."""

    def __init__(self) -> None:
        self.is_gone = False

    @property
    def silent_seconds(self) -> float:
        """How long it has given nothing."""
        return 60.0 if self.is_gone else 0.0

    @property
    def repairs(self) -> int:
        """It is never looked for."""
        return 0

    @contextmanager
    def listening(self, on_cut_in: Callable[[], None] | None) -> Iterator[None]:
        """Nobody cuts in."""
        del on_cut_in
        yield

    def read(self, timeout: float) -> bytes | None:
        """Give 0.1 s of silence, ten times faster than the clock."""
        del timeout
        time.sleep(0.01)
        return None if self.is_gone else bytes(3_200)


class Hears(Unsettled):
    """Understands one sentence, as soon as it may."""

    def __init__(self, said: str) -> None:
        super().__init__("")
        self.may = threading.Event()
        self._said = said

    def poll(self, timeout: float) -> Utterance | Partial | None:  # type: ignore[override]
        """Give the sentence once."""
        del timeout
        if not self._said or not self.may.is_set():
            return None
        said, self._said = self._said, ""
        evidence = Evidence(1.0, 1.0, 1.0, 40.0, 4, 1)
        return Utterance(said, (), (), 0.0, 1.0, 2.0, evidence)


class Mouth(Nowhere):
    """A loudspeaker that may be pulled out."""

    def __init__(self) -> None:
        super().__init__()
        self.is_gone = False

    def check(self) -> None:
        """See to it that it is there."""
        if self.is_gone:
            raise SoundDeviceError("De luidspreker is weg.")


class Scene:
    """A conversation in which somebody names an alarm sign, and what is told of it."""

    def __init__(self, prompt_after: float | None = None) -> None:
        settings = {"session_timeout": FORGETS_SECONDS, "silence_prompt_after": prompt_after}
        parts = Parts(load_settings(None, {"dialogue": settings}))
        self.ear, self.mouth, self.recognizer = Ear(), Mouth(), Hears(SAID)
        self.events: list[Event] = []
        self.assistant: Assistant = parts.assistant()
        self.speaker = Speaker(parts.settings.speaker, self.mouth)
        self.live = LiveConversation(
            self.assistant, self.ear, self.recognizer, self.speaker, self.events.append
        )
        self._thread = threading.Thread(target=self.live.run, daemon=True)
        self._thread.start()
        assert comes_true(lambda: self.of(Spoke))

    def of(self, kind: type[Event]) -> list[Event]:
        """Events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def alarms(self) -> list[bool]:
        """Of each time that an alarm was begun: whether it was said to its end."""
        told = [e for e in self.events if isinstance(e, Speaking | Spoke)]
        return [
            ended.completed
            for began, ended in pairwise(told)
            if isinstance(began, Speaking) and began.reply.urgent and isinstance(ended, Spoke)
        ]

    @property
    def prompted_in_vain(self) -> bool:
        """Whether nothing was heard of the prompt after a silence."""
        state = self.assistant._state
        return state.prompted and state.heard == 0

    def end(self) -> None:
        """Stop it."""
        self.live.stop()
        self._thread.join(ENOUGH_SECONDS)
        self.speaker.close()
        assert not self._thread.is_alive()


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """One in which it tries again often, and has no patience with silence."""
    monkeypatch.setattr(conversation, "_BETWEEN_TRIES_SECONDS", 0.2)
    monkeypatch.setattr(responses.dialogue, "ALARM_PROMPT_AFTER", 0.5)
    scene = Scene()
    yield scene
    scene.end()


def test_what_a_dead_loudspeaker_broke_off_is_said_when_it_is_back_though_time_has_passed(
    scene: Scene,
) -> None:
    scene.mouth.is_gone = True
    scene.recognizer.may.set()
    assert comes_true(lambda: scene.of(Failing))
    time.sleep(2 * FORGETS_SECONDS)
    assert not any(scene.alarms)
    assert len(scene.alarms) > 3
    scene.mouth.is_gone = False
    assert comes_true(lambda: any(scene.alarms), 10)
    assert not scene.assistant.owes_alarm


def test_it_is_said_at_once_where_something_else_was_heard_first(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "_BETWEEN_TRIES_SECONDS", 60.0)
    scene.mouth.is_gone = scene.ear.is_gone = True
    scene.recognizer.may.set()
    assert comes_true(lambda: len(scene.of(Failing)) == 2)
    time.sleep(2 * FORGETS_SECONDS)
    scene.mouth.is_gone = scene.ear.is_gone = False  # "ik hoor u weer"
    assert comes_true(lambda: any(scene.alarms), 10)


def test_what_never_comes_back_is_not_waited_for_for_ever(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "_INSIST_SECONDS", 1.0)
    scene.mouth.is_gone = True
    scene.recognizer.may.set()
    assert comes_true(lambda: scene.of(Failing))
    assert comes_true(lambda: len(scene.of(Resting)) > 0, 10 * FORGETS_SECONDS)
    assert not scene.assistant.owes_alarm


def test_who_can_not_hear_still_says_an_alarm_once_more(scene: Scene) -> None:
    scene.recognizer.may.set()
    assert comes_true(lambda: scene.alarms == [True])
    scene.ear.is_gone = True
    assert comes_true(lambda: scene.alarms == [True, True], 10)


def test_a_prompt_that_is_not_said_to_the_deaf_counts_as_not_heard() -> None:
    scene = Scene(prompt_after=1.0)
    try:
        scene.ear.is_gone = True
        assert comes_true(lambda: scene.prompted_in_vain, 10)
        assert len(scene.of(Speaking)) == 2  # the welcome, and that it hears nothing
    finally:
        scene.end()
