"""From words to meaning: red flag, command, topic, a question back, or nothing."""

from collections import Counter
from collections.abc import Sequence

from intents.catalogue import Catalogue
from intents.classifier import Classifier
from intents.commands import CommandFinder
from intents.dutch import tokens
from intents.reading import Reading
from intents.results import Ambiguous, Command, Match, NotRecognized, RedFlag, Result
from intents.settings import MatcherSettings

__all__ = ["Matcher", "MatcherSettings"]

_AS_SURE = 0.05
"""How much less sure of its topic another hearing may be, and still make a question of ours."""

_SHORT = 1
"""Words of an utterance whose hearings vote on the command; a longer one is heard well enough."""

_MOST_LETTERS = 4_000
"""Letters of an utterance that are read."""


class Matcher:
    """Understands sentences with one catalogue; remembers nothing of them, so safe to share."""

    def __init__(self, catalogue: Catalogue, settings: MatcherSettings | None = None) -> None:
        self.settings = settings or MatcherSettings()
        self._classifier = Classifier(catalogue)
        self._commands = CommandFinder(catalogue)
        self._grades = catalogue.grades

    def understand(self, text: str, alternatives: Sequence[str] = ()) -> Result:
        """What ``text`` means. Never raises, whatever the text is.

        A red flag comes before everything, then a command, then topics and follow-up questions.

        Args:
            text: what was heard or typed.
            alternatives: other hearings of the same sound, likeliest first. Where the best hearing
                gives a topic, one that is as sure of another topic makes it a question; where it
                is one word, the command that most of them are counts.
        """
        result = self._understand(text)
        if isinstance(result, Command | NotRecognized) and len(text.split()) <= _SHORT:
            return self._short_command((text, *alternatives)) or result
        for other in alternatives[: self.settings.hearings - 1]:
            if isinstance(result, Match) and other != text:
                result = _doubted(result, self._understand(other))
        return result

    def _short_command(self, hearings: Sequence[str]) -> Command | None:
        """The command that most hearings of one word are ("meer": "nee", "nee hoor")."""
        found = [command for text in hearings if (command := self._commands.find(tokens(text)))]
        votes = Counter(command.command for command in found)
        return max(found, key=lambda command: votes[command.command], default=None)

    def _understand(self, text: str) -> Result:
        """What one hearing means."""
        said = tokens(text[:_MOST_LETTERS])[: self.settings.max_words]
        if not said:
            return NotRecognized("empty")
        known = self._classifier.known(said)
        command = self._commands.find(said)
        if command is not None and not (known and known.kind == "red_flag"):
            return command
        words = said if known else self._classifier.index.mend(said)
        reading = Reading(words, self._classifier, self.settings)
        flag = reading.red_flag()
        found = reading.topics()
        if flag is None:
            return reading.command() or found
        topics = found.topics if isinstance(found, Match) else ()
        return RedFlag(flag.label, self._grades[flag.label], flag.probability, topics)


def _doubted(best: Match, other: Result) -> Match | Ambiguous:
    """A topic that another hearing takes for a different one is asked, not told."""
    if len(best.topics) == 1 and isinstance(other, Match) and len(other.topics) == 1:
        first, second = best.topics[0], other.topics[0]
        as_sure = second.probability > first.probability - _AS_SURE
        if first.topic != second.topic and as_sure:
            return Ambiguous((first, second))
    return best
