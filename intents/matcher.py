"""From words to meaning: red flag, command, topic, a question back, or nothing."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from intents.catalogue import Catalogue
from intents.classifier import Classifier, Option
from intents.clauses import NEGATIONS, clauses, is_denied, without_denied
from intents.commands import CommandFinder
from intents.dutch import tokens
from intents.results import Ambiguous, FollowUp, Match, NotRecognized, RedFlag, Result, TopicMatch
from intents.signs import SignFinder

_MOST_LETTERS = 4_000

_WHOLE = 0.85
"""Likeness from which a sentence is one known phrase, and "en" in it joins no two complaints."""

_SIGN_IN_ALL, _SIGN_IN_PART, _SIGN_WHOLE = 0.5, 0.7, 0.9
"""Share of a red flag's words that must be heard: in all that is said, in a clause, and where only
the words that fit are looked at."""

_SIGN_ALONE = 0.8
"""Probability that such a place needs at least: it was picked for its words."""

_KNOWN_CHATTER = 0.75
"""Likeness from which chatter that we know explains the words of a red flag ("geen lucht in mijn
band")."""

_FOLLOW_UP = 0.75
"""Likeness that a follow-up question needs: it is made of words that everybody uses."""

_DOUBT = 0.2
"""Probability below which a topic was not even in sight."""


class MatcherSettings(BaseModel):
    """When to answer, when to ask, when to be silent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept: float = Field(0.75, ge=0, le=1)
    """Probability from which a topic is answered: a wrong answer is worse than a question."""
    ask: float = Field(0.6, ge=0, le=1)
    """Probability of the two likeliest topics together from which we ask which one is meant."""
    red_flag: float = Field(0.7, ge=0, le=1)
    """Probability from which a red flag is raised: missing one is worse than one too many."""
    max_words: int = Field(120, ge=10)
    """Words of an utterance that are read; 15 seconds of speech hold about 50."""


class Matcher:
    """Understands sentences with one catalogue. Safe to share: it keeps no state."""

    def __init__(self, catalogue: Catalogue, settings: MatcherSettings | None = None) -> None:
        self.settings = settings or MatcherSettings()
        self._classifier = Classifier(catalogue)
        self._signs = SignFinder(self._classifier.index)
        self._commands = CommandFinder(catalogue)
        self._grades = catalogue.grades

    def understand(self, text: str, alternatives: Sequence[str] = ()) -> Result:
        """What ``text`` means. Never raises, whatever the text is.

        Args:
            text: what was heard or typed.
            alternatives: other hearings of the same sound, likeliest first.
        """
        said = tokens(text[:_MOST_LETTERS])[: self.settings.max_words]
        if not said:
            return NotRecognized("empty")
        command = self._commands.find(said)
        if command is not None:
            return command
        words = self._classifier.index.mend(said)
        flag = self._red_flag(words)
        if flag is not None:
            found = self._topics(words)
            topics = found.topics if isinstance(found, Match) else ()
            return RedFlag(flag.label, self._grades[flag.label], flag.probability, topics)
        return self._topics(words)

    def _red_flag(self, words: Sequence[str]) -> Option | None:
        """The likeliest red flag in any part of the sentence."""
        best: Option | None = None
        for part, least, complete in self._parts_for_flags(words):
            flag = next((o for o in self._classifier.options(part) if o.kind == "red_flag"), None)
            if flag is None or flag.probability < least or flag.recall < complete:
                continue
            if is_denied(words, tokens(flag.phrase)):
                continue
            if best is None or flag.probability > best.probability:
                best = flag
        return best

    def _parts_for_flags(self, words: Sequence[str]) -> Iterator[tuple[Sequence[str], float, float]]:
        """Parts where a sign may stand, with the least probability and recall that count there: the
        sentence, its clauses, and the places where the words of a sign stand together."""
        least = self.settings.red_flag
        yield words, least, _SIGN_IN_ALL
        parts = clauses(words)
        if len(parts) > 1:
            for part in parts:
                yield part, least, _SIGN_IN_PART
        whole = self._classifier.options(words)[0]
        if whole.kind == "off_topic" and whole.likeness >= _KNOWN_CHATTER:
            return
        for start, end in self._signs.places(words):
            if end - start < len(words):
                yield words[start:end], max(least, _SIGN_ALONE), _SIGN_WHOLE

    def _topics(self, words: Sequence[str]) -> Match | Ambiguous | FollowUp | NotRecognized:
        """Accept, ask or decline."""
        options = self._meant(words)
        if not options:
            return NotRecognized("off_topic")
        first = options[0]
        sure = first.probability >= self.settings.accept
        if not (sure and first.likeness >= _WHOLE):
            parts = self._parts(words)
            if len(parts) > 1 or (parts and not sure):
                return Match(parts)
        if sure and first.kind == "topic":
            return Match((_topic(first),))
        if sure and first.kind == "follow_up" and first.likeness >= _FOLLOW_UP:
            return FollowUp(first.label, first.probability)
        topics = [o for o in options if o.kind == "topic"]
        best = topics[0].probability if topics else 0.0
        if len(topics) > 1 and best + topics[1].probability >= self.settings.ask:
            return Ambiguous((_topic(topics[0]), _topic(topics[1])))
        return NotRecognized("unsure" if best > _DOUBT else "off_topic", best)

    def _parts(self, words: Sequence[str]) -> tuple[TopicMatch, ...]:
        """The topics of the clauses that are sure by themselves, in the order in which they were
        said; empty where there is only one clause."""
        parts = clauses(words)
        if len(parts) < 2:
            return ()
        found: dict[str, TopicMatch] = {}
        for part in parts:
            best = next(iter(self._meant(part)), None)
            if best and best.kind == "topic" and best.probability >= self.settings.accept:
                found.setdefault(best.label, _topic(best))
        return tuple(found.values())

    def _meant(self, words: Sequence[str]) -> list[Option]:
        """The classes of what is not denied; where the best phrase itself denies, of all of it."""
        options = self._classifier.options(words)
        if NEGATIONS.isdisjoint(words) or not NEGATIONS.isdisjoint(tokens(options[0].phrase)):
            return options
        meant = without_denied(words)
        if len(meant) == len(words):
            return options
        return self._classifier.options(meant) if meant else []


def _topic(option: Option) -> TopicMatch:
    return TopicMatch(option.label, option.probability, option.phrase)
