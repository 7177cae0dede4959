"""The whole analysis on one page: read this first.

::

    evidence ──► artifact ──► record ──► event ──► rule ──► finding ──► timeline ──► case folder

Evidence is opened and hashed; every artifact is read once and its records become events in Parquet tables;
rules ask these tables; what they find is put in order of time; all of it is written, and the evidence is
hashed once more. Nothing is at its place before all of it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from forensics.case_folder import CaseFolder
from forensics.case_report import write_case
from forensics.errors import AnalysisError
from forensics.finding import to_timeline
from forensics.reading import ArtifactReader, ArtifactReading
from forensics.rule_engine import KqlEngine
from forensics.rule_run import checked_rules, expand_bag, run_rules
from forensics.run_record import RunRecord
from forensics.store import EventStore, case_clock, read_provenance
from forensics.truth_table import check_truth_table
from parsers.evidence.evidence import Evidence, changed_artifacts, open_evidence, order_evidence
from parsers.evtx.sweep import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from forensics.device import Devices
    from forensics.request import NamedEvidence, Request
    from forensics.rule_run import RuleOutcome
    from forensics.timeline_row import TimelineRow
    from parsers.evidence.source import Artifact

POOL_FROM_BYTES: Final = 8 << 20
"""Evidence smaller than this is read faster than processes start."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many bytes of it are done, and of how many."""


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """Evidence of which every artifact was read; its events are in Parquet below ``events``."""

    evidence: tuple[Evidence, ...]
    readings: tuple[ArtifactReading, ...]
    devices: Devices
    events: Path
    event_counts: Mapping[str, int]

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All artifacts, in the case's order."""
        return tuple(artifact for each in self.evidence for artifact in each.artifacts)

    @property
    def complete(self) -> bool:
        """Whether all evidence was read and none of it was damaged."""
        read = all(each.failure is None and not each.damage for each in self.readings)
        return read and not any(each.unreadable for each in self.evidence)


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that an analysis came to; ``changed`` are artifacts that are not as they were when it began."""

    read: ReadEvidence
    outcomes: tuple[RuleOutcome, ...]
    rows: tuple[TimelineRow, ...]
    changed: tuple[Artifact, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A finished analysis and where it is: ``manifest_sha256`` is the digest of its SHA256SUMS."""

    analysis: Analysis
    output: Path
    manifest_sha256: str


def analyze(request: Request, progress: Progress) -> Case:
    """Run every rule over every event of the evidence and write the case folder.

    Raises ParserError where evidence cannot be opened, and ForensicsError where the output cannot be
    written, a rule is wrong, or the rule engine cannot be trusted.
    """
    rules = checked_rules(request.rules)
    check_truth_table()
    paths = [each.path for each in request.evidence]
    with CaseFolder(request.output, evidence=paths, overwrite=request.overwrite) as folder:
        record = RunRecord(folder, request)
        read = read_evidence(
            request.evidence, folder.path / "events", request.reader, request.workers, record, progress
        )
        with KqlEngine(read.events, threads=request.workers, query_now=case_clock(read.events)) as engine:
            outcomes = run_rules(rules, engine, read.events)
            if request.expand_rule_bag:
                expand_bag(engine, folder)
        rows = _timeline(request, outcomes, read)
        analysis = Analysis(read, outcomes, rows, changed_artifacts(read.artifacts))
        manifest_sha256 = write_case(folder, request, analysis, record)
    return Case(analysis, folder.output, manifest_sha256)


def read_evidence(  # noqa: PLR0913, PLR0917 - the first two say what, the others how
    named: Sequence[NamedEvidence],
    events: Path,
    reader: Reader = Reader.RUST,
    workers: int = 1,
    record: RunRecord | None = None,
    progress: Progress = lambda _what, _done, _total: None,
) -> ReadEvidence:
    """Open, hash and read all evidence, and write its event tables below ``events``.

    Raises EvidenceError where evidence cannot be opened, AnalysisError where it holds no artifact.
    """
    evidence = _open_all(named, record, progress)
    store = EventStore(events)
    with _executor(workers, evidence) as executor:
        artifact_reader = ArtifactReader(store, reader, executor)
        readings = tuple(_read_all(evidence, artifact_reader, record, progress))
    devices = artifact_reader.finish()
    counts = {table.value: count for table, count in store.counts.items()}
    return ReadEvidence(evidence, readings, devices, events, counts)


def _open_all(
    named: Sequence[NamedEvidence], record: RunRecord | None, progress: Progress
) -> tuple[Evidence, ...]:
    """Find and hash all artifacts. Raises AnalysisError where there are none."""
    hashed = 0

    def on_hashed(size: int) -> None:
        nonlocal hashed
        hashed += size
        progress("Hashing", hashed, 0)

    evidence = order_evidence([open_evidence(each.path, each.label, on_hashed) for each in named])
    if record is not None:
        for each in evidence:
            record.evidence_opened(each)
    if not any(each.artifacts or each.unreadable for each in evidence):
        raise AnalysisError(
            f"no event log (EVTX) and no SYSTEM hive in {', '.join(str(each.path) for each in evidence)}",
            "Name the folder that holds winevt/Logs and config, or the files themselves",
        )
    return evidence


def _read_all(
    evidence: Sequence[Evidence], reader: ArtifactReader, record: RunRecord | None, progress: Progress
) -> Iterator[ArtifactReading]:
    artifacts = [artifact for each in evidence for artifact in each.artifacts]
    total, done = sum(each.size for each in artifacts), 0
    for artifact in artifacts:
        progress(f"Reading {artifact.path}", done, total)
        reading = reader.read(artifact)
        if record is not None:
            record.artifact_read(reading)
        yield reading
        done += artifact.size


def _timeline(
    request: Request, outcomes: Sequence[RuleOutcome], read: ReadEvidence
) -> tuple[TimelineRow, ...]:
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    events = read_provenance(read.events, (each.report_id for each in findings))
    asked = {each.report_id: each for each in events if _is_asked_for(each.ticks, request)}
    return to_timeline([each for each in findings if each.report_id in asked], asked, read.devices.all)


def _is_asked_for(ticks: int, request: Request) -> bool:
    after = request.since is None or request.since <= ticks
    return after and (request.until is None or ticks <= request.until)


@contextmanager
def _executor(workers: int, evidence: Sequence[Evidence]) -> Iterator[Executor | None]:
    """Give processes to read with where they are worth their start, or None."""
    size = sum(artifact.size for each in evidence for artifact in each.artifacts)
    if workers < 2 or size < POOL_FROM_BYTES:  # noqa: PLR2004 - one worker is this process
        yield None
        return
    # Spawned, not forked: a fork of a process with threads may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        yield executor
