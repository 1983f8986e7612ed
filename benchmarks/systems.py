"""The product and its peers, asked the same sentences."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.heldout import Sentence
from benchmarks.peers import PEERS, Example, Peer, examples_of
from benchmarks.unavailable import UnavailableError
from evaluation.outcomes import Outcome, Verdict, claims, judge, outcome_of
from intents.catalogue import Catalogue
from intents.matcher import Matcher


class Product:
    """The product's own matcher."""

    name = "spiertolk"
    rejects = "its own decision"

    def __init__(self, catalogue: Catalogue) -> None:
        self._matcher = Matcher(catalogue)

    def understand(
        self, text: str, alternatives: Sequence[str] = (), clarity: float | None = None
    ) -> Outcome:
        """What it makes of ``text``; the rest is as for `Matcher.understand`."""
        return outcome_of(self._matcher.understand(text, alternatives, clarity))


@dataclass(frozen=True)
class Contestant:
    """A system that is ready to answer."""

    peer: Peer
    startup: float
    """Seconds to build it from the phrases."""


@dataclass(frozen=True)
class Answer:
    """What a system made of one sentence."""

    sentence: Sentence
    outcome: Outcome
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """Right or not."""
        return judge(self.outcome, self.sentence.expected)

    @property
    def claims(self) -> Iterator[tuple[float, bool]]:
        """(probability, whether right) of each claim that it makes."""
        return claims(self.outcome, self.sentence.expected)


Answers = dict[str, tuple[Answer, ...]]
"""By the name of the system."""


def contestants(
    catalogue: Catalogue, say: Callable[[str], None], peers: bool = True
) -> tuple[Contestant, ...]:
    """The product first, then every peer that is here; ``say`` hears what is left out."""
    builders: dict[str, Callable[[], Peer]] = {Product.name: lambda: Product(catalogue)}
    if peers:
        examples = examples_of(catalogue)
        builders |= {name: _bound(build, examples) for name, build in PEERS.items()}
    ready = []
    for name, build in builders.items():
        say(f"building {name}")
        start = time.perf_counter()
        try:
            ready.append(Contestant(build(), time.perf_counter() - start))
        except UnavailableError as error:
            say(f"left out {name}: {error}")
    return tuple(ready)


def _bound(
    build: Callable[[Sequence[Example]], Peer], examples: Sequence[Example]
) -> Callable[[], Peer]:
    """``build`` with its argument."""
    return lambda: build(examples)


def ask_all(
    systems: Sequence[Contestant], sentences: Sequence[Sentence], say: Callable[[str], None]
) -> Answers:
    """Put every sentence to every system, in lower case: a recogniser gives no capitals."""
    answers: Answers = {}
    for system in systems:
        say(f"asking {system.peer.name} {len(sentences)} sentences")
        answers[system.peer.name] = tuple(_ask(system.peer, sentence) for sentence in sentences)
    return answers


def _ask(peer: Peer, sentence: Sentence) -> Answer:
    """One sentence, timed."""
    start = time.perf_counter()
    outcome = peer.understand(sentence.text.lower())
    return Answer(sentence, outcome, time.perf_counter() - start)
