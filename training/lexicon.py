"""How words are said: espeak-ng's rules, mended and widened by hand where they fail.

``text/pronunciations.tsv`` holds the words that espeak-ng says wrongly (``=``, replaces its
pronunciation) and forms that people use beside it (``+``, adds one).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from training import espeak
from training.phones import NOISE, PHONES, from_espeak

PRONUNCIATIONS = Path(__file__).parent / "text" / "pronunciations.tsv"
Pronunciation = tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """Words with one or more pronunciations each; the first is the commonest."""

    entries: Mapping[str, tuple[Pronunciation, ...]]
    silent: tuple[str, ...] = field(default=())
    """Words for which no pronunciation was found, left out of ``entries``."""


def build_lexicon(words: Iterable[str]) -> Lexicon:
    """Pronounce all words, in alphabetical order."""
    entries: dict[str, tuple[Pronunciation, ...]] = {}
    silent = []
    for word in sorted(set(words)):
        forms = pronounce(word)
        if forms:
            entries[word] = forms
        else:
            silent.append(word)
    return Lexicon(entries, tuple(silent))


@cache
def pronounce(word: str) -> tuple[Pronunciation, ...]:
    """All ways in which a word is said; empty where none is known.

    The final n of -en is mostly not spoken in Dutch: such words get both forms.
    """
    replacing, added = _by_hand()
    if word in replacing:
        spoken: tuple[Pronunciation, ...] = replacing[word]
    else:
        ours = from_espeak(espeak.mnemonics(word))
        spoken = (ours,) if ours else ()
    forms = [*spoken, *added.get(word, ())]
    forms += [form[:-1] for form in forms if len(form) > 2 and form[-2:] == ("@", "n")]
    return tuple(dict.fromkeys(forms))


def spoken_forms(word: str) -> tuple[Pronunciation, ...]:
    """As `pronounce`; noise, which stands for any word, where no way to say it is known.

    A recording of such a word (``armand's``) still teaches all its others.
    """
    return pronounce(word) or ((NOISE,),)


@cache
def _by_hand() -> tuple[dict[str, tuple[Pronunciation, ...]], dict[str, tuple[Pronunciation, ...]]]:
    replacing: dict[str, tuple[Pronunciation, ...]] = {}
    added: dict[str, tuple[Pronunciation, ...]] = {}
    for number, line in enumerate(PRONUNCIATIONS.read_text("utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        word, sign, phones = line.split("\t")
        form = tuple(phones.split())
        if sign not in "=+" or not form or not set(form) <= set(PHONES):
            raise ValueError(f"{PRONUNCIATIONS}, line {number}: {line!r} is no pronunciation")
        table = replacing if sign == "=" else added
        table[word] = (*table.get(word, ()), form)
    return replacing, added
