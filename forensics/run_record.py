"""What was done, by what and when: the audit log as it grows, and run.json at the end.

These two, with SHA256SUMS, are the only files that differ from run to run: clocks, paths, host and versions
stand here and nowhere else.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from forensics import VERSION
from forensics.expected_digest import match_digests
from forensics.recorded_request import rule_file, to_record
from forensics.report.audit import AUDIT_NAME, AuditLog
from forensics.timeline_row import SCHEMA_VERSION
from parsers.evidence.evidence import ChangedFile
from parsers.evidence.source import FileSource
from parsers.filetime import from_datetime, to_text

if TYPE_CHECKING:
    from forensics.artifact_reading import ArtifactReading
    from forensics.case_folder import CaseFolder
    from forensics.expected_digest import Matched
    from forensics.report.json_document import JsonValue
    from forensics.request import Request
    from forensics.rule import Rule
    from parsers.evidence.evidence import Evidence, HashedContainer

DISTRIBUTION: Final = "rustdesk-forensics"
DEPENDENCIES: Final = (
    "dfvfs",
    "duckdb",
    "duckdb-kql",
    "evtx",
    "lxml",
    "py7zr",
    "pyarrow",
    "python-evtx",
    "python-registry",
    "pyzipper",
    "regipy",
    "typer",
    "zstandard",
)
_PACKAGES: Final = ("forensics", "parsers")


class RunRecord:
    """The audit log of one run in ``folder``, and the facts that run.json needs of its beginning."""

    def __init__(self, folder: CaseFolder, request: Request) -> None:
        self._request = request
        self._started = _now()
        with folder.writing(AUDIT_NAME) as path:
            self._audit = AuditLog(path, lambda: datetime.now(UTC))
        self.note("analysis started", {"version": VERSION, "argv": list(request.argv)})

    def note(self, event: str, details: dict[str, JsonValue]) -> None:
        """Add a line to the audit log. Raises OSError where it cannot be written."""
        self._audit.append(event, details)

    def evidence_opened(self, evidence: Evidence) -> None:
        """Note what an evidence holds, with the digest of each artifact before it is read."""
        artifacts: list[JsonValue] = [
            {"path": each.path, "size": each.size, "sha256": each.sha256} for each in evidence.artifacts
        ]
        unreadable: list[JsonValue] = [f"{each.path}: {each.reason}" for each in evidence.unreadable]
        details: dict[str, JsonValue] = {
            "evidence_id": evidence.evidence_id,
            "path": str(evidence.path),
            "artifacts": artifacts,
            "unreadable": unreadable,
        }
        self.note("evidence opened", details)

    def artifact_read(self, reading: ArtifactReading) -> None:
        """Note what became of an artifact."""
        details: dict[str, JsonValue] = {
            "evidence_id": reading.artifact.evidence_id,
            "path": reading.artifact.path,
            "events": reading.events,
            "damage": len(reading.damage),
            "failure": reading.failure,
        }
        self.note("artifact read", details)

    def finish(
        self, evidence: tuple[Evidence, ...], changed: tuple[ChangedFile, ...], counts: dict[str, JsonValue]
    ) -> dict[str, JsonValue]:
        """Close the audit log and return run.json."""
        self.note("evidence hashed again", {"changed": [each.path for each in changed]})
        self.note("analysis finished", counts)
        self._audit.close()
        return {
            "schema": SCHEMA_VERSION,
            "tool": {"name": DISTRIBUTION, "version": VERSION, "sha256": digest_of_packages()},
            "argv": list(self._request.argv),
            "examiner": self._request.examiner,
            "exhibit": self._request.exhibit,
            "case_number": self._request.case_number,
            "started": self._started,
            "finished": _now(),
            "clock": "UTC as this computer's clock had it",
            "host": {"platform": platform.platform(), "python": sys.version, "node": platform.node()},
            "dependencies": {name: _dependency(name) for name in DEPENDENCIES},
            "request": to_record(self._request),
            "rules": [_rule(each) for each in self._request.rules],
            "inputs": [_input(each, changed) for each in evidence],
            "inputs_unchanged": not changed,
            "expected_digests": [_expected(each) for each in match_digests(self._request.expected, evidence)],
            "counts": counts,
        }


def _now() -> str:
    return to_text(from_datetime(datetime.now(UTC)), 6)


def digest_of_packages() -> str:
    """Return one digest over every file of the program, so that a change to any of them shows."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    files = [
        path for name in _PACKAGES for path in (root / name).rglob("*") if "__pycache__" not in path.parts
    ]
    for path in sorted(each for each in files if each.is_file()):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _dependency(name: str) -> JsonValue:
    """Return a dependency's version and the digest of its list of files and their digests."""
    distribution = metadata.distribution(name)
    listed = distribution.read_text("RECORD") or ""
    return {"version": distribution.version, "record_sha256": hashlib.sha256(listed.encode()).hexdigest()}


def _rule(rule: Rule) -> JsonValue:
    digest = hashlib.sha256(rule.query.encode()).hexdigest()
    return {"path": rule.path, "sha256": digest, "file": rule_file(rule)}


def _input(evidence: Evidence, changed: tuple[ChangedFile, ...]) -> JsonValue:
    """Return an evidence's files before and after; what lies in a container is as unchanged as that is."""
    files: list[JsonValue] = []
    for artifact in evidence.artifacts:
        entry: dict[str, JsonValue] = {
            "path": artifact.path,
            "size": artifact.size,
            "sha256_before": artifact.sha256,
        }
        if isinstance(artifact.source, FileSource):
            entry["unchanged_after"] = ChangedFile(evidence.evidence_id, artifact.path) not in changed
        files.append(entry)
    return {
        "evidence_id": evidence.evidence_id,
        "path": str(evidence.path),
        "artifacts": files,
        "containers": [_container(evidence.evidence_id, each, changed) for each in evidence.containers],
    }


def _expected(matched: Matched) -> JsonValue:
    """Return an expected digest and the files that have it; where none had it, nothing was read."""
    return {
        "name": matched.expected.name,
        "sha256": matched.expected.sha256,
        "matched": [{"evidence_id": each.evidence_id, "path": each.path} for each in matched.files],
    }


def _container(evidence_id: str, container: HashedContainer, changed: tuple[ChangedFile, ...]) -> JsonValue:
    return {
        "path": container.path,
        "files": [
            {"name": each.path.name, "size": each.size, "sha256_before": each.sha256}
            for each in container.files
        ],
        "unchanged_after": ChangedFile(evidence_id, container.name) not in changed,
    }
