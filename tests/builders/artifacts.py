"""Artifacts in memory, and evidence on disk, of what the other builders write."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

from forensics.artifact_reading import WANTED
from parsers.evidence.source import Artifact, ArtifactKind
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EvtxRecord
from tests.builders.event_log import build_event_log
from tests.builders.system_hive import build_system_hive

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.builders.event_to_write import EventToWrite
    from tests.builders.system_hive import ServiceToWrite

HIVE_TIME: Final = 133_537_248_000_000_000
SYSMON_LOG: Final = "Logs/Microsoft-Windows-Sysmon%4Operational.evtx"
SYSTEM_LOG: Final = "Logs/System.evtx"
SYSTEM_HIVE: Final = "config/SYSTEM"


@dataclass(frozen=True, slots=True)
class BytesSource:
    """Bytes in memory. Reading that begins behind ``breaks_at`` fails, as on a disk that is going bad."""

    content: bytes
    breaks_at: int | None = None

    def open_(self) -> BinaryIO:
        return _Stream(self.content, self.breaks_at)


class _Stream(BytesIO):
    def __init__(self, content: bytes, breaks_at: int | None) -> None:
        super().__init__(content)
        self._breaks_at = breaks_at

    def read(self, size: int | None = -1) -> bytes:
        if self._breaks_at is not None and self.tell() >= self._breaks_at:
            raise OSError(5, "Input/output error")
        return super().read(size)


def artifact_of(
    content: bytes,
    path: str = SYSMON_LOG,
    evidence_id: str = "E-1",
    kind: ArtifactKind = ArtifactKind.EVENT_LOG,
    breaks_at: int | None = None,
) -> Artifact:
    """Return an artifact of ``content`` that lies nowhere on disk."""
    source = BytesSource(content, breaks_at)
    return Artifact(evidence_id, path, kind, len(content), sha256(content).hexdigest(), source)


def log_of(*events: EventToWrite, path: str = SYSMON_LOG, evidence_id: str = "E-1") -> Artifact:
    """Return an event log of ``events``."""
    return artifact_of(build_event_log(events), path, evidence_id)


def hive_of(  # noqa: PLR0913 - what tests tell hives apart by
    computer_name: str,
    *services: ServiceToWrite,
    domain: str = "",
    product_type: str = "WinNT",
    select_current: int | None = 1,
    path: str = SYSTEM_HIVE,
    evidence_id: str = "E-1",
) -> Artifact:
    """Return the SYSTEM hive of one machine."""
    content = build_system_hive(
        computer_name=computer_name,
        services=services,
        last_written=HIVE_TIME,
        domain=domain,
        product_type=product_type,
        select_current=select_current,
    )
    return artifact_of(content, path, evidence_id, ArtifactKind.SYSTEM_HIVE)


def records_of(*events: EventToWrite) -> list[EvtxRecord]:
    """Return ``events`` as they come back from a real event log."""
    return [each for each in read_event_log(log_of(*events), WANTED) if isinstance(each, EvtxRecord)]


def record_of(event: EventToWrite) -> EvtxRecord:
    """Return ``event`` as it comes back from a real event log."""
    (record,) = records_of(event)
    return record


def write_evidence(folder: Path, artifacts: Sequence[Artifact]) -> Path:
    """Write ``artifacts`` below ``folder``, each at its path, and return ``folder``."""
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with artifact.source.open_() as stream:
            path.write_bytes(stream.read())
    return folder
