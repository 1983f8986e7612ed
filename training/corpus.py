"""The text from which the language model learns, and the words that it must know.

================  ==================================================================================
component         where it comes from
================  ==================================================================================
phrases           every phrase of the product's (or a content pack's) ``intents/``
answers           the texts of ``responses/``: general Dutch about the same things
domain, chatter   sentences drawn from our own template grammars in ``text/``
words             word frequencies of spoken Dutch from the PyPI package ``pyspellchecker`` (MIT)
================  ==================================================================================
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from intents.catalogue import load_catalogue
from toml_files import read_toml
from training.colloquial import spoken
from training.lexicon import pronounce
from training.ngram import Words
from training.normalise import words
from training.templates import read_grammar

TEXT = Path(__file__).parent / "text"
ROOT = Path(__file__).parent.parent
_PLAIN_WORD = re.compile(r"[a-zà-ÿ]{2,}|'[a-z]|[a-zà-ÿ]+'[a-z]{1,2}|[aou]")
_SEED = 7


@dataclass(frozen=True)
class CorpusSettings:
    """How much text and how many words."""

    domain: int = 60_000
    """Sentences drawn from the grammar of complaints: enough to meet most pairs of its words."""
    chatter: int = 60_000
    """Sentences drawn from the grammar of everyday talk."""
    vocabulary: int = 20_000
    """Commonest words of Dutch, so that what is not about muscles is heard as such."""


@dataclass(frozen=True)
class Corpus:
    """Sentences by component, and how common each word of the vocabulary is."""

    components: Mapping[str, tuple[Words, ...]]
    frequencies: Mapping[str, int]

    def sayable(self) -> "Corpus":
        """The same without sentences that hold a word of which no pronunciation is known."""
        kept = {
            name: tuple(s for s in sentences if all(map(pronounce, s)))
            for name, sentences in self.components.items()
        }
        frequencies = {word: n for word, n in self.frequencies.items() if pronounce(word)}
        return Corpus(kept, frequencies)

    def unseen(self, sentences: Iterable[Words]) -> tuple[Words, ...]:
        """Those of the sentences that are in none of the components, word for word."""
        seen = {sentence for component in self.components.values() for sentence in component}
        return tuple(sentence for sentence in sentences if sentence not in seen)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that occurs."""
        found = {word for s in self.components.values() for sentence in s for word in sentence}
        return frozenset(found | self.frequencies.keys())


def build_corpus(content: Path | None, settings: CorpusSettings) -> Corpus:
    """Collect all text; ``content`` is a content pack, None for the product's own."""
    rng = random.Random(_SEED)
    phrases = [words(phrase.text) for phrase in load_catalogue(content).phrases]
    drawn = {
        name: [words(s) for s in read_grammar(TEXT / f"{name}.toml").draw(count, _SEED)]
        for name, count in (("domain", settings.domain), ("chatter", settings.chatter))
    }
    components = {
        "phrases": [*phrases, *(spoken(phrase, rng) for phrase in phrases)],
        "answers": list(_answers(content)),
        "domain": [spoken(sentence, rng) for sentence in drawn["domain"]],
        "chatter": [spoken(sentence, rng) for sentence in drawn["chatter"]],
    }
    used = Counter(word for s in components.values() for sentence in s for word in sentence)
    known = _frequencies()
    common = {word: known[word] for word in common_words(settings.vocabulary)}
    frequencies = common | {word: known.get(word, 1) for word in used}
    return Corpus({n: tuple(filter(None, s)) for n, s in components.items()}, frequencies)


def read_sentences(name: str) -> tuple[Words, ...]:
    """The sentences of a plain text file in ``text/``."""
    lines = (TEXT / name).read_text("utf-8").splitlines()
    return tuple(filter(None, map(words, lines)))


def _answers(content: Path | None) -> Iterator[Words]:
    for folder in filter(None, (ROOT / "responses", content and content / "responses")):
        for path in sorted(folder.rglob("*.toml")):
            yield from map(words, _sentences(read_toml(path)[1]))


def _sentences(value: object) -> Iterator[str]:
    """All strings of a TOML value that look like sentences."""
    if isinstance(value, str):
        if " " in value and "{" not in value and value[-1] in ".?!":
            yield from re.split(r"(?<=[.?!]) ", value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _sentences(item)
    elif isinstance(value, Iterable):
        for item in value:
            yield from _sentences(item)


def common_words(count: int) -> list[str]:
    """The commonest words of Dutch film subtitles, the commonest first."""
    known = _frequencies()
    return sorted(known, key=lambda word: -known[word])[:count]


def _frequencies() -> dict[str, int]:
    """Words of Dutch film subtitles with their counts, names and rare spellings left out."""
    packed = resources.files("spellchecker").joinpath("resources", "nl.json.gz").read_bytes()
    counts: dict[str, int] = json.loads(gzip.decompress(packed))
    return {word: count for word, count in counts.items() if _PLAIN_WORD.fullmatch(word)}
