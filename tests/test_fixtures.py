from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from fixtures.build import HERE, all_files
from tests.builders.independent_readers import PYTHON_EVTX, checksums_hold
from tests.fixture_reading import (
    LOGS,
    MANIFEST,
    SYSMON_LOG,
    file_name,
    has,
    open_hive,
    read_log,
    record_ids_by_python_evtx,
    rule_image_loads,
    rule_processes,
)

if TYPE_CHECKING:
    from tests.builders.independent_readers import Reading

FILES: Final[dict[str, Any]] = MANIFEST["files"]
EVENT_LOGS: Final = [path for path in FILES if path.endswith(".evtx")]
HIVES: Final = [path for path in FILES if path.endswith("SYSTEM")]
TEXTS: Final = [path for path in FILES if path.endswith((".toml", ".log"))]


def counted(expect: dict[str, int]) -> dict[str, int]:
    """The events that the manifest counts: each name ends in the event's number."""
    numbers = {name: name.rpartition("_")[2] for name in expect}
    return {name: int(n) for name, n in numbers.items() if n.isdigit() and not name.startswith("rule_")}


def machine_of(path: str) -> str:
    """The computer that a file is of: its case and, where that has several, the folder in it."""
    case, first = path.split("/")[:2]
    return case if first == "Windows" else f"{case}/{first}"


def test_every_fixture_is_listed_as_every_listed_one_is_present() -> None:
    present = {path.relative_to(HERE).as_posix() for path in HERE.glob("case-*/**/*") if path.is_file()}
    assert present == set(FILES)


@pytest.mark.parametrize("path", FILES)
def test_a_fixture_has_the_listed_size_and_digest(path: str) -> None:
    content = (HERE / path).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (FILES[path]["size"], FILES[path]["sha256"])


@pytest.mark.parametrize("path", FILES)
def test_a_fixture_says_what_it_proves_and_where_it_is_from(path: str) -> None:
    assert all(FILES[path][entry] for entry in ("proves", "origin", "licence", "expect"))


def test_fixtures_are_small() -> None:
    assert max(entry["size"] for entry in FILES.values()) < 2 * 1024 * 1024


def test_building_anew_gives_the_committed_bytes() -> None:
    different = [path for path, content in all_files().items() if (HERE / path).read_bytes() != content]
    assert different == [], "run `python -m fixtures.build` and look at what changed in MANIFEST.toml"


@pytest.mark.parametrize("path", EVENT_LOGS)
def test_every_checksum_of_a_log_holds(path: str) -> None:
    assert checksums_hold((HERE / path).read_bytes())


@pytest.mark.parametrize("path", EVENT_LOGS)
def test_a_log_holds_the_listed_records(path: str) -> None:
    records, expect = read_log(path), FILES[path]["expect"]
    assert len(records) == expect["records"]
    numbers = list(range(expect["first_record_id"], expect["last_record_id"] + 1))
    assert [each.record_id for each in records] == numbers
    of_id = Counter(each.event_id for each in records)
    names = counted(expect)
    assert {name: of_id[number] for name, number in names.items()} == {name: expect[name] for name in names}


@pytest.mark.parametrize("path", EVENT_LOGS)
def test_a_log_holds_the_listed_matches(path: str) -> None:
    records, expect = read_log(path), FILES[path]["expect"]
    watched, audited = path.endswith("Sysmon%4Operational.evtx"), path.endswith("Security.evtx")
    matches = {
        "rule_processes": len(rule_processes(records)) if watched else 0,
        "rule_image_loads": len(rule_image_loads(records)) if watched else 0,
        "rule_processes_4688": len(rule_processes(records, 4688, "NewProcessName")) if audited else 0,
        "service_7045_rustdesk": sum(
            each.event_id == 7045 and has(each.fields["ServiceName"], "rustdesk") for each in records
        ),
    }
    assert all(matches[name] == expect.get(name, 0) for name in matches), matches


@pytest.mark.parametrize("path", EVENT_LOGS)
def test_python_evtx_counts_the_same_records(path: str) -> None:
    assert record_ids_by_python_evtx(path) == [each.record_id for each in read_log(path)]


def test_python_evtx_reads_the_same_fields() -> None:
    path = f"case-clean/{LOGS}/System.evtx"
    seen = PYTHON_EVTX.read((HERE / path).read_bytes())
    assert [without_braces(each) for each in seen] == [without_braces(each) for each in read_log(path)]


def without_braces(record: Reading) -> dict[str, str]:
    """The record's fields, with GUIDs as both readers can show them."""
    return {name: text.strip("{}").upper() for name, text in record.fields.items()}


@pytest.mark.parametrize("path", EVENT_LOGS)
def test_records_stand_in_the_order_of_their_times(path: str) -> None:
    times = [each.created for each in read_log(path)]
    assert times == sorted(times)


@pytest.mark.parametrize("case", MANIFEST["cases"])
def test_the_rule_gives_what_the_manifest_says(case: str) -> None:
    total: Counter[str] = Counter()
    logs = [path for path in EVENT_LOGS if path.startswith(f"{case}/")]
    for machine in dict.fromkeys(map(machine_of, logs)):
        of_machine = [path for path in logs if machine_of(path) == machine]
        records = [each for path in of_machine for each in read_log(path)]
        audited = len(rule_processes(records, 4688, "NewProcessName"))
        watched = any("Sysmon" in path for path in of_machine)
        rows, loads = len(rule_processes(records)) if watched else audited, len(rule_image_loads(records))
        total["rule_rows"] += rows
        total["rule_image_loads"] += loads
        total["rule_bag"] += rows * max(1, loads)
        total["rule_processes_4688"] += audited
    assert MANIFEST["cases"][case]["expect"] == total


@pytest.mark.parametrize("path", TEXTS)
def test_a_text_has_the_listed_lines(path: str) -> None:
    assert (HERE / path).read_text("utf-8").count("\n") == FILES[path]["expect"]["lines"]


@pytest.mark.parametrize("path", HIVES)
def test_a_hive_holds_the_listed_services(path: str) -> None:
    hive, expect = open_hive(path), FILES[path]["expect"]
    assert hive.open("Select").value("Current").value() == expect["current_control_set"] == 1
    counts = [len(hive.open(f"ControlSet00{number}\\Services").subkeys()) for number in (1, 2)]
    assert counts == [expect["services_current"], expect["services_other"]]
    names = [key.name() for key in hive.open("ControlSet001\\Services").subkeys()]
    assert names.count("RustDesk") == expect["services_rustdesk"]


def test_the_clean_case_has_every_look_alike() -> None:
    records = read_log(f"case-clean/{SYSMON_LOG}")
    started = {file_name(each.fields["Image"]) for each in records if each.event_id == 1}
    assert {"myrustdesk.exe", "rustdesk2.exe", "rustdeskservice.exe"} <= started
    folders = {each.fields["ImageLoaded"].split("\\")[1] for each in records if each.event_id == 7}
    assert {"MyProgram Files", "ProgramDataBackup", "Program Files"} <= folders
    assert not any(has(text, "rustdesk") for each in records for text in each.fields.values())
