from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from forensics.event_model.system_clock import kernel_time_changed
from parsers.filetime import MAX_TICKS, TICKS_PER_SECOND, to_text
from tests.builders.artifacts import record_of
from tests.builders.event_log import FileTime, HexInt64
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.security_event import SUBJECT, security_event
from tests.builders.windows_event import windows_event

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord
    from tests.builders.windows_event import Given

DAY = 86_400 * TICKS_PER_SECOND
PROCESS = r"\Device\HarddiskVolume2\Windows\System32\svchost.exe"


def kernel(data: dict[str, Given], user_sid: str | None = "S-1-5-19") -> EvtxRecord:
    written = windows_event(
        "Microsoft-Windows-Kernel-General", 1, "System", data=data, user_sid=user_sid, version=2
    )
    return record_of(written)


RECORD = kernel({"NewTime": "", "OldTime": ""})


def with_times(old: str, new: str) -> EvtxRecord:
    return replace(RECORD, data={"NewTime": new, "OldTime": old})


def moved(old: int, new: int, **more: Given) -> Event:
    return event_of(kernel({"NewTime": FileTime(new), "OldTime": FileTime(old), "Reason": 1, **more}))


def security(data: dict[str, Given], version: int = 1) -> Event:
    return event_of(record_of(security_event(4616, {**SUBJECT, **data}, version=version)))


def additional(event: Event) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def test_a_change_that_the_kernel_tells_fills_every_column_that_it_knows() -> None:
    event = moved(DEFAULT_TIME, DEFAULT_TIME - 3 * DAY, ProcessName=PROCESS, ProcessID=1540)
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "SystemTimeChanged",
        "InitiatingProcessFileName": "svchost.exe",
        "InitiatingProcessFolderPath": PROCESS.lower(),
        "InitiatingProcessAccountSid": "S-1-5-19",
        "InitiatingProcessId": 1540,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    fields = additional(event)
    assert fields.pop("OldTime").startswith("2024-03-01T00:00:00.123456")
    assert fields.pop("NewTime").startswith("2024-02-27T00:00:00.123456")
    assert fields == {
        "ProcessName": PROCESS,
        "Reason": "1",
        "ShiftSeconds": -259200.0,
        "Source": "System/1",
    }
    assert set(event.columns) <= set(columns(Table.EVENTS))


def test_a_change_is_told_with_its_reason_and_who_did_it() -> None:
    event = moved(DEFAULT_TIME, DEFAULT_TIME + 15_000_000, ProcessName=PROCESS, ProcessID=1540)
    assert event.message.startswith("System time changed: from 2024-03-01T00:00:00.123456")
    assert event.message.endswith(
        f" (+1.500 seconds) by {PROCESS} as S-1-5-19, "
        "reason 1 (changed by an application or a part of the system)"
    )
    assert event.origin.time_means == "System time changed (event time)"
    assert (event.facts.user, event.facts.parent_image, event.facts.process_id) == (
        "S-1-5-19",
        PROCESS,
        "1540",
    )


def test_a_change_of_an_early_version_has_neither_reason_nor_process() -> None:
    event = event_of(
        kernel({"NewTime": FileTime(DEFAULT_TIME), "OldTime": FileTime(DEFAULT_TIME)}, user_sid=None)
    )
    assert not {"Reason", "ProcessName"} & set(additional(event))
    assert additional(event)["ShiftSeconds"] == 0
    assert event.message.endswith("(+0.000 seconds) by an unnamed account")


def test_a_change_that_auditing_tells_fills_every_column_that_it_knows() -> None:
    image = r"C:\Windows\System32\WindowsPowerShell\v1.0\PowerShell.exe"
    times = {"PreviousTime": FileTime(DEFAULT_TIME), "NewTime": FileTime(DEFAULT_TIME + DAY)}
    event = security({**times, "ProcessId": HexInt64(0x40FC), "ProcessName": image})
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "SystemTimeChanged",
        "InitiatingProcessFileName": "powershell.exe",
        "InitiatingProcessFolderPath": image.lower(),
        "InitiatingProcessAccountDomain": "contoso",
        "InitiatingProcessAccountName": "amy",
        "InitiatingProcessAccountSid": "S-1-5-21-1-2-3-1104",
        "InitiatingProcessLogonId": 0x364EB,
        "InitiatingProcessId": 0x40FC,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event)["ShiftSeconds"] == 86400
    assert event.message.endswith(rf" (+86400.000 seconds) by {image} as CONTOSO\Amy")
    assert event.facts.user == r"CONTOSO\Amy"
    assert event.facts.process_id == "0x40fc"


def test_times_in_the_machine_s_language_are_kept_and_not_counted() -> None:
    event = security(
        {
            "PreviousDate": "8/24/2015",
            "PreviousTime": "12:14:49 AM",
            "NewDate": "8/23/2015",
            "NewTime": "2:14:52 PM",
        },
        version=0,
    )
    assert additional(event) == {
        "NewTime": "8/23/2015 2:14:52 PM",
        "OldTime": "8/24/2015 12:14:49 AM",
        "Source": "Security/4616",
    }
    assert event.message == (
        r"System time changed: from 8/24/2015 12:14:49 AM to 8/23/2015 2:14:52 PM by CONTOSO\Amy"
    )


@pytest.mark.parametrize(
    ("old", "new", "shift"),
    [
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z", 1.0),
        ("2024-01-01T00:00:00.0004999Z", "2024-01-01T00:00:00Z", 0.0),
        ("2024-01-01T00:00:00.0005000Z", "2024-01-01T00:00:00Z", -0.001),
        ("2024-01-01T00:00:00.123456700Z", "2024-01-01T00:00:00.223456700Z", 0.1),
        ("2024-01-01 00:00:00.123456+00:00", "2024-01-01 00:00:00.623456+00:00", 0.5),
        ("2024-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", 251698233600.0),
        ("2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00Z", None),
        ("2024-13-01T00:00:00Z", "2024-01-01T00:00:00Z", None),
        ("1500-01-01T00:00:00Z", "2024-01-01T00:00:00Z", None),
        ("2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00Z", None),
        ("", "2024-01-01T00:00:00Z", None),
        ("-", "?", None),
    ],
)
def test_the_shift_is_counted_from_times_in_utc(old: str, new: str, shift: float | None) -> None:
    event = event_of(with_times(old, new))
    assert additional(event).get("ShiftSeconds") == shift


@given(st.integers(0, MAX_TICKS), st.integers(0, MAX_TICKS))
def test_the_shift_is_exact_to_the_millisecond(old: int, new: int) -> None:
    record = with_times(to_text(old), to_text(new))
    shift = additional(kernel_time_changed(record))["ShiftSeconds"]
    assert abs(round(shift * 1000) * 10_000 - (new - old)) <= 5_000


@given(st.text(), st.text())
def test_any_texts_are_kept(old: str, new: str) -> None:
    fields = additional(kernel_time_changed(with_times(old, new)))
    assert fields.get("OldTime", "") == ("" if old in {"-", "?"} else old)
