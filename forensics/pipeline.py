"""The whole analysis on one page: read this first.

::

    evidence ──► artifact ──► record ──► event ──► rule ──► finding ──► timeline ──► case folder
    └─────────────── reading ────────────────┘     └── rule_run ──┘     conclusions  case_report

Evidence is opened and hashed; every artifact is read once and its records become events in Parquet tables;
rules ask these tables; what they find is weighed, told next to what it is near, read again by a second reader
(:mod:`forensics.second_reading`), and put in order of time; all of it is written, and the evidence is hashed
once more. Nothing is at its place before all of it is written. Below each step stands the module that takes
it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forensics.case_folder import CaseFolder
from forensics.case_report import EVENTS_NAME, write_case
from forensics.conclusions import conclude
from forensics.device_role import decide_roles, unknown_hosts
from forensics.reading import Observer, read_evidence
from forensics.rule_engine import KqlEngine
from forensics.rule_run import checked_rules, expand_bag, run_rules
from forensics.run_record import RunRecord
from forensics.second_reading import Effort, SecondReading, read_again
from forensics.store import case_clock
from forensics.timeline import to_timeline
from forensics.truth_table import check_truth_table
from parsers.evidence.evidence import changed_files
from parsers.evidence.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from forensics.conclusions import Concluded
    from forensics.device_role import RoleDecision
    from forensics.reading import Progress, ReadEvidence
    from forensics.request import Period, Request
    from forensics.rule import Rule
    from forensics.rule_run import Asked, RuleOutcome
    from forensics.second_reading import Told
    from forensics.timeline_row import TimelineRow
    from parsers.evidence.evidence import ChangedFile


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that an analysis came to.

    ``rows`` are the findings of the ``period`` that was asked for, in order; ``left_out`` is how many are
    outside of it. ``concluded`` is what else is known of them and of the machines, and alone has the findings
    without a time. ``changed`` are files that are not as they were when it began; ``unknown_hosts`` are given
    roles that no machine has. ``second`` is what reading the records of findings again came to.
    """

    read: ReadEvidence
    outcomes: tuple[RuleOutcome, ...]
    concluded: Concluded
    rows: tuple[TimelineRow, ...]
    period: Period
    left_out: int
    changed: tuple[ChangedFile, ...]
    unknown_hosts: tuple[str, ...] = ()
    second: SecondReading = field(default_factory=SecondReading)


@dataclass(frozen=True, slots=True)
class Case:
    """A finished analysis and where it is: ``manifest_sha256`` is the digest of its SHA256SUMS."""

    analysis: Analysis
    output: Path
    manifest_sha256: str


def _telling_nobody(_what: str, _done: int, _total: int) -> None:
    pass


def analyze(
    request: Request, progress: Progress, asked: Asked = _telling_nobody, told: Told = _telling_nobody
) -> Case:
    """Run every rule over every event of the evidence and write the case folder.

    ``progress`` is told of the bytes that are read, ``asked`` of the rules, ``told`` of records read again.

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
            outcomes, roles = _ask(rules, read, request, folder, asked)
            concluded = conclude(outcomes, read, roles, request)
            dated = [each for each in concluded.found if each.is_dated]
            shown = [each for each in dated if request.period.holds(each.event.ticks)]
            undated = [each for each in concluded.found if not each.is_dated]
            second = read_again([*shown, *undated], concluded, read, Effort(request.workers), told)
        rows = to_timeline(shown, concluded, second)
        changed = _changed(read, progress)
        left_out = len(dated) - len(shown)
        unknown = unknown_hosts(request.roles, read.devices.all)
        analysis = Analysis(
            read, outcomes, concluded, rows, request.period, left_out, changed, unknown, second
        )
        manifest_sha256 = write_case(folder, request, analysis, record)
    return Case(analysis, folder.output, manifest_sha256)


def _changed(read: ReadEvidence, progress: Progress) -> tuple[ChangedFile, ...]:
    """Hash all evidence once more and return the files that are not as they were."""
    hashed = 0

    def on_hashed(size: int) -> None:
        nonlocal hashed
        hashed += size
        progress("Hashing again", hashed, 0)

    return tuple(file for each in read.evidence for file in changed_files(each, on_hashed))


def _ask(
    rules: Sequence[Rule], read: ReadEvidence, request: Request, folder: CaseFolder, asked: Asked
) -> tuple[tuple[RuleOutcome, ...], Mapping[str, RoleDecision]]:
    """Ask all rules, and which machine has which role.

    For a rule the present is when the last machine of the case was last seen.
    """
    with KqlEngine(read.events, threads=request.workers, query_now=case_clock(read.events)) as engine:
        outcomes = run_rules(rules, engine, read.events, asked)
        roles = decide_roles(read.devices.all, engine, request.roles)
        if request.expand_rule_bag:
            expand_bag(engine, folder)
    return outcomes, roles
