from __future__ import annotations

import platform
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from forensics.report.limitations import NOTHING_FOUND, NOTHING_FOUND_IN_PERIOD, limitations
from forensics.request import NamedEvidence, Period
from parsers.evidence.evidence import ChangedFile
from tests.builders.analysis import analysis_of
from tests.builders.artifacts import (
    HIVE_TIME,
    SYSTEM_LOG,
    artifact_of,
    hive_of,
    log_of,
    records_of,
    write_evidence,
)
from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.evidence_reading import read_named
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.builders.system_hive import build_system_hive
from tests.builders.timeline_rows import timeline_row

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.pipeline import Analysis
    from parsers.evidence.source import Artifact

SYSMON = log_of(process_created(computer="PC1"))
SYSTEM = log_of(service_installed(computer="PC1"), path=SYSTEM_LOG)
HIVE = hive_of("PC1")


def analyzed(folder: Path, *artifacts: Artifact) -> Analysis:
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    read = read_named([named], folder / "events")
    return analysis_of(read)


def section(text: str, heading: str) -> list[str]:
    """Return the lines of one section, without their dashes."""
    (body,) = re.findall(rf"^{re.escape(heading)}\n-+\n((?:- .*\n)+)", text, re.MULTILINE)
    return [line.removeprefix("- ") for line in body.splitlines()]


@pytest.fixture
def clean(tmp_path: Path) -> Analysis:
    return analyzed(tmp_path, SYSMON, SYSTEM, HIVE)


def test_a_clean_case_says_that_nothing_was_found_in_what_was_examined(clean: Analysis) -> None:
    assert NOTHING_FOUND == "No RustDesk indicator was found in the sources examined."
    text = limitations(clean)
    assert section(text, "What was found") == [NOTHING_FOUND]
    assert section(text, "What could not be read") == ["Nothing."]
    absent = section(text, "What was expected and is not in the evidence")
    assert not [
        line for line in absent if "SYSTEM hive" in line or "Sysmon log" in line or "System log" in line
    ]


def test_absence_is_never_worded_as_proof(clean: Analysis) -> None:
    text = limitations(clean)
    assert "That nothing was found is no proof that RustDesk was never there" in text
    assert not re.search(r"was not (installed|used|run)|is (clean|free)|no RustDesk (is|was) ", text)


def test_findings_are_counted(clean: Analysis) -> None:
    rows = tuple(timeline_row(finding=name) for name in ("rustdesk_trace", "custom_rule", "rustdesk_trace"))
    assert section(limitations(replace(clean, rows=rows)), "What was found") == [
        "custom_rule: 1.",
        "rustdesk_trace: 2.",
    ]


def test_what_one_s_own_rules_find_is_no_rustdesk_indicator(clean: Analysis) -> None:
    rows = (timeline_row(finding="custom_rule"),)
    assert section(limitations(replace(clean, rows=rows)), "What was found") == [
        NOTHING_FOUND,
        "custom_rule: 1.",
    ]


def test_a_bounded_timeline_says_what_it_leaves_out(clean: Analysis) -> None:
    bounded = replace(clean, period=Period(DEFAULT_TIME, None), left_out=2)
    assert section(limitations(bounded), "What was found") == [
        NOTHING_FOUND_IN_PERIOD,
        (
            "The timeline was asked for from 2024-03-01T00:00:00.1234567Z to the end; "
            "2 findings outside of it left out."
        ),
    ]


def test_a_bounded_timeline_that_leaves_nothing_out_found_nothing(clean: Analysis) -> None:
    bounded = replace(clean, period=Period(None, DEFAULT_TIME))
    assert section(limitations(bounded), "What was found")[0] == NOTHING_FOUND


def test_every_artifact_stands_with_its_digest_and_its_span(clean: Analysis) -> None:
    sysmon, system, hive = section(limitations(clean), "What was examined")
    span = "written from 2024-03-01T00:00:00.1234567Z to 2024-03-01T00:00:00.1234567Z"
    assert sysmon == (
        f"E-1: {SYSMON.path} ({SYSMON.size:,} bytes, SHA-256 {SYSMON.sha256}): "
        f"1 record, 1 of kinds that are used; {span}."
    )
    assert SYSTEM.sha256 in system
    assert hive.endswith(" values of services.")


def test_the_state_in_which_an_artifact_was_copied_is_told(tmp_path: Path) -> None:
    dirty_log = artifact_of(build_event_log([process_created(computer="PC1")], dirty=True))
    dirty_hive = build_system_hive(computer_name="PC1", services=[], last_written=HIVE_TIME, dirty=True)
    export = log_of(process_created(computer="PC1", record_id=9, header_record_id=1), path="z/export.evtx")
    analysis = analyzed(tmp_path, dirty_log, export, replace(HIVE, source=artifact_of(dirty_hive).source))
    log, hive, exported = section(limitations(analysis), "What was examined")
    assert log.endswith("; the log was not closed, its header lags behind.")
    assert hive.endswith(
        "; not written out completely (config/SYSTEM is dirty (sequence numbers 8 and 7). "
        "No transaction log was with it, so changes that wait in one are not shown)."
    )
    assert exported.endswith("; it is an export or a forwarded log.")


def test_what_could_not_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    content = bytearray(build_event_log([process_created(computer="PC1"), process_created(record_id=2)]))
    records = records_of(process_created(computer="PC1"), process_created(record_id=2))
    content[records[1].location.offset + 40] ^= 0xFF
    analysis = analyzed(
        tmp_path,
        artifact_of(bytes(content)),
        artifact_of(b"nothing", "a.evtx"),
        hive_of("PC1", select_current=None),
    )
    lines = section(limitations(analysis), "What could not be read")
    assert any(line.startswith(f"E-1: {SYSMON.path}, bytes 0x") for line in lines)
    assert any(line.startswith("E-1: a.evtx: not read, is not an event log (EVTX)") for line in lines)
    assert any(line.startswith("E-1: config/SYSTEM, bytes 0x") for line in lines)
    assert any(": not read, " in line for line in section(limitations(analysis), "What was examined"))


def test_an_artifact_that_broke_off_says_how_much_of_it_was_read(clean: Analysis) -> None:
    reading = replace(clean.read.readings[0], events=1600, ledger=None, failure="Input/output error")
    broken = replace(clean, read=replace(clean.read, readings=(reading, *clean.read.readings[1:])))
    told = f"E-1: {SYSMON.path}: only read as far as its first 1,600 events, then: Input/output error."
    assert section(limitations(broken), "What could not be read") == [told]


def test_evidence_that_changed_meanwhile_is_told(clean: Analysis) -> None:
    changed = replace(clean, changed=(ChangedFile("E-1", SYSMON.path),))
    assert section(limitations(changed), "What could not be read") == [
        f"E-1: {SYSMON.path}: changed while it was being read; what was read of it cannot be relied on."
    ]


def test_what_is_absent_is_told_machine_by_machine(tmp_path: Path) -> None:
    analysis = analyzed(tmp_path, HIVE, log_of(process_created(computer="PC2")))
    lines = section(limitations(analysis), "What was expected and is not in the evidence")
    assert "PC1: no record of a System log, so service installations cannot be seen." in lines
    assert "PC2: no record of a System log, so service installations cannot be seen." in lines
    assert [line[:4] for line in lines if "no SYSTEM hive" in line] == ["PC2:"]
    assert [line[:4] for line in lines if "Sysmon" in line] == ["PC1:"]


def test_a_machine_without_a_name_is_called_so(tmp_path: Path) -> None:
    lines = section(limitations(analyzed(tmp_path, log_of())), "What was expected and is not in the evidence")
    assert lines[0].startswith("a machine without a name: ")


def test_what_is_never_examined_is_told(clean: Analysis) -> None:
    lines = section(limitations(clean), "What is never examined, whatever the evidence holds")
    assert "the SOFTWARE hive and users' hives." in lines


def test_characters_that_deceive_are_named(clean: Analysis) -> None:
    reading = clean.read.readings[0]
    disguised = replace(reading, artifact=replace(reading.artifact, path="a\u202eb\nc"))
    analysis = replace(clean, read=replace(clean.read, readings=(disguised, *clean.read.readings[1:])))
    assert "a<U+202E>b<U+000A>c" in section(limitations(analysis), "What was examined")[0]


def test_the_text_names_no_clock_and_no_place_of_this_computer(tmp_path: Path) -> None:
    texts = [
        limitations(analyzed(folder, SYSMON, SYSTEM, HIVE, artifact_of(b"x", "bad.evtx")))
        for folder in (tmp_path / "a", tmp_path / "b b")
    ]
    assert texts[0] == texts[1]
    assert tmp_path.name not in texts[0]
    assert platform.node() not in texts[0].split()
    assert set(re.findall(r"\b20\d\d-", texts[0])) == {"2024-"}
