"""Reads sentence templates and writes them out: ``mijn (oog|ooglid) trilt [al dagen]``.

They are Home Assistant's, read by ``hassil``, with ``{list}`` and ``<rule>``. What comes out is
kept (:mod:`intents.kept`), so a start seldom needs this module.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import get_args

from hassil.errors import HassilError
from hassil.expression import Expression, Sentence
from hassil.intents import SlotList, TextSlotList
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hassil.sample import sample_expression

from errors import ContentError
from intents.content_file import ContentFile
from intents.dutch import FILLERS, FUNCTION_WORDS, gist, stem, tokens
from intents.gathering import read_gathering
from intents.kept import GatheringRow, Row, WrittenOut
from intents.pack import OWN_CONTENT, Pack
from intents.phrases import OFF_TOPIC, Kind, Phrase, named
from intents.results import Grade

MAX_EXPANSION = 400
"""Sentences one template may stand for; more is a slip of the pen that would drown the others."""

GRADES: tuple[Grade, ...] = get_args(Grade)
_IN_THE_WAY = 1 / 3
"""Share of the telling words of our chatter that a pack's topic has, from which it makes way."""
_KEY = 0.5
"""Share of a topic's templates with a word, from which all our chatter with it makes way."""

_LEAST_TEMPLATES = 3
"""Templates with a word that prove it to be the topic's, and not an everyday word."""
_TEMPLATE_SIGNS = frozenset("[](){}<>|")


@dataclass(frozen=True)
class _Source:
    """A file's template: its text, label and place."""

    template: str
    kind: Kind
    label: str
    file: Path
    line: int
    asked: str = ""


@dataclass(frozen=True)
class _Vocabulary:
    """The lists and rules that templates may use."""

    lists: Mapping[str, SlotList]
    rules: Mapping[str, Sentence]


def write_out(pack: Pack) -> WrittenOut:
    """Read, check and write out all templates of a pack.

    Raises:
        ContentError: with file and line, where the content doesn't hold together.
    """
    shared = _shared(pack)
    sources: list[tuple[_Source, _Vocabulary]] = []
    grades: dict[str, Grade] = {}
    for kind, path in pack.files:
        file = ContentFile(path)
        vocabulary = _vocabulary(file, shared)
        sources.extend((source, vocabulary) for source in _sources(file, kind, grades))
    topics = frozenset(source.label for source, _ in sources if source.kind == "topic")
    parts = frozenset(source.label for source, _ in sources if source.kind == "follow_up")
    sources = [
        (_with_known_part(s, parts, pack), v)
        for s, v in sources
        if s.kind != "together" or _has_topics(s, topics, pack)
    ]
    phrases = [
        phrase
        for group, (source, vocabulary) in enumerate(sources)
        for phrase in _expand(source, vocabulary, group)
    ]
    if not pack.own:
        phrases = _make_way(phrases)
    _refuse_duplicates(phrases)
    _refuse_shared_labels(phrases)
    numbers = {path: number for number, (_, path) in enumerate(pack.files)}
    rows = [_row(phrase, numbers) for phrase in phrases]
    return WrittenOut(pack.name, dict(grades), rows, list(_gatherings(pack, topics)))


def _gatherings(pack: Pack, topics: frozenset[str]) -> Iterator[GatheringRow]:
    """What the topics' files have under ``[gathers]``."""
    for kind, path in pack.files:
        found = read_gathering(ContentFile(path), topics) if kind == "topic" else None
        if found:
            yield found.topic, found.instead_of, found.groups


def _row(phrase: Phrase, numbers: Mapping[Path, int]) -> Row:
    """A phrase as it is kept."""
    return (
        phrase.text, phrase.kind, phrase.label, phrase.asked, phrase.group, numbers[phrase.file],
        phrase.line, " ".join(phrase.words), " ".join(phrase.gist),
    )  # fmt: skip


def _shared(pack: Pack) -> _Vocabulary:
    """The lists and rules that all files may use: ours, and over them those of the pack."""
    vocabulary = _Vocabulary({}, {})
    for path in pack.shared:
        file = ContentFile(path)
        file.only({"lists", "rules"}, file.data)
        vocabulary = _vocabulary(file, vocabulary)
    return vocabulary


def _vocabulary(file: ContentFile, shared: _Vocabulary) -> _Vocabulary:
    """The ``[lists]`` and ``[rules]`` of a file, over the shared ones."""
    lists: dict[str, SlotList] = dict(shared.lists)
    rules: dict[str, Sentence] = dict(shared.rules)
    for name, values in file.table("lists").items():
        lists[name] = _slot_list(file, file.strings(values, name))
    for name, template in file.table("rules").items():
        rules[name] = _parse(template, file.path, file.line_of(name))
    file.rewind()
    return _Vocabulary(lists, rules)


def _sources(file: ContentFile, kind: Kind, grades: dict[str, Grade]) -> Iterator[_Source]:
    """The templates of a file, each with its label."""
    if kind in ("topic", "vague", "off_topic"):
        yield from _of_one_label(file, kind)
        return
    shared = {"lists", "rules"}
    for label, table in file.data.items():
        if label in shared:
            continue
        if not isinstance(table, dict):
            raise file.error(label, f"'{label}' moet een [{label}] met zinnen zijn.")
        header = f'["{label}"]' if kind == "together" else f"[{label}]"
        file.line_of(header if header in file.text else label)
        file.only(
            {"phrases", "grade"} if kind == "red_flag" else {"phrases"}, table, f" in [{label}]"
        )
        if kind == "red_flag":
            if table.get("grade") not in GRADES:
                raise file.error(
                    f"[{label}]", f"geef [{label}] een grade: 'now' (112) of 'soon' (huisarts)."
                )
            if grades.setdefault(label, table["grade"]) != table["grade"]:
                raise file.error(
                    f"[{label}]",
                    f"[{label}] is ook een alarm van ons, met grade "
                    f"'{grades[label]}'; geef het die grade, of kies een andere naam.",
                )
        yield from _templates(file, kind, label, table)


def _of_one_label(file: ContentFile, kind: Kind) -> Iterator[_Source]:
    """The templates of a file that is named after its label, and those of its tables."""
    sections = _sections(file) if kind == "off_topic" else set()
    asked = file.table("asked") if kind == "topic" else {}
    tables = {"asked", "gathers"} if kind == "topic" else sections
    file.only({"lists", "rules", "phrases"} | tables, file.data)
    yield from _templates(file, kind, file.path.stem, file.data)
    for section in sorted(sections):
        file.line_of(f"[{section}]")
        table = file.table(section)
        file.only({"phrases"}, table, f" in [{section}]")
        yield from _templates(file, kind, f"{OFF_TOPIC}:{section}", table)
    for part, questions in asked.items():
        for template in file.strings(questions, part):
            line = file.line_of(template)
            yield _Source(template, kind, file.path.stem, file.path, line, part)


def _has_topics(source: _Source, topics: frozenset[str], pack: Pack) -> bool:
    """Whether the topics that a sentence names together are there; ours may be none of a pack's."""
    topics_named = named(source.label)
    unknown = [name for name in topics_named if name not in topics]
    if len(topics_named) > 1 and not unknown:
        return True
    if not pack.own and source.file.parent == OWN_CONTENT:
        return False
    problem = f"onderwerp '{unknown[0]}' bestaat niet" if unknown else "noem twee verschillende"
    raise ContentError(
        f'{source.file}, regel {source.line}: in ["{source.label}"]: {problem}. '
        f"Bekend zijn: {', '.join(sorted(topics))}."
    )


def _with_known_part(source: _Source, parts: frozenset[str], pack: Pack) -> _Source:
    """What is asked for must be asked in follow-up questions too; a pack's may do without ours."""
    if not source.asked or source.asked in parts:
        return source
    if not pack.own and source.file.parent == OWN_CONTENT / "topics":
        return replace(source, asked="")
    raise ContentError(
        f"{source.file}, regel {source.line}: [asked] noemt '{source.asked}', en daar gaat geen "
        f"vraag uit follow_ups.toml over. Bekend zijn: {', '.join(sorted(parts))}."
    )


def _sections(file: ContentFile) -> set[str]:
    """The tables of a file that hold phrases of their own."""
    return {
        name
        for name, value in file.data.items()
        if isinstance(value, dict) and name not in ("lists", "rules")
    }


def _templates(
    file: ContentFile, kind: Kind, label: str, table: Mapping[str, object]
) -> Iterator[_Source]:
    """The phrases of one label."""
    if "phrases" not in table:
        raise ContentError(f"{file.path}: '{label}' heeft geen zinnen. Voeg 'phrases = [...]' toe.")
    for template in file.strings(table["phrases"], "phrases"):
        yield _Source(template, kind, label, file.path, file.line_of(template))


def _slot_list(file: ContentFile, values: list[str]) -> TextSlotList:
    """The values of a list, each a template too."""
    for value in values:
        _parse(value, file.path, file.line_of(value))  # names the one that is wrong
    return TextSlotList.from_strings(values)


def _parse(template: object, path: Path, line: int) -> Sentence:
    """A template as ``hassil`` reads it."""
    try:
        return parse_sentence(str(template))
    except (ParseError, HassilError, AssertionError, ValueError, IndexError) as error:
        raise ContentError(
            f"{path}, regel {line}: het zinsjabloon '{template}' klopt niet. "
            "Kijk of elk haakje ook dichtgaat, en of er iets tussen staat: ( ), [ ], { } en < >."
        ) from error
    except RecursionError as error:
        raise ContentError(
            f"{path}, regel {line}: in het zinsjabloon staan te veel haken in elkaar."
        ) from error


def _expand(source: _Source, vocabulary: _Vocabulary, group: int) -> Iterator[Phrase]:
    """All sentences that a template stands for, each once."""
    texts: list[str]
    if _TEMPLATE_SIGNS.isdisjoint(source.template):
        texts = [source.template]
    else:
        expression: Expression = _parse(source.template, source.file, source.line).expression
        sampled = sample_expression(expression, dict(vocabulary.lists), dict(vocabulary.rules))
        try:
            texts = list(dict.fromkeys(islice(sampled, MAX_EXPANSION + 1)))
        except (HassilError, ValueError) as error:
            raise ContentError(
                f"{source.file}, regel {source.line}: '{source.template}' noemt een onbekende "
                f"lijst of regel ({error})."
            ) from error
        except RecursionError as error:
            raise ContentError(
                f"{source.file}, regel {source.line}: '{source.template}' gebruikt een lijst of "
                "regel die zichzelf noemt, of te veel haken in elkaar."
            ) from error
    if len(texts) > MAX_EXPANSION:
        raise ContentError(
            f"{source.file}, regel {source.line}: '{source.template}' staat voor meer dan "
            f"{MAX_EXPANSION} zinnen. Maak er kortere sjablonen van."
        )
    for text in texts:
        cleaned = " ".join(text.split())
        words = tokens(cleaned)
        if not words:
            raise ContentError(f"{source.file}, regel {source.line}: hier staat een lege zin.")
        yield Phrase(
            cleaned, source.kind, source.label, source.asked, group, source.file, source.line,
            words, gist(words),
        )  # fmt: skip


def _make_way(phrases: list[Phrase]) -> list[Phrase]:
    """Leave out our own chatter and follow-up questions that are what this pack is about.

    To us "ik wil een afspraak maken" is off topic; to a pack on appointments it is the topic.
    """
    about: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for phrase in phrases:
        if (
            phrase.kind == "topic"
            and not phrase.asked
            and phrase.file.parent != OWN_CONTENT / "topics"
        ):
            about[phrase.label][phrase.group] |= _telling(phrase)
    words = [set[str]().union(*templates.values()) for templates in about.values()]
    keys = {
        word
        for templates in about.values()
        for word, times in Counter(chain.from_iterable(templates.values())).items()
        if times >= max(_LEAST_TEMPLATES, _KEY * len(templates))
    }

    def in_the_way(phrase: Phrase) -> bool:
        ours = phrase.label == OFF_TOPIC or phrase.kind == "follow_up"
        telling = _telling(phrase) if ours and phrase.file.parent == OWN_CONTENT else set()
        least = _IN_THE_WAY * len(telling)
        near = any(len(telling & of_topic) >= least for of_topic in words)
        return bool(telling) and (near or not telling.isdisjoint(keys))

    return [phrase for phrase in phrases if not in_the_way(phrase)]


def _telling(phrase: Phrase) -> set[str]:
    return {stem(w) for w in phrase.words if w not in FUNCTION_WORDS | FILLERS}


def _meaning(phrase: Phrase) -> tuple[Kind, str, str]:
    return phrase.kind, phrase.label, phrase.asked


def _refuse_shared_labels(phrases: Iterable[Phrase]) -> None:
    """A topic called as an alarm is would silence it: name both places."""
    seen: dict[str, Phrase] = {}
    for phrase in phrases:
        other = seen.setdefault(phrase.label, phrase)
        if other.kind != phrase.kind:
            raise ContentError(
                f"De naam '{phrase.label}' ({phrase.place}) is ook die van iets anders "
                f"({other.place}). Kies een andere naam."
            )


def _refuse_duplicates(phrases: Iterable[Phrase]) -> None:
    """One wording can't mean two things: name both places."""
    seen: dict[tuple[str, ...], Phrase] = {}
    for phrase in phrases:
        # A filler may be a command ("ja"), so of commands every word counts.
        for key in (phrase.words, phrase.words if phrase.kind == "command" else phrase.gist):
            other = seen.setdefault(key, phrase)
            silent = phrase.kind == other.kind == OFF_TOPIC
            if _meaning(other) == _meaning(phrase) or silent:
                continue
            raise ContentError(
                f"'{phrase.text}' ({phrase.place}) staat ook bij '{other.label}' ({other.place}, "
                f"'{other.text}'). Een zin mag maar één ding betekenen.{_what_to_do(phrase, other)}"
            )


def _what_to_do(one: Phrase, other: Phrase) -> str:
    """What goes, where just one of them is an alarm."""
    alarms = (one.kind == "red_flag") + (other.kind == "red_flag")
    return " Een alarm gaat voor: laat de andere zin weg." if alarms == 1 else ""
