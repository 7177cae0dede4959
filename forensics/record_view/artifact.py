"""The file behind a row: found in the evidence, and held against the digest that the row has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forensics.evidence_check import match_evidence
from forensics.recorded_request import RecordError, evidence_of
from parsers.errors import EvidenceError
from parsers.evidence.discovery import find_artifacts
from parsers.evidence.evidence import read_sha256
from parsers.evidence.found import FoundFile
from parsers.evidence.known_paths import hive_logs_of
from parsers.hive.replay_record import NamedLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from forensics.record_view.row import Row
    from forensics.request import NamedEvidence
    from parsers.evidence.discovery import Opening
    from parsers.evidence.source import ByteSource


@dataclass(frozen=True, slots=True)
class ArtifactAtHand:
    """A row's file: its bytes, where the evidence is, and its digest now. ``logs`` are a hive's."""

    source: ByteSource
    evidence: Path
    sha256: str
    logs: tuple[NamedLog, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """Why a row's file cannot be looked at; ``expected`` where it was said to be at hand."""

    reason: str
    expected: bool


def find_artifact(
    row: Row, run: Mapping[str, Any] | None, given: Sequence[NamedEvidence], opening: Opening
) -> ArtifactAtHand | Absent:
    """Return the file that ``row`` rests on: in the evidence ``given``, or where run.json says that it was.

    Raises UsageError where it cannot be told which evidence of the case was given, and OSError.
    """
    try:
        path = _place(row, run, given)
    except RecordError as error:
        return Absent(str(error), expected=bool(given))
    if path is None:
        return Absent(f"evidence {row.text('evidence_id')} was not given with --evidence", expected=False)
    if not given and not path.exists():
        return Absent(f"the evidence is not at {path} any more; give it with --evidence", expected=False)
    return _look(row, path, opening, expected=bool(given))


def _place(row: Row, run: Mapping[str, Any] | None, given: Sequence[NamedEvidence]) -> Path | None:
    if run is None:
        raise RecordError("run.json cannot be read, so it is not known where the evidence was")
    evidence_id = row.text("evidence_id")
    if given:
        matched = match_evidence(given, run)
        return next(
            (each.evidence.path for each in matched if each.recorded.evidence_id == evidence_id), None
        )
    recorded = evidence_of(run)
    return next((each.path for each in recorded if each.evidence_id == evidence_id), None)


def _look(row: Row, path: Path, opening: Opening, *, expected: bool) -> ArtifactAtHand | Absent:
    try:
        found = {each.path: each for each in find_artifacts(path, opening) if isinstance(each, FoundFile)}
    except EvidenceError as error:
        return Absent(str(error), expected)
    wanted = row.text("source_path")
    if wanted not in found:
        return Absent(f"{path} holds no {wanted} that can be read", expected)
    sha256, _ = read_sha256(found[wanted].source)
    logs = [found[name] for name in hive_logs_of(wanted, found)] if row.key_place is not None else []
    named = tuple(NamedLog(each.path, read_all(each.source)) for each in logs)
    return ArtifactAtHand(found[wanted].source, path, sha256, named)


def read_all(source: ByteSource) -> bytes:
    """Return all bytes. Raises OSError."""
    with source.open_() as stream:
        return stream.read()
