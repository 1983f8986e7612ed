"""Measures whether the texts are plain: level B1, u-vorm, the core first and never a diagnosis."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from responses.library import Library
from responses.texts import FOLLOW_UPS, PARTS, TopicText
from responses.validated import read_model

MAX_WORDS = 15
"""In a sentence; five to ten are better."""

MAX_MEAN_WORDS = 10.0
"""In the sentences of one topic, on average."""

MAX_CORE = 3
"""Sentences in ``kern``: what a listener keeps in mind."""

MAX_PART = 9
"""Sentences in any other part: about half a minute of speech."""

LONG_WORD = 12
"""Letters; a longer word has to be known to everybody."""

_INFORMAL = re.compile(r"\b(je|jij|jou|jouw|jullie|jezelf)\b", re.IGNORECASE)
_DIAGNOSIS = re.compile(
    r"\bu (hebt|heeft|lijdt aan|krijgt) (\w+ )?(als|ms|een ziekte|een tekort|een aandoening)\b"
    r"|\b(dit|dat|het) is (\w+ )?(als|ms|een tekort)\b"
    r"|\buw (als|ms|ziekte|diagnose)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d[\d-]*")


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    words: frozenset[str]


class Terms(BaseModel):
    """``terms.toml``: the words that need care."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    explained: Mapping[str, tuple[str, ...]]
    familiar: _Words
    jargon: _Words


def load_terms() -> Terms:
    """Our list of words that need care."""
    return read_model(Path(__file__).with_name("terms.toml"), Terms)


def remarks(library: Library) -> tuple[str, ...]:
    """What could be plainer, a Dutch sentence each; none of it keeps the texts from working."""
    terms = load_terms()
    found: list[str] = []
    for topic, text in library.topics.items():
        found += (f"{topic}.toml, {remark}" for remark in _topic_remarks(text, terms))
    for name, sentence in _other_sentences(library):
        found += (f"{name}: {remark}" for remark in _sentence_remarks(sentence, terms))
    return tuple(found)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of ``text``, split where a voice would stop."""
    return tuple(part.strip() for part in re.split(r"(?<=[.?!])\s+", text.strip()) if part.strip())


def words(sentence: str) -> tuple[str, ...]:
    """The words and numbers of ``sentence``."""
    return tuple(_WORD.findall(sentence))


def _topic_remarks(text: TopicText, terms: Terms) -> Iterator[str]:
    whole = ""
    lengths: list[int] = []
    for part in PARTS + FOLLOW_UPS:
        said = sentences(" ".join(text.say(part)))
        lengths += (len(words(sentence)) for sentence in said)
        whole += " ".join(said) + " "
        limit = MAX_CORE if part == "kern" else MAX_PART
        if len(said) > limit:
            yield f"{part}: {len(said)} zinnen; maak er hoogstens {limit} van."
        for sentence in said:
            yield from (f"{part}: {remark}" for remark in _sentence_remarks(sentence, terms))
    if sum(lengths) > MAX_MEAN_WORDS * len(lengths):
        yield f"gemiddeld meer dan {MAX_MEAN_WORDS:.0f} woorden in een zin; maak ze korter."
    for term, explanations in terms.explained.items():
        used = re.search(rf"\b{re.escape(term)}\b", whole)
        if used and not any(explanation in whole for explanation in explanations):
            yield f"'{term}' wordt niet uitgelegd; schrijf erbij wat het is."


def _sentence_remarks(text: str, terms: Terms) -> Iterator[str]:
    for sentence in sentences(text):
        found = words(sentence)
        if len(found) > MAX_WORDS:
            yield f"'{sentence}' heeft {len(found)} woorden; maak er hoogstens {MAX_WORDS} van."
        for word in found:
            if word.lower() in terms.jargon.words:
                yield f"'{word}' is een moeilijk woord; zeg het gewoner."
            elif len(word) > LONG_WORD and word.lower() not in terms.familiar.words:
                yield f"'{word}' is een lang woord; zeg het korter."
        if _INFORMAL.search(sentence):
            yield f"'{sentence}' zegt je of jij; schrijf u."
        if _DIAGNOSIS.search(sentence):
            yield f"'{sentence}' klinkt als een diagnose; schrijf het voorzichtiger."


def _other_sentences(library: Library) -> Iterator[tuple[str, str]]:
    """All texts but those of the topics, each with the file that it stands in."""
    for prompt in _strings(library.prompts.model_dump()):
        yield "prompts.toml", re.sub(r"\{\w+\}", "uw ooglid", prompt)
    flags = library.red_flags
    for text in (*flags.flags.values(), flags.now, flags.soon):
        for line in (*text.act, *text.then, *(text.desk or ())):
            yield "red_flags.toml", line


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _strings(inner)
