from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from forensics import summary
from forensics.pipeline import Case
from forensics.report.limitations import NOTHING_FOUND
from forensics.request import NamedEvidence
from forensics.rule import shipped_rules
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import artifact_of, hive_of, log_of, write_evidence
from tests.builders.event_log import build_event_log
from tests.builders.evidence_reading import read_named
from tests.builders.sysmon_event import process_created
from tests.builders.timeline_rows import timeline_row

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.timeline_row import TimelineRow
    from parsers.evidence.source import Artifact

LOG = log_of(process_created(computer="PC1"))


def case_of(folder: Path, *artifacts: Artifact, rows: tuple[TimelineRow, ...] = ()) -> Case:
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    read = read_named([named], folder / "events")
    analysis = analysis_of(read, rows)
    return Case(analysis, folder / "case", "f" * 64)


def test_where_nothing_was_found_that_is_said_and_no_more(tmp_path: Path) -> None:
    lines = summary.as_text(case_of(tmp_path, LOG, hive_of("PC1"))).splitlines()
    assert lines == [
        NOTHING_FOUND,
        "",
        "Machine  PC1 (workstation): ProductType is WinNT in config/SYSTEM",
        "Records  1 framed, 1 used, 0 could not be read",
        "Rule     as written it gives 0 rows",
        (
            "Absent   PC1: System log, Security log, Task Scheduler log, Windows Firewall log, "
            "Application log, RustDesk's own files"
        ),
        f"Evidence E-1 is {tmp_path / 'evidence'}",
        f"Case     {tmp_path / 'case'}",
        f"Manifest sha256 {'f' * 64}",
    ]


def test_what_is_absent_from_a_log_and_what_was_recovered_is_told(tmp_path: Path) -> None:
    content = build_event_log(
        [process_created(computer="PC1", record_id=n) for n in (1, 2, 7)], records_per_chunk=1
    )
    headless = content[:4096] + bytes(8) + content[4104:]
    lines = summary.as_text(case_of(tmp_path, artifact_of(headless, "a\u202e.evtx"))).splitlines()
    assert "Records  2 framed, 2 used, 0 could not be read, 1 recovered" in lines
    assert (
        "Log      E-1: a<U+202E>.evtx: 4 record numbers in 1 gap are absent from this file, "
        "the largest from 3 to 6"
    ) in lines


def test_logs_that_lack_records_are_cut_short_with_where_the_rest_stands(tmp_path: Path) -> None:
    gap = [process_created(computer="PC1", record_id=n) for n in (1, 3)]
    logs = [log_of(*gap, path=f"{n:02}.evtx") for n in range(10)]
    lines = summary.as_text(case_of(tmp_path, *logs)).splitlines()
    assert len([line for line in lines if line.startswith("Log ")]) == 8
    assert "         and 2 more, all in limitations.txt" in lines


def test_findings_stand_in_a_table(tmp_path: Path) -> None:
    text = summary.as_text(case_of(tmp_path, LOG, rows=(timeline_row(finding="rustdesk_trace"),)))
    assert text.startswith("time (UTC)")
    assert NOTHING_FOUND not in text


def test_many_machines_are_cut_short_with_where_the_rest_stands(tmp_path: Path) -> None:
    logs = [log_of(process_created(computer=f"PC{n:02}"), path=f"{n}.evtx") for n in range(10)]
    lines = summary.as_text(case_of(tmp_path, *logs)).splitlines()
    assert len([line for line in lines if line.startswith("Machine")]) == 8
    assert "         and 2 more, all in context.json" in lines
    assert "         and 2 more, all in limitations.txt" in lines


def test_scripts_are_told_in_json(tmp_path: Path) -> None:
    told = json.loads(summary.as_json(case_of(tmp_path, LOG)))
    assert (told["complete"], told["inputs_unchanged"]) == (True, True)
    assert [each["name"] for each in told["devices"]] == ["PC1"]
    assert told["counts"]["records_emitted"] == 1
    assert told["manifest_sha256"] == "f" * 64


def test_what_could_not_be_read_is_told_on_stderr_in_one_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = case_of(tmp_path, LOG, artifact_of(b"nothing", "a\u202e.evtx"))
    summary.warn(case.analysis)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "rustdesk-forensics: a<U+202E>.evtx: not read, is not an event log (EVTX): "
        "its first bytes are 6e 6f 74 68 69 6e 67. Check how it was copied\n"
    )


def test_every_shipped_rule_is_told_with_its_question_and_blind_spots() -> None:
    text = summary.rules_text()
    rules = shipped_rules()
    for rule in rules:
        assert f"{rule.rule_id} ({rule.severity}; {rule.kind}, {rule.basis}; {rule.attack[0]}" in text
    assert text.count("  Question: ") == len(rules)
    assert text.count("  Blind spot: ") >= len(rules)


def test_progress_is_silent_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    summary.progress(show=True)("Reading", 1, 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("total", "line"), [(4 << 20, "Reading a<U+000A>b: 2 of 4 MiB"), (0, "Reading a<U+000A>b: 2 MiB")]
)
def test_progress_writes_over_one_line_of_a_terminal(
    total: int, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    summary.progress(show=True)("Reading a\nb", 2 << 20, total)
    assert capsys.readouterr().err == f"\r\x1b[K{line}"
