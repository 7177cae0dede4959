from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import KqlType, columns
from forensics.event_model.sources import to_event
from tests.builders.artifacts import record_of
from tests.builders.event_log import HexInt64, Sid
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.security_event import security_event

if TYPE_CHECKING:
    from tests.builders.windows_event import Given

NOBODY: dict[str, Given] = {
    "SubjectUserSid": Sid("S-1-0-0"),
    "SubjectUserName": "-",
    "SubjectDomainName": "-",
    "SubjectLogonId": HexInt64(0),
}


def logon(logon_type: int, **more: Given) -> Event | None:
    fields: dict[str, Given] = {
        "SubjectUserSid": Sid("S-1-5-18"),
        "SubjectUserName": "DC01$",
        "SubjectDomainName": "CONTOSO",
        "SubjectLogonId": HexInt64(0x3E7),
        "TargetUserSid": Sid("S-1-5-21-1-2-3-1104"),
        "TargetUserName": "Amy",
        "TargetDomainName": "CONTOSO",
        "TargetLogonId": HexInt64(0x322E5B7),
        "LogonType": logon_type,
        "LogonProcessName": "User32 ",
        "AuthenticationPackageName": "Negotiate",
        "WorkstationName": "DC01",
        "ProcessId": HexInt64(0x24C),
        "ProcessName": r"C:\Windows\System32\winlogon.exe",
        "IpAddress": "10.23.23.9",
        "IpPort": "56061",
        **more,
    }
    return to_event(record_of(security_event(4624, fields, version=2)))


def made(event: Event | None) -> Event:
    assert event is not None
    return event


def test_a_logon_fills_every_column_that_it_knows() -> None:
    event = made(logon(10))
    assert event.table is Table.LOGON_EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "LogonSuccess",
        "LogonType": "RemoteInteractive",
        "AccountDomain": "contoso",
        "AccountName": "amy",
        "AccountSid": "S-1-5-21-1-2-3-1104",
        "Protocol": "Negotiate",
        "LogonId": 0x322E5B7,
        "RemoteDeviceName": "DC01",
        "RemoteIP": "10.23.23.9",
        "RemotePort": 56061,
        "InitiatingProcessAccountDomain": "contoso",
        "InitiatingProcessAccountName": "dc01$",
        "InitiatingProcessAccountSid": "S-1-5-18",
        "InitiatingProcessFileName": "winlogon.exe",
        "InitiatingProcessFolderPath": r"c:\windows\system32\winlogon.exe",
        "InitiatingProcessId": 0x24C,
        "AdditionalFields": '{"LogonTypeNumber": 10, "Source": "Security/4624"}',
    }
    assert event.facts.user == r"CONTOSO\Amy"
    assert event.facts.parent_image == r"C:\Windows\System32\winlogon.exe"
    assert event.origin.time_means == "Logon (event time)"


def test_every_column_is_one_of_its_table_and_of_its_type() -> None:
    event = made(logon(2))
    schema = columns(Table.LOGON_EVENTS)
    types = {KqlType.STRING: str, KqlType.INT: int, KqlType.LONG: int, KqlType.DATETIME: int}
    assert [name for name, cell in event.columns.items() if not isinstance(cell, types[schema[name]])] == []


@pytest.mark.parametrize(
    ("logon_type", "word"),
    [(2, "Interactive"), (7, "Unlock"), (10, "RemoteInteractive"), (11, "CachedInteractive")],
)
def test_a_logon_of_a_person_is_told_in_one_line(logon_type: int, word: str) -> None:
    event = made(logon(logon_type))
    assert event.columns["LogonType"] == word
    assert event.message == rf"Logon: CONTOSO\Amy, {word} (type {logon_type}), from DC01 at 10.23.23.9"


@pytest.mark.parametrize("logon_type", [0, 3, 4, 5, 8, 9, 12, 13])
def test_a_logon_of_no_person_is_no_event(logon_type: int) -> None:
    assert logon(logon_type) is None


def test_what_a_logon_does_not_say_is_empty() -> None:
    event = made(logon(2, IpAddress="-", IpPort="-", WorkstationName="-", **NOBODY))
    assert event.columns["RemoteIP"] == event.columns["RemoteDeviceName"] == ""
    assert "RemotePort" not in event.columns
    assert event.columns["InitiatingProcessAccountName"] == ""
    assert event.columns["InitiatingProcessAccountSid"] == ""
    assert event.message == r"Logon: CONTOSO\Amy, Interactive (type 2)"


def test_a_logon_without_fields_is_no_event() -> None:
    assert to_event(replace(record_of(security_event(4624, {"LogonType": 2})), data={})) is None
