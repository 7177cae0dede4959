"""Which files are artifacts, told by their first bytes; by name only where these cannot say.

A file that its name calls an event log or a SYSTEM hive is an artifact whatever it holds, so that its reader can
say what is wrong with it.
"""

from __future__ import annotations

import re
from typing import Final

from parsers.evidence.source import ArtifactKind

HEAD_SIZE: Final = 512
"""How many bytes of a file's start are needed to tell."""

_EVENT_LOG_SIGNATURE: Final = b"ElfFile\0"
_HIVE_SIGNATURE: Final = b"regf"
_HIVE_NAME: Final = slice(48, 112)
"""Where a base block keeps the end of the hive's path, in UTF-16."""

_TRANSACTION_LOG: Final = re.compile(r"(.*)\.LOG\d?", re.IGNORECASE | re.DOTALL)


def tell_kind(name: str, head: bytes) -> ArtifactKind | None:
    """Return what the file called ``name`` is, whose first HEAD_SIZE bytes are ``head``, or None."""
    if head.startswith(_EVENT_LOG_SIGNATURE) or name.lower().endswith(".evtx"):
        return ArtifactKind.EVENT_LOG
    log = _TRANSACTION_LOG.fullmatch(name)
    if log is not None:
        return ArtifactKind.HIVE_LOG if _is_called_system(log[1]) or _keeps_system(head) else None
    if name.upper() == "SYSTEM" or (head.startswith(_HIVE_SIGNATURE) and (_is_called_system(name) or _keeps_system(head))):
        return ArtifactKind.SYSTEM_HIVE
    return None


def _keeps_system(head: bytes) -> bool:
    """Whether a base block says that its hive is a SYSTEM hive."""
    if not head.startswith(_HIVE_SIGNATURE):
        return False
    kept = head[_HIVE_NAME].decode("utf-16-le", "replace").split("\0")[0]
    return re.split(r"[\\/]", kept)[-1].upper() == "SYSTEM"


def _is_called_system(name: str) -> bool:
    """Whether a file is called SYSTEM, alone or behind what a collector put before it."""
    stem = name.rsplit(".", 1)[0] if "." in name else name
    return "SYSTEM" in re.split(r"[^A-Z]+", stem.upper())
