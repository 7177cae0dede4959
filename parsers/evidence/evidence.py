"""Evidence: what an investigator handed over, with its artifacts found and hashed, before any is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from parsers.evidence.folder import Unreadable, find_artifacts, read_sha256, to_artifact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from parsers.evidence.source import Artifact


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence. ``artifacts`` are in order of their paths; ``unreadable`` is what could not be opened.

    ``evidence_id`` is its label, or else is made from the paths and digests of its artifacts, so that it is
    the same wherever the evidence lies.
    """

    evidence_id: str
    path: Path
    artifacts: tuple[Artifact, ...]
    unreadable: tuple[Unreadable, ...]


def open_evidence(path: Path, label: str | None, on_hashed: Callable[[int], None]) -> Evidence:
    """Find and hash the artifacts of the file or folder at ``path``.

    ``on_hashed`` is told the size in bytes of each. Raises EvidenceError where there is nothing to open.
    """
    hashed: list[Artifact] = []
    unreadable: list[Unreadable] = []
    for found in find_artifacts(path):
        if isinstance(found, Unreadable):
            unreadable.append(found)
            continue
        try:
            sha256, size = read_sha256(found.source)
        except OSError as error:
            unreadable.append(Unreadable(found.path, error.strerror or str(error)))
            continue
        on_hashed(size)
        hashed.append(to_artifact(found, "", sha256, size))
    evidence_id = label or _id(hashed)
    artifacts = tuple(replace(each, evidence_id=evidence_id) for each in hashed)
    return Evidence(evidence_id, path, artifacts, tuple(unreadable))


def order_evidence(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the case's evidence in the order of its ids, whatever the order in which it was given.

    Evidence with the same label, or without one and with the same artifacts, would share one id: the later
    ones, by their content, get a number.
    """
    ordered = sorted(evidence, key=lambda each: (each.evidence_id, _id(each.artifacts), str(each.path)))
    given = {each.evidence_id for each in ordered}
    taken: set[str] = set()
    numbered = []
    for each in ordered:
        numbered.append(_numbered(each, taken | given - {each.evidence_id}))
        taken.add(numbered[-1].evidence_id)
    return tuple(numbered)


def changed_artifacts(artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
    """Hash every artifact again and return those whose bytes are not what they were, or cannot be read."""
    return tuple(each for each in artifacts if not _is_unchanged(each))


def _numbered(evidence: Evidence, taken: set[str]) -> Evidence:
    """Return ``evidence``, under another id if another one has taken its own."""
    if evidence.evidence_id not in taken:
        return evidence
    ids = (f"{evidence.evidence_id}-{number}" for number in count(2))
    evidence_id = next(each for each in ids if each not in taken)
    artifacts = tuple(replace(each, evidence_id=evidence_id) for each in evidence.artifacts)
    return replace(evidence, evidence_id=evidence_id, artifacts=artifacts)


def _is_unchanged(artifact: Artifact) -> bool:
    try:
        sha256, _ = read_sha256(artifact.source)
    except OSError:
        return False
    return sha256 == artifact.sha256


def _id(artifacts: Sequence[Artifact]) -> str:
    lines = "".join(f"{each.sha256}  {each.path}\n" for each in artifacts)
    return "E-" + hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:12]
