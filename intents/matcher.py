"""From words to meaning: red flag, command, topic, a question back, or nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from intents.catalogue import Catalogue
from intents.classifier import Classifier
from intents.clauses import NEGATIONS, without_denied
from intents.commands import CommandFinder
from intents.dutch import tokens
from intents.hearing import agreement, same, survival, trusted
from intents.reading import Reading
from intents.repairs import repaired
from intents.results import (
    Ambiguous,
    Command,
    Match,
    NotRecognized,
    RedFlag,
    Result,
    TopicMatch,
)
from intents.settings import MatcherSettings

__all__ = ["Matcher", "MatcherSettings"]

_AS_SURE = 0.05
"""How much less sure of its topic another hearing may be, and still make a question of ours."""

_SHORT = 1
"""Words of an utterance whose hearings vote on the command; a longer one is heard well enough."""

_MOST_LETTERS = 4_000
"""Letters of an utterance that are read."""


class Matcher:
    """Understands sentences with one catalogue. Safe to share between threads.

    It keeps no sentence; forms of single words stay in bounded caches (``lru_cache``), in memory.
    """

    def __init__(self, catalogue: Catalogue, settings: MatcherSettings | None = None) -> None:
        self.settings = settings or MatcherSettings()
        self._classifier = Classifier(catalogue)
        self._commands = CommandFinder(catalogue)
        self._grades = catalogue.grades

    def understand(
        self, text: str, alternatives: Sequence[str] = (), clarity: float | None = None
    ) -> Result:
        """What ``text`` means. Never raises, whatever the text is.

        A listed command, give or take a letter, comes first, unless it is also a red flag's phrase;
        then a red flag, a command in other words, and topics and follow-up questions.

        Args:
            text: what was heard or typed.
            alternatives: other hearings of the same sound, likeliest first. What most hearings
                mean counts, though a red flag of the best one stands; where that is a topic, a
                hearing that is as sure of another topic makes it a question; where the best one is
                one word, the command that most of them are counts.
            clarity: how well it was heard, 0 to 1 (`voice.clarity`); None where nothing was
                misheard, as in what was typed. What may have been misheard is asked or turned
                down, with the probability that it is right.
        """
        hearings = self._hearings(text, alternatives)
        meanings = [self._understand(hearing) for hearing in hearings]
        chosen = _elected(meanings)
        result = meanings[chosen]
        if isinstance(result, Command | NotRecognized) and len(text.split()) <= _SHORT:
            result = self._short_command(hearings) or result
        if isinstance(result, NotRecognized):
            return result
        for other in meanings:
            result = _doubted(result, other) if isinstance(result, Match) else result
        if clarity is None:
            return result
        return trusted(
            result,
            lambda part: survival(clarity, agreement(part, meanings), part),
            self.settings,
            partial(self._runner_up, hearings[chosen]),
        )

    def agreement(self, result: Result, text: str, alternatives: Sequence[str]) -> float:
        """The share of the hearings, the best one included, that mean the same as ``result``."""
        hearings = self._hearings(text, alternatives)
        return agreement(result, [self._understand(hearing) for hearing in hearings])

    def _hearings(self, text: str, alternatives: Sequence[str]) -> list[str]:
        """The hearings that are read, each once, the best one first."""
        return list(dict.fromkeys((text, *alternatives)))[: self.settings.hearings]

    def _runner_up(self, text: str, topic: str) -> TopicMatch | None:
        """The likeliest other topic."""
        options = self._classifier.options(self._mended(self._said(text)))
        others = (o for o in options if o.kind == "topic" and o.label != topic)
        return next((TopicMatch(o.label, o.probability, o.phrase) for o in others), None)

    def _short_command(self, hearings: Sequence[str]) -> Command | None:
        """The command that most hearings of one word are ("meer": "nee", "nee hoor")."""
        found = [command for text in hearings if (command := self._commands.find(tokens(text)))]
        votes = Counter(command.command for command in found)
        return max(found, key=lambda command: votes[command.command], default=None)

    def _said(self, text: str) -> tuple[str, ...]:
        return tokens(text[:_MOST_LETTERS])[: self.settings.max_words]

    def _mended(self, said: Sequence[str]) -> tuple[str, ...]:
        """The words as the phrases have them, each once: "mijn mijn oog", "la la la"."""
        return self._classifier.index.mend(tuple(word for word, _ in groupby(said)))

    def _understand(self, text: str) -> Result:
        """What one hearing means."""
        said = self._said(text)
        if not said:
            return NotRecognized("empty")
        known = self._classifier.known(said)
        command = self._commands.find(said)
        if command is not None and not (known and known.kind == "red_flag"):
            return command
        words = said if known else self._mended(said)
        reading = Reading(words, self._classifier, self.settings)
        flag = reading.red_flag()
        meant = words if known else repaired(words)
        if meant == words:
            found = reading.topics()
        else:
            found = Reading(meant, self._classifier, self.settings).topics()
        if flag is None:
            return reading.command() or self._with_part(found, meant)
        topics = found.topics if isinstance(found, Match) else ()
        return RedFlag(flag.label, self._grades[flag.label], flag.probability, topics)

    def _with_part(self, found: Result, words: tuple[str, ...]) -> Result:
        """A topic with what is asked about it in the same breath, if anything is."""
        if not isinstance(found, Match) or found.part or len(found.topics) > 1:
            return found
        part = self._classifier.asked(words)
        if part and not self._classifier.known(words) and not NEGATIONS.isdisjoint(words):
            left = without_denied(words)  # "de dokter zegt dat het niet gevaarlijk is"
            part = self._classifier.asked(left) if left else None
        return replace(found, part=part) if part else found


def _elected(meanings: Sequence[Result]) -> int:
    """Which hearing means what most of them mean, the likelier one where votes are equal.

    They are noisy copies of one sentence, and what was said is mostly what they have in common:
    S. Kumar, W. Byrne, "Minimum Bayes-risk decoding for statistical machine translation", 2004.
    """
    if isinstance(meanings[0], RedFlag):
        return 0  # a sign that is missed weighs more than one that was never said
    votes = [sum(_alike(meaning, other) for other in meanings) for meaning in meanings]
    return votes.index(max(votes))


def _alike(one: Result, other: Result) -> bool:
    """Whether the answer to one hearing would do for another one, silence included."""
    if isinstance(one, NotRecognized):
        return isinstance(other, NotRecognized)
    return same(one, other)


def _doubted(best: Match, other: Result) -> Match | Ambiguous:
    """A topic that another hearing takes for a different one is asked, not told."""
    if len(best.topics) == 1 and isinstance(other, Match) and len(other.topics) == 1:
        first, second = best.topics[0], other.topics[0]
        as_sure = second.probability > first.probability - _AS_SURE
        if first.topic != second.topic and as_sure:
            return Ambiguous((first, second))
    return best
