"""Whether what is said sounds an alarm: all of it, or a part that stands by itself.

A sign that is missed weighs more than one that was never said, so it is looked for in several ways.
"""

from collections.abc import Callable, Iterable

from intents.classifier import Option
from intents.clauses import NEGATIONS, clauses, denials, halves, stretches
from intents.denials import probability
from intents.dutch import stem, tokens
from intents.phrases import OFF_TOPIC

Options = Callable[[tuple[str, ...]], list[Option]]
"""The classes of some words, the likeliest first."""

_ALARMING = 0.35
"""Probability of all red flags together, less what speaks against them, that sounds the alarm."""

_ALARMING_IN_PART, _FLAGS_IN_SIGHT = 0.6, 0.05
"""The same for a part of what is said, and the probability that red flags then need in all of it:
the rest may take it back ("mijn voet sleept niet, hij trekt krom van de kramp")."""

_SCORE_IN_SIGHT = -0.5
"""Or the score of one: a sure topic takes all of the probability ("ik krijg geen lucht en ik heb
veel stress")."""

_STORY = 20
"""Words from which what is said is a story, in which a sign may drown: each part counts then."""

_SHORT = 2
"""Words of a clause in the middle of a story that is no sign by itself."""

_CALM_OF_ALL, _ALARMING_BESIDE_DENIAL = 0.5, 0.95
"""Probability of a denial, or of an alarm's words without one, in all that is said, from which a
part of it needs more to sound the alarm ("ik slik goed, maar ik krijg geen lucht")."""

_CALM, _CHATTER = 1.5, 0.3
"""How much the probability of a denial or of an alarm's words without one, and that of other
chatter, speaks against it."""

_KNOWN_CHATTER = 0.8
"""Likeness from which known chatter explains a red flag's words ("geen lucht in mijn band")."""

_TOPIC_LEADS = 0.3
"""Probability of chatter and of denials below which a topic may be hiding a sign."""

_IN_STRETCH, _IN_STRETCH_OF_STORY, _BESIDE_TOPIC = 0.9, 0.97, 0.9
"""What a part needs that nothing but its first word sets apart, and what is left where the names of
the topics are taken out ("van de stress krijg ik geen adem")."""

_DENIED_WORD_FOR_WORD = 0.9
"""Likeness to a sign that has no denial, from which a denial of its words takes it back ("mijn arm
is niet verlamd")."""


def red_flag(
    words: tuple[str, ...], options_of: Options, without_topics: Callable[[], tuple[str, ...]]
) -> Option | None:
    """The likeliest red flag in all that is said, or else in a part that stands by itself.

    Args:
        words: what is said, at least one.
        options_of: the classifier.
        without_topics: what is left of it without the words that name a topic; empty where none is.
    """
    options = options_of(words)
    if options[0].likeness >= 1 and options[0].kind != "red_flag":
        return None  # a known phrase, word for word
    flag = _alarm(words, options, _ALARMING)
    in_sight, story = _in_sight(options), len(words) > _STORY
    if flag is not None or not (in_sight or story):
        return flag
    calm = _calm(options) > _CALM_OF_ALL
    enough = _ALARMING_BESIDE_DENIAL if calm else _ALARMING_IN_PART
    apart = (part for part in clauses(words) if len(part) > _SHORT)
    flag = _likeliest((*halves(words), *apart), options_of, enough)
    hides = _topic_leads(options)
    if flag is None and (hides or story):
        enough = max(enough, _IN_STRETCH) if hides else _IN_STRETCH_OF_STORY
        flag = _likeliest(stretches(words), options_of, enough)
    if flag is None and in_sight and len(rest := without_topics()) > _SHORT:
        flag = _alarm(rest, options_of(rest), _BESIDE_TOPIC)
    return flag


def _in_sight(options: list[Option]) -> bool:
    """Whether any red flag may be meant, in the light of all that is said."""
    flags = [o for o in options if o.kind == "red_flag"]
    together = sum(flag.probability for flag in flags)
    best = max((flag.score for flag in flags), default=-1.0)
    return together >= _FLAGS_IN_SIGHT or best >= _SCORE_IN_SIGHT


def _topic_leads(options: list[Option]) -> bool:
    against = _calm(options) + probability(options, OFF_TOPIC)
    return options[0].kind in ("topic", "vague", "follow_up") and against < _TOPIC_LEADS


def _likeliest(
    parts: Iterable[tuple[str, ...]], options_of: Options, enough: float
) -> Option | None:
    """The likeliest red flag of those that parts sound by themselves."""
    found = [_alarm(part, options_of(part), enough) for part in dict.fromkeys(parts)]
    return max(filter(None, found), key=lambda option: option.probability, default=None)


def _alarm(words: tuple[str, ...], options: list[Option], enough: float) -> Option | None:
    """The likeliest red flag, where it sounds like red flags, whichever and in whatever words.

    Nobody can write down all the ways to say that something is very wrong, so no sign needs to be
    heard word for word; signs that are denied have classes of their own.
    """
    flags = [o for o in options if o.kind == "red_flag"]
    against = _CALM * _calm(options) + _CHATTER * probability(options, OFF_TOPIC)
    if not flags or sum(flag.probability for flag in flags) - against < enough:
        return None
    chatter = max((o.likeness for o in options if o.kind == "off_topic"), default=0.0)
    known = chatter >= _KNOWN_CHATTER and chatter > max(flag.likeness for flag in flags)
    return None if known or _is_denied(words, flags[0]) else flags[0]


def _is_denied(words: tuple[str, ...], flag: Option) -> bool:
    """Whether it is the phrase of the flag with a denial in it, which the phrase has not."""
    phrase = tokens(flag.phrase)
    if flag.likeness < _DENIED_WORD_FOR_WORD or not NEGATIONS.isdisjoint(phrase):
        return False
    return not {denied for _, denied in denials(words)}.isdisjoint(map(stem, phrase))


def _calm(options: list[Option]) -> float:
    """The probability of a denial, or of an alarm's words without one."""
    return sum(o.probability for o in options if o.label.startswith(f"{OFF_TOPIC}:"))
