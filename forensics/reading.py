"""Evidence to events: all evidence opened and hashed, its artifacts read in the case's order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from forensics.artifact_reading import ArtifactReader, ArtifactReading
from forensics.errors import AnalysisError
from forensics.expected_digest import match_digests, refuse_container
from forensics.processes import processes
from forensics.store import EventStore
from parsers.errors import EvidenceError
from parsers.evidence.evidence import Evidence, open_evidence, order_evidence
from parsers.evidence.known_paths import hive_logs_of
from parsers.evidence.source import ArtifactKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from forensics.device import Devices
    from forensics.records_seen import RecordsSeen
    from forensics.request import HowToRead, NamedEvidence
    from parsers.evidence.evidence import HashedFile
    from parsers.evidence.source import Artifact

_EXAMINED: Final = frozenset(ArtifactKind) - {ArtifactKind.HIVE_LOG}
"""What findings are made of; the transaction logs of a hive say nothing without it."""

POOL_FROM_BYTES: Final = 8 << 20
"""Evidence smaller than this is read faster than processes start."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many bytes of it are done, and of how many; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Who is told how reading goes on; by default nobody."""

    progress: Progress = lambda _what, _done, _total: None
    evidence_opened: Callable[[Evidence], None] = lambda _evidence: None
    artifact_read: Callable[[ArtifactReading], None] = lambda _reading: None


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """Evidence of which every artifact was read; its events are in Parquet below ``events``.

    ``seen`` says by DeviceId which records were read of each machine.
    """

    evidence: tuple[Evidence, ...]
    readings: tuple[ArtifactReading, ...]
    devices: Devices
    events: Path
    event_counts: Mapping[str, int]
    seen: Mapping[str, RecordsSeen]

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All artifacts, in the case's order."""
        return tuple(artifact for each in self.evidence for artifact in each.artifacts)

    @property
    def complete(self) -> bool:
        """Whether all evidence was read and none of it was damaged."""
        read = all(
            each.failure is None and not each.damage and each.not_replayed is None for each in self.readings
        )
        return read and not any(each.unreadable for each in self.evidence)


def read_evidence(
    named: Sequence[NamedEvidence],
    events: Path,
    how: HowToRead,
    observer: Observer | None = None,
) -> ReadEvidence:
    """Open, hash and read all evidence, and write its event tables below ``events``.

    Raises EvidenceError where evidence cannot be opened, AnalysisError where it holds no artifact or a
    process that reads dies, DigestMismatch where it is not what was expected.
    """
    observer = observer or Observer()
    evidence = _open_all(named, how, observer)
    store = EventStore(events)
    size = sum(artifact.size for each in evidence for artifact in each.artifacts)
    with processes(how.workers, worth_it=size >= POOL_FROM_BYTES) as executor:
        artifact_reader = ArtifactReader(store, how.reader, executor, recover=how.recover)
        readings = tuple(_read_all(evidence, artifact_reader, observer))
    devices = artifact_reader.finish()
    counts = {table.value: count for table, count in store.counts.items()}
    return ReadEvidence(evidence, readings, devices, events, counts, artifact_reader.seen(devices))


def _open_all(named: Sequence[NamedEvidence], how: HowToRead, observer: Observer) -> tuple[Evidence, ...]:
    """Find and hash all artifacts.

    Raises AnalysisError where there are none, EvidenceError where there are none that can be read, and
    DigestMismatch where one does not have the digest that is expected of it.
    """
    hashed = 0

    def on_hashed(size: int) -> None:
        nonlocal hashed
        hashed += size
        observer.progress("Opening", hashed, 0)

    opening = replace(how.opening, on_bytes=on_hashed)

    def open_one(each: NamedEvidence) -> Evidence:
        def on_container(path: str, files: Sequence[HashedFile]) -> None:
            if not path:
                refuse_container(how.expected, each, files, alone=len(named) == 1)

        return open_evidence(each.path, each.label, opening, on_hashed, on_container)

    evidence = order_evidence([open_one(each) for each in named])
    match_digests(how.expected, evidence)
    for each in evidence:
        observer.evidence_opened(each)
    _refuse_unreadable(evidence)
    if not any(artifact.kind in _EXAMINED for each in evidence for artifact in each.artifacts):
        raise AnalysisError(
            f"no event log (EVTX) and no SYSTEM hive in {', '.join(str(each.path) for each in evidence)}",
            "Name the folder that holds winevt/Logs and config, or the files themselves",
        )
    return evidence


def _refuse_unreadable(evidence: Sequence[Evidence]) -> None:
    """Raise EvidenceError where nothing can be examined: a case that says nothing was found would mislead."""
    problems = [(each, problem) for each in evidence for problem in each.unreadable]
    if not problems or any(each.artifacts for each in evidence):
        return
    (first, problem), *others = problems
    remedy = problem.remedy or "Nothing else is in the evidence, so nothing was examined"
    error = EvidenceError(f"{first.path}: {problem.path}", problem.reason, remedy)
    for each, other in others:
        error.add_note(f"{each.path}: {other.path}: {other.reason}")
    raise error


def _read_all(
    evidence: Sequence[Evidence], reader: ArtifactReader, observer: Observer
) -> Iterator[ArtifactReading]:
    total, done = sum(artifact.size for each in evidence for artifact in each.artifacts), 0
    for each in evidence:
        by_path = {artifact.path: artifact for artifact in each.artifacts}
        for artifact in each.artifacts:
            told = _Told(f"Reading {artifact.path}", done, total, observer.progress)
            told.on_read(0)
            reading = reader.read(artifact, _logs_of(artifact, by_path), told.on_read)
            observer.artifact_read(reading)
            yield reading
            done += artifact.size


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told while one artifact is read: how many bytes of all are, with those ``before`` it."""

    what: str
    before: int
    total: int
    progress: Progress

    def on_read(self, size: int) -> None:
        self.progress(self.what, self.before + size, self.total)


def _logs_of(artifact: Artifact, by_path: Mapping[str, Artifact]) -> Sequence[Artifact]:
    """Return the transaction logs that lay beside a hive."""
    if artifact.kind is not ArtifactKind.SYSTEM_HIVE:
        return ()
    logs = [by_path[path] for path in hive_logs_of(artifact.path, by_path)]
    return [each for each in logs if each.kind is ArtifactKind.HIVE_LOG]
