"""``main.py check``: what works, what does not, and what to do about it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from console import service
from console.wiring import Parts
from counters.counts_file import CountsFile
from errors import ContentError, CountsError, SoundDeviceError, SpiertolkError
from intents.catalogue import Catalogue
from intents.strays import strays
from responses.orphans import foreign_prompts
from responses.plain_dutch import remarks
from voice.devices import Device, find_input, find_output
from voice.speech_model import unknown_words

_NAMED_WORDS = 12
_NAMED_STRAYS = 8


@dataclass(frozen=True)
class Finding:
    """One part and how it does."""

    part: str
    passed: bool
    remark: str
    """A Dutch sentence, which says what to do where the part fails."""
    warning: bool = False
    """Worth reading, but it does no harm."""


def check(parts: Parts) -> Iterator[Finding]:
    """Look at every part, one finding at a time; a broken part does not hide the next one."""
    looks: tuple[tuple[str, Callable[[Parts], Iterator[Finding]]], ...] = (
        ("spraakmodel", _model),
        ("stem", _voice),
        ("microfoon", _microphone),
        ("luidspreker", _loudspeaker),
        ("teksten", _content),
        ("woorden", _words),
        ("wekzin", _wake_phrase),
        ("tellingen", _counts),
        ("dienst", _service),
    )
    for part, look in looks:
        try:
            yield from look(parts)
        except SpiertolkError as error:
            yield from _failures(part, error)


def _failures(part: str, error: SpiertolkError) -> Iterator[Finding]:
    """What is wrong with a part, all of it that is known."""
    others = error.others if isinstance(error, ContentError) else ()
    yield from (Finding(part, passed=False, remark=str(each)) for each in (error, *others))


def _model(parts: Parts) -> Iterator[Finding]:
    parts.loaded_model  # noqa: B018  # loading proves it
    model = parts.speech_model
    yield Finding("spraakmodel", passed=True, remark=f"{model.name} ({model.path}).")


def _voice(parts: Parts) -> Iterator[Finding]:
    with parts.speaker() as speaker:
        speech = speaker.synthesize("Goedemorgen, zegt u het maar.")
    loud = bool(abs(speech.samples).max(initial=0) > 0)
    voice = parts.settings.speaker.voice
    remark = f"{voice} spreekt." if loud else f"{voice} geeft geen geluid; kies een andere stem."
    yield Finding("stem", passed=loud, remark=remark)


def _microphone(parts: Parts) -> Iterator[Finding]:
    yield _device("microfoon", lambda: find_input(parts.settings.microphone.device))


def _loudspeaker(parts: Parts) -> Iterator[Finding]:
    yield _device("luidspreker", lambda: find_output(parts.settings.speaker.device))


def _device(part: str, find: Callable[[], Device]) -> Finding:
    """A sound device; one that the service itself holds may be hidden from us, and is well."""
    try:
        return Finding(part, passed=True, remark=f"{find().name}.")
    except SoundDeviceError:
        state = service.state()
        if state is None or not service.is_well(state):
            raise
    return Finding(part, passed=True, remark="De dienst gebruikt hem.")


def _content(parts: Parts) -> Iterator[Finding]:
    broken = [*_unread(lambda: parts.catalogue), *_unread(lambda: parts.library)]
    if not broken:
        broken = [Finding("teksten", passed=False, remark=problem) for problem in parts.orphans]
    if broken:
        yield from broken
        return
    for difficult in (*foreign_prompts(parts.library), *remarks(parts.library)):
        yield Finding("teksten", passed=True, remark=difficult, warning=True)
    catalogue = parts.catalogue
    yield from _strays(catalogue)
    remark = f"{len(catalogue.topics)} onderwerpen, {len(catalogue.of('topic'))} zinnen."
    yield Finding("teksten", passed=True, remark=remark)


def _unread(read: Callable[[], object]) -> Iterator[Finding]:
    """What keeps phrases or texts from being read."""
    try:
        read()
    except ContentError as error:
        yield from _failures("teksten", error)


def _strays(catalogue: Catalogue) -> Iterator[Finding]:
    """Phrases that another topic matches better, the clearest first."""
    for stray in strays(catalogue)[:_NAMED_STRAYS]:
        phrase, nearer = stray.phrase, stray.nearer
        remark = (
            f"'{phrase.text}' ({phrase.place}) staat bij '{phrase.label}', maar lijkt meer op "
            f"'{nearer.text}' bij '{nearer.label}' ({nearer.place}). Verplaats of verander die zin."
        )
        yield Finding("teksten", passed=False, remark=remark)


def _words(parts: Parts) -> Iterator[Finding]:
    """Words that the speech model can't hear: a phrase that holds one is found less well."""
    try:
        words = parts.catalogue.words()
    except ContentError:  # what is wrong there was told with the texts
        return
    unknown = sorted(unknown_words(parts.loaded_model, words))
    if not unknown:
        yield Finding("woorden", passed=True, remark="Het spraakmodel kent alle woorden.")
        return
    more = " …" if len(unknown) > _NAMED_WORDS else ""
    named = ", ".join(unknown[:_NAMED_WORDS]) + more
    remark = (
        f"Het spraakmodel kent {len(unknown)} woorden niet ({named}); "
        "kies er andere woorden bij, of maak het model opnieuw (make graph)."
    )
    yield Finding("woorden", passed=True, remark=remark, warning=True)


def _wake_phrase(parts: Parts) -> Iterator[Finding]:
    """The wake phrase, where the settings want one."""
    parts.check_wake_phrase()
    conversation = parts.settings.conversation
    if conversation.listen == "phrase":
        yield Finding("wekzin", passed=True, remark=f"Zeg: {conversation.wake.words}.")


def _counts(parts: Parts) -> Iterator[Finding]:
    """The file with counts, where there is one to be."""
    settings = parts.settings.counters
    if not settings.keep:
        return
    path = settings.path(os.environ)
    try:
        with CountsFile(path, create=False) as file:
            days = len({day for day, _, _ in file.read()})
    except CountsError:
        if not os.access(path.parent, os.X_OK) or path.exists():
            raise
        remark = f"{path} komt er zodra Spiertolk luistert."
    else:
        remark = f"{path}, {days} dagen."
    yield Finding("tellingen", passed=True, remark=remark)


def _service(parts: Parts) -> Iterator[Finding]:
    """The service, where one is installed."""
    del parts
    state = service.state()
    if state is not None:
        yield Finding("dienst", passed=service.is_well(state), remark=service.sentence(state))
