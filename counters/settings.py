"""Whether counts are kept, and where."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_NAME = "counts.sqlite"
SERVICE_FILE = Path("/var/lib/spiertolk") / _NAME
"""Where the service keeps them: systemd's ``StateDirectory=spiertolk``."""


def _expanded(path: Path) -> Path:
    """The path with ``~`` written out; as it is where there is no such home."""
    with suppress(RuntimeError):
        return path.expanduser()
    return path


SetPath = Annotated[Path, AfterValidator(_expanded)]
"""A path out of the settings, in which ``~`` is the user's home."""


class CountersSettings(BaseModel):
    """What becomes of the counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep: bool = Field(False, description="write counts to disk; else they are gone at the end")
    file: SetPath | None = Field(None, description="SQLite file; None: the usual place")

    def path(self, environment: Mapping[str, str]) -> Path:
        """The file to write: the one that is set, or that of the service or user we run for."""
        if self.file is not None:
            return self.file
        if state := environment.get("STATE_DIRECTORY"):  # systemd made it for us
            return Path(state.partition(":")[0]) / _NAME
        with suppress(RuntimeError):  # whoever has no home runs for the service
            base = environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
            return Path(base) / "spiertolk" / _NAME
        return SERVICE_FILE
