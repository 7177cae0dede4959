from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pyarrow import parquet

from forensics.event_model import provenance
from forensics.event_model.event import Event, Facts, Origin, Table
from forensics.event_model.schema import arrow_schema
from forensics.event_spool import ROWS_PER_BATCH
from forensics.store import EventStore, case_clock, read_provenance
from parsers import filetime
from tests.builders.artifacts import artifact_of, record_of
from tests.builders.mapped_event import event_of
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import image_loaded, process_created

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from forensics.event_model.provenance import EventProvenance

ARTIFACT = artifact_of(b"", "Logs/Sysmon.evtx")
PROCESS = event_of(record_of(process_created(computer="PC1")))
LOAD = event_of(record_of(image_loaded(computer="PC1")))
SERVICE = event_of(record_of(service_installed(computer="PC2")))
TICKS = 133_537_248_001_234_567


def store(folder: Path, events: Iterable[Event]) -> Path:
    """Store ``events``, all of one machine, and return the folder."""
    events_folder = folder / "events"
    event_store = EventStore(events_folder)
    for number, event in enumerate(events):
        event_store.add(event, ARTIFACT, 0, str(number))
    event_store.finish(["d" * 40])
    return events_folder


def read(folder: Path, table: Table) -> pa.Table:
    return parquet.read_table(folder / table.value / "part-0.parquet")


def rows(folder: Path, table: Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(folder, table).to_pylist()
    return found


def all_provenance(folder: Path, report_ids: Iterable[int] = range(100_000)) -> list[EventProvenance]:
    return list(read_provenance(folder, report_ids))


def at(event: Event, ticks: int) -> Event:
    return replace(
        event, columns={**event.columns, "Timestamp": ticks}, origin=replace(event.origin, ticks=ticks)
    )


def test_every_table_is_written_with_its_columns_in_order(tmp_path: Path) -> None:
    folder = store(tmp_path, [PROCESS, LOAD])
    for table in Table:
        assert read(folder, table).schema.equals(arrow_schema(table), check_metadata=False)
    side = parquet.read_schema(folder / provenance.NAME / "part-0.parquet")
    assert side.equals(provenance.SCHEMA, check_metadata=False)


def test_nothing_but_the_parquet_files_is_left(tmp_path: Path) -> None:
    folder = store(tmp_path, [PROCESS])
    left = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert left == sorted(
        f"{name}/part-0.parquet" for name in (*Table, provenance.NAME, provenance.COPIES_NAME)
    )


def test_events_are_numbered_from_one_over_all_tables_in_the_order_of_arrival(tmp_path: Path) -> None:
    folder = store(tmp_path, [PROCESS, LOAD, SERVICE, PROCESS])
    numbered = {table: [row["ReportId"] for row in rows(folder, table)] for table in Table}
    assert {table: ids for table, ids in numbered.items() if ids} == {
        Table.PROCESS_EVENTS: [1, 4],
        Table.IMAGE_LOAD_EVENTS: [2],
        Table.EVENTS: [3],
    }


def test_every_event_leads_back_to_its_record(tmp_path: Path) -> None:
    folder = store(tmp_path, [PROCESS, LOAD, SERVICE])
    for event, found in zip((PROCESS, LOAD, SERVICE), all_provenance(folder), strict=True):
        assert {each.name: getattr(found, each.name) for each in fields(Facts)} == {
            each.name: getattr(event.facts, each.name) for each in fields(Facts)
        }
        assert {each.name: getattr(found, each.name) for each in fields(Origin)} == {
            each.name: getattr(event.origin, each.name) for each in fields(Origin)
        }
        assert (found.table, found.message) == (event.table.value, event.message)
        assert (found.evidence_id, found.source_path) == (ARTIFACT.evidence_id, ARTIFACT.path)
        assert (found.source_sha256, found.device_id) == (ARTIFACT.sha256, "d" * 40)
        assert found.altered_fields == ""


def test_only_the_events_that_are_asked_for_are_read_back_in_order(tmp_path: Path) -> None:
    folder = store(tmp_path, [PROCESS] * 5)
    assert [each.report_id for each in read_provenance(folder, [4, 2, 4, 99])] == [2, 4]
    assert list(read_provenance(folder, [])) == []


def test_each_row_has_the_device_of_its_place(tmp_path: Path) -> None:
    event_store = EventStore(tmp_path / "events")
    for number, place in enumerate((1, 0, 1)):
        event_store.add(PROCESS, ARTIFACT, place, str(number))
    event_store.finish(["a" * 40, "b" * 40])
    ids = ["b" * 40, "a" * 40, "b" * 40]
    assert [row["DeviceId"] for row in rows(tmp_path / "events", Table.PROCESS_EVENTS)] == ids
    assert [each.device_id for each in all_provenance(tmp_path / "events")] == ids


def test_what_a_record_does_not_say_is_empty_text_or_no_number(tmp_path: Path) -> None:
    (row,) = rows(store(tmp_path, [LOAD]), Table.IMAGE_LOAD_EVENTS)
    assert row["DeviceName"] == "PC1"
    assert row["InitiatingProcessAccountSid"] == ""
    assert row["FileSize"] is None
    assert row["IsInitiatingProcessRemoteSession"] is None


def test_no_text_is_ever_null(tmp_path: Path) -> None:
    folder = store(tmp_path, [PROCESS, LOAD, SERVICE])
    for table in Table:
        found = read(folder, table)
        texts = [field.name for field in found.schema if str(field.type) == "string"]
        assert all(found.column(name).null_count == 0 for name in texts)


def test_numbers_that_fit_no_column_are_absent_and_the_row_stays(tmp_path: Path) -> None:
    event = replace(PROCESS, columns={**PROCESS.columns, "LogonId": 2**64 - 1, "ProcessId": 2**63 - 1})
    (row,) = rows(store(tmp_path, [event]), Table.PROCESS_EVENTS)
    assert (row["LogonId"], row["ProcessId"]) == (None, 2**63 - 1)


@pytest.mark.parametrize(
    ("ticks", "moment"),
    [
        (0, datetime(1601, 1, 1)),  # noqa: DTZ001
        (TICKS, datetime(2024, 3, 1, 0, 0, 0, 123_456)),  # noqa: DTZ001
        (filetime.MAX_TICKS + 1, datetime(9999, 12, 31, 23, 59, 59, 999_999)),  # noqa: DTZ001
        (2**64 - 1, datetime(9999, 12, 31, 23, 59, 59, 999_999)),  # noqa: DTZ001
    ],
)
def test_any_filetime_can_be_stored_and_stays_exact_beside_the_table(
    ticks: int, moment: datetime, tmp_path: Path
) -> None:
    folder = store(tmp_path, [at(PROCESS, ticks)])
    assert rows(folder, Table.PROCESS_EVENTS)[0]["Timestamp"] == moment
    assert all_provenance(folder)[0].ticks == min(ticks, 2**63 - 1)


def test_what_utf8_cannot_hold_is_named_and_its_columns_too(tmp_path: Path) -> None:
    event = replace(
        PROCESS,
        message="Process created: \ud800",
        facts=replace(PROCESS.facts, service_name="a\udfffb", image_path="<U+202E>"),
        origin=replace(PROCESS.origin, channel_or_key="Services\\\ud83d"),
    )
    (found,) = all_provenance(store(tmp_path, [event]))
    assert found.message == "Process created: <U+D800>"
    assert (found.service_name, found.channel_or_key) == ("a<U+DFFF>b", "Services\\<U+D83D>")
    assert found.image_path == "<U+202E>"
    assert found.altered_fields == "message;channel_or_key;service_name"


def test_every_cell_that_may_lack_something_is_named(tmp_path: Path) -> None:
    event = event_of(record_of(process_created(command_line="rustdesk\0hidden", parent_user="")))
    (found,) = all_provenance(store(tmp_path, [event]))
    assert found.command_line == "rustdesk"
    assert found.altered_fields == (
        "message;user;image_path;command_line;parent_image;parent_command_line;process_id;process_guid;hashes"
    )


def test_more_rows_than_a_batch_keep_their_order(tmp_path: Path) -> None:
    number = 2 * ROWS_PER_BATCH + 1
    folder = store(tmp_path, (at(PROCESS, TICKS + n) for n in range(number)))
    assert read(folder, Table.PROCESS_EVENTS).column("ReportId").to_pylist() == list(range(1, number + 1))
    last = all_provenance(folder, [1, ROWS_PER_BATCH, ROWS_PER_BATCH + 1, number])
    assert [each.ticks - TICKS for each in last] == [0, ROWS_PER_BATCH - 1, ROWS_PER_BATCH, number - 1]


def test_a_batch_that_is_just_full_is_written_once(tmp_path: Path) -> None:
    folder = store(tmp_path, [SERVICE] * ROWS_PER_BATCH)
    assert read(folder, Table.EVENTS).num_rows == ROWS_PER_BATCH


def test_the_same_events_give_the_same_bytes(tmp_path: Path) -> None:
    events = [PROCESS, LOAD, SERVICE, at(PROCESS, 0)]
    first, second = store(tmp_path / "1", events), store(tmp_path / "2", events)
    files = [path.relative_to(first) for path in sorted(first.rglob("*.parquet"))]
    assert len(files) == len(Table) + 2
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in files)


def test_events_are_counted_by_table(tmp_path: Path) -> None:
    event_store = EventStore(tmp_path / "events")
    for number, event in enumerate((PROCESS, PROCESS, SERVICE)):
        event_store.add(event, ARTIFACT, 0, str(number))
    assert event_store.counts == dict.fromkeys(Table, 0) | {Table.PROCESS_EVENTS: 2, Table.EVENTS: 1}


def test_the_case_s_present_is_the_latest_time_of_any_machine(tmp_path: Path) -> None:
    machines = [
        replace(at(PROCESS, ticks), table=Table.INFO, columns={"Timestamp": ticks}) for ticks in (0, TICKS)
    ]
    assert case_clock(store(tmp_path, machines)) == datetime(2024, 3, 1, 0, 0, 0, 123_456, tzinfo=UTC)


def test_a_case_without_machines_has_a_present(tmp_path: Path) -> None:
    assert case_clock(store(tmp_path, [])) == datetime(1601, 1, 1, tzinfo=UTC)
