"""Sentences drawn at random from Home Assistant templates, however many a template stands for.

A grammar file (TOML) has ``lists``, ``rules`` and ``sentences``, as the product's phrases do; the
difference is that its templates may stand for millions of sentences, of which some are drawn.
"""

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    TextChunk,
)
from hassil.parse_expression import parse_sentence


@dataclass(frozen=True)
class Grammar:
    """Parsed templates with the rules that they use; lists are rules of one choice."""

    sentences: tuple[Expression, ...]
    rules: Mapping[str, Expression]

    def draw(self, count: int, seed: int) -> Iterator[str]:
        """``count`` sentences, all templates in turn."""
        rng = random.Random(seed)
        order = list(self.sentences)
        for number in range(count):
            if number % len(order) == 0:
                rng.shuffle(order)
            yield " ".join(_draw(order[number % len(order)], self.rules, rng).split())


def read_grammar(path: Path) -> Grammar:
    """Read a grammar.

    Raises:
        ValueError: a template names a list or rule that does not exist.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    rules: dict[str, Expression] = {}
    for name, items in data.get("lists", {}).items():
        rules[name] = parse_sentence(f"({'|'.join(items)})").expression
    for name, template in data.get("rules", {}).items():
        rules[name] = parse_sentence(template).expression
    sentences = tuple(parse_sentence(template).expression for template in data.get("sentences", []))
    for expression in (*sentences, *rules.values()):
        for name in _names(expression):
            if name not in rules:
                raise ValueError(f"{path} has no list or rule {name}")
    return Grammar(sentences, rules)


def _draw(expression: Expression, rules: Mapping[str, Expression], rng: random.Random) -> str:
    match expression:
        case TextChunk():
            return expression.original_text
        case RuleReference():
            return _draw(rules[expression.rule_name], rules, rng)
        case ListReference():
            return _draw(rules[expression.list_name], rules, rng)
        case Alternative():
            return _draw(rng.choice(expression.items), rules, rng)
        case Permutation():
            items = rng.sample(expression.items, len(expression.items))
            return " ".join(_draw(item, rules, rng) for item in items)
        case Group():
            return "".join(_draw(item, rules, rng) for item in expression.items)
    raise TypeError(f"unknown expression {expression}")


def _names(expression: Expression) -> Iterator[str]:
    match expression:
        case RuleReference():
            yield expression.rule_name
        case ListReference():
            yield expression.list_name
        case Group():
            for item in expression.items:
                yield from _names(item)
