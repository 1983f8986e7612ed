"""Makes tidy sentences sound like speech: hesitations, false starts, short and Flemish forms.

What is said here is how often each happens, not which words: those are few and stand in the tables.
"""

import random

from training.ngram import Words

_FILLERS = ("eh", "uh", "euh", "ehm", "uhm", "nou", "ja", "nou ja", "zeg maar", "gewoon",
            "hè", "toch", "even", "dus", "ook", "wel", "nu", "zo", "weer", "steeds")  # fmt: skip
_OPENERS = ("eh", "ja", "nou", "nou ja", "nou kijk", "kijk", "dokter", "mevrouw", "meneer", "hallo",
            "goedemorgen", "goedemiddag", "goeiedag", "goedendag", "dag", "hoi", "sorry", "pardon",
            "zeg", "luister", "ja hallo", "ja goedemorgen", "eh ja", "ja nou", "och", "ach", "amai",
            "allez", "dokter luister", "ik wou zeggen", "ik wilde vragen", "weet u", "het is zo",
            "het zit zo", "hoe zal ik het zeggen", "neem me niet kwalijk", "dag dokter", "zuster",
            "mag ik iets vragen", "ik heb een vraag", "ik heb een vraagje")  # fmt: skip
_CLOSERS = ("hoor", "hè", "toch", "dokter", "denk ik", "eigenlijk", "alstublieft",
            "geloof ik", "zeg maar", "weet u", "wat is dat", "wat kan dat zijn", "is dat erg",
            "kan dat kwaad", "komt dat vaker voor", "wat moet ik doen", "en dat is vervelend",
            "zou dat kunnen", "ziet u", "snapt u", "en nu", "of zo", "enzo", "amai", "bedankt",
            "dank u wel", "vindt u niet")  # fmt: skip
_SHORT = {
    "mijn": "m'n",
    "het": "'t",
    "een": "'n",
    "ik": "'k",
    "zijn": "z'n",
    "haar": "d'r",
    "eens": "'ns",
}
_FLEMISH = {"mijn": "mijne", "hele": "ganse", "u": "ge", "uw": "uwe", "je": "ge", "leuk": "plezant",
            "niet": "nie", "dat": "da", "wat": "wa"}  # fmt: skip


def spoken(sentence: Words, rng: random.Random) -> Words:
    """The sentence as somebody might really say it; most often it stays as it is."""
    words = list(sentence)
    if not words:
        return sentence
    if rng.random() < 0.12:
        words = [_SHORT.get(w, w) if rng.random() < 0.6 else w for w in words]
    elif rng.random() < 0.05:
        words = [_FLEMISH.get(w, w) if rng.random() < 0.5 else w for w in words]
    if len(words) > 2 and rng.random() < 0.06:
        count = rng.choice((1, 1, 2))
        words = words[:count] + ([] if rng.random() < 0.5 else ["eh"]) + words
    if len(words) > 2 and rng.random() < 0.10:
        at = rng.randrange(1, len(words))
        words[at:at] = rng.choice(_FILLERS).split()
    if rng.random() < 0.12:
        words[:0] = rng.choice(_OPENERS).split()
    if rng.random() < 0.08:
        words += rng.choice(_CLOSERS).split()
    return tuple(words)
