"""One utterance, read: its red flag and its topics. Made for it and thrown away after it."""

import math
from dataclasses import replace

from intents.alarms import red_flag
from intents.animals import is_of_animal
from intents.classifier import Classifier, Option
from intents.clauses import (
    JOINTS,
    clauses,
    denies_alike,
    denies_several,
    plain_rest,
    without_denied,
)
from intents.denials import is_taken_back, meant_instead, probability
from intents.dutch import tokens
from intents.phrases import DENIED, OFF_TOPIC
from intents.results import Ambiguous, Command, FollowUp, Match, NotRecognized, TopicMatch
from intents.settings import MatcherSettings

_WHOLE = 0.95
"""Likeness from which a sentence is one known phrase, and "en" in it joins no two complaints."""

_FOLLOW_UP, _SCORE_OF_FOLLOW_UP = 0.6, -0.4
"""Likeness, or else score, that a follow-up question needs: its words are those that everybody
uses."""

_COMMAND = 0.6
"""Probability that a command in new words needs."""

_LONGEST_COMMAND = 12
"""Words; whoever says more tells something."""

_IN_SIGHT = 0.03
"""Probability, in all that is said, that a topic of one clause needs: the rest may take it back."""

_SCORE_IN_SIGHT = -0.3
"""Or its score: two topics at once share the probability, and not the score."""

_UNMISTAKABLE = 0.995
"""Probability, in its own clause, from which a topic need not be in sight."""

_ALONE = 0.97
"""Probability of a topic from which no clause adds another one, if all that is said has none in
sight ("zou ik ms hebben, want mijn been schokt")."""

_MAYBE_DENIED = 0.2
"""Probability of a denial from which a topic is asked about before it is answered."""

_DENIED_TOO = 0.3
"""Probability of a denial from which a second one in the same breath leaves nothing meant."""

_SAYS_LITTLE = 0.15
"""Probability of a complaint without a place ("het trilt zo") from which we are readier to ask."""

_ASK_WHERE = 0.5
"""Probability of some complaint, of which some says too little, from which we ask which it is."""

_GUESS = 0.12
"""Probability below which a topic of a complaint that says too little would be a mere guess."""

_SCORE_OF_BOTH = -0.05
"""Score from which each of two topics is meant: a little below the line that is drawn for one, for
who hears more than was asked is better off than who hears half."""

_APART = 1.3
"""Score by which one topic leads another that is then but mentioned ("kunnen spiertrekkingen van
stress komen")."""

_BOTH, _SHARED = 0.5, 0.3
"""Probability that two such topics need together, and that makes one of each of several of which
none is set aside."""

_DOUBT = 0.2
"""Probability below which a topic was not even in sight."""

_NAMED, _MOST_NAMED = -0.5, 3
"""Score from which a topic counts as named, and how many can be."""

_ASIDE, _ASIDE_ALONE = 0.3, 1.0
"""Logarithm of the odds from which one of several named topics is set aside, and one that is named
alone, the probability of a denial added."""

_MEANT, _SURELY_MEANT = -0.5, -3.0
"""Logarithm of those odds below which a named topic is meant, whatever a rule would leave out of it
as denied, and below which one that is named alone is meant whatever is denied after it."""

_TRUST = 0.5
"""How much the words around a topic count beside its own, where another one is set aside."""

_MOST_PARTS = 10
"""Clauses that are looked at; nobody has more complaints in one breath."""


class Reading:
    """The meaning of one utterance.

    Args:
        words: its words, at least one.
        classifier: knows the catalogue.
        settings: when to answer, ask and be silent.
    """

    def __init__(
        self,
        words: tuple[str, ...],
        classifier: Classifier,
        settings: MatcherSettings,
    ) -> None:
        self._words = words
        self._classifier = classifier
        self._settings = settings
        self._parts = clauses(words)[:_MOST_PARTS]
        self._known: dict[tuple[str, ...], list[Option]] = {}
        self._odds: dict[str, float] = {}
        self._aside: frozenset[str] = frozenset()
        self._all_meant = False

    def red_flag(self) -> Option | None:
        """The likeliest red flag in all that is said, or else in a part that stands by itself."""
        return red_flag(self._words, self._options, self._without_topics)

    def _without_topics(self) -> tuple[str, ...]:
        """What is said, less the words that name its topics; empty where it names none."""
        named = self._named_topics(self._options(self._words))
        return self._classifier.without_names(self._words, named) if named else ()

    def command(self) -> Command | None:
        """The command that all of it is, in words that the catalogue does not have."""
        first = self._options(self._words)[0]
        if first.kind != "command" or len(self._words) > _LONGEST_COMMAND:
            return None
        sure = first.probability >= _COMMAND
        return Command(first.label, first.probability) if sure else None

    def topics(self) -> Match | Ambiguous | FollowUp | NotRecognized:
        """Accept, ask or decline."""
        whole = self._options(self._words)
        if whole[0].likeness >= 1 and whole[0].kind == "off_topic":
            return NotRecognized("off_topic")  # a known sentence, word for word
        if is_of_animal(self._words):
            return NotRecognized("off_topic")
        if whole[0].likeness < _WHOLE:
            if rest := self._plain_rest():
                return rest.topics()
            if self._denies_all(whole):
                return NotRecognized("off_topic")
            self._odds = self._odds_aside(whole)
            self._aside = frozenset(topic for topic in self._odds if self._is_aside(topic, whole))
            if self._aside:
                return self._read_rest(whole)
            most = max(self._odds.values(), default=0.0)
            self._all_meant = most < _MEANT
            if most < (_MEANT if len(self._odds) > 1 else _SURELY_MEANT):
                return self._read(whole, whole)
            corrected = self._corrected(whole)
            if corrected is not None:
                return corrected
        options = self._meant(self._words)
        return self._read(whole, options) if options else NotRecognized("off_topic")

    def _denies_all(self, whole: list[Option]) -> bool:
        """Whether one denial is added to another, and so nothing is left to be told about."""
        return probability(whole, DENIED) >= _DENIED_TOO and denies_several(self._words)

    def _plain_rest(self) -> "Reading | None":
        """What a plain denial leaves, where that is a topic that we are sure of."""
        rest = plain_rest(self._words)
        if not rest or rest == self._words:
            return None
        first = self._options(rest)[0]
        sure = first.kind == "topic" and first.probability >= self._settings.accept
        return Reading(rest, self._classifier, self._settings) if sure else None

    def _odds_aside(self, whole: list[Option]) -> dict[str, float]:
        """The topics that are named, with the logarithm of the odds that each is set aside."""
        named = self._named_topics(whole)
        odds = self._classifier.aside(self._words, named) if named else []
        return dict(zip(named, odds, strict=True))

    def _named_topics(self, whole: list[Option]) -> list[str]:
        return [o.label for o in whole if o.kind == "topic" and o.score >= _NAMED][:_MOST_NAMED]

    def _is_aside(self, topic: str, whole: list[Option]) -> bool:
        """Whether a topic is set aside; a denial, wherever it is, speaks for that."""
        odds = self._odds.get(topic)
        if odds is None:  # only a clause names it
            odds = self._classifier.aside(self._words, [*self._odds, topic])[-1]
        line = _ASIDE if len({*self._odds, topic}) > 1 else _ASIDE_ALONE
        return odds + probability(whole, DENIED) > line

    def _read_rest(self, whole: list[Option]) -> Match | Ambiguous | FollowUp | NotRecognized:
        """What is meant where some of the topics that are named are set aside.

        Whoever sets something aside says what is meant instead: so a topic that the words around
        it tell to be meant grows against all else.
        """
        gone = {DENIED, *self._aside}
        left = [
            (o, o.probability * math.exp(-_TRUST * min(0.0, self._odds.get(o.label, 0.0))))
            for o in whole
            if o.label not in gone and (o.kind != "topic" or o.label in self._odds)
        ]
        share = sum(weight for _, weight in left)
        rest = [replace(o, probability=weight / share) for o, weight in left]
        rest.sort(key=lambda option: -option.probability)
        return self._read(whole, rest) if rest[0].kind == "topic" else NotRecognized("off_topic")

    def _corrected(self, whole: list[Option]) -> Match | NotRecognized | None:
        """What is meant instead of what is denied, or that all is taken back; None for neither."""
        instead = meant_instead(self._words, whole, self._meant)
        if instead is not None and instead.probability >= self._settings.accept:
            return Match((_topic(instead),))
        taken_back = is_taken_back(self._words, whole, self._meant)
        return NotRecognized("off_topic") if taken_back else None

    def _read(
        self, whole: list[Option], options: list[Option]
    ) -> Match | Ambiguous | FollowUp | NotRecognized:
        """Accept, ask or decline.

        Args:
            whole: the classes of all that is said.
            options: those of what is meant of it, at least one.
        """
        first = options[0]
        denied = (
            not self._aside
            and probability(whole, DENIED) >= _MAYBE_DENIED
            and first.likeness < _WHOLE
        )
        both = self._topic_and_part(options)
        if both and not denied and both.topics[0].probability >= self._settings.accept:
            return both
        sure = first.probability >= self._settings.accept and not denied
        if not (sure and self._is_known(first)):
            parts = max(self._sure_parts(), self._named(options), key=len)
            if len(parts) > 1 or (parts and not sure):
                return Match(parts)
        if sure and first.kind == "topic":
            return Match((_topic(first),))
        asked_on = max(first.likeness - _FOLLOW_UP, first.score - _SCORE_OF_FOLLOW_UP) >= 0
        if sure and first.kind == "follow_up" and asked_on:
            return FollowUp(first.label, first.probability)
        vague = sum(o.probability for o in options if o.kind == "vague")
        return self._ask_back([o for o in options if o.kind == "topic"], vague)

    def _topic_and_part(self, options: list[Option]) -> Match | None:
        """A topic and what is asked about it, where both are named: they share the probability."""
        if len(options) < 2 or options[0].likeness >= _WHOLE:
            return None
        topic, part = sorted(options[:2], key=lambda option: option.kind != "topic")
        if (topic.kind, part.kind) != ("topic", "follow_up") or topic.score <= _SCORE_OF_BOTH:
            return None
        if part.label != self._classifier.asked(self._words):
            return None
        together = min(1.0, topic.probability + part.probability)
        return Match((TopicMatch(topic.label, together, topic.phrase),), part.label)

    def _ask_back(self, topics: list[Option], vague: float) -> Ambiguous | NotRecognized:
        """A question back where a complaint is likely; ``vague``: that of one without a place."""
        best = topics[0].probability if topics else 0.0
        about = vague + sum(o.probability for o in topics)
        enough = _ASK_WHERE if vague >= _SAYS_LITTLE else self._settings.ask
        if about >= enough and best < _GUESS:
            return Ambiguous(())
        if len(topics) > 1 and about >= enough:
            return Ambiguous((_topic(topics[0]), _topic(topics[1])))
        return NotRecognized("unsure" if best > _DOUBT else "off_topic", best)

    def _is_known(self, option: Option) -> bool:
        """Whether all that is said is that known phrase, joints and all."""
        joints = JOINTS.intersection(self._words)
        return option.likeness >= _WHOLE and joints.issubset(tokens(option.phrase))

    def _options(self, part: tuple[str, ...]) -> list[Option]:
        """What the classifier makes of a part, asked once."""
        if part not in self._known:
            self._known[part] = self._classifier.options(part)
        return self._known[part]

    def _sure_parts(self) -> tuple[TopicMatch, ...]:
        """The topics of the clauses that are sure by themselves, in the order of speech.

        Empty where there is only one clause, or one topic in sight that is sure.
        """
        whole = self._options(self._words)
        if len(self._parts) < 2 or _is_alone(whole):
            return ()
        found: dict[str, TopicMatch] = {}
        overall = {o.label: o for o in whole}
        gathered = self._classifier.gathered(self._words)
        for part in self._parts:
            best = next(iter(self._meant(part)), None)
            if best is None or best.kind != "topic":
                continue
            seen = overall[best.label]
            in_sight = seen.probability >= _IN_SIGHT or seen.score >= _SCORE_IN_SIGHT
            sure = best.probability >= self._settings.accept
            gone = best.label in gathered or (self._odds and self._is_aside(best.label, whole))
            if sure and gone:
                continue
            if sure and (in_sight or best.probability >= _UNMISTAKABLE):
                found.setdefault(best.label, _topic(best))
        return tuple(found.values())

    def _named(self, options: list[Option]) -> tuple[TopicMatch, ...]:
        """The two topics that are named together, where none of them is alone.

        They share the probability, which is that of either: so each is as likely as both together.
        """
        named = [o for o in options if o.kind == "topic" and self._is_named(o)][:2]
        together = min(1.0, sum(o.probability for o in named))
        if len(named) < 2 or together < _BOTH or abs(named[0].score - named[1].score) > _APART:
            return ()
        return tuple(TopicMatch(o.label, together, o.phrase) for o in named)

    def _is_named(self, topic: Option) -> bool:
        several = self._all_meant and len(self._odds) > 1
        shared = several and topic.label in self._odds and topic.probability > _SHARED
        return topic.score > _SCORE_OF_BOTH or shared

    def _meant(self, words: tuple[str, ...]) -> list[Option]:
        """The classes of what is not denied.

        Of all of it where each named topic is meant, or where the best phrase itself denies,
        unless that is chatter.
        """
        options = self._options(words)
        first = options[0]
        says_so = first.kind != OFF_TOPIC and denies_alike(words, tokens(first.phrase))
        if (self._all_meant and words == self._words) or says_so:
            return options
        meant = without_denied(words)
        if len(meant) == len(words):
            return options
        return self._options(meant) if meant else []


def _is_alone(options: list[Option]) -> bool:
    """Whether a topic is sure, and no other in sight."""
    first = options[0]
    if first.kind != "topic" or first.probability < _ALONE:
        return False
    return all(o.score < _SCORE_IN_SIGHT for o in options[1:] if o.kind == "topic")


def _topic(option: Option) -> TopicMatch:
    return TopicMatch(option.label, option.probability, option.phrase)
