"""How the conversation behaves, and the three places it is made for."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

MIN_PACE, MAX_PACE = 0.6, 2.5
"""Factors on 140 words a minute: slower falls apart into words, blind listeners follow 350."""

MIN_VOLUME, MAX_VOLUME = 0.4, 2.0
"""Factors on the usual loudness: softer drowns beside a fan, louder distorts."""


class DialogueSettings(BaseModel):
    """Times, limits and manners of the conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_timeout: float = Field(45.0, gt=0)
    """Seconds of quiet after which all is forgotten: the next visitor hears nothing of the last."""
    silence_prompt_after: float | None = Field(8.0, gt=0)
    """Seconds of quiet after a question before the one gentle prompt; slow speakers need 5-6 s."""
    max_misses: int = Field(3, ge=1, le=3)
    """Which miss in a row hands over to a person; more than three tries annoys everybody."""
    worth_asking: float = Field(0.25, ge=0, le=1)
    """Ratio to the first option below which the second is not named: "Gaat het om A?" then asks."""
    desk: bool = True
    """There is a desk to turn to."""
    brief: bool = False
    """For a regular user: shorter questions, no introductions."""
    keeps_voice: bool = False
    """One person uses it: pace and volume stay as they were left, the privacy line is said once."""
    pace: float = Field(1.0, ge=MIN_PACE, le=MAX_PACE)
    """Factor on the usual 140 words a minute to begin with."""
    volume: float = Field(1.0, ge=MIN_VOLUME, le=MAX_VOLUME)
    """Factor on the usual loudness to begin with."""
    step: float = Field(1.25, gt=1.0, le=2.0)
    """Factor of one "sneller" or "harder": clearly heard, and two of them are a lot."""


PROFILES: Mapping[str, DialogueSettings] = MappingProxyType(
    {
        "kiosk": DialogueSettings(),
        "home": DialogueSettings(desk=False),
        "personal": DialogueSettings(
            desk=False, brief=True, keeps_voice=True, pace=1.4, silence_prompt_after=None
        ),
    }
)
"""``--profile``: a waiting room, a living room, one blind or experienced user."""
