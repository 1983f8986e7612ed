"""Tables for people and for programs."""

from dataclasses import dataclass
from textwrap import wrap

from evaluation.metrics import Share

_WIDTH = 100

Cell = str | int | float | Share | None


@dataclass(frozen=True)
class Table:
    """Rows of figures under a title; a note says what a reader must know to trust them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def text(self) -> str:
        """The table for a terminal: the first column to the left, figures to the right."""
        cells = [self.columns, *(tuple(_shown(cell) for cell in row) for row in self.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]
        left = [all(_is_text(row[i]) for row in self.rows) for i in range(len(widths))]
        lines = [
            "  ".join(
                cell.ljust(width) if to_left else cell.rjust(width)
                for cell, width, to_left in zip(row, widths, left, strict=True)
            ).rstrip()
            for row in cells
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join(
            [f"## {self.title}", "", *lines, *(["", fill(self.note)] if self.note else [])]
        )

    def data(self) -> dict[str, object]:
        """The table for a program: one object a row."""
        return {
            "title": self.title,
            "rows": [
                dict(zip(self.columns, map(_datum, row), strict=True))  # one key a column
                for row in self.rows
            ],
            "note": self.note,
        }


def fill(note: str) -> str:
    """A note in lines that a terminal can show; its own line ends stay."""
    return "\n".join(line for text in note.splitlines() for line in wrap(text, _WIDTH) or [""])


def _shown(cell: Cell) -> str:
    """A cell for people."""
    match cell:
        case None:
            return "–"
        case float():
            return f"{cell:.3f}" if abs(cell) < 1 else f"{cell:.1f}"
    return str(cell)


def _is_text(cell: Cell) -> bool:
    """Whether a cell holds words; a figure may be written out already."""
    return isinstance(cell, str) and cell != "–" and not cell[:1].isdigit()


def _datum(cell: Cell) -> object:
    """A cell for programs: a share with its counts and its interval."""
    return cell.data() if isinstance(cell, Share) else cell
