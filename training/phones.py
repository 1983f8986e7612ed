"""The sounds that the acoustic model tells apart, and what espeak-ng calls them.

espeak-ng's Dutch voice names its phonemes in ASCII (``espeak-ng -x``). Sounds that only occur in
loan words are mapped to the nearest Dutch one: a few hours of speech can't teach them.
"""

SILENCE = "SIL"
NOISE = "SPN"
"""Spoken noise: what ``[unk]`` sounds like."""
_NAMES = "8 @ A AU E EI I I: N O O: S UI Y: Z a: b d e: f h i j k l m n o: p r s t u v w x y z"
PHONES = tuple(_NAMES.split())
"""All Dutch phones, in the order of their ids."""

_SAME = {phone: (phone,) for phone in PHONES}
_OTHER = {
    "w": "w", "*": "r", "yU": "y w", "eU": "e: w", "VU": "AU", "Wy": "UI", "n^": "n j", "tS": "t S",
    "dZ": "d Z", "E:": "E", "E2": "E", "a": "A", "aI": "A j", "i:": "i", "eI": "e:", "0": "O",
    "u:": "u", "oU": "o:", "A~": "A n", "I2": "I", "3:": "Y:", "E~": "E n", "e@": "E", "D": "d",
    "V": "8", "g": "k", "Q": "x", "v#": "w", "Y": "8", "y:": "y", "O~": "O n", "W~": "8 n",
    "e": "e:", "o": "o:", "ø": "Y:", "U": "u", "T": "t", "3": "@", "@L": "@ l", "aU": "AU",
    "OI": "O j", "i@": "i @", "U@": "u @", "C": "x", "R": "r", "R2": "r", "r-": "r", "W": "8",
    "U:": "u", "A:": "a:", "@2": "@", "@5": "@", "e2": "e:", "a#": "A", "I#": "I", "l^": "l j",
    "Ø": "Y:", "O2": "O", "o~": "O n", "w#": "w", "t#": "t", "aI3": "A j @", "aI@": "A j @",
    "O@": "O", "o@": "O", "A@": "A", "i@3": "i @",
}  # fmt: skip
_FROM_ESPEAK = _SAME | {theirs: tuple(ours.split()) for theirs, ours in _OTHER.items()}
_SEPARATOR = "_"
_STRESS_AND_PAUSE = "',!%=|;- "


def from_espeak(mnemonics: str) -> tuple[str, ...] | None:
    """Our phones for espeak-ng's, which are separated by ``_``; None for a sound we do not have.

    ``(nl)`` and the like, by which espeak-ng marks a change of language, are passed over.
    """
    phones: list[str] = []
    for raw in mnemonics.replace(" ", _SEPARATOR).replace("\n", _SEPARATOR).split(_SEPARATOR):
        name = raw.strip(_STRESS_AND_PAUSE)
        if not name or (name.startswith("(") and name.endswith(")")):
            continue
        if name not in _FROM_ESPEAK:
            return None
        phones.extend(_FROM_ESPEAK[name])
    return tuple(phones)
