"""Which files are artifacts, told by their first bytes; by name and place only where these cannot say.

A file that its name calls an event log or a SYSTEM hive is an artifact whatever it holds, so that its reader
can say what is wrong with it.
"""

from __future__ import annotations

import re
from typing import Final

from parsers.evidence.application_files import tell_application_file
from parsers.evidence.collector_names import names_of
from parsers.evidence.source import ArtifactKind

_EVENT_LOG_SIGNATURE: Final = b"ElfFile\0"
_CHUNK_SIGNATURE: Final = b"ElfChnk\0"
_FIRST_CHUNK_AT: Final = 4096
"""Where the first chunk of an event log begins, also of one whose own header is destroyed."""

HEAD_SIZE: Final = _FIRST_CHUNK_AT + len(_CHUNK_SIGNATURE)
"""How many bytes of a file's start are needed to tell."""

_HIVE_SIGNATURE: Final = b"regf"
_HIVE_NAME_AT: Final = slice(48, 112)
"""Where a base block keeps the end of the hive's path, in UTF-16."""

_OTHER_HIVES: Final = frozenset({"SOFTWARE", "SAM", "SECURITY", "DEFAULT", "COMPONENTS", "DRIVERS", "BCD"})
_TRANSACTION_LOG: Final = re.compile(r"(.*)\.LOG\d?", re.IGNORECASE | re.DOTALL)


def tell_kind(name: str, head: bytes, path: str = "") -> ArtifactKind | None:
    """Return what the file called ``name`` is, whose first HEAD_SIZE bytes are ``head``, or None.

    ``path`` is its place inside the evidence, by which a program's own files are known.
    """
    if head.startswith(_EVENT_LOG_SIGNATURE) or head[_FIRST_CHUNK_AT:] == _CHUNK_SIGNATURE:
        return ArtifactKind.EVENT_LOG
    if (kind := tell_application_file(_folders(path), name, head)) is not None:
        return kind
    log = _TRANSACTION_LOG.fullmatch(name)
    if log is not None:
        return ArtifactKind.HIVE_LOG if _is_system(log[1], head) else None
    if head.startswith(_HIVE_SIGNATURE) and _is_system(name, head):
        return ArtifactKind.SYSTEM_HIVE
    return tell_kind_by_name(name)


def tell_kind_by_name(name: str) -> ArtifactKind | None:
    """Return what a file claims to be by its name alone, or None."""
    if name.lower().endswith(".evtx"):
        return ArtifactKind.EVENT_LOG
    return ArtifactKind.SYSTEM_HIVE if name.upper() == "SYSTEM" else None


def _folders(path: str) -> tuple[str, ...]:
    return tuple(name.decoded.lower() for name in names_of(path)[:-1])


def _is_system(name: str, head: bytes) -> bool:
    """Whether a hive is a SYSTEM hive: by the name that its base block keeps or else by its file's name."""
    kept = ""
    if head.startswith(_HIVE_SIGNATURE):
        path = head[_HIVE_NAME_AT].decode("utf-16-le", "replace").split("\0")[0]
        kept = re.split(r"[\\/]", path)[-1].upper()
    if kept in _OTHER_HIVES:
        return False
    return kept == "SYSTEM" or "SYSTEM" in re.split(r"[^A-Z0-9]+", name.upper())
