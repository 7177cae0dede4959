from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from forensics.event_model.service_key import host_name, service_values
from parsers.hive.system_hive import read_system_hive
from tests.builders.hive import binary_value, multi_text_value, qword_value, text_value
from tests.builders.system_hive import ServiceToWrite, build_system_hive

if TYPE_CHECKING:
    from parsers.hive.record import ControlSet, SystemHive

WRITTEN = 133_500_000_000_000_001
PROGRAM = r"C:\Program Files\RustDesk\RustDesk.exe"
IMAGE_PATH = f'"{PROGRAM}" --service'
RUSTDESK = ServiceToWrite(
    "RustDesk",
    WRITTEN + 7,
    IMAGE_PATH,
    "RustDesk Service",
    extra_values=(
        binary_value("FailureActions", b"\x01\xff"),
        multi_text_value("DependOnService", ["Tcpip", "Afd"]),
        qword_value("Large", 2**40),
        text_value("", "the default value"),
    ),
)
KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\RustDesk"


def hive_of(*services: ServiceToWrite, current: int | None = 1) -> SystemHive:
    data = build_system_hive(
        computer_name="DC01",
        domain="corp.example",
        services=services,
        other_control_sets={2: [RUSTDESK]},
        select_current=current,
        last_written=WRITTEN,
    )
    return read_system_hive(data, "SYSTEM")


def events_of(*services: ServiceToWrite, control_set: int = 1, current: int | None = 1) -> list[Event]:
    """The events of one control set, without those of the driver that every built hive has."""
    hive = hive_of(*services, current=current)
    found = next(each for each in hive.control_sets if each.number == control_set)
    return [each for each, _ in service_values(found, "DC01") if each.facts.service_name != "Tcpip"]


def only(events: list[Event], value_name: str) -> Event:
    (event,) = (each for each in events if each.columns["RegistryValueName"] == value_name)
    return event


def test_each_value_is_one_row() -> None:
    rows = [
        (
            each.columns["RegistryValueName"],
            each.columns["RegistryValueType"],
            each.columns["RegistryValueData"],
        )
        for each in events_of(RUSTDESK)
    ]
    assert rows == [
        ("Type", "Dword", "16"),
        ("Start", "Dword", "2"),
        ("ErrorControl", "Dword", "1"),
        ("ImagePath", "ExpandString", IMAGE_PATH),
        ("DisplayName", "String", "RustDesk Service"),
        ("ObjectName", "String", "LocalSystem"),
        ("FailureActions", "Binary", "01ff"),
        ("DependOnService", "MultiString", "Tcpip; Afd"),
        ("Large", "QWord", str(2**40)),
        ("", "String", "the default value"),
    ]


def test_a_row_is_of_the_key_as_it_was_last_written() -> None:
    event = only(events_of(RUSTDESK), "ImagePath")
    assert event.table is Table.REGISTRY_EVENTS
    assert event.columns == {
        "Timestamp": WRITTEN + 7,
        "ActionType": "RegistryValueSet",
        "RegistryKey": KEY,
        "RegistryValueType": "ExpandString",
        "RegistryValueName": "ImagePath",
        "RegistryValueData": IMAGE_PATH,
    }
    assert set(event.columns) <= set(columns(event.table))


def test_no_row_claims_an_installation_or_a_process() -> None:
    for event in events_of(RUSTDESK):
        assert event.origin.time_means == "Registry key last written"
        assert not [name for name in event.columns if name.startswith("InitiatingProcess")]


def test_an_origin_leads_back_to_the_value_s_bytes() -> None:
    hive = hive_of(RUSTDESK)
    service = next(each for each in hive.control_sets[0].services if each.name == "RustDesk")
    value = service.value("ImagePath")
    assert value is not None
    origin = only(events_of(RUSTDESK), "ImagePath").origin
    assert (origin.offset, origin.channel_or_key) == (value.offset, KEY)
    assert origin.locator == (
        rf"key ControlSet001\Services\RustDesk at offset {service.offset:#x}, "
        f"value ImagePath at offset {value.offset:#x}"
    )
    assert origin.raw_time == f"{WRITTEN + 7:#018x}"
    assert (origin.provider, origin.event_id, origin.record_id) == ("", "", "")


@pytest.mark.parametrize(("control_set", "state"), [(1, "live"), (2, "non_current_control_set")])
def test_a_control_set_that_is_not_current_says_so(control_set: int, state: str) -> None:
    events = events_of(RUSTDESK, control_set=control_set)
    assert {each.origin.record_state for each in events} == {state}
    assert f"\\ControlSet00{control_set}\\" in str(events[0].columns["RegistryKey"])


def test_no_control_set_is_called_live_where_select_is_missing() -> None:
    events = events_of(RUSTDESK, current=None)
    assert {each.origin.record_state for each in events} == {"non_current_control_set"}


def test_a_library_is_dated_and_placed_by_the_key_that_holds_it() -> None:
    hive = hive_of(ServiceToWrite("Hosted", WRITTEN, "svchost.exe -k x", service_dll=r"C:\x\rustdesk.dll"))
    control_set = hive.control_sets[0]
    hosted = control_set.services[0]
    assert hosted.service_dll is not None
    assert hosted.parameters_last_written == WRITTEN
    later = replace(hosted, parameters_last_written=WRITTEN + 9)
    rows = service_values(replace(control_set, services=(later,)), "DC01")
    event = only([each for each, _ in rows], "ServiceDll")
    assert event.columns["Timestamp"] == event.origin.ticks == WRITTEN + 9
    key = r"ControlSet001\Services\Hosted\Parameters"
    assert event.columns["RegistryKey"] == event.origin.channel_or_key == rf"HKEY_LOCAL_MACHINE\SYSTEM\{key}"
    assert event.origin.locator.startswith(f"key {key} at offset {hosted.parameters_offset:#x}, value ")
    assert event.origin.offset == hosted.service_dll.offset
    assert r"library C:\x\rustdesk.dll" in event.message


def test_a_service_without_values_is_still_seen() -> None:
    control_set = hive_of(RUSTDESK).control_sets[0]
    empty = replace(control_set.services[0], name="Empty", values=(), service_dll=None)
    ((event, held),) = service_values(replace(control_set, services=(empty,)), "DC01")
    assert event.columns["RegistryValueName"] == event.columns["RegistryValueData"] == ""
    assert event.columns["RegistryValueType"] == "None"
    assert (event.origin.offset, held.value) == (empty.offset, None)
    assert event.message == "Service key Empty: no values"


def test_facts_are_the_whole_service_s_whichever_value_the_row_has() -> None:
    for event in events_of(RUSTDESK):
        assert event.facts.service_name == "RustDesk"
        assert (event.facts.image_path, event.facts.command_line) == (PROGRAM, IMAGE_PATH)


def test_a_service_is_told_in_one_line() -> None:
    assert events_of(RUSTDESK)[0].message == (
        f"Service key RustDesk: image path {IMAGE_PATH}, display name RustDesk Service, start 2, "
        "account LocalSystem"
    )


@pytest.mark.parametrize(
    ("host", "computer", "domain", "name"),
    [
        ("dc01", "DC01", "corp.example", "dc01.corp.example"),
        ("a-name-longer-than-netbios", "A-NAME-LONGER-T", "", "a-name-longer-than-netbios"),
        (None, "DC01", "corp.example", "DC01.corp.example"),
        (None, "DC01", None, "DC01"),
        (None, None, "corp.example", ""),
        ("", "", "", ""),
    ],
)
def test_a_machine_is_called_as_its_logs_call_it(
    host: str | None, computer: str | None, domain: str | None, name: str
) -> None:
    control_set: ControlSet = hive_of(RUSTDESK).control_sets[0]
    assert host_name(replace(control_set, host_name=host, computer_name=computer, domain=domain)) == name
