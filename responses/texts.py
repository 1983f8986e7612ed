"""The shapes of the text files: a topic, the red flags, and all that is said around the answers."""

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PARTS = ("kern", "uitleg", "wat_kunt_u_doen", "wanneer_naar_de_huisarts")
"""The parts of an answer, in the order in which they are told."""

FOLLOW_UPS = ("is_het_gevaarlijk", "hoe_lang")
"""Parts that are told only when somebody asks for them."""

ARTICLE = "artikel"
"""The source of every sentence that names no other."""


class _Text(BaseModel):
    """A piece of a text file: never changes, and refuses keys that it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _holes(*names: str) -> AfterValidator:
    """Checks that a text has just these {holes} to fill in, so that it can't fail when said."""

    def check(text: str) -> str:
        if not text.strip():
            raise ValueError("hier staat een lege zin")
        try:
            written = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError:
            raise ValueError("een accolade is niet gesloten") from None
        if written != set(names):
            wanted = " en ".join(f"{{{name}}}" for name in names) or "geen woord tussen accolades"
            raise ValueError(f"hier hoort {wanted}")
        return text

    return AfterValidator(check)


Line = Annotated[str, _holes()]
NameLine = Annotated[str, _holes("name")]
TopicsLine = Annotated[str, _holes("topics")]
FirstLine = Annotated[str, _holes("first")]
SecondLine = Annotated[str, _holes("second")]
FirstSecondLine = Annotated[str, _holes("first", "second")]
Lines = Annotated[tuple[Line, ...], Field(min_length=1)]


class Sentence(_Text):
    """One thing to say (a sentence, or a question with its short answer) and its source."""

    text: Line
    source: str = ARTICLE


def _as_sentence(value: object) -> object:
    """A plain string is a sentence with a fact from the article."""
    return {"text": value} if isinstance(value, str) else value


Sentences = Annotated[
    tuple[Annotated[Sentence, BeforeValidator(_as_sentence)], ...], Field(min_length=1)
]


class Parts(_Text):
    """The parts of a topic's answer; each is there."""

    kern: Sentences
    uitleg: Sentences
    wat_kunt_u_doen: Sentences
    wanneer_naar_de_huisarts: Sentences
    is_het_gevaarlijk: Sentences
    hoe_lang: Sentences


class TopicText(_Text):
    """All that is said about one topic: ``topics/<topic>.toml``."""

    title: Line
    """For lists and screens: "Een trillend ooglid"."""
    name: Line
    """As in "Gaat het om uw ooglid?"."""
    called: tuple[Line, ...] = ()
    """Other words by which somebody names it, in answer to a question."""
    order: int = 100
    """Place in the list of topics, the lowest first."""
    checked: date
    """When a person last held the text against its sources."""
    clinician_signed_off: bool
    sign_off: Line
    """Who signed it off and when, or that it still waits for that."""
    sources: Mapping[str, str]
    parts: Parts

    @model_validator(mode="after")
    def _names_its_sources(self) -> "TopicText":
        for part in PARTS + FOLLOW_UPS:
            for sentence in self.sentences(part):
                if sentence.source not in self.sources:
                    raise ValueError(f"de bron '{sentence.source}' staat niet onder [sources]")
        return self

    def sentences(self, part: str) -> tuple[Sentence, ...]:
        """The sentences of a part with their sources; ``part`` is of PARTS or FOLLOW_UPS."""
        found: tuple[Sentence, ...] = getattr(self.parts, part)
        return found

    def say(self, part: str) -> tuple[str, ...]:
        """The sentences of a part, as they are said."""
        return tuple(sentence.text for sentence in self.sentences(part))


class RedFlagText(_Text):
    """What is said at one sign that can't wait."""

    act: Lines
    """What to do now; always comes first and is said again when in doubt."""
    then: Lines
    """Calms and helps."""
    desk: Lines | None = None
    """Stands in for the usual sentence about the desk."""


class RedFlagTexts(_Text):
    """``red_flags.toml``: a text for each sign, and one for each grade where a sign has none."""

    checked: date
    clinician_signed_off: bool
    sign_off: Line
    source: Line
    flags: Mapping[str, RedFlagText]
    now: RedFlagText
    soon: RedFlagText


class SessionPrompts(_Text):
    """Beginning and end of a conversation."""

    welcome: Lines
    attract: Lines
    disclaimer: Line
    privacy: Line
    restart: Lines
    closing: Lines
    no_thanks: Lines
    stopped: Lines
    hello: Lines
    goodbye: Lines
    listening: Lines


class AnswerPrompts(_Text):
    """Around an answer."""

    first_topic: NameLine
    next_topic: NameLine
    chosen: NameLine
    asked: NameLine
    all_told: Lines
    more: Line
    more_about: NameLine
    more_wat_kunt_u_doen: Line
    more_wanneer_naar_de_huisarts: Line
    more_brief: Line
    anything_else: Line
    anything_else_brief: Line
    which_topic: Lines
    go_on: Line


class ChoicePrompts(_Text):
    """The question which of two topics is meant."""

    ask: FirstSecondLine
    ask_again: tuple[FirstLine, SecondLine]
    ask_one: NameLine
    ask_other: NameLine
    ask_which: Lines


class TroublePrompts(_Text):
    """When we don't understand, or hear nothing."""

    not_understood: tuple[Lines, Lines]
    not_understood_question: tuple[Lines, Lines]
    yes_or_no: Lines
    hand_over: Lines
    person_desk: Lines
    person_home: Lines
    silence: Lines
    nothing_said: Lines


class HelpPrompts(_Text):
    """What can be said."""

    general: Lines
    steering: Lines
    questions: Lines
    emergency: Lines
    topics: TopicsLine
    topics_also: TopicsLine


class VoicePrompts(_Text):
    """When the voice changes."""

    sample: Lines
    langzamer: Line
    sneller: Line
    harder: Line
    zachter: Line


class DefectPrompts(_Text):
    """When our own ears or mouth fail, by the name of what is wrong."""

    microphone_gone: Lines
    microphone_muted: Lines
    microphone_stuck: Lines
    loudspeaker_gone: Lines
    voice_gone: Lines
    too_slow: Lines
    mended: Lines

    def about(self, defect: str) -> tuple[str, ...]:
        """What is said about the defect of that name."""
        found: tuple[str, ...] = getattr(self, defect)
        return found


class UrgentPrompts(_Text):
    """Around the text of a red flag."""

    desk_now: Lines
    desk_soon: Lines
    repeat: Lines


class Prompts(_Text):
    """``prompts.toml``: all that is said around the answers."""

    session: SessionPrompts
    answer: AnswerPrompts
    choice: ChoicePrompts
    trouble: TroublePrompts
    help: HelpPrompts
    voice: VoicePrompts
    defect: DefectPrompts
    urgent: UrgentPrompts
