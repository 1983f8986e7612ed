"""What people say, as data: the phrases of a content pack, written out and checked.

A pack's ``intents/`` folder holds ``topics/*.toml`` (one file a topic; under ``[asked]`` the
sentences that also ask for one part of its answer, by part; under ``[gathers]`` at which words it
takes the place of others, :mod:`intents.gathering`) and ``commands.toml``,
``follow_ups.toml``, ``red_flags.toml``, ``vague.toml``, ``off_topic.toml``, ``together.toml``
(sentences that name several topics, meant or set aside), with sentence templates
(:mod:`intents.templates`); lists and rules for all files stand in ``shared.toml``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import get_args

from intents.dutch import tokens
from intents.gathering import Gathering
from intents.kept import Row, WrittenOut, cached, recall
from intents.pack import OWN_CONTENT, Pack, find_pack
from intents.phrases import Kind, Phrase
from intents.results import Grade

WRITTEN_OUT = OWN_CONTENT / "written_out.json.gz"
"""Our own templates, written out (``make learn``): reading them takes longer than all else."""

_GRADES: Mapping[str, Grade] = {grade: grade for grade in get_args(Grade)}
_KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True)
class Catalogue:
    """All phrases of a pack, checked."""

    phrases: tuple[Phrase, ...]
    grades: Mapping[str, Grade] = field(default_factory=dict)
    """How urgent each red flag is."""
    gatherings: tuple[Gathering, ...] = ()
    fingerprint: str = ""
    """Changes when any of the files changes; names the learnt calibration."""
    own: bool = False
    """Whether all of it is our own content."""

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
        """Every word that somebody may say, as written, but numbers in words: as they are heard."""
        written = {
            word.strip('.,?!:;"') for p in self.phrases for word in p.text.lower().split()
        } - {""}
        numbers = {word for word in written if word.isdecimal()}
        return frozenset(written - numbers).union(*map(tokens, numbers))


def load_catalogue(content: Path | None = None) -> Catalogue:
    """Read and check all phrases.

    Args:
        content: a pack's folder, which holds ``intents/``. Its topics replace ours (or join them,
            where its ``pack.toml`` says ``adds = true``); of the other files ours serve where it
            has none, and its ``red_flags.toml``, ``off_topic.toml`` and ``together.toml`` are
            always added to ours.

    Raises:
        ContentError: with file and line, where the content doesn't hold together.
    """
    pack = find_pack(content)
    known = recall(WRITTEN_OUT, pack.name) or recall(_cache(pack), pack.name) or _written_out(pack)
    phrases = tuple(_phrase(row, pack.files) for row in known.rows)
    grades = {label: _GRADES[grade] for label, grade in known.grades.items()}
    gatherings = tuple(
        Gathering(topic, tuple(instead_of), tuple(map(tuple, groups)))
        for topic, instead_of, groups in known.gatherings
    )
    return Catalogue(phrases, grades, gatherings, pack.fingerprint, pack.own)


def _cache(pack: Pack) -> Path:
    return cached(f"{pack.name}.json.gz")


def _written_out(pack: Pack) -> WrittenOut:
    """The templates written out anew, and kept where they are a pack's."""
    from intents.templates import write_out  # noqa: PLC0415  # a start seldom needs its libraries

    known = write_out(pack)
    if not pack.own:
        known.keep(_cache(pack))
    return known


def _phrase(row: Row, files: Sequence[tuple[Kind, Path]]) -> Phrase:
    """A kept phrase; its words are shared, for 10,000 of them make up 740,000."""
    text, kind, label, asked, group, file, line, words, gist = row
    return Phrase(
        text, _KINDS[kind], label, asked, group, files[file][1], line,
        tuple(map(intern, words.split())), tuple(map(intern, gist.split())),
    )  # fmt: skip
