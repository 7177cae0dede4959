from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.case_reading import read_csv, timeline
from tests.end_to_end.command_line import DC01, Run, analyze
from tests.fixture_reading import MANIFEST, SYSMON_LOG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

BARE: Final = """\
DeviceProcessEvents
| where FileName =~ "netsh.exe"
| project Timestamp, DeviceId, ReportId, FileName
"""
DESCRIBED: Final = """\
DeviceEvents
| where ActionType == "ServiceInstalled" and AdditionalFields has "System/7045"
| summarize Services = count() by DeviceName
"""
TOML: Final = """\
title = "How many services were installed"
question = "How many services were installed on each machine?"
severity = "low"
attack = ["T1543.003"]
"""


@pytest.fixture(scope="session")
def ruled(shared: SharedFolder) -> Run:
    """The fixture case, asked two questions more: one that finds events, one that only counts."""

    def make(folder: Path) -> None:
        (folder / "netsh.kql").write_text(BARE)
        (folder / "services.kql").write_text(DESCRIBED)
        (folder / "services.toml").write_text(TOML)

    folder = shared.once("rules", make)
    options = ("--rule", folder / "netsh.kql", "--rule", folder / "services.kql")
    return shared.analyzed("ruled", DC01, options=options)


def test_what_a_users_rule_finds_is_on_the_timeline(ruled: Run) -> None:
    assert (ruled.code, ruled.stderr) == (0, "")
    rows = [row for row in timeline(ruled.output) if row["finding"] == "custom_rule"]

    assert rows
    assert {(row["rule_id"], row["severity"]) for row in rows} == {("netsh", "critical")}, (
        "medium, on a domain controller"
    )
    assert {row["image_path"].rpartition("\\")[2].lower() for row in rows} == {"netsh.exe"}
    assert {row["source_path"] for row in rows} == {SYSMON_LOG}, "Sysmon speaks for Security's record"


def test_a_users_rule_has_a_file_of_its_results(ruled: Run) -> None:
    rows = read_csv(ruled.output / "rule_results" / "netsh.csv")

    found = Counter(row["finding"] for row in timeline(ruled.output))
    assert len(rows) == found["custom_rule"]
    assert list(rows[0])[:4] == ["Timestamp", "DeviceId", "ReportId", "FileName"]


def test_a_rule_that_counts_has_results_and_no_finding(ruled: Run) -> None:
    (row,) = read_csv(ruled.output / "rule_results" / "services.csv")

    log = "case-dc01/Windows/System32/winevt/Logs/System.evtx"
    assert row["DeviceName"] == "DC01.corp.example"
    assert int(row["Services"]) == MANIFEST["files"][log]["expect"]["service_7045"]
    assert "services" not in {each["rule_id"] for each in timeline(ruled.output)}


def test_shipped_rules_find_the_same_beside_a_users_rule(ruled: Run, dc01: Run) -> None:
    shipped = Counter(row["finding"] for row in timeline(ruled.output) if row["rule_id"] != "netsh")

    assert shipped == Counter(row["finding"] for row in timeline(dc01.output))


@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("typo.kql", "DeviceEvents\n| wher ActionType == 'x'", ":2:3: ", "did you mean 'where'?"),
        ("column.kql", "DeviceEvents\n| where ActionTypo == 'x'", ":2:9: ", "ActionTypo"),
        ("lack.kql", "DeviceEvents\n| evaluate pivot(ActionType)", ":2:", "evaluate"),
        ("title.toml", "title = ", ":1:", "not TOML"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place_before_evidence_is_looked_at(
    tmp_path: Path, name: str, text: str, place: str, reason: str
) -> None:
    file = tmp_path / name
    file.with_suffix(".kql").write_text(BARE)
    file.write_text(text)

    run = analyze(
        tmp_path / "nowhere", output=tmp_path / "case", options=("--rule", file.with_suffix(".kql"))
    )

    assert (run.code, run.stdout) == (2, "")
    assert f"rustdesk-forensics: {file}{place}" in run.stderr
    assert reason in run.stderr
    assert not run.output.exists()


def test_a_rule_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.kql"

    run = analyze(DC01, output=tmp_path / "case", options=("--rule", missing))

    assert run.code == 2
    assert f"{missing}:1:1: the file cannot be read" in run.stderr
