"""What property tests against hostile input share: how often they try, and what they try with.

In a test run each property is tried some dozens of times. ``make fuzz`` (`tests.fuzz`) runs the
same tests over and over, with as many examples as there is time for.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from errors import SpiertolkError

FACTOR_VARIABLE = "SPIERTOLK_FUZZ_FACTOR"
"""How many times more examples than in a test run; `tests.fuzz` sets it."""


def tried(examples: int) -> settings:
    """Settings of a property that is tried ``examples`` times in a test run."""
    return settings(
        max_examples=examples * int(os.environ.get(FACTOR_VARIABLE, "1")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


def is_one_sentence(message: str) -> bool:
    """Whether a message can be shown as the one sentence that a person reads."""
    return message.isprintable() and message.strip() == message and message.endswith((".", "?"))


@contextmanager
def or_one_sentence(kind: type[SpiertolkError]) -> Iterator[None]:
    """Let the block fail with this kind of error, where that tells a person what to do."""
    try:
        yield
    except kind as error:
        if not is_one_sentence(str(error)):
            raise AssertionError(f"not one sentence: {error!s}") from error


def mutations(*texts: str, hostile: tuple[str, ...]) -> st.SearchStrategy[str]:
    """One of the texts with some stretches replaced, by others of its own or ``hostile`` ones."""

    @st.composite
    def mutated(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(texts))
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(text)))
            length = draw(st.integers(0, 40))
            source = draw(st.integers(0, len(text)))
            own = text[source : source + draw(st.integers(0, 40))]
            new = draw(st.sampled_from(hostile) | st.just(own) | st.text(max_size=5))
            text = text[:start] + new + text[start + length :]
        return text

    return mutated()


def toml_documents(
    keys: st.SearchStrategy[str], strings: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    """TOML of tables and values of any kind; now and then a key is written twice, which is none.

    Args:
        keys: bare or dotted names.
        strings: what stands in strings.
    """
    quoted = strings.map(json.dumps)
    plain = st.sampled_from(
        ["true", "0", "-1", "1e999", "nan", "2026-11-25", "12:00", "9" * 5_000, "{}", "[" * 2_000]
    )
    numbers = st.integers().map(str) | st.floats().map(str)
    values = st.recursive(
        quoted | plain | numbers,
        lambda inner: (
            st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
            | st.tuples(keys, inner).map(lambda pair: f"{{{pair[0]} = {pair[1]}}}")
        ),
        max_leaves=6,
    )
    pairs = st.tuples(keys, values).map(" = ".join)
    headers = keys.map(lambda key: f"[{key}]")
    return st.lists(pairs | pairs | headers, max_size=8).map("\n".join)
