"""What looking through an evidence gives: files that are artifacts, and what could not be looked at."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsers.evidence.source import ArtifactKind, ByteSource


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in the evidence that could not be read: its place there, and the reason.

    ``remedy`` is what can be done about it, or ``""`` where the reason says it.
    """

    path: str
    reason: str
    remedy: str = ""


def unreadable(path: str, error: OSError) -> Unreadable:
    """Return what the system has against reading ``path``."""
    denied = error.errno in {errno.EACCES, errno.EPERM}
    remedy = "Check its permissions" if denied else "Check how it was copied"
    return Unreadable(path, error.strerror or str(error), remedy)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that is, or is called, an artifact; ``path`` is its place inside the evidence.

    ``snapshot_created`` is, for a file of a volume shadow copy, when that was made, in ticks; ``modified``,
    for a file of a disk image, when its file system says that it was last modified.
    """

    path: str
    kind: ArtifactKind
    source: ByteSource
    snapshot_created: int | None = None
    modified: int | None = None


Found = FoundFile | Unreadable
