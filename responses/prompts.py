"""The shape of ``prompts.toml``: all that is said around the answers."""

from typing import Annotated

from responses.texts import Line, Lines, Text, holes

NameLine = Annotated[str, holes("name")]
TopicsLine = Annotated[str, holes("topics")]
FirstLine = Annotated[str, holes("first")]
SecondLine = Annotated[str, holes("second")]
FirstSecondLine = Annotated[str, holes("first", "second")]


class SessionPrompts(Text):
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
    thanks: Lines
    goodbye: Lines
    listening: Lines


class AnswerPrompts(Text):
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


class ChoicePrompts(Text):
    """The question which of two topics is meant."""

    ask: FirstSecondLine
    ask_again: tuple[FirstLine, SecondLine]
    ask_one: NameLine
    ask_other: NameLine
    ask_which: Lines
    neither: Lines


class TroublePrompts(Text):
    """When we don't understand, or hear nothing."""

    not_understood: tuple[Lines, Lines]
    not_understood_question: tuple[Lines, Lines]
    yes_or_no: Lines
    hand_over: Lines
    person_desk: Lines
    person_home: Lines
    silence: Lines
    nothing_said: Lines


class HelpPrompts(Text):
    """What can be said."""

    general: Lines
    steering: Lines
    questions: Lines
    emergency: Lines
    topics: TopicsLine
    topics_also: TopicsLine


class VoicePrompts(Text):
    """When the voice changes."""

    sample: Lines
    langzamer: Line
    sneller: Line
    harder: Line
    zachter: Line


class DefectPrompts(Text):
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


class UrgentPrompts(Text):
    """Around the text of a red flag."""

    desk_now: Lines
    desk_soon: Lines
    repeat: Lines
    help_comes: Lines
    danger: Line
    all_clear: Lines


class Prompts(Text):
    """``prompts.toml``: all that is said around the answers."""

    session: SessionPrompts
    answer: AnswerPrompts
    choice: ChoicePrompts
    trouble: TroublePrompts
    help: HelpPrompts
    voice: VoicePrompts
    defect: DefectPrompts
    urgent: UrgentPrompts
