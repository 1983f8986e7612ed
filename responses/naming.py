"""What single words mean in answer to a question of ours: too little by itself for ``intents/``.

"Mijn been", where we asked "ooglid, of arm of been?"; "allebei"; "nee, geen stress".
"""

import re
from collections.abc import Mapping

from responses.texts import TopicText

MOST_WORDS = 5
"""An answer to a question is short; more words are a new complaint, which is for ``intents/``."""

_SHORTEST = 3
"""Letters; shorter words of a name ("uw", "of") name nothing."""

_NAMES_NOTHING = frozenset({"het", "een", "hele", "heel", "van", "voor", "met", "bij", "door"})
"""Longer words of a name that are in everybody's mouth: "de hele dag"."""

_JOINS = "als"
"""Both a name and the word for "if": a name only where it ends the answer, "alleen als ik lig"."""

_NEGATIONS = frozenset({"niet", "geen", "nooit", "noch"})
_NO = frozenset({"nee", "neen"})
_BOTH = re.compile(r"\b(allebei|allebeide|beiden?|alle ?twee)\b")
_NEITHER = re.compile(r"\b(allebei|allebeide|beiden?|twee|tweeën)\b")
_NO_HELP = re.compile(
    r"^(nee|neen|ik|we|wij|het|dat|er)\b.*\b"
    r"(geen (\w+ )?(hulp nodig|noodgeval)|vals alarm|(niets|niks) aan de hand)$"
)
"""No more than these: "ik krijg geen hulp" is quite another thing."""

_USUAL_PACE = re.compile(r"\b(normaal|normale|gewoon|gewone) (tempo|snelheid)\b")
_YES = frozenset({"ja", "jawel", "jazeker", "graag"})
_WHO = r"ik|wij|we|ze|zij|hij|iemand|mijn \w+|de (?:balie|assistente|zuster|buurman|buurvrouw)"
_HELPERS = r"ambulance|ziekenwagen|ziekenauto|hulp|dokter|huisarts|zuster|mevrouw|assistente"
_CALLED = r"112|honderdtwaalf|een een twee|(?:de|een) (?:ambulance|ziekenwagen)"
_HELP_COMES = re.compile(
    rf"(?:ja )?(?:(?:(?:de|een) )?(?:{_HELPERS})(?: van de balie)?|(?:ze|zij)(?! is)) "
    r"(?:(?:is|zijn)(?: (?:al|nu|zo))* (?:er|hier|onderweg)|komt|komen)"
    r"(?: (?:er|hier|al|nu|zo|eraan|aan))*"
    rf"|(?:ja )?(?:{_WHO}) (?:heb|hebben|heeft)(?: (?:al|net|zelf|nu|{_CALLED}))* gebeld"
    rf"|(?:ja )?(?:{_WHO}) (?:bel|bellen|belt)(?: (?:al|nu|meteen|{_CALLED}))*"
)
"""A plain report and nothing else: "heb je gebeld" and "kan de dokter komen" ask for help, "hij is
hier" may be the patient, and a doctor who was called is not 112."""

_THANKS = frozenset({"bedankt", "dank", "dankjewel", "dankuwel", "merci", "thanks"})
_AROUND_THANKS = re.compile(
    r"u|je|jij|wel|hartelijk|vriendelijk|heel|erg|zeer|veel|hoor|nou|ja|eh|oké|ok|goed|fijn|en|voor"
    r"|de|het|uw|hulp|uitleg|informatie|antwoord|moeite|alles|alvast|mevrouw|meneer|dokter|zuster"
    r"|computer|spiertolk|dat|dit|was|is|duidelijk|prettig|gelukkig|maar|om|te|horen|weten|stelt"
    r"|me|mij|gerust|t|zo|zulle|zenne|hè|hé|he|dan"
)
"""What may stand around the thanks without telling that somebody leaves."""


def named_option(
    text: str, options: tuple[str, ...], topics: Mapping[str, TopicText]
) -> str | None:
    """The one option that ``text`` names; None where it names none, both, or says no to one."""
    named = () if denies(text) else named_options(text, options, topics)
    return named[0] if len(named) == 1 else None


def named_options(
    text: str, options: tuple[str, ...], topics: Mapping[str, TopicText]
) -> tuple[str, ...]:
    """The options that ``text`` names, whatever it says of them."""
    if not is_short(text):
        return ()
    said = _words(text)
    if not re.search(rf"\b{_JOINS}\W*$", text.lower()):
        said -= {_JOINS}
    names = {option: _names(topics[option]) for option in options}
    named = []
    for option in options:
        others = frozenset().union(*(names[other] for other in options if other != option))
        if said & (names[option] - others):
            named.append(option)
    return tuple(named)


def denies(text: str) -> bool:
    """Whether ``text`` says no to something: what it names then isn't what it means."""
    return bool(_words(text) & _NEGATIONS)


def says_no(text: str) -> bool:
    """Whether it begins with "nee"."""
    return bool(_NO & frozenset(text.lower().split()[:1]))


def wants_usual_pace(text: str) -> bool:
    """Whether it asks for the pace that we began with: "normaal tempo"."""
    return is_short(text) and bool(_USUAL_PACE.search(text.lower()))


def says_yes(text: str) -> bool:
    """Whether it holds a plain "ja"; "oké" and "goed" before thanks only close."""
    return bool(_YES & frozenset(text.lower().split()))


def help_is_coming(text: str) -> bool:
    """Whether it tells that help was called, or comes."""
    return bool(_HELP_COMES.fullmatch(text.lower().strip()))


def means_both(text: str) -> bool:
    """Whether it wants both of two options: "ja, allebei"."""
    return is_short(text) and bool(_BOTH.search(text.lower())) and not _says_not(text)


def means_neither(text: str) -> bool:
    """Whether it turns down both of two options: "geen van beide"."""
    return bool(_NEITHER.search(text.lower())) and _says_not(text)


def needs_no_help(text: str) -> bool:
    """Whether it says in full that help is not needed: "nee, ik heb geen hulp nodig"."""
    return is_short(text, MOST_WORDS + 2) and bool(_NO_HELP.search(text.lower().strip()))


def only_thanks(text: str) -> bool:
    """Whether it is no more than thanks: who adds "dag", or "ik weet genoeg", leaves."""
    said = _words(text)
    return bool(said & _THANKS) and all(_AROUND_THANKS.fullmatch(word) for word in said - _THANKS)


def _says_not(text: str) -> bool:
    return denies(text) or says_no(text)


def is_short(text: str, most: int = MOST_WORDS) -> bool:
    """Whether it may be an answer; more words are something new."""
    return len(_words(text)) <= most


def _names(topic: TopicText) -> frozenset[str]:
    """The words that call this topic by its name."""
    long_enough = frozenset(word for word in _words(topic.name) if len(word) >= _SHORTEST)
    return (long_enough - _NAMES_NOTHING) | frozenset(word.lower() for word in topic.called)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))
