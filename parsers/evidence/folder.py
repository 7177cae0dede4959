"""Evidence as loose files: a folder that somebody copied, or a single file.

Artifacts are told by their first bytes, not by their names; a file that only its name calls an event log or a
SYSTEM hive is an artifact too, so that its reader can say what is wrong with it.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from parsers.errors import EvidenceError
from parsers.evidence.source import Artifact, ArtifactKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.source import ByteSource

_EVENT_LOG_SIGNATURE: Final = b"ElfFile\0"
_HIVE_SIGNATURE: Final = b"regf"
_TRANSACTION_LOG: Final = re.compile(r".*\.LOG\d?", re.IGNORECASE | re.DOTALL)
_READ_SIZE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FileSource:
    """Bytes of an ordinary file; opened for reading only."""

    path: Path

    def open_(self) -> BinaryIO:
        """Open the file from its start. Raises OSError."""
        return self.path.open("rb")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in the evidence that could not be read: its place there, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that is, or is called, an artifact; ``path`` is its place inside the evidence."""

    path: str
    kind: ArtifactKind
    source: FileSource


def find_artifacts(evidence: Path) -> Iterator[FoundFile | Unreadable]:
    """Give every artifact of ``evidence``, a file or a folder, in order of its path.

    Raises EvidenceError where there is no such file or folder, or where it is a single file of no kind that
    is read.
    """
    if evidence.is_dir():
        yield from _find_below(evidence)
        return
    if not evidence.is_file():
        raise EvidenceError(str(evidence), "there is no such file or folder", "Check the path")
    kind = _kind(evidence)
    if kind is None:
        raise EvidenceError(
            str(evidence),
            "is neither an event log (EVTX) nor a SYSTEM hive",
            "Give an .evtx file, a SYSTEM hive or a folder that holds them",
        )
    yield FoundFile(evidence.name, kind, FileSource(evidence))


def read_sha256(source: ByteSource) -> tuple[str, int]:
    """Return the SHA-256 of all bytes, 64 lower-case hex digits, and their number. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with source.open_() as stream:
        while block := stream.read(_READ_SIZE):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def to_artifact(found: FoundFile, evidence_id: str, sha256: str, size: int) -> Artifact:
    """Return the artifact that ``found`` is, once its bytes are hashed."""
    return Artifact(evidence_id, found.path, found.kind, size, sha256, found.source)


def _find_below(root: Path) -> Iterator[FoundFile | Unreadable]:
    problems: list[Unreadable] = []

    def note(error: OSError) -> None:
        problems.append(Unreadable(_inside(root, Path(error.filename)), _reason(error)))

    found: list[FoundFile | Unreadable] = []
    for folder, names, files in os.walk(root, onerror=note):
        names.sort()
        for name in files:
            found += _look_at(root, Path(folder, name))
    yield from sorted([*found, *problems], key=lambda each: each.path)


def _look_at(root: Path, path: Path) -> Iterator[FoundFile | Unreadable]:
    try:
        kind = _kind(path) if path.is_file() else None
    except OSError as error:
        yield Unreadable(_inside(root, path), _reason(error))
        return
    if kind is not None:
        yield FoundFile(_inside(root, path), kind, FileSource(path))


def _kind(path: Path) -> ArtifactKind | None:
    """Tell an artifact by its first bytes or, where these say nothing, by its name. Raises OSError."""
    with path.open("rb") as stream:
        start = stream.read(len(_EVENT_LOG_SIGNATURE))
    if start == _EVENT_LOG_SIGNATURE or path.suffix.lower() == ".evtx":
        return ArtifactKind.EVENT_LOG
    if _TRANSACTION_LOG.fullmatch(path.name):
        return None
    if path.name.upper() == "SYSTEM" or (start.startswith(_HIVE_SIGNATURE) and _names_system(path)):
        return ArtifactKind.SYSTEM_HIVE
    return None


def _names_system(path: Path) -> bool:
    """Whether a hive is a SYSTEM hive: by the name that its base block keeps, or by its file's name."""
    with path.open("rb") as stream:
        block = stream.read(512)
    kept = block[48:112].decode("utf-16-le", "replace").split("\0")[0].replace("/", "\\").rsplit("\\", 1)[-1]
    return kept.upper() == "SYSTEM" or "SYSTEM" in re.split(r"[^A-Z]+", path.stem.upper())


def _inside(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
