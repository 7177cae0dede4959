from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from forensics.clock_statement import Clocks, ClockStatement, read_clocks
from forensics.report.clock import clock
from forensics.report.clock_sentences import NO_CHANGE, NO_CHANGE_LOG, clock_sentences
from forensics.request import NamedEvidence
from parsers.evidence.source import ArtifactKind
from parsers.filetime import TICKS_PER_SECOND, to_text
from tests.builders.artifacts import HIVE_TIME, SYSTEM_LOG, artifact_of, log_of, write_evidence
from tests.builders.clock_event import (
    clock_moved,
    clock_moved_audited,
    clock_moved_in_words,
    log_started,
    uptime,
)
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.evidence_reading import read_named
from tests.builders.rustdesk_files import SERVER_LOG, LineToWrite, build_log
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.builders.system_hive import build_system_hive

if TYPE_CHECKING:
    from parsers.evidence.source import Artifact
    from tests.builders.event_to_write import EventToWrite

SECOND: Final = TICKS_PER_SECOND
HOUR: Final = 3600 * SECOND
LOGS: Final = "Windows/System32/winevt/Logs"
SYSTEM: Final = f"{LOGS}/System.evtx"
SECURITY: Final = f"{LOGS}/Security.evtx"


def clocks_of(folder: Path, *artifacts: Artifact) -> Clocks:
    named = NamedEvidence(write_evidence(folder / "evidence", artifacts), "E-1")
    return read_clocks(read_named([named], folder / "events"))


def statement_of(folder: Path, *artifacts: Artifact) -> ClockStatement:
    (statement,) = clocks_of(folder, *artifacts).statements.values()
    return statement


def at(hours: float) -> int:
    return DEFAULT_TIME + round(hours * HOUR)


def when(hours: float) -> str:
    return to_text(at(hours))


def service(record_id: int, hours: float, computer: str = "PC1") -> EventToWrite:
    return service_installed(record_id=record_id, time_created=at(hours), computer=computer)


def test_p28_a_machine_without_any_change_says_so_and_in_which_logs(tmp_path: Path) -> None:
    statement = statement_of(tmp_path, log_of(service(1, 0), service(2, 5), path=SYSTEM_LOG))
    told = list(clock_sentences(statement))
    assert NO_CHANGE == "no clock-change record was found in the logs supplied"
    assert f"{NO_CHANGE}; they cover {when(0)} to {when(5)} (the System log alone)" in told


def test_p28_logs_that_cannot_show_a_change_are_no_ground_to_say_that_there_was_none(tmp_path: Path) -> None:
    told = list(clock_sentences(statement_of(tmp_path, log_of(process_created(computer="PC1")))))
    assert NO_CHANGE_LOG in told
    assert not any(each.startswith(NO_CHANGE) for each in told)


def test_changes_are_counted_and_the_furthest_is_named(tmp_path: Path) -> None:
    log = log_of(
        clock_moved(at(1), at(1) + SECOND // 2, record_id=1, computer="PC1"),
        clock_moved(at(2), at(2) + 90 * SECOND, record_id=2, computer="PC1"),
        clock_moved(at(3), at(2), record_id=3, computer="PC1"),
        path=SYSTEM,
    )
    audited = log_of(
        clock_moved_audited(at(3), at(2), record_id=9, computer="PC1"),
        clock_moved_in_words("14:00:00", record_id=10, time_created=at(3), computer="PC1"),
        path=SECURITY,
    )
    statement = statement_of(tmp_path, log, audited)
    assert (len(statement.changes), len(statement.jumps), len(statement.untold)) == (5, 3, 1)
    largest = statement.largest_jump
    assert largest is not None
    assert (largest.old, largest.new, largest.shift) == (at(3), at(2), -HOUR)
    (told,) = [each for each in clock_sentences(statement) if "of a change of the clock" in each]
    assert told.startswith(f"5 records of a change of the clock from {to_text(at(1) + SECOND // 2)}")
    assert "3 of these moved it by a second or more, the furthest by -3,600.0000000 seconds" in told
    assert f"from {when(3)} to {when(2)}" in told
    assert "1 of these do not say in UTC by how much it was moved" in told


def test_the_time_zone_of_each_control_set_is_a_state_and_no_history(tmp_path: Path) -> None:
    content = build_system_hive(
        computer_name="PC1",
        services=[],
        other_control_sets={2: []},
        last_written=HIVE_TIME,
        time_zone_name="Pacific Standard Time",
        bias=480,
        active_bias=420,
    )
    hive = artifact_of(content, "config/SYSTEM", kind=ArtifactKind.SYSTEM_HIVE)
    statement = statement_of(tmp_path, hive)
    assert [(each.control_set, each.current, each.replayed) for each in statement.zones] == [
        (1, True, False),
        (2, False, False),
    ]
    first = next(iter(clock_sentences(statement)))
    assert first == (
        "time zone Pacific Standard Time, bias 480, active bias 420 (minutes from local time to UTC), in "
        "control set 1 (current) and 2 of E-1: config/SYSTEM, as the hive was last written, which is a "
        "state and no history; by it no time of this case was converted"
    )


def test_uptimes_give_the_history_of_the_time_zone(tmp_path: Path) -> None:
    log = log_of(
        log_started(record_id=1, time_created=at(0), computer="PC1"),
        uptime("480 Pacific Standard Time", record_id=2, time_created=at(1), computer="PC1"),
        uptime("480 Pacific Standard Time", record_id=3, time_created=at(25), computer="PC1"),
        uptime("-60 W. Europe Standard Time", record_id=4, time_created=at(49), computer="PC1"),
        path=SYSTEM,
    )
    statement = statement_of(tmp_path, log)
    assert [(each.text, each.stretch.count) for each in statement.zone_texts] == [
        ("480 Pacific Standard Time", 2),
        ("-60 W. Europe Standard Time", 1),
    ]
    told = "; ".join(clock_sentences(statement))
    assert f'"480 Pacific Standard Time" in 2 records from {when(1)} to {when(25)}' in told
    assert f'"-60 W. Europe Standard Time" in 1 record of {when(49)}' in told
    assert f"starts and stops: event log started (6005) in 1 record of {when(0)}" in told


def test_a_log_whose_times_run_backwards_is_named_with_where(tmp_path: Path) -> None:
    log = log_of(service(1, 0), service(2, 2), service(3, 1), service(4, 3), path=SYSTEM)
    statement = statement_of(tmp_path, log)
    (told,) = [each for each in clock_sentences(statement) if "run backwards" in each]
    assert told == (
        f"times run backwards in 1 log: in E-1: {SYSTEM} 1 time by more than a second, the furthest by "
        f"-3,600.0000000 seconds, from record 2 of {when(2)} to record 3 of {when(1)}"
    )


def test_a_renamed_machine_has_all_names_with_their_spans(tmp_path: Path) -> None:
    log = log_of(
        service(1, 0, "WIN-TEMPLATE"), service(2, 1, "WIN-TEMPLATE"), service(3, 2, "PC1"), path=SYSTEM
    )
    statement = statement_of(tmp_path, log)
    assert [(each.text, each.stretch.count) for each in statement.names] == [("WIN-TEMPLATE", 2), ("PC1", 1)]
    told = "; ".join(clock_sentences(statement))
    assert f"WIN-TEMPLATE in 2 records from {when(0)} to {when(1)}; PC1 in 1 record of {when(2)}" in told


def test_rustdesk_s_own_logs_state_their_offset(tmp_path: Path) -> None:
    content = build_log(
        LineToWrite("#7 Connection opened from 203.0.113.9:50222.", at(0), 60),
        LineToWrite("#7 Connection closed: End", at(1), 120),
    )
    log = artifact_of(content, SERVER_LOG, kind=ArtifactKind.APPLICATION_LOG)
    statement = statement_of(tmp_path, log, log_of(service(1, 0), path=SYSTEM))
    assert [each.text for each in statement.log_offsets] == ["+01:00", "+02:00"]
    (told,) = [each for each in clock_sentences(statement) if each.startswith("RustDesk's own logs")]
    assert "by the offset that each line states: +01:00 in 1 line of" in told


def test_every_machine_has_a_statement_of_its_own(tmp_path: Path) -> None:
    one = log_of(clock_moved(at(1), at(0), computer="PC1"), path="PC1/System.evtx")
    other = log_of(service(1, 0, "PC2"), path="PC2/System.evtx")
    clocks = clocks_of(tmp_path, one, other)
    assert sorted(len(each.changes) for each in clocks.statements.values()) == [0, 1]
    held = [clocks.jumps.hold(device_id, at(0.5)) for device_id in clocks.statements]
    assert sorted(held) == [False, True]


def test_the_document_says_the_same_as_the_sentences(tmp_path: Path) -> None:
    log = log_of(
        service(1, 0),
        clock_moved(at(2), at(1), record_id=2, computer="PC1"),
        uptime("0 UTC", record_id=3, time_created=at(3), computer="PC1"),
        path=SYSTEM,
    )
    document = clock(statement_of(tmp_path, log))
    assert isinstance(document, dict)
    changes = document["clock_changes"]
    assert (changes["records"], changes["of_a_second_or_more"]) == (1, 1)
    assert changes["largest"]["shift"] == "-3,600.0000000 seconds"
    assert changes["logs_that_would_show_them"]["System"] == {"count": 1, "first": when(0), "last": when(3)}
    assert document["times_run_backwards"] == []
    assert document["time_zone_texts"] == [{"text": "0 UTC", "count": 1, "first": when(3), "last": when(3)}]


def test_a_real_log_whose_clock_jumped_by_two_months_is_told(tmp_path: Path) -> None:
    corpus = os.environ.get("FORENSICS_CORPUS")
    if not corpus:
        pytest.skip("FORENSICS_CORPUS is unset: no real event logs to read")
    log = artifact_of((Path(corpus) / "evtx/omerbenamram/system.evtx").read_bytes(), SYSTEM)
    statement = statement_of(tmp_path, log)
    assert (len(statement.changes), len(statement.jumps)) == (208, 189)
    (backwards,) = statement.backwards
    assert backwards.listed[0].ticks // SECOND == 5_872_384
    assert {each.text for each in statement.names} == {"WIN-P4SIAA0SQCO", "DESKTOP-2KGM189"}
