"""From text to topic: the product and its peers on the held-out sentences, and on chatter."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import partial

from benchmarks.chatter import chatter
from benchmarks.heldout import EXAMINER, KINDS, SEALED, Sentence, load_heldout
from benchmarks.systems import Answer, Answers, Contestant, Product, ask_all
from benchmarks.unavailable import UnavailableError
from evaluation.metrics import Share, calibration_error, percentile, reliability
from evaluation.outcomes import DECLINED, VERDICTS, Outcome, judge
from evaluation.tables import Cell, Table
from intents.dutch import tokens

PEERS_READ_EVERY = 4
"""Sentences of chatter of which a peer gets one: some take 50 ms each."""
VERDICT_COLUMNS = tuple(f"{verdict} %" for verdict in VERDICTS)
MOST_WRONG = 0.005
"""Share of wrong answers that the product may give, and that hindsight allows its peers."""


def verdict_table(answers: Answers, phrases: Container[str], title: str) -> Table:
    """Verdicts over all sets, over what is not word for word in ``phrases``, and for each set."""
    sets: dict[str, Callable[[Sentence], bool]] = {
        "all": lambda _: True,
        "all, new words": lambda sentence: sentence.text.lower() not in phrases,
        **{kind: partial(_is_of, kind) for kind in KINDS},
    }
    rows: list[tuple[Cell, ...]] = []
    for kind, belongs in sets.items():
        for name, given in answers.items():
            chosen = [a for a in given if belongs(a.sentence)]
            if chosen:
                rows.append((kind, name, len(chosen), *verdict_shares(chosen)))
    return Table(
        title,
        ("set", "system", "n", *VERDICT_COLUMNS),
        tuple(rows),
        "95 % Wilson intervals. new words: not a phrase of the catalogue word for word. partly: "
        "some of two topics, or the general story beside the right one; asked: a question back "
        "that holds a right topic; wrong: any other answer, question or false alarm.",
    )


def _is_of(kind: str, sentence: Sentence) -> bool:
    """Whether the sentence is of this set."""
    return sentence.kind == kind


def topic_table(given: Sequence[Answer], name: str) -> Table:
    """One system's verdicts on each topic, by the best result expected."""
    single = [a for a in given if a.sentence.kind == "topic"]
    rows = tuple(
        (topic, len(chosen), *verdict_shares(chosen))
        for topic in dict.fromkeys(str(a.sentence.expected[0]) for a in single)
        if (chosen := [a for a in single if str(a.sentence.expected[0]) == topic])
    )
    columns = ("topic", "n", *VERDICT_COLUMNS)
    return Table(f"Each topic, {name}", columns, rows)


def verdict_shares(given: Sequence[Answer]) -> Iterator[Cell]:
    """The share of each verdict."""
    counts = Counter(answer.verdict for answer in given)
    for verdict in VERDICTS:
        yield Share(counts[verdict], len(given))


def red_flag_table(answers: Answers, title: str = "Red flags") -> Table:
    """How many red flags each system saw, with the right grade, and how often it cried wolf."""

    def flags(outcomes: Iterable[Outcome]) -> set[str]:
        return {grade for one in outcomes if one.act == "flag" for grade in one.ids}

    rows: list[tuple[Cell, ...]] = []
    for name, given in answers.items():
        red = [a for a in given if a.sentence.kind == "red_flags"]
        seen = [a for a in red if a.outcome.act == "flag"]
        now = [a for a in red if flags(a.sentence.expected) == {"now"}]
        calm = [a for a in given if not flags(a.sentence.expected)]
        rows.append(
            (
                name,
                Share(len(seen), len(red)),
                Share(sum(a.outcome.act == "flag" for a in now), len(now)),
                Share(sum(a.verdict == "right" for a in seen), len(seen)),
                Share(sum(a.outcome.act == "flag" for a in calm), len(calm)),
            )
        )
    columns = ("system", "seen %", "seen of 112 %", "grade right %", "false alarms %")
    return Table(title, columns, tuple(rows), "grade right: of those seen.")


def chatter_table(systems: Sequence[Contestant], most: int, say: Callable[[str], None]) -> Table:
    """What each system answers to chatter that nobody here wrote."""
    try:
        sentences = [Sentence(text, "off_topic", (DECLINED,)) for text in chatter()[:most]]
    except UnavailableError as error:
        say(f"left out the chatter: {error}")
        sentences = []
    answers: Answers = {}
    for system in systems:
        step = 1 if isinstance(system.peer, Product) else PEERS_READ_EVERY
        answers |= ask_all([system], sentences[::step], say)
    rows: list[tuple[Cell, ...]] = []
    for name, given in answers.items():
        acts = Counter(answer.outcome.act for answer in given)
        shares = [
            Share(acts[a], len(given)) for a in ("topics", "flag", "command", "followup", "ask")
        ]
        plain = sum(a.outcome.act == "command" and _is_bare(a.sentence.text) for a in given)
        rows.append((name, len(given), *shares, Share(plain, len(given))))
    columns = (
        "system", "n", "topic %", "red flag %", "command %", "follow-up %", "asked %",
        "bare ja, nee %",
    )  # fmt: skip
    note = (
        "Dialogues of the game Fish Fillets. At most 0.5 % may get a topic. bare ja, nee: the "
        "commands that are just that word, of all sentences."
    )
    return Table("False answers to chatter", columns, tuple(rows), note)


def _is_bare(text: str) -> bool:
    """Whether a sentence is "ja" or "nee" and nothing else, once or more."""
    return set(tokens(text)) <= {"ja", "nee"}


def confusion_table(given: Sequence[Answer], name: str, most: int = 25) -> Table:
    """The commonest ways of not being right: what was best, what was done."""
    pairs = Counter(
        (a.sentence.kind, str(a.sentence.expected[0]), _shape(a.outcome), a.verdict)
        for a in given
        if a.verdict != "right"
    )
    rows = tuple((*pair, count) for pair, count in pairs.most_common(most))
    return Table(f"Confusions, {name}", ("set", "best", "given", "verdict", "times"), rows)


def _shape(outcome: Outcome) -> str:
    """An outcome, with what a question is about."""
    return f"ask {'/'.join(sorted(outcome.ids))}" if outcome.act == "ask" else str(outcome)


def calibration_tables(answers: Answers) -> Iterator[Table]:
    """Expected calibration error of each system, and the product's reliability table."""
    claims = {name: [c for a in given for c in a.claims] for name, given in answers.items()}
    rows = tuple(
        (name, len(made), calibration_error(made) if made else None)
        for name, made in claims.items()
    )
    note = "Claims: each topic answered, the first topic asked about, each command and red flag."
    yield Table("Calibration", ("system", "claims", "expected error"), rows, note)
    bins = tuple(
        (f"{row.low:.1f}–{row.high:.1f}", row.count, row.claimed, row.found)
        for row in reliability(claims[Product.name])
    )
    columns = ("probability", "claims", "claimed", "found right")
    yield Table(f"Reliability, {Product.name}", columns, bins)


def hindsight_table(answers: Answers) -> Table:
    """Each system's best: its threshold raised with hindsight until few answers are wrong."""
    rows: list[tuple[Cell, ...]] = [
        (name, *(Share(count, len(given)) for count in _hindsight(given)))
        for name, given in answers.items()
    ]
    return Table(
        f"With hindsight: the best threshold at most {100 * MOST_WRONG:.1f} % wrong",
        ("system", "right %", "wrong %"),
        tuple(rows),
        "The threshold is chosen on these very sentences: the best that each could do.",
    )


def _hindsight(given: Sequence[Answer]) -> tuple[int, int]:
    """The (right, wrong) counts at the best threshold."""
    best: tuple[int, int] = (-1, 0)
    scores = {_score(answer) for answer in given}
    for threshold in (*scores, 2.0):
        verdicts = Counter(
            judge(a.outcome if _score(a) >= threshold else DECLINED, a.sentence.expected)
            for a in given
        )
        if verdicts["wrong"] <= MOST_WRONG * len(given) and verdicts["right"] > best[0]:
            best = verdicts["right"], verdicts["wrong"]
    return best


def _score(answer: Answer) -> float:
    """The least that was claimed; who claims nothing is sure."""
    return min((probability for _, probability in answer.outcome.probabilities), default=1.0)


def time_table(systems: Sequence[Contestant], answers: Answers) -> Table:
    """Start-up and time per match."""
    rows: list[tuple[Cell, ...]] = []
    for system in systems:
        milliseconds = [1_000 * answer.seconds for answer in answers[system.peer.name]]
        rows.append(
            (
                system.peer.name,
                system.startup,
                percentile(milliseconds, 50),
                percentile(milliseconds, 95),
                max(milliseconds),
            )
        )
    columns = ("system", "start-up s", "median ms", "95 % ms", "longest ms")
    note = "\n".join(f"{system.peer.name} rejects: {system.peer.rejects}." for system in systems)
    return Table("Time to understand", columns, tuple(rows), note)


def understanding(
    systems: Sequence[Contestant],
    sentences: Sequence[Sentence],
    phrases: Container[str],
    say: Callable[[str], None],
    most_chatter: int = 10_000,
) -> Iterator[Table]:
    """All tables about text, the product first in each.

    Args:
        systems: who is asked.
        sentences: what is asked.
        phrases: what the catalogue holds word for word, in lower case.
        say: hears about progress.
        most_chatter: sentences of chatter to ask the product.
    """
    answers = ask_all(systems, sentences, say)
    own = answers[Product.name]
    yield verdict_table(answers, phrases, "Right, asked, declined, wrong")
    yield topic_table(own, Product.name)
    yield red_flag_table(answers)
    yield chatter_table(systems, most_chatter, say)
    yield from calibration_tables(answers)
    yield hindsight_table(answers)
    yield confusion_table(own, Product.name)
    yield time_table(systems, answers)


def sealed(
    systems: Sequence[Contestant], phrases: Container[str], say: Callable[[str], None]
) -> Iterator[Table]:
    """The totals on sentences that nobody looks at: as ``understanding``."""
    for folder, name in ((SEALED, "sealed"), (EXAMINER, "the examiner's")):
        answers = ask_all(systems, load_heldout(folder), say)
        yield verdict_table(answers, phrases, f"Right, asked, declined, wrong, {name} sentences")
        yield red_flag_table(answers, f"Red flags, {name} sentences")
