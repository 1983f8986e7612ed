"""Which of the topics that are named is meant: "ms dat was mijn zus, bij mij is het de stress".

People name what they do not mean to be rid of it: it is over, in order, somebody else's, known
already, misheard. No list of negations holds the ways to say that, so they are learnt, from
sentences about two topics of which one may be set aside (``together.toml``) and from denials. Each
topic's place is blotted out, and a small recurrent network reads what stands around it, forwards
and backwards: what it learns is of the language and hardly of any subject, and serves any content
pack. ``python -m training asides`` learns it; here it is only read, with nothing but numpy.

Source of the gated units: K. Cho et al., "Learning phrase representations using RNN
encoder-decoder for statistical machine translation", EMNLP 2014; the reset gate acts after the
product, as in PyTorch and cuDNN.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.clauses import NEGATIONS
from intents.concepts import senses
from intents.dutch import HESITATIONS, stem
from intents.kept import replace_whole
from intents.sparse import Floats, hashed

LEARNT = Path(__file__).with_suffix(".npz")
"""The weights, as `training.asides` writes them."""

ROWS = 2**15
"""Rows of the table of word vectors, which the names of words are hashed into."""

_HERE, _OTHER, _DENIES = "<here>", "<other>", "<denies>"
_LETTERS = (2, 3, 4)

Scores = Callable[[tuple[str, ...]], Floats]
"""The score of each class, (C,), of some words."""


@dataclass(frozen=True)
class Mention:
    """A topic that is named in some words."""

    words: tuple[str, ...]
    at: int
    """The word that names it, counted from 0."""
    others: tuple[int, ...] = ()
    """The words that name other topics."""


def mentions(words: tuple[str, ...], topics: Sequence[int], scores: Scores) -> list[Mention]:
    """Where some words name these classes: at the words without which their scores fall most.

    No word names two of them, where there are as many words; the deepest fall goes first. The
    mentions are without hesitation, which says nothing of what is meant.
    """
    words = tuple(word for word in words if word not in HESITATIONS) or words
    whole = scores(words)
    rest = [scores(words[:at] + words[at + 1 :]) if len(words) > 1 else 0 * whole
            for at in range(len(words))]  # fmt: skip
    falls = (whole - np.stack(rest))[:, list(topics)]
    places = falls.argmax(axis=0).tolist()
    for _ in range(min(falls.shape)):
        at, topic = divmod(int(falls.argmax()), len(topics))
        places[topic] = at
        falls[at, :] = falls[:, topic] = -np.inf
    return [Mention(words, at, tuple(p for p in places if p != at)) for at in places]


@lru_cache(maxsize=2_000)  # of 3.5 kB each; to work one out anew takes 14 µs
def _word_rows(word: str) -> tuple[tuple[int, float], ...]:
    """The rows whose sum is the vector of a word, and their shares."""
    padded = f"<{word}>"
    letters = [padded[i : i + n] for n in _LETTERS for i in range(len(padded) - n + 1)]
    names = [f"w {stem(word)}", *(f"s {sense}" for sense in senses(word))]
    names += [_DENIES] if word in NEGATIONS else []
    whole = [(column, 1.0) for column in hashed(names, ROWS)]
    return (*whole, *((column, 1 / len(letters)) for column in hashed(letters, ROWS)))


def seen(mention: Mention) -> list[tuple[tuple[int, float], ...]]:
    """Rows and shares of each word; of one that names a topic only whether it is this one."""
    blots = dict.fromkeys(mention.others, _OTHER) | {mention.at: _HERE}
    return [
        ((next(hashed([blots[at]], ROWS)), 1.0),) if at in blots else _word_rows(word)
        for at, word in enumerate(mention.words)
    ]


@dataclass(frozen=True, eq=False)
class Asides:
    """The network, of H units in each direction."""

    table: NDArray[np.floating]
    """(ROWS, H), at half precision once it was kept: of a sentence a few rows are read."""
    inward: Floats
    """From a word to the gates (reset, update, new) of both directions, (2, H, 3H)."""
    inward_bias: Floats
    """(2, 3H)"""
    onward: Floats
    """From the state before to the gates, (2, H, 3H)."""
    onward_bias: Floats
    """(2, 3H)"""
    hidden: Floats
    """From the states' maximum, that at the topic's place and their mean to a layer, (6H, H)."""
    hidden_bias: Floats
    """(H,)"""
    last: Floats
    """(H,)"""
    last_bias: Floats
    """()"""

    def score(self, mention: Mention) -> float:
        """The logarithm of the odds that the topic is set aside."""
        words = np.stack([self._vector(word) for word in seen(mention)])
        forwards = self._states(words, 0)
        backwards = self._states(words[::-1], 1)[::-1]
        states = np.hstack([forwards, backwards])
        told = np.concatenate([states.max(axis=0), states[mention.at], states.mean(axis=0)])
        layer = np.maximum(told @ self.hidden + self.hidden_bias, 0)
        return float(layer @ self.last + self.last_bias)

    def _vector(self, word: Sequence[tuple[int, float]]) -> Floats:
        """The sum of a word's rows, by their shares, (H,)."""
        rows, shares = zip(*word, strict=True)
        return np.asarray(np.array(shares, np.float32) @ self.table[list(rows)].astype(np.float32))

    def _states(self, words: Floats, direction: int) -> Floats:
        """The state after each word, (L, H)."""
        size = self.table.shape[1]
        gates = words @ self.inward[direction] + self.inward_bias[direction]
        state = np.zeros(size, np.float32)
        states = np.empty((len(words), size), np.float32)
        for at, gate in enumerate(gates):
            before = state @ self.onward[direction] + self.onward_bias[direction]
            reset, update = _sigmoid(gate[: 2 * size] + before[: 2 * size]).reshape(2, size)
            new = np.tanh(gate[2 * size :] + reset * before[2 * size :])
            state = states[at] = update * state + (1 - update) * new
        return states


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def odds(mention: Mention, networks: Sequence[Asides]) -> float:
    """The logarithm of the odds that a topic is set aside, as networks see it on average."""
    return sum(network.score(mention) for network in networks) / len(networks)


def keep(networks: Sequence[Asides], path: Path = LEARNT) -> None:
    """Write them, at half precision; all of them or nothing."""
    arrays: dict[str, Any] = {
        each.name: np.stack([getattr(one, each.name) for one in networks]).astype(np.float16)
        for each in fields(Asides)
    }
    replace_whole(path, lambda part: np.savez_compressed(part, **arrays))


@cache
def learnt(path: Path = LEARNT) -> tuple[Asides, ...]:
    """What was learnt from our own content: networks that were begun from different numbers.

    Raises:
        OSError, ValueError, KeyError, zipfile.BadZipFile: the file is missing or damaged.
    """
    with np.load(path, allow_pickle=False) as kept:
        found = {each.name: kept[each.name] for each in fields(Asides)}
    for name in found.keys() - {"table"}:
        found[name] = found[name].astype(np.float32)
    count = len(found["table"])
    return tuple(
        Asides(**{name: several[at] for name, several in found.items()}) for at in range(count)
    )
