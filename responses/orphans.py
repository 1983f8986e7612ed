"""What can be understood and what can be answered, compared: neither may do without the other."""

import re
from collections.abc import Collection, Iterator

from responses.answering import Answering
from responses.library import Library, load_library
from responses.profiles import PROFILES
from responses.steering import Steering
from responses.texts import FOLLOW_UPS, PARTS

_MUSCLES = re.compile("spier|ooglid")
"""What our prompts that tell of our topics have in common."""


def orphans(
    library: Library,
    topics: Collection[str],
    red_flags: Collection[str],
    commands: Collection[str],
    parts: Collection[str],
) -> tuple[str, ...]:
    """What ``intents/`` and ``responses/`` do not agree on, a Dutch sentence each.

    Args:
        library: the texts.
        topics: ids of the topics that can be understood.
        red_flags: those of the signs.
        commands: those of the commands.
        parts: those of the follow-up questions.
    """
    return (
        *_topics(library, topics),
        *_red_flags(library, red_flags),
        *_commands(library, commands),
        *_parts(parts),
    )


def _topics(library: Library, topics: Collection[str]) -> Iterator[str]:
    for topic in sorted(set(topics) - set(library.topics)):
        yield f"Onderwerp '{topic}' heeft geen tekst; maak responses/topics/{topic}.toml."
    for topic in sorted(set(library.topics) - set(topics)):
        yield f"Onderwerp '{topic}' heeft geen zinnen; maak intents/topics/{topic}.toml."


def _red_flags(library: Library, flags: Collection[str]) -> Iterator[str]:
    texts = library.red_flags.flags
    for flag in sorted(set(flags) - set(texts)):
        yield f"Alarmsignaal '{flag}' heeft geen tekst; voeg het toe aan responses/red_flags.toml."
    for flag in sorted(set(texts) - set(flags)):
        yield f"Alarmsignaal '{flag}' heeft geen zinnen; voeg het toe aan intents/red_flags.toml."


def _commands(library: Library, commands: Collection[str]) -> Iterator[str]:
    known = Steering(Answering(library, PROFILES["kiosk"])).commands
    for command in sorted(set(commands) - set(known)):
        yield f"Opdracht '{command}' bestaat niet; kies in commands.toml uit {', '.join(known)}."
    for command in sorted(set(known) - set(commands)):
        yield f"Opdracht '{command}' heeft geen zinnen; voeg die toe aan intents/commands.toml."


def _parts(parts: Collection[str]) -> Iterator[str]:
    known = (*PARTS, *FOLLOW_UPS)
    for part in sorted(set(parts) - set(known)):
        yield f"Vervolgvraag '{part}' bestaat niet; kies in follow_ups.toml uit {', '.join(known)}."


def foreign_prompts(library: Library) -> Iterator[str]:
    """Tell of the prompts about muscles that a pack without a single topic of ours left as ours."""
    ours = load_library()
    if ours.topics.keys() & library.topics.keys():
        return
    prompts, own = library.prompts.model_dump(), ours.prompts.model_dump()
    left = (
        f"[{group}] {key}"
        for group, said in prompts.items()
        for key, text in said.items()
        if text == own[group][key] and _MUSCLES.search(str(text))
    )
    if named := ", ".join(left):
        yield (
            f"responses/prompts.toml: dit gaat nog over trillende spieren: {named}; schrijf daar "
            "zinnen over uw eigen onderwerpen."
        )
