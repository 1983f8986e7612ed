"""How likely it is that what was heard still means what was said, and what follows from that.

The matcher reads words as if they had been typed. A recogniser in a noisy room gives words that
make sense and were never said, so each answer also carries the probability that its meaning
survived the hearing. The weights are learnt: ``python -m training hearing``.
"""

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache
from pathlib import Path

from intents.results import (
    Ambiguous,
    Command,
    FollowUp,
    Match,
    NotRecognized,
    RedFlag,
    Result,
    TopicMatch,
)
from intents.settings import MatcherSettings

LEARNT = Path(__file__).with_suffix(".toml")
"""The weights, as `training.hearing` writes them."""

_EXTREME = 0.99  # of a clarity; nearer to 0 or 1 it says no more
_SCALE = math.log(_EXTREME / (1 - _EXTREME))


@dataclass(frozen=True)
class Weights:
    """Of a logistic regression on `features`, in their order."""

    clarity: float
    agreement: float
    unanimous: float
    clear_and_unanimous: float
    red_flag: float
    command: float
    question: float
    follow_up: float
    bias: float


def features(clarity: float, agreement: float, given: Result) -> tuple[float, ...]:
    """What the weights belong to, about -1 to 1.

    Args:
        clarity: how well it was heard, 0 to 1 (`voice.clarity`).
        agreement: the share of all hearings that mean the same, 0 to 1.
        given: the answer to be given; some kinds of it survive a hearing better than others.
    """
    share = min(max(clarity, 1 - _EXTREME), _EXTREME)
    clear = math.log(share / (1 - share)) / _SCALE
    unanimous = float(agreement >= 1)  # tells more than its share does: nothing speaks against it
    kinds = (isinstance(given, kind) for kind in (RedFlag, Command, Ambiguous, FollowUp))
    return (clear, agreement, unanimous, unanimous * clear, *map(float, kinds))


def same(given: Result, meant: Result) -> bool:
    """Whether the answer to what was heard would do for what was said, or for another hearing."""
    match given, meant:
        case Match(), _:
            return _topics(given) <= _topics(meant)
        case Ambiguous(options=()), Ambiguous():
            return True
        case Ambiguous(), _:
            return not _topics(given).isdisjoint(_topics(meant))
        case RedFlag(grade=one), RedFlag(grade=other):
            return one == other
        case Command(command=one), Command(command=other):
            return one == other
        case FollowUp(part=one), FollowUp(part=other):
            return one == other
    return False


def agreement(given: Result, hearings: Sequence[Result]) -> float:
    """The share of all hearings, at least one, that mean the same as the answer to be given."""
    return sum(same(given, hearing) for hearing in hearings) / len(hearings)


def _topics(result: Result) -> frozenset[str]:
    match result:
        case Match(topics=found) | RedFlag(topics=found) | Ambiguous(options=found):
            return frozenset(topic.topic for topic in found)
    return frozenset()


@cache
def _learnt() -> Weights:
    found: Mapping[str, float] = tomllib.loads(LEARNT.read_text(encoding="utf-8"))
    return Weights(**found)


def survival(clarity: float, agreement: float, given: Result) -> float:
    """The probability that the meaning survived the hearing, 0 to 1; arguments as `features`."""
    *slopes, bias = astuple(_learnt())
    pairs = zip(slopes, features(clarity, agreement, given), strict=True)
    logit = bias + sum(slope * feature for slope, feature in pairs)
    return 1 / (1 + math.exp(-logit))


def trusted(
    result: Result,
    survives: Callable[[Result], float],
    settings: MatcherSettings,
    runner_up: Callable[[str], TopicMatch | None],
) -> Result:
    """What remains of an answer to words that may have been misheard.

    Args:
        result: the answer, had they been typed.
        survives: the probability that an answer, or a part of it, suits what was said.
        settings: when to answer, ask and be silent.
        runner_up: the likeliest topic but this one, for a question.
    """
    kept = survives(result)
    match result:
        case Match(topics=topics, part=part):
            found = _trusted_topics(_heard(topics, survives), settings, runner_up)
            return replace(found, part=part) if isinstance(found, Match) else found
        case Ambiguous(options=(first, second)) if kept >= settings.ask:
            return Ambiguous((_less(first, kept), _less(second, kept)))
        case Ambiguous(options=()) if kept >= settings.ask:
            return result
        case RedFlag(topics=topics, probability=probability) if kept >= settings.alarm:
            beside = _heard(topics, survives)
            sure = tuple(topic for topic in beside if topic.probability >= settings.accept)
            return replace(result, probability=probability * kept, topics=sure)
        case Command(probability=probability) | FollowUp(probability=probability):
            stops = isinstance(result, Command) and result.command == "stop"
            if probability * kept >= (settings.stop if stops else settings.obey):
                return replace(result, probability=probability * kept)
        case NotRecognized():
            return result
    return NotRecognized("unsure", kept)


def _trusted_topics(
    topics: Sequence[TopicMatch],
    settings: MatcherSettings,
    runner_up: Callable[[str], TopicMatch | None],
) -> Match | Ambiguous | NotRecognized:
    """The topics that are sure enough; where none is, a question, or nothing."""
    if sure := tuple(topic for topic in topics if topic.probability >= settings.accept):
        return Match(sure)
    first, *others = sorted(topics, key=lambda topic: -topic.probability)
    second = others[0] if others else runner_up(first.topic)
    if first.probability >= settings.ask and second is not None:
        return Ambiguous((first, second))
    return NotRecognized("unsure", first.probability)


def _heard(
    topics: Sequence[TopicMatch], survives: Callable[[Result], float]
) -> tuple[TopicMatch, ...]:
    """Each topic with the probability that it is right, its own hearing counted in."""
    return tuple(_less(topic, survives(Match((topic,)))) for topic in topics)


def _less(topic: TopicMatch, kept: float) -> TopicMatch:
    return replace(topic, probability=topic.probability * kept)
