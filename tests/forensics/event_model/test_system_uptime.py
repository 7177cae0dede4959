from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from tests.builders.artifacts import record_of
from tests.builders.event_log import FileTime
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.windows_event import windows_event


def event_log(event_id: int, *unnamed: str) -> Event:
    written = windows_event(
        "EventLog",
        event_id,
        "System",
        unnamed=unnamed,
        binary=bytes(8),
        qualifiers=32768,
        event_source_name=None,
    )
    return event_of(record_of(written))


def kernel(event_id: int, name: str) -> Event:
    data = {name: FileTime(DEFAULT_TIME)}
    return event_of(
        record_of(windows_event("Microsoft-Windows-Kernel-General", event_id, "System", data=data))
    )


def additional(event: Event) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


@pytest.mark.parametrize(
    ("event_id", "name", "action", "word"),
    [(12, "StartTime", "SystemStarted", "started"), (13, "StopTime", "SystemStopped", "stopped")],
)
def test_a_start_and_a_stop_are_told_with_their_time(
    event_id: int, name: str, action: str, word: str
) -> None:
    event = kernel(event_id, name)
    assert event.table is Table.EVENTS
    assert set(event.columns) == {"Timestamp", "ActionType", "AdditionalFields"}
    assert (event.columns["Timestamp"], event.columns["ActionType"]) == (DEFAULT_TIME, action)
    fields = additional(event)
    assert fields["Source"] == f"System/{event_id}"
    assert fields[name].startswith("2024-03-01T00:00:00.123456")
    assert event.message == f"System {word}: at {fields[name]}"
    assert event.origin.time_means == f"System {word} (event time)"


@pytest.mark.parametrize(
    ("event_id", "action", "message"),
    [
        (6005, "EventLogStarted", "Event log service started"),
        (6006, "EventLogStopped", "Event log service stopped"),
    ],
)
def test_the_event_log_s_own_start_and_stop_say_no_more(event_id: int, action: str, message: str) -> None:
    event = event_log(event_id, "")
    assert (event.columns["ActionType"], event.message) == (action, message)
    assert additional(event) == {"Source": f"System/{event_id}"}
    assert event.origin.time_means == f"{message} (event time)"


def test_an_unexpected_shutdown_is_told_in_the_machine_s_words() -> None:
    event = event_log(6008, "1:34:44 PM", "8/25/2015", "", "", "934", "", "")
    assert event.columns["ActionType"] == "UnexpectedShutdown"
    assert additional(event) == {
        "ShutdownDate": "8/25/2015",
        "ShutdownTime": "1:34:44 PM",
        "Source": "System/6008",
    }
    assert event.message == (
        "Unexpected shutdown: the shutdown before this start, at 1:34:44 PM on 8/25/2015 "
        "by the machine's own clock, was unexpected"
    )
    assert event.origin.time_means == "Unexpected shutdown noticed (event time)"


def test_an_uptime_is_a_number_of_seconds_and_a_time_zone() -> None:
    event = event_log(6013, "", "", "", "", "122", "60", "-540 東京 (標準時)")
    assert event.columns["ActionType"] == "SystemUptime"
    assert additional(event) == {
        "Source": "System/6013",
        "TimeZone": "-540 東京 (標準時)",
        "UptimeSeconds": 122,
    }
    assert event.message == "System uptime: 122 seconds, time zone -540 東京 (標準時)"


@pytest.mark.parametrize("event_id", [6005, 6006, 6008, 6013])
def test_an_event_without_its_texts_is_still_one(event_id: int) -> None:
    record = record_of(windows_event("EventLog", event_id, "System", unnamed=[""], qualifiers=32768))
    event = event_of(replace(record, data={}))
    assert additional(event) == {"Source": f"System/{event_id}"}
    assert set(event.columns) <= set(columns(Table.EVENTS))


def test_an_uptime_that_is_no_number_stays_text() -> None:
    assert additional(event_log(6013, "", "", "", "", "long", "60", ""))["UptimeSeconds"] == "long"
