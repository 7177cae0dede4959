from __future__ import annotations

import pytest

from forensics.event_model.event import Event, Table
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.sysmon_activity import PROCESS_GUID, sysmon_activity

IMAGE = r"C:\Program Files\RustDesk\RustDesk.exe"


def pipe(event_id: int, event_type: str, name: str = r"\RustDesk\query_service") -> Event:
    return event_of(record_of(sysmon_activity(event_id, {"EventType": event_type, "PipeName": name})))


@pytest.mark.parametrize(
    ("event_id", "event_type", "operation"), [(17, "CreatePipe", "Created"), (18, "ConnectPipe", "Connected")]
)
def test_a_pipe_fills_every_column_that_it_knows(event_id: int, event_type: str, operation: str) -> None:
    event = pipe(event_id, event_type)
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "NamedPipeEvent",
        "InitiatingProcessAccountDomain": "nt authority",
        "InitiatingProcessAccountName": "system",
        "InitiatingProcessFileName": "rustdesk.exe",
        "InitiatingProcessFolderPath": IMAGE.lower(),
        "InitiatingProcessId": 6244,
        "InitiatingProcessUniqueId": PROCESS_GUID,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {
        "FileOperation": operation,
        "PipeName": r"\RustDesk\query_service",
        "Source": f"Microsoft-Windows-Sysmon/Operational/{event_id}",
    }
    assert misfits(event) == []
    assert event.origin.time_means == f"Named pipe {operation.lower()} (Sysmon UtcTime)"


def test_a_pipe_is_told_in_one_line() -> None:
    assert pipe(18, "ConnectPipe").message == (
        rf"Named pipe connected: \RustDesk\query_service by {IMAGE} as NT AUTHORITY\SYSTEM"
    )


def test_facts_of_a_pipe_are_its_program_s() -> None:
    assert pipe(17, "CreatePipe").facts.image_path == IMAGE


def test_an_anonymous_pipe_is_named_as_sysmon_names_it() -> None:
    assert additional(pipe(17, "CreatePipe", "<Anonymous Pipe>"))["PipeName"] == "<Anonymous Pipe>"
