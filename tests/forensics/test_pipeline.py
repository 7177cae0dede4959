from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from forensics.errors import RuleError
from forensics.pipeline import Case, analyze
from forensics.report.manifest import verify_manifest
from forensics.request import NamedEvidence, Period, Request
from forensics.rule import read_rule
from tests.builders.artifacts import HIVE_TIME, hive_of, log_of, write_evidence
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.builders.system_hive import ServiceToWrite

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.source import Artifact

IMAGE = r"C:\Program Files\RustDesk\RustDesk.exe"
RUN_FILES = {"run.json", "audit.jsonl", "SHA256SUMS"}


def dc01() -> list[Artifact]:
    service = ServiceToWrite("RustDesk", DEFAULT_TIME + 30_000_000, f'"{IMAGE}" --service')
    return [
        hive_of("DC01", service, domain="corp.example", product_type="LanmanNT"),
        log_of(
            process_created(computer="DC01.corp.example", image=IMAGE, record_id=1),
            process_created(computer="DC01.corp.example", image=r"C:\x.exe", record_id=2),
        ),
        log_of(
            service_installed(
                computer="DC01.corp.example",
                service_name="RustDesk Service",
                image_path=f'"{IMAGE}" --service',
                time_created=DEFAULT_TIME + 20_000_000,
            ),
            path="Logs/System.evtx",
        ),
    ]


def run(evidence: Path, output: Path, *rules: Path, period: Period | None = None) -> Case:
    request = Request(
        evidence=(NamedEvidence(evidence),),
        output=output,
        rules=tuple(read_rule(path) for path in rules),
        period=period or Period(),
    )
    return analyze(request, lambda _what, _done, _total: None)


def test_evidence_becomes_a_timeline_that_leads_back_to_it(tmp_path: Path) -> None:
    case = run(write_evidence(tmp_path / "dc01", dc01()), tmp_path / "case")
    rows = case.analysis.rows
    assert [row.finding for row in rows] == [
        "rustdesk_execution",
        "rustdesk_service_installed",
        "rustdesk_service_key",
    ]
    assert {(row.device_id, row.device_role) for row in rows} == {(rows[0].device_id, "domain_controller")}
    digests = {each.path: each.sha256 for each in case.analysis.read.artifacts}
    assert all(row.source_sha256 == digests[row.source_path] for row in rows)
    assert case.analysis.changed == ()
    assert verify_manifest(case.output).ok


def test_a_case_is_the_same_wherever_the_evidence_lies(tmp_path: Path) -> None:
    first = run(write_evidence(tmp_path / "one", dc01()), tmp_path / "case1").output
    second = run(write_evidence(tmp_path / "two/deep er", dc01()), tmp_path / "elsewhere/case2").output
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    differing = {
        name.as_posix() for name in files if (first / name).read_bytes() != (second / name).read_bytes()
    }
    assert differing == RUN_FILES


def test_a_period_bounds_the_timeline_and_both_its_ends_are_in_it(tmp_path: Path) -> None:
    evidence = write_evidence(tmp_path / "dc01", dc01())
    period = Period(DEFAULT_TIME + 20_000_000, DEFAULT_TIME + 30_000_000)
    case = run(evidence, tmp_path / "case", period=period)
    assert [row.ticks for row in case.analysis.rows] == [period.since, period.until]
    assert case.analysis.left_out == 1
    counts = json.loads((case.output / "run.json").read_text())["counts"]
    assert counts["findings_outside_period"] == 1


def test_what_a_period_leaves_out_is_never_called_absent(tmp_path: Path) -> None:
    evidence = write_evidence(tmp_path / "dc01", dc01())
    case = run(evidence, tmp_path / "case", period=Period(None, HIVE_TIME - 1))
    text = (case.output / "limitations.txt").read_text("utf-8")
    assert case.analysis.rows == ()
    assert "No RustDesk indicator was found in the sources examined." not in text
    assert "No RustDesk indicator of the time that was asked for was found" in text
    assert "3 findings outside of it left out." in text


def test_a_rule_of_one_s_own_finds_what_it_names_and_nothing_that_it_makes_up(tmp_path: Path) -> None:
    own = tmp_path / "own.kql"
    own.write_text(
        "DeviceProcessEvents | project ReportId | union (DeviceInfo | project ReportId = ReportId + 1000)"
    )
    case = run(write_evidence(tmp_path / "dc01", dc01()), tmp_path / "case", own)
    assert [row.finding for row in case.analysis.rows].count("custom_rule") == 2
    assert len((case.output / "rule_results/own.csv").read_text("utf-8").splitlines()) == 4


def test_machines_that_a_rule_finds_in_one_log_have_an_order(tmp_path: Path) -> None:
    own = tmp_path / "own.kql"
    own.write_text("DeviceInfo | project ReportId")
    forwarded = log_of(
        process_created(computer="PC2", record_id=9, header_record_id=1),
        process_created(computer="PC1", record_id=8, header_record_id=2),
    )
    case = run(write_evidence(tmp_path / "a", [forwarded]), tmp_path / "case", own)
    assert [row.device_name for row in case.analysis.rows] == ["PC1", "PC2"]


def test_a_wrong_rule_stops_everything_before_evidence_is_opened(tmp_path: Path) -> None:
    own = tmp_path / "own.kql"
    own.write_text("DeviceProcessEvents\n| wher FileName == ''")
    with pytest.raises(RuleError, match=r"own\.kql:2:3: "):
        run(tmp_path / "not there", tmp_path / "case", own)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.kql"]
