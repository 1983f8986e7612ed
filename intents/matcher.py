"""From words to meaning: red flag, command, topic, a question back, or nothing."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process

from intents.calibration import Weights, learn, questions
from intents.catalogue import OFF_TOPIC, Catalogue
from intents.dutch import FILLERS, tokens
from intents.index import Index
from intents.learnt import keep, recall
from intents.red_flags import SignFinder
from intents.results import (
    Ambiguous,
    Command,
    FollowUp,
    Match,
    NotRecognized,
    RedFlag,
    Result,
    TopicMatch,
)


class MatcherSettings(BaseModel):
    """When to answer, when to ask, when to be silent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept: float = Field(0.7, ge=0, le=1)
    """Probability from which a topic is answered."""
    ask: float = Field(0.5, ge=0, le=1)
    """Probability of two topics together from which we ask which one is meant."""
    red_flag: float = Field(0.8, ge=0, le=1)
    """How well a sign must fit to sound the alarm."""
    max_words: int = Field(200, ge=10)
    """Words of an utterance that are read; 15 seconds hold about 50."""


class Matcher:
    """Understands sentences with one catalogue. Safe to share: it keeps no state."""

    def __init__(self, catalogue: Catalogue, settings: MatcherSettings | None = None) -> None:
        self.settings = settings or MatcherSettings()
        self._index = Index(catalogue.of("topic", "follow_up", "off_topic"))
        self._topics = frozenset(catalogue.topics)
        self._weights = _weights(catalogue.fingerprint, self._index)
        self._signs = SignFinder(catalogue.of("red_flag"))
        self._grades = catalogue.grades
        self._commands = {" ".join(tokens(p.text)): p.label for p in catalogue.of("command")}

    def understand(self, text: str, alternatives: Sequence[str] = ()) -> Result:
        """What ``text`` means. Never raises, whatever the text is.

        Args:
            text: what was heard or typed.
            alternatives: other hearings of the same sound, likeliest first.
        """
        words = tokens(text[:4000])[: self.settings.max_words]
        if not words:
            return NotRecognized("empty")
        command = self._command(words)
        if command is not None:
            return command
        sign = self._signs.find(words)
        if sign is not None and sign.score >= self.settings.red_flag:
            flag = sign.phrase.label
            rest = tuple(w for i, w in enumerate(words) if i not in sign.words)
            found = self._topic(rest) if len(rest) > 1 else NotRecognized("off_topic")
            topics = found.topics if isinstance(found, Match) else ()
            return RedFlag(flag, self._grades[flag], sign.score, topics)
        return self._topic(words)

    def _command(self, words: Sequence[str]) -> Command | None:
        """A command is the whole utterance, give or take politeness and a letter."""
        whole = " ".join(words)
        bare = " ".join(w for w in words if w not in FILLERS)
        for said in (whole, bare):
            if said in self._commands:
                return Command(self._commands[said], 1.0)
        if len(bare) < 6:
            return None
        near = process.extractOne(bare, list(self._commands), scorer=fuzz.ratio, score_cutoff=92)
        return Command(self._commands[near[0]], near[1] / 100) if near else None

    def _topic(self, words: Sequence[str]) -> Match | Ambiguous | FollowUp | NotRecognized:
        """Accept, ask or decline."""
        near = self._index.closeness(words)
        probabilities = self._weights.probabilities(self._index, near, len(words))
        options = sorted(
            (
                TopicMatch(label, float(p), self._index.phrases[phrase].text)
                for label, p, phrase in zip(
                    self._index.labels, probabilities, near.phrase, strict=True
                )
                if label != OFF_TOPIC
            ),
            key=lambda option: -option.probability,
        )
        first = options[0]
        if first.probability >= self.settings.accept:
            if first.topic in self._topics:
                return Match((first,))
            return FollowUp(first.topic, first.probability)
        topics = [option for option in options if option.topic in self._topics]
        if len(topics) > 1 and topics[0].probability + topics[1].probability >= self.settings.ask:
            return Ambiguous((topics[0], topics[1]))
        reason = "unsure" if first.probability > 0.2 else "off_topic"
        return NotRecognized(reason, first.probability)


def _weights(fingerprint: str, index: Index) -> Weights:
    """The calibration of this content: as learnt before, or learnt now and kept."""
    known = recall(fingerprint)
    if known is not None:
        return Weights(np.array(known["topics"]))
    weights = learn(index, questions(index))
    keep(fingerprint, {"topics": [round(float(w), 6) for w in weights.values]})
    return weights
