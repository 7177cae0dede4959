"""Security 4688 and Sysmon 1 of one process are one row, and what only looks alike stays two."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from forensics.event_model import provenance
from forensics.event_model.event import Table
from forensics.request import NamedEvidence
from forensics.same_process import NEAR, ProcessStart, pair_starts
from forensics.store import read_copies, read_provenance
from parsers.filetime import TICKS_PER_SECOND
from tests.builders.artifacts import artifact_of, log_of, write_evidence
from tests.builders.event_log import HexInt64, build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.evidence_reading import read_named
from tests.builders.security_event import process_created as audited
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.event_model.provenance import EventCopy
    from forensics.reading import ReadEvidence
    from tests.builders.event_to_write import EventToWrite
    from tests.builders.windows_event import Given

SECOND: Final = TICKS_PER_SECOND
LOGS: Final = "p2/Windows/System32/winevt/Logs"
SECURITY: Final = f"{LOGS}/Security.evtx"
SECURITY_SHADOW: Final = f"p2/vss1/{LOGS.removeprefix('p2/')}/Security.evtx"
SYSMON: Final = f"{LOGS}/Microsoft-Windows-Sysmon%4Operational.evtx"
SYSMON_SHADOW: Final = f"p2/vss1/{SYSMON.removeprefix('p2/')}"
IMAGE: Final = r"C:\Program Files\RustDesk\rustdesk.exe"
LINE: Final = f'"{IMAGE}" --service'


def by_sysmon(record_id: int = 1, **given_fields: Any) -> EventToWrite:  # noqa: ANN401
    fields = {"image": IMAGE, "command_line": LINE, "process_id": 0x1864, "computer": "PC1", **given_fields}
    return process_created(record_id=record_id, **fields)


def by_windows(
    record_id: int = 1234, *, later: int = 0, computer: str = "PC1", **fields: Given
) -> EventToWrite:
    own: dict[str, Given] = {"NewProcessName": IMAGE, "CommandLine": LINE, **fields}
    return audited(own, record_id=record_id, time_created=DEFAULT_TIME + later, computer=computer)


def read(folder: Path, contents: dict[str, list[EventToWrite]]) -> ReadEvidence:
    logs = [artifact_of(build_event_log(events), path) for path, events in contents.items()]
    return read_named([NamedEvidence(write_evidence(folder / "evidence", logs), "E-1")], folder / "events")


def rows(found: ReadEvidence) -> list[tuple[str, str, int]]:
    """Return provider, record id and copies of every row of DeviceProcessEvents."""
    table = parquet.read_table(found.events / Table.PROCESS_EVENTS.value / "part-0.parquet")
    side = read_provenance(found.events, table.column("ReportId").to_pylist())
    return sorted((each.provider.rpartition("-")[2], each.record_id, each.copies) for each in side)


def others(found: ReadEvidence) -> list[EventCopy]:
    copies = parquet.read_table(found.events / provenance.COPIES_NAME / "part-0.parquet")
    return [
        each
        for group in read_copies(found.events, copies["report_id"].to_pylist()).values()
        for each in group
    ]


def test_both_logs_of_one_process_give_one_row_and_both_records(tmp_path: Path) -> None:
    found = read(tmp_path, {SYSMON: [by_sysmon(7)], SECURITY: [by_windows(1234, later=900)]})
    assert rows(found) == [("Sysmon", "7", 1)]
    (other,) = others(found)
    assert (other.relation, other.provider, other.event_id, other.record_id, other.source_path) == (
        "same_process",
        "Microsoft-Windows-Security-Auditing",
        "4688",
        "1234",
        SECURITY,
    )
    assert found.event_counts[Table.PROCESS_EVENTS.value] == 1


ALIKE: Final[dict[str, dict[str, Any]]] = {
    "case of the path": {"NewProcessName": IMAGE.upper()},
    "no command line": {"CommandLine": ""},
    "white space at the end": {"CommandLine": f"{LINE} "},
    "two seconds later": {"later": 2 * SECOND},
    "two seconds before": {"later": -2 * SECOND},
}


@pytest.mark.parametrize("fields", ALIKE.values(), ids=ALIKE)
def test_what_auditing_may_write_otherwise_is_the_same_process(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    found = read(tmp_path, {SYSMON: [by_sysmon()], SECURITY: [by_windows(**fields)]})
    assert rows(found) == [("Sysmon", "1", 1)]


DIFFERENT: Final[dict[str, dict[str, Any]]] = {
    "path": {"NewProcessName": r"C:\Windows\rustdesk.exe"},
    "command line": {"CommandLine": f"{LINE} --x"},
    "case of the command line": {"CommandLine": LINE.upper()},
    "process id": {"NewProcessId": HexInt64(0x1865)},
    "time": {"later": 2 * SECOND + 1},
    "machine": {"computer": "PC2"},
}


@pytest.mark.parametrize("fields", DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_in_anything_else_stays_two_rows(fields: dict[str, Any], tmp_path: Path) -> None:
    path = "q/" + SECURITY if "computer" in fields else SECURITY
    found = read(tmp_path, {SYSMON: [by_sysmon(7)], path: [by_windows(**fields)]})
    assert rows(found) == [("Auditing", "1234", 1), ("Sysmon", "7", 1)]
    assert others(found) == []


def test_the_utc_time_of_sysmon_counts_as_well_as_its_event_time(tmp_path: Path) -> None:
    late = by_sysmon(time_created=DEFAULT_TIME + 60 * SECOND, utc_time="2024-03-01 00:00:00.120")
    found = read(tmp_path, {SYSMON: [late], SECURITY: [by_windows()]})
    assert rows(found) == [("Sysmon", "1", 1)]


def test_copies_of_both_records_are_listed_and_only_copies_are_counted(tmp_path: Path) -> None:
    events = {SYSMON: [by_sysmon(7)], SECURITY: [by_windows()]}
    found = read(tmp_path, events | {SYSMON_SHADOW: events[SYSMON], SECURITY_SHADOW: events[SECURITY]})
    assert rows(found) == [("Sysmon", "7", 2)]
    assert sorted((each.relation, each.event_id, each.source_path) for each in others(found)) == [
        ("copy", "1", SYSMON_SHADOW),
        ("same_process", "4688", SECURITY),
        ("same_process", "4688", SECURITY_SHADOW),
    ]


def test_a_process_of_one_log_alone_keeps_its_row_and_its_copies(tmp_path: Path) -> None:
    found = read(tmp_path, {SECURITY: [by_windows()], SECURITY_SHADOW: [by_windows()]})
    assert rows(found) == [("Auditing", "1234", 2)]
    assert [(each.relation, each.source_path) for each in others(found)] == [("copy", SECURITY_SHADOW)]


def test_each_of_several_short_processes_of_one_id_has_its_own_partner(tmp_path: Path) -> None:
    starts = range(0, 4 * SECOND, SECOND)
    sysmon = [
        by_sysmon(number, time_created=DEFAULT_TIME + at, utc_time="-")
        for number, at in enumerate(starts, start=1)
    ]
    windows = [by_windows(1000 + number, later=at + 900) for number, at in enumerate(starts, start=1)]
    found = read(tmp_path, {SYSMON: sysmon, SECURITY: [*windows, by_windows(2000, later=901)]})
    assert rows(found) == [("Auditing", "2000", 1), *(("Sysmon", str(n), 1) for n in range(1, 5))]
    by_report = {each.report_id: each.record_id for each in others(found)}
    side = {each.report_id: each.record_id for each in read_provenance(found.events, by_report)}
    assert {side[report]: record for report, record in by_report.items()} == {
        str(number): str(1000 + number) for number in range(1, 5)
    }


def test_the_same_records_in_any_order_give_the_same_rows(tmp_path: Path) -> None:
    events = [log_of(by_sysmon(7), path=SYSMON), log_of(by_windows(), path=SECURITY)]
    for number, artifacts in enumerate((events, events[::-1])):
        named = NamedEvidence(write_evidence(tmp_path / f"evidence{number}", artifacts), "E-1")
        assert rows(read_named([named], tmp_path / f"events{number}")) == [("Sysmon", "7", 1)]


numbers = count(1)
starts_of = st.builds(
    ProcessStart,
    number=st.builds(lambda: next(numbers)),
    process_id=st.integers(1, 2),
    program=st.just(b"x"),
    command_line=st.sampled_from([b"", b"a", b"b"]),
    times=st.tuples(st.integers(0, 4 * SECOND)),
)


@given(st.lists(starts_of, max_size=8), st.lists(starts_of, max_size=8), st.randoms(use_true_random=False))
def test_pairs_are_one_to_one_and_near_and_do_not_depend_on_any_order(
    sysmon: list[ProcessStart],
    windows: list[ProcessStart],
    random: Any,  # noqa: ANN401
) -> None:
    pairs = pair_starts(sysmon, windows)
    assert len(set(pairs.values())) == len(pairs)
    by_number = {each.number: each for each in (*sysmon, *windows)}
    for theirs, ours in pairs.items():
        audit, speaks = by_number[theirs], by_number[ours]
        assert audit.process_id == speaks.process_id
        assert audit.command_line in {b"", speaks.command_line}
        assert abs(audit.times[0] - speaks.times[0]) <= NEAR
    random.shuffle(sysmon)
    random.shuffle(windows)
    assert pair_starts(sysmon, windows) == pairs


@given(st.lists(starts_of, max_size=8), st.lists(starts_of, max_size=8))
def test_no_two_that_could_be_paired_are_left_alone(
    sysmon: list[ProcessStart], windows: list[ProcessStart]
) -> None:
    pairs = pair_starts(sysmon, windows)
    alone = [each for each in sysmon if each.number not in set(pairs.values())]
    for theirs in (each for each in windows if each.number not in pairs):
        assert not any(pair_starts([ours], [theirs]) for ours in alone)
