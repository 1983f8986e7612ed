"""Imitates what a recogniser does to a sentence, so that the calibration learns to live with it."""

import random
from collections.abc import Sequence

_CONFUSIONS = (
    ("b", "p"), ("d", "t"), ("g", "k"), ("v", "f"), ("z", "s"), ("m", "n"), ("n", "m"), ("i", "e"),
    ("e", "i"), ("o", "oe"), ("oe", "o"), ("a", "aa"), ("aa", "a"), ("ee", "i"), ("oo", "o"),
    ("ui", "ou"), ("ij", "ei"), ("uu", "ie"), ("l", "r"), ("t", "d"), ("k", "g"), ("s", "z"),
)  # fmt: skip
"""Sounds that are easily taken for one another."""

_BEFORE = """dokter|goedemorgen|hallo|ik bel omdat|ik wou even vragen|mag ik wat vragen|weet u
mijn vrouw zegt dat|ik heb een vraag|nou kijk|eh|het is zo dat|al een tijdje|sinds vorige week
de laatste tijd merk ik|ik maak me zorgen want|ja goedemiddag|wat is dat toch|zeg""".replace(
    "\n", "|"
).split("|")
_AFTER = """al een hele tijd|sinds gisteren|wat kan dat zijn|en dat is vervelend|weet u wat dat is
vooral 's avonds|als ik moe ben|de laatste weken|is dat erg|ik word er gek van|hoe komt dat
en nu weet ik het niet meer|snapt u|en het gaat niet over|dokter|denk ik|zeg maar""".replace(
    "\n", "|"
).split("|")
"""What people say around the thing they mean."""


def heard(words: Sequence[str], others: Sequence[str], dice: random.Random) -> list[str]:
    """``words`` as a recogniser may hear them in noise: dropped, misheard, split and false words.

    Args:
        words: the sentence.
        others: words to mishear for.
        dice: the chance, seeded by the caller.
    """
    result: list[str] = []
    for word in words:
        chance = dice.random()
        if chance < 0.08 and len(words) > 2:
            continue
        if chance < 0.16:
            result.append(misheard(word, dice))
        elif chance < 0.20:
            result.append(dice.choice(others))
        elif chance < 0.24 and len(word) > 5:
            cut = dice.randint(3, len(word) - 3)
            result += [word[:cut], word[cut:]]
        else:
            result.append(word)
        if dice.random() < 0.04:
            result.append(dice.choice(others))
    return result or list(words)


def misheard(word: str, dice: random.Random) -> str:
    """A word with one sound taken for another."""
    possible = [(a, b) for a, b in _CONFUSIONS if a in word]
    if not possible:
        return word
    wrong, instead = dice.choice(possible)
    return word.replace(wrong, instead, 1)


def told(words: Sequence[str], dice: random.Random) -> list[str]:
    """``words`` as part of a longer story."""
    before = dice.choice(_BEFORE).split() if dice.random() < 0.7 else []
    after = dice.choice(_AFTER).split() if dice.random() < 0.6 or not before else []
    return [*before, *words, *after]
