from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.report.finding_meaning import MEANINGS, meanings, what_rules_say
from forensics.request import NamedEvidence
from forensics.rule import FINDINGS, Basis, shipped_rules
from forensics.rule_run import RuleOutcome
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import log_of, write_evidence
from tests.builders.evidence_reading import read_named
from tests.builders.found import rule
from tests.builders.sysmon_event import process_created
from tests.builders.timeline_rows import timeline_row

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.pipeline import Analysis


def analyzed(folder: Path) -> Analysis:
    named = NamedEvidence(write_evidence(folder / "evidence", [log_of(process_created())]), "E-1")
    return analysis_of(read_named([named], folder / "events"))


def test_every_kind_of_finding_says_what_it_shows_and_what_it_does_not() -> None:
    assert set(MEANINGS) == set(FINDINGS)
    assert all(each.shows.endswith(".") and each.does_not.endswith(".") for each in MEANINGS.values())


def test_no_meaning_claims_more_than_a_record(tmp_path: Path) -> None:
    analysis = replace(analyzed(tmp_path), rows=tuple(timeline_row(finding=each) for each in FINDINGS))
    told = " ".join(meanings(analysis))
    assert not re.search(r"\bproves\b|attacker|malicious|guilty|certain", told)


def test_only_what_a_case_has_is_explained(tmp_path: Path) -> None:
    analysis = replace(analyzed(tmp_path), rows=(timeline_row(finding="log_cleared"),))
    (line,) = meanings(analysis)
    assert line.startswith("log_cleared: A record says that an event log was cleared")
    assert list(meanings(analyzed(tmp_path / "empty"))) == []


def test_rules_that_found_something_say_what_else_they_match_and_do_not_see(tmp_path: Path) -> None:
    own = replace(rule("own"), false_positives=("Maintenance.",), blind_spots=("Renamed files.",))
    inferred = replace(own, rule_id="inferred", basis=Basis.INFERRED)
    outcomes = tuple(RuleOutcome(each, ()) for each in (own, inferred, rule("silent")))
    rows = tuple(timeline_row(rule_id=each) for each in ("own", "own", "inferred"))
    first, second = what_rules_say(replace(analyzed(tmp_path), rows=rows, outcomes=outcomes))
    assert first == "own (2): own. It may also match: Maintenance. It does not see all: Renamed files."
    assert "What it gives is inferred, not observed." in second


def test_every_shipped_rule_has_something_to_say_of_itself() -> None:
    assert [each.rule_id for each in shipped_rules() if not each.blind_spots] == []
