from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from forensics import VERSION
from forensics.attack import VERSION as ATTACK_VERSION
from forensics.event_model.time_flags import MEANINGS, TimeFlag
from forensics.report.method import ALWAYS, flags_of_times, rules_digest, versions
from forensics.request import NamedEvidence
from forensics.rule import shipped_rules
from forensics.rule_run import RuleOutcome
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import log_of, write_evidence
from tests.builders.evidence_reading import read_named
from tests.builders.found import rule
from tests.builders.sysmon_event import process_created
from tests.builders.timeline_rows import timeline_row

ROOT = Path(__file__).parents[3]


def test_the_version_is_the_distribution_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


def test_another_rule_text_is_another_digest_and_another_place_is_not() -> None:
    rules = shipped_rules()
    first, *others = rules
    assert rules_digest(rules) == rules_digest(reversed(rules))
    assert rules_digest([replace(first, query=first.query + " "), *others]) != rules_digest(rules)
    assert rules_digest([replace(first, title="Another"), *others]) != rules_digest(rules)
    assert rules_digest([replace(first, path="elsewhere.kql"), *others]) == rules_digest(rules)


def test_what_a_result_depends_on_stands_there_but_for_what_is_the_run_s(tmp_path: Path) -> None:
    named = NamedEvidence(write_evidence(tmp_path / "evidence", [log_of(process_created())]), "E-1")
    analysis = analysis_of(read_named([named], tmp_path / "events"))
    told = "\n".join(versions(replace(analysis, outcomes=(RuleOutcome(rule("own_rule"), ()),))))
    assert f"rustdesk-forensics {VERSION}" in told
    assert rules_digest(shipped_rules()) in told
    assert "The examiner's rule own_rule: SHA-256" in told
    assert f"release {ATTACK_VERSION}" in told
    assert "run.json lists the version" in told
    assert "duckdb" not in told


def test_the_sentences_that_reports_of_digital_evidence_owe_are_there() -> None:
    told = " ".join(ALWAYS)
    assert "reliable where it is used for what it was made for" in told
    assert "Not all evidence that exists on a machine may have been found." in told
    assert "may hold parts that do not belong together" in told
    assert "depends on the version of the program that wrote it" in told


def test_flags_are_explained_where_a_row_bears_them(tmp_path: Path) -> None:
    named = NamedEvidence(write_evidence(tmp_path / "evidence", [log_of(process_created())]), "E-1")
    analysis = analysis_of(read_named([named], tmp_path / "events"))
    rows = tuple(timeline_row(time_flags=each) for each in ("", "utc_differs", "utc_differs;clock_jump"))
    assert list(flags_of_times(replace(analysis, rows=rows))) == [
        f"utc_differs (2 rows): {MEANINGS[TimeFlag.UTC_DIFFERS]}.",
        f"clock_jump (1 row): {MEANINGS[TimeFlag.CLOCK_JUMP]}.",
    ]
