"""What looking through an evidence gives: files that are artifacts, and what could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsers.evidence.source import ArtifactKind, ByteSource


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in the evidence that could not be read: its place there, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that is, or is called, an artifact; ``path`` is its place inside the evidence.

    ``snapshot_created`` is, for a file of a volume shadow copy, when that was made, in ticks.
    """

    path: str
    kind: ArtifactKind
    source: ByteSource
    snapshot_created: int | None = None


Found = FoundFile | Unreadable
