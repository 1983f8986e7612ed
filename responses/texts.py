"""The shapes of the text files: a topic, and the red flags."""

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


class Text(BaseModel):
    """A piece of a text file: never changes, and refuses keys that it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def holes(*names: str) -> AfterValidator:
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


Line = Annotated[str, holes()]
Lines = Annotated[tuple[Line, ...], Field(min_length=1)]


class Sentence(Text):
    """One thing to say (a sentence, or a question with its short answer) and its source."""

    text: Line
    source: str = ARTICLE


def _as_sentence(value: object) -> object:
    """A plain string is a sentence with a fact from the article."""
    return {"text": value} if isinstance(value, str) else value


Sentences = Annotated[
    tuple[Annotated[Sentence, BeforeValidator(_as_sentence)], ...], Field(min_length=1)
]


class Parts(Text):
    """The parts of a topic's answer; each is there."""

    kern: Sentences
    uitleg: Sentences
    wat_kunt_u_doen: Sentences
    wanneer_naar_de_huisarts: Sentences
    is_het_gevaarlijk: Sentences
    hoe_lang: Sentences


class TopicText(Text):
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


class RedFlagText(Text):
    """What is said at one sign that can't wait."""

    act: Lines
    """What to do now; always comes first and is said again when in doubt."""
    then: Lines
    """Calms and helps."""
    desk: Lines | None = None
    """Stands in for the usual sentence about the desk."""
    all_clear: Lines | None = None
    """Stands in for the usual words where no help is needed after all."""


class RedFlagTexts(Text):
    """``red_flags.toml``: a text for each sign, and one for each grade where a sign has none."""

    checked: date
    clinician_signed_off: bool
    sign_off: Line
    source: Line
    flags: Mapping[str, RedFlagText]
    now: RedFlagText
    soon: RedFlagText
