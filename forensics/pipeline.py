"""The whole analysis on one page: read this first.

::

    evidence ──► artifact ──► record ──► event ──► rule ──► finding ──► timeline ──► case folder
    └─────────────── reading ────────────────┘     └── rule_run ──┘     finding      case_report

Evidence is opened and hashed; every artifact is read once and its records become events in Parquet tables;
rules ask these tables; what they find is put in order of time; all of it is written, and the evidence is
hashed once more. Nothing is at its place before all of it is written. Below each step stands the module that
takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.case_folder import CaseFolder
from forensics.case_report import EVENTS_NAME, write_case
from forensics.finding import to_timeline
from forensics.reading import Observer, read_evidence
from forensics.rule_engine import KqlEngine
from forensics.rule_run import checked_rules, expand_bag, run_rules
from forensics.run_record import RunRecord
from forensics.store import case_clock, read_copies, read_provenance
from forensics.truth_table import check_truth_table
from parsers.evidence.evidence import changed_files
from parsers.evidence.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from forensics.reading import Progress, ReadEvidence
    from forensics.request import Period, Request
    from forensics.rule import Rule
    from forensics.rule_run import RuleOutcome
    from forensics.timeline_row import TimelineRow
    from parsers.evidence.evidence import ChangedFile


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that an analysis came to.

    ``rows`` are the findings of the ``period`` that was asked for, in order; ``left_out`` is how many are
    outside of it. ``changed`` are files that are not as they were when it began.
    """

    read: ReadEvidence
    outcomes: tuple[RuleOutcome, ...]
    rows: tuple[TimelineRow, ...]
    period: Period
    left_out: int
    changed: tuple[ChangedFile, ...]


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
        observer = Observer(progress, record.evidence_opened, record.artifact_read)
        with Spool(folder.path) as spool:
            read = read_evidence(
                request.evidence, folder.path / EVENTS_NAME, request.how_to_read(spool), observer
            )
        outcomes = _run_rules(rules, read, request, folder)
        rows, left_out = _timeline(outcomes, read, request.period)
        changed = tuple(file for each in read.evidence for file in changed_files(each))
        analysis = Analysis(read, outcomes, rows, request.period, left_out, changed)
        manifest_sha256 = write_case(folder, request, analysis, record)
    return Case(analysis, folder.output, manifest_sha256)


def _run_rules(
    rules: Sequence[Rule], read: ReadEvidence, request: Request, folder: CaseFolder
) -> tuple[RuleOutcome, ...]:
    """Ask all rules; for a rule the present is when the last machine of the case was last seen."""
    with KqlEngine(read.events, threads=request.workers, query_now=case_clock(read.events)) as engine:
        outcomes = run_rules(rules, engine, read.events)
        if request.expand_rule_bag:
            expand_bag(engine, folder)
    return outcomes


def _timeline(
    outcomes: Sequence[RuleOutcome], read: ReadEvidence, period: Period
) -> tuple[tuple[TimelineRow, ...], int]:
    """Put what was found in ``period`` in order, and count what is outside of it.

    A ReportId that a rule made up leads to no event and is no finding.
    """
    made = [finding for outcome in outcomes for finding in outcome.findings]
    events = {
        each.report_id: each for each in read_provenance(read.events, (each.report_id for each in made))
    }
    found = [each for each in made if each.report_id in events]
    asked_for = [each for each in found if period.holds(events[each.report_id].ticks)]
    copies = read_copies(read.events, events)
    return to_timeline(asked_for, events, copies, read.devices.all), len(found) - len(asked_for)
