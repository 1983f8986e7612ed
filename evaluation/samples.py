"""What is evaluated: recordings, with what is said in them and what must come of it.

A folder is read in one of three ways. ``manifest.jsonl`` or ``manifest.csv`` names the recordings
(``path``, ``text``, ``expected``, ``speaker``, ``kind``; only ``path`` must be there). Without one,
every WAV below the folder counts and its name is its text; where it lies in a collection
(``topics/ooglid``, ``commands/stop`` ..., see `voice.collection`), the folder is what must come out
and ``voices.tsv`` says who speaks.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from errors import AudioFileError, EvaluationError
from evaluation.outcomes import DECLINED, Outcome, parse_outcomes
from intents.catalogue import Catalogue
from voice.collection import SPEAKER, Row, expected_text, has_consent, read_table

MANIFESTS = ("manifest.jsonl", "manifest.csv")
HUMAN, SYNTHETIC, UNKNOWN = "human", "synthetic", ""
_COLUMNS = {
    "path": ("path", "file", "pad", "bestand"),
    "text": ("text", "tekst"),
    "expected": ("expected", "topic", "expected topic", "verwacht", "onderwerp"),
    "speaker": ("speaker", "spreker"),
    "kind": ("kind", "soort"),
}
"""What a column may be called: in a manifest made by a program, and by a practice."""
_KINDS = {"mens": HUMAN, "echt": HUMAN, "synthetisch": SYNTHETIC}
_FOLDERS = ("topics", "ambiguous", "commands", "red_flags", "off_topic")


@dataclass(frozen=True)
class Sample:
    """One recording."""

    path: Path
    name: str
    """Its path within the folder, as reports show it."""
    text: str | None
    """What is said in it; empty where nothing is, None where nobody knows."""
    expected: tuple[Outcome, ...] = ()
    """Every outcome that would be right, the best first; empty where nobody knows."""
    speaker: str = ""
    kind: str = UNKNOWN


def read_samples(folder: Path, catalogue: Catalogue) -> tuple[Sample, ...]:
    """Find the recordings of a folder, sorted by name or in the order of its manifest.

    Raises:
        EvaluationError: there is no such folder, nothing in it, or a manifest that can't be used.
    """
    if not folder.is_dir():
        raise EvaluationError(f"De map '{folder}' is er niet: controleer de naam.")
    for name in MANIFESTS:
        if (path := folder / name).is_file():
            samples = tuple(_listed(path, catalogue))
            break
    else:
        samples = tuple(_found(folder, catalogue))
    if not samples:
        raise EvaluationError(
            f"In de map '{folder}' staan geen opnamen: zet er WAV-bestanden in, met de gesproken "
            "zin als naam."
        )
    return samples


def without_consent(sample: Sample, folder: Path) -> bool:
    """Whether the recording is of a speaker (``main.py record``) who has not given consent."""
    for home in sample.path.parents:
        if (home / SPEAKER).is_file():
            return not has_consent(home)
        if home == folder:
            break
    return False


def _listed(path: Path, catalogue: Catalogue) -> Iterator[Sample]:
    """The recordings of a manifest."""
    for line, cells in _rows(path):
        fields = {
            field: str(cells[name]).strip()
            for field, names in _COLUMNS.items()
            for name in reversed(names)
            if cells.get(name) is not None
        }
        if not fields.get("path"):
            raise _wrong(path, line, "noem het geluidsbestand onder 'path'")
        try:
            expected = _outcomes(fields.get("expected", ""), catalogue)
        except ValueError as error:
            raise _wrong(path, line, f"{error} bestaat niet; kies een onderwerp uit de lijst van "
                         "'main.py topics'") from error  # fmt: skip
        kind = fields.get("kind", UNKNOWN).lower()
        yield Sample(
            path.parent / fields["path"],
            fields["path"],
            fields.get("text"),
            expected,
            fields.get("speaker", ""),
            _KINDS.get(kind, kind),
        )


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The rows of a manifest with their line numbers, their columns in lower case."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(
            f"De lijst '{path}' kan niet gelezen worden: bewaar hem als tekst in UTF-8."
        ) from error
    if path.suffix == ".csv":
        separator = max(
            ",;\t", key=content.partition("\n")[0].count
        )  # Excel's depends on the country
        reader = csv.DictReader(io.StringIO(content, newline=""), delimiter=separator)
        try:
            for row in reader:
                yield reader.line_num, {str(key).strip().lower(): row[key] for key in row}
        except csv.Error as error:
            advice = (
                "zet elke opname op een eigen regel, en tekst met een komma tussen aanhalingstekens"
            )
            raise _wrong(path, reader.line_num, advice) from error
        return
    for line, text in enumerate(content.split("\n"), start=1):
        if not text.strip():
            continue
        try:
            cells = json.loads(text)
            yield line, {str(key).lower(): value for key, value in cells.items()}
        except (ValueError, AttributeError) as error:
            raise _wrong(path, line, "zet op elke regel één JSON-object tussen { en }") from error


def _wrong(path: Path, line: int, advice: str) -> EvaluationError:
    return EvaluationError(f"In de lijst '{path}' klopt regel {line} niet: {advice}.")


def _outcomes(text: str, catalogue: Catalogue) -> tuple[Outcome, ...]:
    """Read ``ooglid``, ``ms+als|ask``, ``command:stop``, ``flag:now`` or ``flag:ademnood``.

    Raises:
        ValueError: naming what is not in the catalogue.
    """
    if not text:
        return ()
    parts = []
    for part in text.split("|"):
        act, colon, name = part.strip().partition(":")
        if act in ("flag", "red_flag") and colon:
            parts.append(f"flag:{catalogue.grades.get(name, name)}")
        else:
            parts.append(part)
    try:
        outcomes = parse_outcomes("|".join(parts))
    except ValueError as error:
        raise ValueError(f"'{text}'") from error
    known = {"topics": catalogue.topics, "command": catalogue.labels("command")}
    for outcome in outcomes:
        if unknown := outcome.ids - set(known.get(outcome.act, outcome.ids)):
            raise ValueError(f"'{min(unknown)}'")
    return outcomes


def _found(folder: Path, catalogue: Catalogue) -> Iterator[Sample]:
    """The recordings of a folder without a manifest."""
    tables: dict[Path, dict[str, Row]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() != ".wav" or not path.is_file():
            continue
        if path.parent not in tables:
            tables[path.parent] = {row.file: row for row in _table(path.parent)}
        row = tables[path.parent].get(path.name)
        text = row.text if row else expected_text(path.stem + ".wav")
        kind = UNKNOWN
        if row:
            kind = HUMAN if row.engine == HUMAN else SYNTHETIC
        yield Sample(
            path,
            path.relative_to(folder).as_posix(),
            "" if text.startswith("_") else text,
            _promised(path.resolve().parent.parts, catalogue),
            row.voice if row else "",
            kind,
        )


def _table(folder: Path) -> Sequence[Row]:
    """Who speaks, as far as the folder's table can be read: the recordings matter more."""
    try:
        return read_table(folder)
    except AudioFileError:
        return ()


def _promised(parts: Sequence[str], catalogue: Catalogue) -> tuple[Outcome, ...]:
    """What the folders of a collection promise; nothing where they are no collection's."""
    kind = next((part for part in reversed(parts) if part in _FOLDERS), "")
    label = "".join(parts[len(parts) - parts[::-1].index(kind) :][:1]) if kind else ""
    ids = frozenset(label.split("+"))
    match kind:
        case "off_topic":
            return (DECLINED,)
        case "commands" if label in catalogue.labels("command"):
            return (Outcome("command", ids),)
        case "red_flags" if label in catalogue.grades:
            return (Outcome("flag", frozenset({catalogue.grades[label]})),)
        case "topics" if ids <= set(catalogue.topics):
            return (Outcome("topics", ids),)
        case "ambiguous" if ids <= set(catalogue.topics):
            each = tuple(Outcome("topics", frozenset({one})) for one in sorted(ids))
            return (Outcome("ask", ids), *each, Outcome("topics", ids))
    return ()
