from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from forensics.report.unseen import unseen
from forensics.request import NamedEvidence
from parsers.evidence.source import ArtifactKind
from parsers.filetime import TICKS_PER_SECOND, to_text
from tests.builders import security_event, sysmon_event
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import HIVE_TIME, SYSTEM_LOG, artifact_of, hive_of, log_of, write_evidence
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.evidence_reading import read_named
from tests.builders.hive_artifacts import last_runs, run_data
from tests.builders.service_event import service_installed
from tests.builders.system_hive import build_system_hive
from tests.builders.timeline_rows import timeline_row

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.pipeline import Analysis
    from parsers.evidence.source import Artifact

HOUR: Final = 3600 * TICKS_PER_SECOND
SECURITY_LOG: Final = "Logs/Security.evtx"
START: Final = to_text(DEFAULT_TIME)


def analyzed(folder: Path, *artifacts: Artifact) -> Analysis:
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    return analysis_of(read_named([named], folder / "events"))


def told(folder: Path, *artifacts: Artifact) -> list[str]:
    return list(unseen(analyzed(folder, *artifacts)))


def started(record_id: int = 1, command_line: str = "x.exe -a") -> Artifact:
    event = security_event.process_created({"CommandLine": command_line}, computer="PC1", record_id=record_id)
    return log_of(event, path=SECURITY_LOG)


def test_a_sysmon_log_without_image_loads_says_that_these_cannot_be_seen(tmp_path: Path) -> None:
    lines = told(tmp_path, log_of(sysmon_event.process_created(computer="PC1")))
    assert (
        f"PC1: its Sysmon log, of {START}, has no event 7, so image loads cannot be seen: either there were "
        "none, or Sysmon's configuration does not ask for them."
    ) in lines


@pytest.mark.parametrize("event_ids", ["3", "11", "12, 13 or 14", "22"])
def test_each_other_kind_that_a_sysmon_log_lacks_is_told(tmp_path: Path, event_ids: str) -> None:
    lines = told(tmp_path, log_of(sysmon_event.process_created(computer="PC1")))
    assert sum(f"has no event {event_ids}, so" in line for line in lines) == 1


def test_what_a_log_has_is_not_told_to_be_missing(tmp_path: Path) -> None:
    log = log_of(sysmon_event.process_created(computer="PC1"), sysmon_event.image_loaded(computer="PC1"))
    assert not any("event 1," in line or "event 7," in line for line in told(tmp_path, log))


def test_a_machine_without_the_log_is_told_elsewhere(tmp_path: Path) -> None:
    assert not any("Sysmon" in line for line in told(tmp_path, started()))


def test_process_starts_without_a_command_line_are_told(tmp_path: Path) -> None:
    (line,) = [each for each in told(tmp_path, started(command_line="")) if "command line" in each]
    assert line.startswith(f"PC1: none of its 1 audited process start (4688) has a command line (of {START})")


def test_some_process_starts_without_a_command_line_are_counted(tmp_path: Path) -> None:
    events = [
        security_event.process_created({"CommandLine": text}, computer="PC1", record_id=number)
        for number, text in enumerate(["a", "", ""], start=1)
    ]
    lines = told(tmp_path, log_of(*events, path=SECURITY_LOG))
    assert any("2 of its 3 audited process starts (4688) have no command line" in line for line in lines)


def test_process_starts_with_command_lines_are_not_told(tmp_path: Path) -> None:
    assert not any("command line" in line for line in told(tmp_path, started()))


def test_services_and_tasks_that_are_not_audited_are_told(tmp_path: Path) -> None:
    lines = told(tmp_path, started())
    assert any("its Security log" in each and "no event 4697, so services" in each for each in lines)
    assert any("no event 4698, 4699, 4700, 4701 or 4702, so tasks" in each for each in lines)


def test_a_system_log_without_7036_says_why(tmp_path: Path) -> None:
    lines = told(tmp_path, log_of(service_installed(computer="PC1"), path=SYSTEM_LOG))
    assert any("has no event 7036" in each and "Windows 10 and later mostly do not" in each for each in lines)


def test_a_log_that_begins_later_than_the_first_finding_says_so(tmp_path: Path) -> None:
    analysis = analyzed(tmp_path, log_of(service_installed(computer="PC1"), path=SYSTEM_LOG))
    (device,) = analysis.read.devices.all
    row = timeline_row(
        finding="rustdesk_trace",
        device_id=device.device_id,
        row=4,
        ticks=DEFAULT_TIME - HOUR,
        timestamp_desc="x",
    )
    assert (
        f"PC1: its System log begins on {START}, later than its first finding (row 4, "
        f"{to_text(DEFAULT_TIME - HOUR)}): what it may have held of the time before cannot be seen."
    ) in unseen(replace(analysis, rows=(row,)))


@pytest.mark.parametrize(
    ("finding", "means"), [("rustdesk_trace", "File last modified (AppCompatCache)"), ("log_cleared", "x")]
)
def test_a_file_s_time_and_context_are_no_first_finding(tmp_path: Path, finding: str, means: str) -> None:
    analysis = analyzed(tmp_path, log_of(service_installed(computer="PC1"), path=SYSTEM_LOG))
    (device,) = analysis.read.devices.all
    row = timeline_row(
        finding=finding, device_id=device.device_id, ticks=DEFAULT_TIME - HOUR, timestamp_desc=means
    )
    assert not any("begins on" in each for each in unseen(replace(analysis, rows=(row,))))


def test_a_hive_without_bam_is_told_and_one_with_it_is_not(tmp_path: Path) -> None:
    assert any(
        "config/SYSTEM has no entries of BAM or DAM" in each for each in told(tmp_path, hive_of("PC1"))
    )
    runs = last_runs(HIVE_TIME, "S-1-5-21-1-2-3-1104", {r"\Device\x.exe": run_data(HIVE_TIME)})
    content = build_system_hive(
        computer_name="PC1", services=[], last_written=HIVE_TIME, artifacts={1: [runs]}
    )
    with_runs = artifact_of(content, "config/SYSTEM", kind=ArtifactKind.SYSTEM_HIVE)
    assert not any("BAM" in each for each in told(tmp_path / "other", with_runs))


def test_nothing_here_says_that_something_did_not_happen(tmp_path: Path) -> None:
    lines = told(tmp_path, hive_of("PC1"), started(command_line=""), log_of(sysmon_event.process_created()))
    assert lines
    assert not any("did not happen" in each or "was not" in each for each in lines)
