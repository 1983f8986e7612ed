"""When to answer, when to ask, when to be silent."""

from pydantic import BaseModel, ConfigDict, Field


class MatcherSettings(BaseModel):
    """The thresholds of the matcher, as probabilities, and how much it reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept: float = Field(0.68, ge=0, le=1)
    """Probability from which a topic is answered: a wrong answer is worse than a question."""
    ask: float = Field(0.6, ge=0, le=1)
    """Probability of all topics together from which we ask which of the two likeliest is meant."""
    alarm: float = Field(0.3, ge=0, le=1)
    """Probability from which words that sound an alarm count as heard: a sign that is missed
    weighs more than twice as much as one that was never said."""
    obey: float = Field(0.5, ge=0, le=1)
    """Probability from which a command or a follow-up question counts as heard: likelier than not,
    for it tells nothing wrong of health and is soon put right."""
    stop: float = Field(0.3, ge=0, le=1)
    """The same of "stop": to be silent is never wrong."""
    max_words: int = Field(80, ge=10)
    """Words of an utterance that are read; 15 seconds of speech hold about 50."""
    hearings: int = Field(5, ge=1)
    """Hearings (n-best hypotheses) that are read, the best one included; ten told little more."""
