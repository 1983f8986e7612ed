"""Commands: only an utterance that is a command and nothing else counts."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from intents.catalogue import Catalogue
from intents.dutch import FILLERS, tokens
from intents.results import Command

_LEAST_LETTERS = 8
"""A shorter utterance must be a command to the letter: "niet" is not "nee", "ma" is not "ja"."""

_LEAST_LIKENESS = 90.0
"""Of 100; a letter or two misheard in a longer command."""


class CommandFinder:
    """Knows the commands of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._said: dict[str, str] = {}
        for phrase in catalogue.of("command"):
            words = tokens(phrase.text)
            self._said.setdefault(" ".join(words), phrase.label)
        self._all = list(self._said)

    def find(self, words: Sequence[str]) -> Command | None:
        """The command that ``words`` are, give or take politeness and a letter."""
        whole, bare = " ".join(words), _bare(words)
        for said in (whole, bare, " ".join(_polite(words))):
            if said in self._said:
                return Command(self._said[said], 1.0)
        if len(bare) < _LEAST_LETTERS:
            return None
        near = process.extractOne(
            bare, self._all, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS
        )
        return Command(self._said[near[0]], near[1] / 100) if near else None


def _polite(words: Sequence[str]) -> Sequence[str]:
    """The words without a greeting or hesitation before them and politeness after them."""
    start, end = 0, len(words)
    while start < end - 1 and words[start] in FILLERS:
        start += 1
    while end - 1 > start and words[end - 1] in FILLERS:
        end -= 1
    return words[start:end]


def _bare(words: Sequence[str]) -> str:
    """The words without politeness and hesitation."""
    return " ".join(w for w in words if w not in FILLERS)
