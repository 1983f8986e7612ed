"""Commands: only an utterance that is a command and nothing else counts."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from intents.catalogue import Catalogue
from intents.dutch import FILLERS, trimmed, without_thanks
from intents.results import Command

_LEAST_LETTERS = 8
"""A shorter utterance must be a command to the letter: "niet" is not "nee", "ma" is not "ja"."""

_LEAST_LIKENESS = 90.0
"""Of 100; a letter or two misheard in a longer command."""

_LEAST_OF_A_WORD = 60.0
"""Of 100; of each word of it, for one other word turns it around: "keuze een", "keuze twee"."""


class CommandFinder:
    """Knows the commands of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._said: dict[str, str] = {}
        for phrase in catalogue.of("command"):
            self._said.setdefault(" ".join(phrase.words), phrase.label)
        self._all = list(self._said)

    def find(self, words: Sequence[str]) -> Command | None:
        """The command that ``words`` are, give or take politeness and a letter."""
        polite = without_thanks(words)
        for said in dict.fromkeys((tuple(words), polite, _bare(polite), trimmed(polite))):
            label = self._said.get(" ".join(said)) or self._twice(said)
            if label:
                return Command(label, 1.0)
        bare = " ".join(_bare(polite))
        if len(bare) < _LEAST_LETTERS:
            return None
        near = process.extractOne(bare, self._all, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
        if near is None or near[0].count(" ") != bare.count(" "):  # a word more says more
            return None
        pairs = zip(bare.split(), near[0].split(), strict=True)
        if any(fuzz.ratio(said, known) < _LEAST_OF_A_WORD for said, known in pairs):
            return None
        return Command(self._said[near[0]], near[1] / 100)

    def _twice(self, words: Sequence[str]) -> str | None:
        """The command that is said in two ways ("ja zeker, doe maar")."""
        for cut in range(1, len(words)):
            first = self._said.get(" ".join(words[:cut]))
            if first and first == self._said.get(" ".join(words[cut:])):
                return first
        return None


def _bare(words: Sequence[str]) -> tuple[str, ...]:
    """The words without politeness and hesitation."""
    return tuple(w for w in words if w not in FILLERS)
