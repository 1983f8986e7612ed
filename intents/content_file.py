"""A TOML file of a content pack, which knows the line of each of its strings."""

from collections.abc import Mapping
from pathlib import Path

from errors import ContentError
from toml_files import read_toml


class ContentFile:
    """A TOML file of the pack, with the line of each of its strings."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text: str
        self.data: dict[str, object]
        self.text, self.data = read_toml(path)
        self._searched, self._line = 0, 1

    def error(self, text: str, message: str) -> ContentError:
        """An error at the line of ``text``."""
        return ContentError(f"{self.path}, regel {self.line_of(text)}: {message}")

    def table(self, key: str) -> dict[str, object]:
        """The table of this name; empty where there is none."""
        table = self.data.get(key, {})
        if not isinstance(table, dict):
            raise self.error(key, f"'{key}' moet een [{key}] zijn.")
        return table

    def rewind(self) -> None:
        """Search lines from the top again."""
        self._searched, self._line = 0, 1

    def line_of(self, text: str) -> int:
        """The line where ``text`` stands; searched onward from the last one found."""
        at = self.text.find(text, self._searched)
        if at < 0:
            self.rewind()
            at = max(self.text.find(text), 0)
        line = self._line + self.text.count("\n", self._searched, at)
        end = at + len(text)
        self._searched, self._line = end, line + self.text.count("\n", at, end)
        return line

    def only(self, known: set[str], table: Mapping[str, object], where: str = "") -> None:
        """Refuse a key that means nothing here: it is most likely a typing error."""
        for key in table:
            if key not in known:
                raise self.error(
                    key,
                    f"de sleutel '{key}'{where} is onbekend. "
                    f"Bekend zijn: {', '.join(sorted(known))}.",
                )

    def strings(self, value: object, key: str) -> list[str]:
        """``value`` as a list of sentences that are not empty."""
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.error(key, f"'{key}' moet een lijst van zinnen zijn.")
        if not value:
            raise self.error(key, f"'{key}' heeft geen zinnen.")
        return list(value)
