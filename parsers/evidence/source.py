"""Artifacts: the files in an evidence that hold traces, and how their bytes are reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class ArtifactKind(StrEnum):
    """What an artifact is, told by its first bytes, its name or its place."""

    EVENT_LOG = "event_log"
    SYSTEM_HIVE = "system_hive"
    HIVE_LOG = "hive_log"
    APPLICATION_LOG = "application_log"
    APPLICATION_CONFIGURATION = "application_configuration"
    SHORTCUT = "shortcut"
    PREFETCH = "prefetch"


class ByteSource(Protocol):
    """Where an artifact's bytes are. Picklable, so that a worker process can open them itself."""

    def open_(self) -> BinaryIO:
        """Open the bytes for reading, from the start. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """Bytes of an ordinary file; opened for reading only."""

    path: Path

    def open_(self) -> BinaryIO:
        """Open the file from its start. Raises OSError."""
        return self.path.open("rb")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of an evidence, as it was when it was first hashed.

    ``path`` is its place inside the evidence with ``/`` between folders, ``size`` its bytes,
    ``sha256`` the digest of all of them, 64 lower-case hex digits. ``snapshot_created`` is, for a file of a
    volume shadow copy, when that was made, in ticks.

    ``modified`` is when its own file system says that it was last modified, in ticks, and known only of files
    inside a disk image. What a folder says is the time of copying as often as not and no part of the bytes
    that are hashed; what an archive says is the packer's, at times in an unknown time zone.
    """

    evidence_id: str
    path: str
    kind: ArtifactKind
    size: int
    sha256: str
    source: ByteSource
    snapshot_created: int | None = None
    modified: int | None = None
