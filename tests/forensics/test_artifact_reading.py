from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pyarrow import parquet

from forensics.artifact_reading import ArtifactReader, ArtifactReading
from forensics.event_model.event import Table
from forensics.store import EventStore, read_provenance
from parsers.evtx.sweep import Reader
from tests.builders.artifacts import HIVE_TIME, SYSTEM_HIVE, SYSTEM_LOG, artifact_of, hive_of, log_of
from tests.builders.event_log import build_event_log
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import image_loaded, process_created
from tests.builders.system_hive import ServiceToWrite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from forensics.device import Devices
    from parsers.evidence.source import Artifact

FULL_NAME = "DC01.corp.example"
RUSTDESK = ServiceToWrite("RustDesk", HIVE_TIME + 7, r"C:\RustDesk\RustDesk.exe --service")


class Read:
    """Artifacts that were read, with what they came to."""

    def __init__(self, folder: Path, artifacts: Sequence[Artifact]) -> None:
        self.folder = folder / "events"
        reader = ArtifactReader(EventStore(self.folder), Reader.RUST, None)
        self.readings: list[ArtifactReading] = [reader.read(each) for each in artifacts]
        self.devices: Devices = reader.finish()

    def rows(self, table: Table) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = parquet.read_table(
            self.folder / table.value / "part-0.parquet"
        ).to_pylist()
        return found

    @property
    def machines(self) -> dict[str, tuple[int, ...]]:
        return {each.name: self.devices.artifacts_of(each) for each in self.devices.all}

    @property
    def report_ids(self) -> list[int]:
        return sorted(row["ReportId"] for table in Table for row in self.rows(table))


@pytest.mark.parametrize("domain", ["corp.example", ""])
@pytest.mark.parametrize("computer_name", ["DC01", "dc01"])
def test_hive_and_logs_of_one_machine_share_its_device(
    computer_name: str, domain: str, tmp_path: Path
) -> None:
    read = Read(
        tmp_path,
        [
            hive_of(computer_name, RUSTDESK, domain=domain, product_type="LanmanNT"),
            log_of(process_created(computer=FULL_NAME), image_loaded(computer=FULL_NAME, record_id=2)),
            log_of(service_installed(computer="DC01.CORP.example"), path=SYSTEM_LOG),
        ],
    )
    (device,) = read.devices.all
    assert device.name.casefold() == "dc01.corp.example"
    assert device.product_type == "LanmanNT"
    ids = {row["DeviceId"] for table in Table for row in read.rows(table)}
    assert ids == {device.device_id}


def test_every_event_of_every_table_is_numbered_once_and_leads_back(tmp_path: Path) -> None:
    read = Read(
        tmp_path,
        [hive_of("DC01", RUSTDESK), log_of(process_created(computer="DC01"), image_loaded(computer="DC01"))],
    )
    assert read.report_ids == list(range(1, len(read.report_ids) + 1))
    found = list(read_provenance(read.folder, read.report_ids))
    assert [each.report_id for each in found] == read.report_ids
    assert [each.source_path for each in found if each.table != "DeviceInfo"] == sorted(
        (each.source_path for each in found if each.table != "DeviceInfo"),
        key=[SYSTEM_HIVE, "Logs/Microsoft-Windows-Sysmon%4Operational.evtx"].index,
    )


def test_machines_in_one_folder_are_told_apart(tmp_path: Path) -> None:
    read = Read(
        tmp_path,
        [
            log_of(process_created(computer=FULL_NAME), path="dc01/Sysmon.evtx"),
            log_of(process_created(computer="FS02.corp.example"), path="fs02/Sysmon.evtx"),
            log_of(service_installed(computer="FS02"), path="fs02/System.evtx"),
        ],
    )
    assert read.machines == {FULL_NAME: (0,), "FS02.corp.example": (1, 2)}


def test_a_native_log_of_a_renamed_machine_is_of_one_device(tmp_path: Path) -> None:
    read = Read(
        tmp_path,
        [
            log_of(process_created(computer="WIN-8K2JQ"), process_created(computer=FULL_NAME, record_id=2)),
            log_of(service_installed(computer="WIN-8K2JQ"), path=SYSTEM_LOG),
            hive_of("DC01", domain="corp.example"),
        ],
    )
    (device,) = read.devices.all
    assert device.names == (FULL_NAME, "WIN-8K2JQ")
    rows = read.rows(Table.PROCESS_EVENTS)
    assert [row["DeviceName"] for row in rows] == ["WIN-8K2JQ", FULL_NAME]


def test_machines_made_of_one_template_stay_two(tmp_path: Path) -> None:
    def machine(folder: str, name: str) -> Artifact:
        events = process_created(computer="WIN-T"), process_created(computer=name, record_id=2)
        return log_of(*events, path=f"{folder}/Sysmon.evtx")

    read = Read(tmp_path, [machine("a", "PC1"), machine("b", "PC2")])
    assert read.machines == {"PC1": (0,), "PC2": (1,)}
    ids = [row["DeviceId"] for row in read.rows(Table.PROCESS_EVENTS)]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_a_forwarded_log_is_of_all_its_machines(tmp_path: Path) -> None:
    forwarded = log_of(
        process_created(computer="PC1", record_id=70, header_record_id=1),
        process_created(computer="PC2", record_id=20, header_record_id=2),
    )
    read = Read(tmp_path, [forwarded, log_of(service_installed(computer="PC2"), path=SYSTEM_LOG)])
    assert read.machines == {"PC1": (0,), "PC2": (0, 1)}
    first, second = read.rows(Table.PROCESS_EVENTS)
    assert first["DeviceId"] != second["DeviceId"] == read.rows(Table.EVENTS)[0]["DeviceId"]


def test_a_machine_in_two_evidences_has_one_device_id(tmp_path: Path) -> None:
    read = Read(
        tmp_path,
        [
            log_of(process_created(computer=FULL_NAME), evidence_id="A"),
            hive_of("DC01", domain="corp.example", evidence_id="B"),
        ],
    )
    assert read.machines == {FULL_NAME: (0, 1)}


def test_each_machine_is_one_row_of_device_info_dated_by_its_latest_artifact(tmp_path: Path) -> None:
    late = HIVE_TIME + 50_000_000
    read = Read(
        tmp_path,
        [
            hive_of("DC01", RUSTDESK, product_type="LanmanNT"),
            log_of(process_created(computer="DC01", written=late)),
            log_of(process_created(computer="PC2", written=late + 10), path="pc2.evtx"),
        ],
    )
    rows = read.rows(Table.INFO)
    assert [(row["DeviceName"], row["DeviceType"]) for row in rows] == [("DC01", "Server"), ("PC2", "")]
    assert [row["ReportId"] for row in rows] == read.report_ids[-2:]
    found = read_provenance(read.folder, read.report_ids[-2:])
    assert [(each.ticks, each.artifact) for each in found] == [
        (late, "2 artifacts"),
        (late + 10, "1 artifact"),
    ]


def test_what_is_no_event_log_or_hive_costs_itself_alone(tmp_path: Path) -> None:
    broken = replace(hive_of("PC1"), source=artifact_of(b"no hive").source)
    read = Read(tmp_path, [artifact_of(b"nothing"), broken, log_of(process_created(computer="PC1"))])
    assert [each.events for each in read.readings] == [0, 0, 1]
    assert [each.failure is None for each in read.readings] == [False, False, True]
    assert "is not an event log (EVTX)" in str(read.readings[0].failure)
    assert read.machines == {"PC1": (2,)}


def test_a_log_on_a_failing_disk_keeps_the_events_before_the_failure(tmp_path: Path) -> None:
    events = [process_created(computer="PC1", record_id=n) for n in range(1, 21)]
    content = build_event_log(events, records_per_chunk=1)
    read = Read(
        tmp_path,
        [
            artifact_of(content, breaks_at=18 * 0x10000),
            log_of(process_created(computer="PC2"), path="other.evtx"),
        ],
    )
    reading = read.readings[0]
    assert (reading.events, reading.failure) == (16, "Input/output error")
    assert read.machines == {"PC1": (0,), "PC2": (1,)}
    assert len(read.rows(Table.PROCESS_EVENTS)) == 17


def test_a_log_that_breaks_off_among_several_names_is_of_all_of_them(tmp_path: Path) -> None:
    events = [process_created(computer=f"PC{n % 2}", record_id=n) for n in range(1, 21)]
    content = build_event_log(events, records_per_chunk=1)
    read = Read(tmp_path, [artifact_of(content, breaks_at=18 * 0x10000)])
    assert read.machines == {"PC0": (0,), "PC1": (0,)}


def test_an_empty_log_is_read_and_is_of_no_machine(tmp_path: Path) -> None:
    read = Read(tmp_path, [log_of(), log_of(process_created(computer="PC1"), path="other.evtx")])
    assert read.readings[0].failure is None
    assert read.machines == {"PC1": (1,)}


def test_a_hive_whose_current_control_set_is_unknown_is_described_by_its_first(tmp_path: Path) -> None:
    read = Read(tmp_path, [hive_of("DC01", RUSTDESK, domain="corp.example", select_current=None)])
    assert read.machines == {FULL_NAME: (0,)}
    assert read.readings[0].damage != ()


def test_the_slack_of_an_export_may_be_of_another_machine(tmp_path: Path) -> None:
    """A log service writes exports into memory that it used before, for whichever log."""
    stale = [
        process_created(computer="PC2", record_id=1),
        *(service_installed(computer="PC2", record_id=n) for n in (7, 8)),
    ]
    export = process_created(computer="PC1", record_id=40, header_record_id=1)
    old, new = build_event_log(stale), build_event_log([export])
    end = 4096 + int.from_bytes(new[4096 + 48 : 4096 + 52], "little")
    read = Read(tmp_path, [artifact_of(new[:end] + old[end:], "export.evtx")])
    assert read.machines == {"PC1": (0,), "PC2": (0,)}
    (live,), recovered = read.rows(Table.PROCESS_EVENTS), read.rows(Table.EVENTS)
    assert [each["DeviceName"] for each in recovered] == ["PC2", "PC2"]
    assert {each["DeviceId"] for each in recovered}.isdisjoint({live["DeviceId"]})
    found = read_provenance(read.folder, [each["ReportId"] for each in recovered])
    assert [(each.record_id, each.record_state) for each in found] == [("7", "recovered"), ("8", "recovered")]


def test_recovered_records_of_the_same_machine_make_no_other_one(tmp_path: Path) -> None:
    content = build_event_log([process_created(computer="PC1")])
    read = Read(
        tmp_path,
        [
            artifact_of(content[:4096] + bytes(8) + content[4104:], "headless.evtx"),
            log_of(process_created(computer="pc1", record_id=2), path="other.evtx"),
        ],
    )
    (device,) = read.devices.all
    assert device.name.casefold() == "pc1"
