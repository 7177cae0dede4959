"""Evidence as loose files: a folder that somebody copied, or a single file.

Artifacts are told by their bytes, not by their names; a file that only its name calls an event log or a
SYSTEM hive is an artifact too, so that its reader can say what is wrong with it. Links to files are followed,
links to folders are not: one that leads out of the evidence is named instead.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from parsers.errors import EvidenceError
from parsers.evidence.source import Artifact, ArtifactKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.source import ByteSource

_EVENT_LOG_SIGNATURE: Final = b"ElfFile\0"
_CHUNK_SIGNATURE: Final = b"ElfChnk\0"
_FIRST_CHUNK_AT: Final = 4096
_HIVE_SIGNATURE: Final = b"regf"
_HIVE_NAME_AT: Final = slice(48, 112)
_OTHER_HIVES: Final = frozenset({"SOFTWARE", "SAM", "SECURITY", "DEFAULT", "COMPONENTS", "DRIVERS", "BCD"})
_TRANSACTION_LOG: Final = re.compile(r".*\.LOG\d?", re.IGNORECASE | re.DOTALL)
_READ_SIZE: Final = 1 << 20
_LEADS_NOWHERE: Final = frozenset({errno.ENOENT, errno.ELOOP})
"""Errors of a link whose target is not there. On a mounted disk there are many, and none is evidence."""


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
    """Give every artifact of ``evidence``, a file or a folder, in order of its path, and what cannot be read.

    Raises EvidenceError where there is no such file or folder, or where it is a single file of no kind that
    is read.
    """
    if evidence.is_dir():
        yield from _find_below(evidence)
        return
    if not evidence.is_file():
        raise EvidenceError(str(evidence), "there is no such file or folder", "Check the path")
    try:
        kind = _kind(evidence)
    except OSError as error:
        yield Unreadable(evidence.name, _reason(error))
        return
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
        found += (each for name in names for each in _look_at_folder(root, Path(folder, name)))
        found += (each for name in files for each in _look_at(root, Path(folder, name)))
    yield from sorted([*found, *problems], key=lambda each: each.path)


def _look_at_folder(root: Path, path: Path) -> Iterator[Unreadable]:
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        yield Unreadable(
            _inside(root, path), "is a link to a folder outside of the evidence; it is not followed"
        )


def _look_at(root: Path, path: Path) -> Iterator[FoundFile | Unreadable]:
    try:
        kind = _kind(path) if stat.S_ISREG(path.stat().st_mode) else None
    except OSError as error:
        if error.errno in _LEADS_NOWHERE and _kind_by_name(path) is None:
            return
        yield Unreadable(_inside(root, path), _reason(error))
        return
    if kind is not None:
        yield FoundFile(_inside(root, path), kind, FileSource(path))


def _kind(path: Path) -> ArtifactKind | None:
    """Tell an artifact by its first bytes or, where these say nothing, by its name. Raises OSError."""
    with path.open("rb") as stream:
        start = stream.read(_FIRST_CHUNK_AT + len(_CHUNK_SIGNATURE))
    if start.startswith(_EVENT_LOG_SIGNATURE) or start[_FIRST_CHUNK_AT:] == _CHUNK_SIGNATURE:
        return ArtifactKind.EVENT_LOG
    if _TRANSACTION_LOG.fullmatch(path.name):
        return None
    if start.startswith(_HIVE_SIGNATURE) and _is_system_hive(start, path):
        return ArtifactKind.SYSTEM_HIVE
    return _kind_by_name(path)


def _kind_by_name(path: Path) -> ArtifactKind | None:
    if path.suffix.lower() == ".evtx":
        return ArtifactKind.EVENT_LOG
    return ArtifactKind.SYSTEM_HIVE if path.name.upper() == "SYSTEM" else None


def _is_system_hive(block: bytes, path: Path) -> bool:
    """Whether a hive is a SYSTEM hive: by the name that its base block keeps or else by its file's name."""
    kept = re.split(r"[\\/]", block[_HIVE_NAME_AT].decode("utf-16-le", "replace").split("\0")[0])[-1].upper()
    if kept in _OTHER_HIVES:
        return False
    return kept == "SYSTEM" or "SYSTEM" in re.split(r"[^A-Z0-9]+", path.name.upper())


def _inside(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
