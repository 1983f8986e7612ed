"""What a sentence denies, and the parts that it is made of."""

from collections.abc import Sequence
from itertools import combinations, takewhile

from intents.dutch import FILLERS, FUNCTION_WORDS, LANGUAGE, stem

NEGATIONS = frozenset(LANGUAGE["negations"])
"""Words that deny."""

JOINTS = frozenset(LANGUAGE["joints"])
"""Conjunctions and the like: words between two things that are said."""

_GOING_ON = frozenset(LANGUAGE["going_on"])
"""Before "maar" these make it a particle: "blijft maar trillen"."""

DENIAL_ENDS = JOINTS | frozenset(LANGUAGE["denial_ends"])
"""Words at which a denial ends."""

_THINGS = frozenset(LANGUAGE["deniable"])
"""Words that open a thing which "niet" can deny ("niet mijn rug")."""

_WORRIES = frozenset(LANGUAGE["worries"])
"""One or two words before "geen" these ask or fear ("is het geen ms"); right before it they deny
("het is geen ms")."""


_MOST_JOINTS, _LONGEST_HALF = 8, 24
"""Joints that are looked at, and words of what stands before or after one."""

_SHORTEST_STRETCH, _LONGEST_STRETCH = 3, 14
"""Words of what may be a sentence by itself, though nothing joins it to the rest."""

_NOR: tuple[str, ...] = tuple(LANGUAGE["nor"])
_ALSO = 5
"""Words in which a denial follows "ook" that it belongs to."""

_PLAIN = 4
"""Words of a clause that ends in "niet" and so denies nothing but itself."""

_OPENINGS = frozenset(LANGUAGE["openings"]) | frozenset(LANGUAGE["first_words"])
"""Open a new sentence."""

_LAST = frozenset(LANGUAGE["last_words"])
"""Words that hold a sentence together and yet may be the last of one."""


def clauses(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The parts of a sentence between "en", "maar", "want" …, empty ones left out."""
    parts: list[list[str]] = [[]]
    for before, word in zip(("", *words), words, strict=False):
        if word in JOINTS and not (word == "maar" and before in _GOING_ON):
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts if part]


def halves(words: Sequence[str]) -> list[tuple[str, ...]]:
    """What stands before and after each joint: one of two things that are told together."""
    joints = [at for at, word in enumerate(words) if word in JOINTS][:_MOST_JOINTS]
    parts = [tuple(part) for at in joints for part in (words[:at], words[at + 1 :])]
    return [part for part in parts if 1 < len(part) <= _LONGEST_HALF]


def stretches(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Rows of sentences that may have been said without a pause, but for all of it."""
    borders = sorted({0, *openings(words), len(words)})[: _MOST_JOINTS + 2]
    rows = (tuple(words[start:end]) for start, end in combinations(borders, 2))
    longest = min(_LONGEST_STRETCH, len(words) - 1)
    return [row for row in rows if _SHORTEST_STRETCH <= len(row) <= longest]


def openings(words: Sequence[str]) -> list[int]:
    """Places where a new sentence may begin: nobody hears commas.

    "mijn oog is het niet | mijn kuit trilt", "kramp is het niet | het zijn de zenuwen".
    """
    found = []
    for at in range(2, len(words) - 1):
        before, word = words[at - 1], words[at]
        ended = before not in FUNCTION_WORDS or before in NEGATIONS | _LAST
        if word in JOINTS or (word in _OPENINGS and ended):
            found.append(at + 1 if word in JOINTS else at)
    return [at for at in dict.fromkeys(found) if len(words) - at > 1]


def without_denied(words: Sequence[str]) -> tuple[str, ...]:
    """The sentence without what it denies.

    "niet mijn rug maar mijn kuit" leaves "maar mijn kuit"; "mijn oog trilt niet meer" leaves
    nothing; "mijn been trilt niet maar mijn arm wel" leaves "mijn arm trilt".
    """
    kept: list[str] = []
    clause_start = 0
    i = 0
    while i < len(words):
        word = words[i]
        if word in JOINTS:
            clause_start = len(kept) + 1
        if word not in NEGATIONS:
            kept.append(word)
            i += 1
            continue
        end = _denial_end(words, i, kept[clause_start:])
        if end > i:
            i = end
            continue
        if _denies_before(words, i):
            verb = _verb(kept[clause_start:])
            del kept[clause_start:]
            i = _clause_end(words, i)
            rest = words[i : _clause_end(words, i + 1)] if i < len(words) else ()
            if "wel" in rest:
                kept += [w for w in rest if w not in JOINTS and w != "wel"] + verb
                i += len(rest)
            continue
        kept.append(word)
        i += 1
    return tuple(kept)


def _verb(clause: Sequence[str]) -> list[str]:
    """The last word of a clause, unless that is the thing itself: "mijn been | niet"."""
    alone = len(clause) < 2 or (len(clause) == 2 and clause[0] in _THINGS)
    return [] if alone else list(clause[-1:])


def plain_rest(words: Sequence[str]) -> tuple[str, ...]:
    """What is left by the only denial, where that can't be taken in two ways; else nothing.

    "mijn been trilt niet en mijn oog wel" leaves the eye, "zonder dat ik ms heb" what precedes it.
    """
    denied = [at for at, word in enumerate(words) if word in NEGATIONS]
    if len(denied) != 1:
        return ()
    without = tuple(words[denied[0] : denied[0] + 2]) == ("zonder", "dat")
    parts = clauses(words)
    short = [part for part in parts if part[-1] == "niet" and 1 < len(part) <= _PLAIN]
    return without_denied(words) if without or (short and len(parts) > 1) else ()


def denies_several(words: Sequence[str]) -> bool:
    """Whether a second thing is denied too: "niet mijn oog en ook mijn been niet".

    Not where "maar" follows with what is meant instead ("maar wat dan wel" tells nothing).
    """
    first = next((at for at, word in enumerate(words) if word in NEGATIONS), len(words))
    after = words[first + 1 :]
    instead = after[after.index("maar") + 1 :] if "maar" in after else ()
    if instead and instead[0] not in DENIAL_ENDS:
        return False
    also = (after[at + 1 : at + _ALSO] for at, word in enumerate(after) if word == "ook")
    said = f" {' '.join(after)} "
    return any(f" {nor} " in said for nor in _NOR) or any(
        not NEGATIONS.isdisjoint(near) for near in also
    )


def denies_alike(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether a known phrase has the denial of ``words`` itself ("staat niet stil")."""
    return not denials(words).isdisjoint(denials(phrase))


def denials(words: Sequence[str]) -> set[tuple[str, str]]:
    """Each negation with the stem of the first telling word it denies, or of the word before it."""
    found = set()
    for at, word in enumerate(words):
        if word in NEGATIONS:
            denied = takewhile(lambda w: w not in DENIAL_ENDS, words[at + 1 :])
            telling = next((w for w in denied if w not in FUNCTION_WORDS | FILLERS), words[at - 1])
            found.add((word, stem(telling)))
    return found


def _denial_end(words: Sequence[str], at: int, before: Sequence[str]) -> int:
    """Where the thing that is denied after the negation ends; ``at`` where nothing is."""
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "niet" and (after not in _THINGS or _particle(words, at + 1)):
        return at
    if words[at] == "zonder" and after == "dat":
        return _clause_end(words, at)
    if words[at] in {"niets", "niks", "nergens"} or not after:
        return at
    worried = not _WORRIES.isdisjoint(before[-3:-1]) or before[-1:] == ["toch"]
    if worried and "maar" not in words:
        return at
    end = at + 1
    while end < len(words) and words[end] not in DENIAL_ENDS and end - at <= 6:
        end += 1
    return end


def _particle(words: Sequence[str], at: int) -> bool:
    """Whether the preposition belongs to the verb: "houdt niet op met", "gaat niet uit"."""
    after = words[at + 1] if at + 1 < len(words) else ""
    return words[at] in {"op", "aan", "uit", "door"} and after in {"", "met", "te", *JOINTS}


def _denies_before(words: Sequence[str], at: int) -> bool:
    """Whether "niet", at the end of its clause or before "meer", denies what stands before it."""
    if words[at] not in {"niet", "nooit"}:
        return False
    after = words[at + 1 : _clause_end(words, at)]
    return not after or tuple(after) in {("meer",), ("langer",), ("meer", "nu"), ("echt",)}


def _clause_end(words: Sequence[str], start: int) -> int:
    """The next joint at or after ``start``, or the end."""
    for i in range(start, len(words)):
        if words[i] in JOINTS:
            return i
    return len(words)
