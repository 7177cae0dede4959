from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.finding import FoundKey
from forensics.report.severity_words import NO_MEASURE, severity_words
from forensics.request import NamedEvidence
from forensics.rule import Severity
from forensics.severity import CORROBORATES, UNATTENDED, Step, Weighed
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import log_of, write_evidence
from tests.builders.evidence_reading import read_named
from tests.builders.sysmon_event import process_created
from tests.builders.timeline_rows import timeline_row

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.pipeline import Analysis


def analyzed(folder: Path, *weighed: Weighed) -> Analysis:
    named = NamedEvidence(write_evidence(folder / "evidence", [log_of(process_created())]), "E-1")
    analysis = analysis_of(read_named([named], folder / "events"))
    rows = tuple(timeline_row(rule_id="r", report_id=number) for number in range(len(weighed)))
    by_key = {FoundKey("r", number): each for number, each in enumerate(weighed)}
    return replace(analysis, rows=rows, concluded=replace(analysis.concluded, weighed=by_key))


def test_the_arithmetic_stands_with_how_often_each_reason_counted(tmp_path: Path) -> None:
    raised = Weighed(Severity.LOW, Severity.MEDIUM, (Step(UNATTENDED, 1),))
    cut = Weighed(Severity.INFORMATIONAL, Severity.LOW, (Step(UNATTENDED, 1), Step(CORROBORATES, 1)))
    plain = Weighed(Severity.HIGH, Severity.HIGH, ())
    told = list(severity_words(analyzed(tmp_path, raised, cut, plain)))
    assert told[0] == NO_MEASURE
    assert "Raised by 1, sets unattended access: 2 rows of this case." in told
    assert "Raised by 1, an inbound session: 0 rows of this case." in told
    assert "Cut to low, where a row only corroborates others: 1 row of this case." in told
    assert told[-1] == "Severities reached in this case: low 1, medium 1, high 1; 1 row as the rule has it."


def test_a_case_without_rows_has_the_arithmetic_alone(tmp_path: Path) -> None:
    told = list(severity_words(analyzed(tmp_path)))
    assert not any("reached in this case" in each for each in told)
