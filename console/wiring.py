"""Builds the parts that a command needs from the settings, and only those."""

import gc
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from assistant import Assistant
from console import sudo
from conversation import LiveConversation
from errors import ContentError, SettingsError
from events import Event
from intents.catalogue import Catalogue, load_catalogue
from intents.completeness import CompletenessJudge
from intents.matcher import Matcher
from responses.dialogue import Dialogue
from responses.library import Library, load_library
from responses.orphans import orphans
from settings import Settings
from voice import heap
from voice.barge_in import BLOCK_SECONDS, OpenEar
from voice.echo import EchoCanceller, Reference
from voice.microphone import Microphone
from voice.recognizer import Recognizer
from voice.speaker import Speaker
from voice.speech_model import EMBEDDED, SpeechModel, find_model, unknown_words

if TYPE_CHECKING:
    import vosk


class Parts:
    """The parts of the product, each built when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def catalogue(self) -> Catalogue:
        """What people say. Raises ContentError."""
        return load_catalogue(self.settings.content)

    @cached_property
    def library(self) -> Library:
        """What we say. Raises ContentError."""
        return load_library(self.settings.content)

    @cached_property
    def orphans(self) -> tuple[str, ...]:
        """What phrases and texts do not agree on, a sentence each. Raises ContentError."""
        labels = self.catalogue.labels
        kinds = labels("topic"), labels("red_flag"), labels("command"), labels("follow_up")
        return orphans(self.library, *kinds)

    @cached_property
    def matcher(self) -> Matcher:
        """Understands words."""
        return Matcher(self.catalogue, self.settings.matcher)

    @cached_property
    def dialogue(self) -> Dialogue:
        """Decides on answers. Raises ContentError where phrases and texts do not fit together."""
        if self.orphans:
            raise ContentError(self.orphans[0])
        return Dialogue(self.library, self.settings.dialogue)

    @cached_property
    def speech_model(self) -> SpeechModel:
        """The model to hear with, found and checked. Raises SpeechModelError."""
        # The settings hold what won of flag, variable and file, so nothing may win over them.
        return find_model(self.settings.model, os.environ)

    @cached_property
    def loaded_model(self) -> "vosk.Model":
        """The same, in memory and proven. Raises SpeechModelError."""
        return self.speech_model.load()

    def load_all(self) -> None:
        """Read the content while the speech model loads: a live conversation needs both."""
        with _for_good(), ThreadPoolExecutor(max_workers=1) as pool:
            model = pool.submit(lambda: self.loaded_model)
            _ = self.matcher, self.dialogue
            model.result()

    def files(self, settings: Path | None) -> dict[str, Path | None]:
        """The files that this was made of, for a process that would not find them by itself."""
        model = sudo.speech_model(self.settings.model, os.environ)
        return {
            "settings": settings,
            "model": None if model.path == EMBEDDED else model.path,
            "content": self.settings.content,
        }

    def assistant(self, clock: Callable[[], float] = monotonic) -> Assistant:
        """A new conversation."""
        return Assistant(self.matcher, self.dialogue, clock)

    def speaker(self) -> Speaker:
        """The voice. Raises SpeechEngineError."""
        return Speaker(self.settings.speaker)

    @contextmanager
    def live(self, show: Callable[[Event], None]) -> Iterator[LiveConversation]:
        """A conversation through microphone and loudspeaker. Raises SpiertolkError."""
        settings = self.settings
        self.load_all()
        self.check_wake_phrase()
        reference = Reference() if settings.barge_in.enabled else None
        with ExitStack() as stack:
            speaker = stack.enter_context(
                Speaker(settings.speaker, listener=reference.played if reference else None)
            )
            judge = CompletenessJudge(self.matcher)
            recognizer = stack.enter_context(
                Recognizer(self.loaded_model, settings.recognizer, judge)
            )
            ear: Microphone | OpenEar
            if reference is None:
                ear = stack.enter_context(Microphone(settings.microphone))
            else:
                speaker.open()  # what it plays, silence too, is heard from the beginning
                microphone = stack.enter_context(Microphone(settings.microphone, BLOCK_SECONDS))
                ear = OpenEar(microphone, EchoCanceller(reference), settings.barge_in)
            yield LiveConversation(
                self.assistant(), ear, recognizer, speaker, show, settings.conversation
            )

    def check_wake_phrase(self) -> None:
        """See to it that the wake phrase, where there is one, can be heard.

        Raises:
            SettingsError: the speech model does not know one of its words.
        """
        settings = self.settings.conversation
        if settings.listen != "phrase":
            return
        unknown = unknown_words(self.loaded_model, settings.wake.words.lower().split())
        if unknown:
            raise SettingsError(
                f"Het spraakmodel kent dit niet uit de wekzin '{settings.wake.words}': "
                f"{', '.join(unknown)}; kies een wekzin van gewone woorden."
            )


@contextmanager
def _for_good() -> Iterator[None]:
    """What is made here stays, so the garbage collector need never look through it.

    What making it took, some 4 MB, goes back to the system.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        heap.give_back()
