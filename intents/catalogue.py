"""What people say, as data: loads, expands and checks the phrases of a content pack.

A pack's ``intents/`` folder holds ``topics/*.toml`` (one file a topic) and ``commands.toml``,
``follow_ups.toml``, ``red_flags.toml``, ``vague.toml``, ``off_topic.toml``. Each phrase is a Home
Assistant sentence template, read by ``hassil``: ``mijn (oog|ooglid) trilt [al dagen]``, with
``{list}`` and ``<rule>``; lists and rules for all files stand in ``shared.toml``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from hassil.errors import HassilError
from hassil.expression import Expression, Sentence
from hassil.intents import SlotList, TextSlotList
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hassil.sample import sample_expression

from errors import ContentError
from intents.content_file import ContentFile
from intents.dutch import FILLERS, FUNCTION_WORDS, gist, stem, tokens
from intents.kept import Row, WrittenOut, cached, recall
from intents.results import Grade

Kind = Literal["topic", "vague", "follow_up", "command", "red_flag", "off_topic"]

OWN_CONTENT = Path(__file__).parent
OFF_TOPIC, VAGUE = "off_topic", "vague"
"""The labels of what must not be answered, and of what says too little to choose a topic. Off topic
has more labels, one for each ``[section]`` of its file: ``off_topic:denied``."""

MAX_EXPANSION = 400
"""Sentences one template may stand for; more is a slip of the pen that would drown the others."""

_LANGUAGE = ("dutch.toml", "concepts.toml")
"""Word lists of the language, on which everything that is learnt rests."""

READING = "1"
"""Counts up when templates or words are read in another way, so that nothing kept serves."""

WRITTEN_OUT = OWN_CONTENT / "written_out.json.gz"
"""Our own templates, written out (``make learn``): reading them takes longer than all else."""

GRADES: tuple[Grade, ...] = ("now", "soon")
_GRADES: Mapping[str, Grade] = {grade: grade for grade in GRADES}
_KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}
_TEMPLATE_SIGNS = frozenset("[](){}<>|")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence that a person may say, and where it is written."""

    text: str
    kind: Kind
    label: str
    """Topic, part, command or red flag that it stands for."""
    group: int
    """Number of the template it comes from: phrases of one group are variants of each other."""
    file: Path
    line: int
    words: tuple[str, ...]
    """The text as :func:`intents.dutch.tokens` reads it."""
    gist: tuple[str, ...]
    """Its words as :func:`intents.dutch.gist` has them."""

    @property
    def place(self) -> str:
        """File and line, for a person who mends it."""
        return f"{self.file}, regel {self.line}"


@dataclass(frozen=True)
class Catalogue:
    """All phrases of a pack, checked."""

    phrases: tuple[Phrase, ...]
    grades: Mapping[str, Grade] = field(default_factory=dict)
    """How urgent each red flag is."""
    fingerprint: str = ""
    """Changes when any of the files changes; names the learnt calibration."""

    def labels(self, kind: Kind) -> tuple[str, ...]:
        """The labels of one kind, in the order of the files."""
        return tuple(dict.fromkeys(p.label for p in self.phrases if p.kind == kind))

    def of(self, *kinds: Kind) -> tuple[Phrase, ...]:
        """The phrases of these kinds."""
        return tuple(p for p in self.phrases if p.kind in kinds)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that can be answered."""
        return self.labels("topic")

    def words(self) -> frozenset[str]:
        """Every word that somebody may say, as written (for the speech model's vocabulary)."""
        return frozenset(
            word.strip('.,?!:;"') for p in self.phrases for word in p.text.lower().split()
        ) - {""}


@dataclass(frozen=True)
class _Source:
    """A file's template: its text, label and place."""

    template: str
    kind: Kind
    label: str
    file: Path
    line: int


@dataclass(frozen=True)
class _Vocabulary:
    """The lists and rules that templates may use."""

    lists: Mapping[str, SlotList]
    rules: Mapping[str, Sentence]


def load_catalogue(content: Path | None = None) -> Catalogue:
    """Read and check all phrases.

    Args:
        content: a pack's folder, which holds ``intents/``. Its topics replace ours (or join them,
            where its ``pack.toml`` says ``adds = true``); of the other files ours serve where it
            has none, and its ``off_topic.toml`` is always added to ours.

    Raises:
        ContentError: with file and line, where the content doesn't hold together.
    """
    files, fingerprint, name = _identify(content)
    cache = cached(f"{name}.json.gz")
    known = recall(WRITTEN_OUT, name) or recall(cache, name)
    if known is None:
        known = write_out(content)
        if content is not None:
            known.keep(cache)
    phrases = tuple(_phrase(row, files) for row in known.rows)
    grades = {label: _GRADES[grade] for label, grade in known.grades.items()}
    return Catalogue(phrases, grades, fingerprint)


def write_out(content: Path | None = None) -> WrittenOut:
    """Read, check and write out all templates: as `load_catalogue`, without what was kept."""
    files, _, name = _identify(content)
    shared = _shared(content)
    sources: list[tuple[_Source, _Vocabulary]] = []
    grades: dict[str, Grade] = {}
    for kind, path in files:
        file = ContentFile(path)
        vocabulary = _vocabulary(file, shared)
        sources.extend((source, vocabulary) for source in _sources(file, kind, grades))
    phrases = [
        phrase
        for group, (source, vocabulary) in enumerate(sources)
        for phrase in _expand(source, vocabulary, group)
    ]
    if content is not None:
        phrases = _make_way(phrases)
    _refuse_duplicates(phrases)
    numbers = {path: number for number, (_, path) in enumerate(files)}
    return WrittenOut(name, dict(grades), [_row(phrase, numbers) for phrase in phrases])


def _identify(content: Path | None) -> tuple[list[tuple[Kind, Path]], str, str]:
    """The content's files, their fingerprint, and the name under which all of it is kept."""
    files = list(_files(content))
    language = [OWN_CONTENT / name for name in _LANGUAGE]
    fingerprint = _fingerprint([*language, *_shared_files(content), *(path for _, path in files)])
    whose = "own" if content is None else "pack"
    return files, fingerprint, f"{fingerprint[:16]}-{READING}-{whose}"


def _row(phrase: Phrase, numbers: Mapping[Path, int]) -> Row:
    """A phrase as it is kept."""
    return (
        phrase.text, phrase.kind, phrase.label, phrase.group, numbers[phrase.file], phrase.line,
        " ".join(phrase.words), " ".join(phrase.gist),
    )  # fmt: skip


def _phrase(row: Row, files: Sequence[tuple[Kind, Path]]) -> Phrase:
    """A kept phrase."""
    text, kind, label, group, file, line, words, gist = row
    return Phrase(
        text, _KINDS[kind], label, group, files[file][1], line,
        tuple(words.split()), tuple(gist.split()),
    )  # fmt: skip


def _files(content: Path | None) -> Iterator[tuple[Kind, Path]]:
    """Every file of the pack with what it holds, topics first."""
    own = OWN_CONTENT
    pack = own if content is None else content / "intents"
    if not pack.is_dir():
        raise ContentError(f"De map {pack} bestaat niet. Een pakket heeft een map 'intents'.")
    topics = {path.name: path for path in sorted((pack / "topics").glob("*.toml"))}
    if content is not None and _adds(content):
        topics = {p.name: p for p in sorted((own / "topics").glob("*.toml"))} | topics
    if not topics:
        raise ContentError(f"De map {pack / 'topics'} heeft geen onderwerpen (bestanden *.toml).")
    for path in topics.values():
        yield "topic", path
    others: tuple[tuple[Kind, str], ...] = (
        ("follow_up", "follow_ups.toml"), ("command", "commands.toml"),
        ("red_flag", "red_flags.toml"),
    )  # fmt: skip
    for kind, name in others:
        yield kind, pack / name if (pack / name).exists() else own / name
    vague = pack if (pack / "vague.toml").exists() else own
    yield "vague", vague / "vague.toml"
    for folder in dict.fromkeys((own, pack)):
        if (folder / "off_topic.toml").exists():
            yield "off_topic", folder / "off_topic.toml"


def _adds(content: Path) -> bool:
    """Whether the pack's topics join ours instead of replacing them."""
    path = content / "pack.toml"
    if not path.exists():
        return False
    file = ContentFile(path)
    file.only({"name", "adds"}, file.data)
    adds = file.data.get("adds", False)
    if not isinstance(adds, bool):
        raise ContentError(f"{path}, regel {file.line_of('adds')}: 'adds' moet true of false zijn.")
    return adds


def _shared(content: Path | None) -> _Vocabulary:
    """The lists and rules that all files may use: ours, and over them those of the pack."""
    vocabulary = _Vocabulary({}, {})
    for path in _shared_files(content):
        file = ContentFile(path)
        file.only({"lists", "rules"}, file.data)
        vocabulary = _vocabulary(file, vocabulary)
    return vocabulary


def _shared_files(content: Path | None) -> Iterator[Path]:
    """The files with lists and rules for all others."""
    for folder in (OWN_CONTENT, *([content / "intents"] if content is not None else [])):
        if (folder / "shared.toml").exists():
            yield folder / "shared.toml"


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
    shared = {"lists", "rules"}
    if kind in ("topic", "vague", "off_topic"):
        sections = _sections(file) if kind == "off_topic" else set()
        file.only(shared | sections | {"phrases"}, file.data)
        yield from _templates(file, kind, file.path.stem, file.data)
        for section in sorted(sections):
            file.line_of(f"[{section}]")
            part = file.table(section)
            file.only({"phrases"}, part, f" in [{section}]")
            yield from _templates(file, kind, f"{OFF_TOPIC}:{section}", part)
        return
    for label, table in file.data.items():
        if label in shared:
            continue
        if not isinstance(table, dict):
            raise file.error(label, f"'{label}' moet een [{label}] met zinnen zijn.")
        file.line_of(f"[{label}]")
        file.only(
            {"phrases", "grade"} if kind == "red_flag" else {"phrases"}, table, f" in [{label}]"
        )
        if kind == "red_flag":
            if table.get("grade") not in GRADES:
                raise file.error(
                    f"[{label}]", f"geef [{label}] een grade: 'now' (112) of 'soon' (huisarts)."
                )
            grades[label] = table["grade"]
        yield from _templates(file, kind, label, table)


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
            f"{path}, regel {line}: het zinsjabloon '{template}' klopt niet ({error})."
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
            cleaned, source.kind, source.label, group, source.file, source.line, words, gist(words)
        )


def _make_way(phrases: list[Phrase]) -> list[Phrase]:
    """Leave out what our ``off_topic.toml`` turns down and this pack is about.

    To us "ik wil een afspraak maken" is off topic; to a pack on appointments it is the topic.
    """
    about: dict[str, set[str]] = {}
    for phrase in phrases:
        if phrase.kind in ("topic", "follow_up"):
            about.setdefault(phrase.label, set()).update(map(stem, phrase.words))
    ours = OWN_CONTENT / "off_topic.toml"

    def in_the_way(phrase: Phrase) -> bool:
        if phrase.kind != OFF_TOPIC or phrase.file != ours:
            return False
        telling = {stem(w) for w in phrase.words if w not in FUNCTION_WORDS | FILLERS}
        return any(telling <= words for words in about.values())

    return [phrase for phrase in phrases if not in_the_way(phrase)]


def _refuse_duplicates(phrases: Iterable[Phrase]) -> None:
    """One wording can't mean two things: name both places."""
    seen: dict[tuple[str, ...], Phrase] = {}
    for phrase in phrases:
        key = phrase.words if phrase.kind == "command" else phrase.gist
        other = seen.setdefault(key, phrase)
        silent = phrase.kind == other.kind == OFF_TOPIC
        if (other.kind, other.label) != (phrase.kind, phrase.label) and not silent:
            raise ContentError(
                f"'{phrase.text}' ({phrase.place}) staat ook bij '{other.label}' ({other.place}, "
                f"'{other.text}'). Een zin mag maar één ding betekenen."
            )


def _fingerprint(paths: Iterable[Path]) -> str:
    """A hash over the contents of the files."""
    digest = sha256()
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
