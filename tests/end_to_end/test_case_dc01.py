from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq
import pytest

from parsers.filetime import TICKS_PER_MICROSECOND, from_text
from tests.end_to_end.case_reading import findings, read_csv, timeline, timeline_objects
from tests.fixture_reading import (
    MANIFEST,
    SYSMON_LOG,
    file_name,
    has,
    read_log,
    rule_image_loads,
    rule_processes,
)

if TYPE_CHECKING:
    from tests.builders.independent_readers import Reading
    from tests.end_to_end.command_line import Run

LOGS: Final = "case-dc01/Windows/System32/winevt/Logs"
SYSMON: Final = f"case-dc01/{SYSMON_LOG}"
RULE: Final = MANIFEST["cases"]["case-dc01"]["expect"]
IN_SYSTEM_LOG: Final = MANIFEST["files"][f"{LOGS}/System.evtx"]["expect"]
IN_HIVE: Final = MANIFEST["files"]["case-dc01/Windows/System32/config/SYSTEM"]["expect"]
OWN_LIBRARIES: Final = {"librustdesk.dll", "dylib_virtual_display.dll"}


COUNTED: Final = (
    "rustdesk_execution",
    "rustdesk_service_installed",
    "rustdesk_service_key",
    "rustdesk_image_load",
)
"""The findings that other libraries count in the fixture's files."""


def audited_services() -> list[Reading]:
    """Return the 4697 that name RustDesk, as another library reads them."""
    return [
        each
        for each in read_log(f"{LOGS}/Security.evtx")
        if each.event_id == 4697 and each.fields["ServiceName"] == "RustDesk"
    ]


def rows_of(run: Run, finding: str) -> list[dict[str, str]]:
    return [row for row in timeline(run.output) if row["finding"] == finding]


def record_ids(run: Run, finding: str) -> list[int]:
    return sorted(int(row["record_id"]) for row in rows_of(run, finding))


def rustdesk_loads() -> list[Reading]:
    """The image loads by processes that are called RustDesk, and those of RustDesk's own libraries."""
    records = read_log(SYSMON)
    processes = {each.fields["ProcessGuid"] for each in rule_processes(records)}
    loads = (each for each in records if each.event_id == 7)
    return [
        each
        for each in loads
        if each.fields["ProcessGuid"] in processes
        or has(file_name(each.fields["Image"]), "rustdesk")
        or file_name(each.fields["ImageLoaded"]).lower() in OWN_LIBRARIES
    ]


def multiset(rows: list[dict[str, str]]) -> Counter[tuple[object, ...]]:
    """Rows of rule_results.csv, each as often as it says; times in microseconds."""
    return Counter(
        {
            (
                from_text(row["Timestamp"]) // TICKS_PER_MICROSECOND,
                row["DeviceName"],
                row["FileName"],
                row["ProcessCommandLine"],
                row["FolderPath"],
                int(row["ReportId"]),
            ): int(row["multiplicity"])
            for row in rows
        }
    )


def test_all_evidence_is_read_without_a_word_of_trouble(dc01: Run) -> None:
    assert (dc01.code, dc01.stderr) == (0, "")


def test_the_findings_are_as_many_as_the_manifest_says(dc01: Run) -> None:
    counted = findings(dc01.output)

    assert {name: counted[name] for name in COUNTED} == {
        "rustdesk_execution": RULE["rule_rows"],
        "rustdesk_service_installed": IN_SYSTEM_LOG["service_7045_rustdesk"] + len(audited_services()),
        "rustdesk_service_key": IN_HIVE["services_rustdesk"],
        "rustdesk_image_load": len(rustdesk_loads()),
    }


def test_an_execution_is_found_for_every_matching_process_event_and_for_no_other(dc01: Run) -> None:
    expected = sorted(each.record_id for each in rule_processes(read_log(SYSMON)))

    assert record_ids(dc01, "rustdesk_execution") == expected


def test_the_image_loads_are_those_of_rustdesk_processes_and_of_its_own_libraries(dc01: Run) -> None:
    assert record_ids(dc01, "rustdesk_image_load") == sorted(each.record_id for each in rustdesk_loads())


def test_both_services_of_one_installation_are_found(dc01: Run) -> None:
    rows = rows_of(dc01, "rustdesk_service_installed")

    for channel, event_id, name in (("System", "7045", "RustDesk Service"), ("Security", "4697", "RustDesk")):
        logged = [row for row in rows if row["channel_or_key"] == channel]
        assert [row["service_name"] for row in logged] == [name] * 2
        assert {row["event_id"] for row in logged} == {event_id}
        assert [row["command_line"].split('"')[2].split()[0] for row in logged] == [
            "--import-config",
            "--service",
        ]


def test_the_service_key_is_found_in_the_current_control_set(dc01: Run) -> None:
    (row,) = rows_of(dc01, "rustdesk_service_key")

    assert row["channel_or_key"].endswith(r"SYSTEM\ControlSet001\Services\RustDesk")
    assert (row["service_name"], row["record_state"]) == ("RustDesk", "live")
    assert row["timestamp_desc"] == "Registry key last written"


@pytest.mark.parametrize("argument", ["--silent-install", "--password", "--cm", "--service", "--tray"])
def test_what_the_intruder_did_is_on_the_timeline(dc01: Run, argument: str) -> None:
    lines = [row["command_line"] for row in rows_of(dc01, "rustdesk_execution")]

    assert any(argument in line.split() for line in lines)


def test_every_row_is_of_the_one_domain_controller(dc01: Run) -> None:
    machines = {(row["device_name"], row["device_role"]) for row in timeline(dc01.output)}

    assert machines == {("DC01.corp.example", "domain_controller")}
    assert len({row["device_id"] for row in timeline(dc01.output)}) == 1


def test_every_kind_of_finding_is_told_on_the_terminal(dc01: Run) -> None:
    assert all(finding in dc01.stdout for finding in findings(dc01.output))
    assert all(word in dc01.stdout for word in ("--import-config", "--service", "librustdesk.dll", "--cm"))
    assert str(dc01.output.name) in dc01.stdout


def test_the_rule_repeats_each_row_for_every_image_load_of_its_machine(dc01: Run) -> None:
    records = read_log(SYSMON)
    loads = len(rule_image_loads(records))

    rows = read_csv(dc01.output / "rule_results.csv")

    assert len(rows) == len(rule_processes(records)) == RULE["rule_rows"]
    assert [int(row["multiplicity"]) for row in rows] == [max(1, loads)] * len(rows)
    assert sum(int(row["multiplicity"]) for row in rows) == RULE["rule_bag"]


def test_the_rules_columns_are_those_that_its_text_projects(dc01: Run) -> None:
    header = (dc01.output / "rule_results.csv").read_text("utf-8").partition("\r\n")[0]

    projected = "Timestamp,DeviceName,FileName,ProcessCommandLine,FolderPath,ReportId,multiplicity"
    assert header.replace('"', "").startswith(projected)


def test_the_expanded_bag_holds_each_row_as_often_as_its_multiplicity_says(dc01: Run) -> None:
    bag = pq.read_table(dc01.output / "rule_bag.parquet")

    expected = multiset(read_csv(dc01.output / "rule_results.csv"))
    epoch = from_text("1970-01-01T00:00:00Z") // TICKS_PER_MICROSECOND
    times = [value + epoch for value in bag.column(0).cast("timestamp[us]").cast("int64").to_pylist()]
    others = [column.to_pylist() for column in bag.columns[1:]]
    assert bag.num_rows == RULE["rule_bag"]
    assert Counter(zip(times, *others, strict=True)) == expected


def test_rows_are_in_the_order_of_time_and_place(dc01: Run) -> None:
    rows = timeline_objects(dc01.output)
    keys = [
        (row["ticks"], row["evidence_id"], row["source_path"], row["offset"], row["finding"]) for row in rows
    ]

    assert all(earlier < later for earlier, later in pairwise(keys))
    assert [row["row"] for row in rows] == list(range(1, len(rows) + 1))
