"""Vosk, imported without its downloader.

`vosk` imports `requests`, which it uses only to fetch models; ours come another way. Importing
`requests` opens an IPv6 socket and takes longer than all the rest, so an empty module stands in for
it while `vosk` is imported.
"""

import sys
from types import ModuleType

_HOLLOW = None if "requests" in sys.modules else ModuleType("requests")
if _HOLLOW is not None:
    sys.modules["requests"] = _HOLLOW
try:
    import vosk
finally:
    if _HOLLOW is not None:
        del sys.modules["requests"]  # whoever wants the real one gets it

__all__ = ["vosk"]
