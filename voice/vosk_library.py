"""Vosk, imported without its downloader.

`vosk` imports `requests`, which it needs to fetch models only; ours come another way. As that is
imported it tries an IPv6 socket, and it takes longer than all the rest. So Vosk gets an empty one.
"""

import sys
from types import ModuleType

_HOLLOW = None if "requests" in sys.modules else ModuleType("requests")
if _HOLLOW is not None:
    sys.modules["requests"] = _HOLLOW
try:
    import vosk  # type: ignore[import-untyped]  # no stubs exist
finally:
    if _HOLLOW is not None:
        del sys.modules["requests"]  # whoever wants the real one gets it

__all__ = ["vosk"]
