from __future__ import annotations

import json
from typing import Any

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.hive_records import hive_records
from forensics.event_model.schema import columns
from forensics.same_event import held_record_key
from parsers.hive.replay_record import NamedLog
from parsers.hive.views import read_system_hive_with_logs
from tests.builders.appcompat_cache import CacheEntryToWrite, build_cache
from tests.builders.held_records import WRITTEN, hive_with
from tests.builders.hive import KeyToWrite, dword_value, multi_text_value, text_value
from tests.builders.hive_artifacts import (
    compatibility_cache,
    firewall_rules,
    key_at,
    last_runs,
    network_interface,
    printer,
    printer_driver,
    run_data,
    shares,
)
from tests.builders.hive_log import build_hive_log

SID = "S-1-5-21-1-2-3-1001"
RUN = 133_490_000_000_000_007
PROGRAM = r"C:\Program Files\RustDesk\RustDesk.exe"
RULE = (
    f"v2.30|Action=Allow|Active=FALSE|Dir=In|Protocol=6|Profile=Domain|Profile=Public|LPort=80|LPort2_10=90-99|"
    f"RPort=1|App={PROGRAM}|Svc=x|Name=RustDesk Service|Desc=d|EmbedCtxt=RustDesk|RA4=LocalSubnet|"
)
KEYS = (
    firewall_rules(WRITTEN, {"{1}": RULE}),
    last_runs(WRITTEN, SID, {"a.exe": run_data(RUN)}),
    compatibility_cache(WRITTEN, build_cache("10", [CacheEntryToWrite("a.exe", RUN)] * 2)),
    printer(WRITTEN, "RustDesk Printer", "RustDesk v4 Printer Driver", "RustDesk Printer"),
    shares(WRITTEN, {"Finance": (r"Path=D:\Finance", "Remark=money", "Type=0")}),
    network_interface(WRITTEN, "{2}", [text_value("DhcpIPAddress", "10.0.0.1")]),
)


def events_of(*keys: KeyToWrite, control_set: int = 1) -> list[Event]:
    hive = hive_with(*keys, control_set=control_set)
    return [event for event, _ in hive_records(read_system_hive_with_logs(hive, [], "SYSTEM"), "PC-1")]


def only(*keys: KeyToWrite) -> tuple[Event, dict[str, Any]]:
    (event,) = events_of(*keys)
    told: dict[str, Any] = json.loads(str(event.columns["AdditionalFields"]))
    return event, told


def test_a_firewall_rule_has_the_keys_of_the_logs_events_and_its_whole_text() -> None:
    event, told = only(firewall_rules(WRITTEN, {"{1}": RULE}))
    assert told == {
        "Source": "FirewallRules",
        "Store": "FirewallRules",
        "RuleId": "{1}",
        "RuleName": "RustDesk Service",
        "ApplicationPath": PROGRAM,
        "Direction": "in",
        "Action": "allow",
        "Active": "false",
        "Protocol": "6",
        "LocalPorts": "80,90-99",
        "RemotePorts": "1",
        "Profiles": "Domain,Public",
        "Service": "x",
        "Group": "RustDesk",
        "Description": "d",
        "SchemaVersion": "2.30",
        "Rule": RULE,
    }
    assert (event.columns["FileName"], event.columns["FolderPath"]) == ("RustDesk.exe", PROGRAM)
    assert event.columns["ActionType"] == "FirewallRuleFound"
    assert (event.facts.image_path, event.facts.service_name) == (PROGRAM, "x")
    assert event.message == f"Firewall rule found: RustDesk Service, allow in, {PROGRAM}, not active"


def test_a_rule_that_is_not_whole_says_so_and_keeps_its_text() -> None:
    event, told = only(firewall_rules(WRITTEN, {"{1}": "v2.30|Action=Allow|App=C:\\rustd"}))
    assert (told["Problem"], told["Rule"]) == ("it does not end with a |", r"v2.30|Action=Allow|App=C:\rustd")
    assert (
        event.message
        == r"Firewall rule found: {1}, allow, C:\rustd, not read whole: it does not end with a |"
    )


def test_a_printer_and_a_driver_are_told_apart() -> None:
    event, told = only(printer(WRITTEN, "RustDesk Printer", "RustDesk v4 Printer Driver", "Port1"))
    assert told == {
        "Source": "Printers",
        "Kind": "printer",
        "Printer": "RustDesk Printer",
        "Driver": "RustDesk v4 Printer Driver",
        "Port": "Port1",
    }
    assert event.message == "Printer found: RustDesk Printer, driver RustDesk v4 Printer Driver, port Port1"
    event, told = only(printer_driver(WRITTEN, "RustDesk v4 Printer Driver", "mxdwdrv.dll"))
    assert (told["Kind"], told["Driver"], told["Environment"]) == (
        "driver",
        "RustDesk v4 Printer Driver",
        "Windows x64",
    )
    assert (told["DriverFile"], told["Version"], "Printer" in told) == ("mxdwdrv.dll", "Version-4", False)
    assert event.message == "Printer driver found: RustDesk v4 Printer Driver (Windows x64, Version-4)"


def test_a_share_has_its_path() -> None:
    event, told = only(KEYS[4])
    assert (told["Share"], told["Path"], told["Remark"], told["Type"]) == (
        "Finance",
        r"D:\Finance",
        "money",
        "0",
    )
    assert told["Settings"] == r"Path=D:\Finance; Remark=money; Type=0"
    assert (event.columns["FolderPath"], event.message) == (
        r"D:\Finance",
        r"Share found: Finance, path D:\Finance",
    )


def test_a_share_that_is_not_read_whole_says_so() -> None:
    event, told = only(key_at(r"Services\LanmanServer\Shares", WRITTEN, [text_value("Odd", "x")]))
    assert (told["Problem"], told["Settings"]) == ("it is of type REG_SZ", "x")
    assert event.message.endswith("not read whole: it is of type REG_SZ")


def test_an_interface_has_its_addresses_and_its_lease() -> None:
    values = [
        dword_value("EnableDHCP", 1),
        multi_text_value("IPAddress", ["10.0.0.5", "10.0.0.6"]),
        text_value("DhcpServer", "10.0.0.1"),
        dword_value("LeaseObtainedTime", 1_449_890_802),
    ]
    event, told = only(network_interface(WRITTEN, "{2}", values))
    assert told == {
        "Source": "Interfaces",
        "Interface": "{2}",
        "EnableDHCP": "1",
        "IPAddress": "10.0.0.5,10.0.0.6",
        "DhcpServer": "10.0.0.1",
        "LeaseObtainedTime": "2015-12-12T03:26:42Z",
    }
    assert event.message == "Network interface {2}: IPAddress 10.0.0.5,10.0.0.6"
    bare, _ = only(network_interface(WRITTEN, "{3}", []))
    assert bare.message == "Network interface {3}: no address"


@pytest.mark.parametrize(("control_set", "state"), [(1, "live"), (2, "non_current_control_set")])
def test_rows_of_each_control_set_say_whether_it_is_current(control_set: int, state: str) -> None:
    events = events_of(*KEYS, control_set=control_set)
    assert len(events) == 7
    assert {event.origin.record_state for event in events} == {state}
    prefix = rf"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet00{control_set}"
    assert all(event.origin.channel_or_key.startswith(f"{prefix}\\") for event in events)


def test_every_row_fits_its_table_and_has_a_source_and_no_process() -> None:
    for event in events_of(*KEYS):
        assert event.table is Table.EVENTS
        assert set(event.columns) <= set(columns(event.table))
        assert json.loads(str(event.columns["AdditionalFields"]))["Source"]
        assert not [name for name in event.columns if name.startswith("InitiatingProcess")]
        assert event.columns["Timestamp"] == event.origin.ticks
        assert event.message


def test_an_origin_leads_back_to_the_bytes() -> None:
    hive = hive_with(*KEYS)
    for event, record in hive_records(read_system_hive_with_logs(hive, [], "SYSTEM"), "PC-1"):
        signature = b"nk" if record.held.value is None else b"vk"
        assert hive[event.origin.offset + 4 : event.origin.offset + 6] == signature
        assert event.origin.locator.startswith(f"key {record.held.path} at offset {record.held.offset:#x}")
        assert (event.origin.artifact, event.origin.device_name) == ("SYSTEM hive", "PC-1")


def test_a_row_that_only_the_log_has_says_which_entry_of_which_log_it_is_from() -> None:
    base, changed = hive_with(*KEYS[1:], dirty=True), hive_with(*KEYS)
    logs = [NamedLog("SYSTEM.LOG1", build_hive_log(base, changed, 7))]
    rows = list(hive_records(read_system_hive_with_logs(base, logs, "SYSTEM"), "PC-1"))
    states = {event.origin.record_state: event for event, _ in rows}
    assert states.keys() == {"live", "log_replayed"}
    (replayed,) = (event for event, _ in rows if event.origin.record_state == "log_replayed")
    assert replayed.columns["ActionType"] == "FirewallRuleFound"
    assert " of the replayed copy, written by entry 7 of SYSTEM.LOG1 at 0x" in replayed.origin.locator


def test_each_record_has_a_key_of_its_own_and_the_same_in_a_copy() -> None:
    one, two = (
        [
            held_record_key(record, "", event.table)
            for event, record in hive_records(read_system_hive_with_logs(hive, [], "SYSTEM"), "PC-1")
        ]
        for hive in (hive_with(*KEYS), hive_with(*reversed(KEYS)))
    )
    assert len(set(one)) == len(one) == 7
    assert set(one) == set(two)
