"""Root may read and write everything, so tests of permissions must not be root."""

import contextlib
import os
from collections.abc import Iterator

_NOBODY = 65534


@contextlib.contextmanager
def not_as_root() -> Iterator[None]:
    """Be nobody for a while, where we are root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
