"""Evidence: what an investigator handed over, with its artifacts found and hashed, before any is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.errors import EvidenceError
from parsers.evidence.discovery import Container, Opening, find_artifacts
from parsers.evidence.ewf_hash import EwfVerification, verify_ewf
from parsers.evidence.found import FoundFile, Unreadable
from parsers.evidence.found import unreadable as unreadable_by
from parsers.evidence.source import Artifact, FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from parsers.evidence.source import ByteSource

_READ_SIZE: Final = 1 << 20


class HashedFile(NamedTuple):
    """One file on the examiner's disk: its digest, 64 lower-case hex digits, and its size in bytes."""

    path: Path
    sha256: str
    size: int


class ChangedFile(NamedTuple):
    """A file of an evidence whose bytes are not what they were, or that cannot be read any more."""

    evidence_id: str
    path: str


@dataclass(frozen=True, slots=True)
class HashedContainer:
    """An archive or image: its place in the evidence, its files, and what an E01 image stores of its disk."""

    path: str
    files: tuple[HashedFile, ...]
    ewf: EwfVerification | None

    @property
    def name(self) -> str:
        """What messages call it: its place in the evidence, or its file's name where it is the evidence."""
        return self.path or self.files[0].path.name


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence. ``artifacts`` are in order of their paths; ``unreadable`` is what could not be opened.

    ``evidence_id`` is its label, or else is made from the paths and digests of its artifacts, so that it is
    the same wherever the evidence lies.
    """

    evidence_id: str
    path: Path
    artifacts: tuple[Artifact, ...]
    containers: tuple[HashedContainer, ...]
    unreadable: tuple[Unreadable, ...]


def open_evidence(
    path: Path, label: str | None, opening: Opening, on_hashed: Callable[[int], None]
) -> Evidence:
    """Find and hash the artifacts of the evidence at ``path``, and the archives and images that hold them.

    ``on_hashed`` is told how many bytes were hashed. Raises EvidenceError where there is nothing to open, and
    OSError where copies cannot be written.
    """
    artifacts: list[Artifact] = []
    containers: list[HashedContainer] = []
    unreadable: list[Unreadable] = []
    for found in find_artifacts(path, opening):
        try:
            match found:
                case Unreadable():
                    unreadable.append(found)
                case Container():
                    container = _hash_container(found, on_hashed)
                    containers.append(container)
                    unreadable += _wrong_hashes(container)
                case FoundFile():
                    artifacts.append(_hash_artifact(found, on_hashed))
        except OSError as error:
            unreadable.append(unreadable_by(found.path, error))
    artifacts.sort(key=lambda each: each.path)
    unreadable.sort(key=lambda each: each.path)
    evidence_id = label or _id(artifacts, containers)
    named = tuple(replace(each, evidence_id=evidence_id) for each in artifacts)
    return Evidence(evidence_id, path, named, tuple(containers), tuple(unreadable))


def order_evidence(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the case's evidence in the order of its ids, whatever the order in which it was given.

    Evidence with the same label, or without one and with the same artifacts, would share one id: the later
    ones, by their content, get a number.
    """
    ordered = sorted(
        evidence, key=lambda each: (each.evidence_id, _id(each.artifacts, each.containers), str(each.path))
    )
    given = {each.evidence_id for each in ordered}
    taken: set[str] = set()
    numbered = []
    for each in ordered:
        numbered.append(_numbered(each, taken | given - {each.evidence_id}))
        taken.add(numbered[-1].evidence_id)
    return tuple(numbered)


def changed_files(evidence: Evidence) -> tuple[ChangedFile, ...]:
    """Hash the evidence's files again and return those that are not what they were.

    These are the artifacts that lie as files, and the archives and images that hold the others.
    """
    files = [
        (each.path, each.source, each.sha256)
        for each in evidence.artifacts
        if isinstance(each.source, FileSource)
    ]
    for container in evidence.containers:
        files += ((container.name, FileSource(each.path), each.sha256) for each in container.files)
    changed = dict.fromkeys(path for path, source, sha256 in files if not _has_digest(source, sha256))
    return tuple(ChangedFile(evidence.evidence_id, path) for path in changed)


def read_sha256(source: ByteSource) -> tuple[str, int]:
    """Return the SHA-256 of all bytes, 64 lower-case hex digits, and their number. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with source.open_() as stream:
        while block := stream.read(_READ_SIZE):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _hash_artifact(found: FoundFile, on_hashed: Callable[[int], None]) -> Artifact:
    sha256, size = read_sha256(found.source)
    on_hashed(size)
    times = found.snapshot_created, found.modified
    return Artifact("", found.path, found.kind, size, sha256, found.source, *times)


def _hash_container(found: Container, on_hashed: Callable[[int], None]) -> HashedContainer:
    files: list[HashedFile] = []
    for path in found.files:
        sha256, size = read_sha256(FileSource(path))
        on_hashed(size)
        files.append(HashedFile(path, sha256, size))
    try:
        ewf = verify_ewf(found.files[0], on_hashed) if found.is_ewf else None
    except EvidenceError:  # what is wrong with it, opening it says
        ewf = None
    return HashedContainer(found.path, tuple(files), ewf)


def _wrong_hashes(container: HashedContainer) -> tuple[Unreadable, ...]:
    """Return what the hashes that an E01 image stores say against it."""
    ewf = container.ewf
    if ewf is None or ewf.problem is None or (ewf.stored_md5 is None and ewf.stored_sha1 is None):
        return ()
    return (Unreadable(container.name, ewf.problem),)


def _numbered(evidence: Evidence, taken: set[str]) -> Evidence:
    """Return ``evidence``, under another id if another one has taken its own."""
    if evidence.evidence_id not in taken:
        return evidence
    ids = (f"{evidence.evidence_id}-{number}" for number in count(2))
    evidence_id = next(each for each in ids if each not in taken)
    artifacts = tuple(replace(each, evidence_id=evidence_id) for each in evidence.artifacts)
    return replace(evidence, evidence_id=evidence_id, artifacts=artifacts)


def _has_digest(source: ByteSource, expected: str) -> bool:
    try:
        sha256, _ = read_sha256(source)
    except OSError:
        return False
    return sha256 == expected


def _id(artifacts: Sequence[Artifact], containers: Sequence[HashedContainer]) -> str:
    lines = [f"{each.sha256}  {each.path}\n" for each in artifacts]
    lines += [f"{file.sha256}  {each.path}\n" for each in containers for file in each.files]
    return "E-" + hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:12]
