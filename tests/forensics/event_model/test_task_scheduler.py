from __future__ import annotations

import json

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from tests.builders.artifacts import record_of
from tests.builders.event_log import Guid, UInt32
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.windows_event import windows_event

CHANNEL = "Microsoft-Windows-TaskScheduler/Operational"
INSTANCE = "{5C96B1DD-1D83-494D-9279-6DAA391C3073}"


def scheduler(event_id: int, **fields: str | Guid | UInt32) -> Event:
    written = windows_event(
        "Microsoft-Windows-TaskScheduler",
        event_id,
        CHANNEL,
        data={"TaskName": r"\Updater", **fields},
        provider_guid="{de7b24ea-73c8-4a09-985d-5bdadcfa9017}",
        user_sid="S-1-5-18",
    )
    return event_of(record_of(written))


def additional(event: Event) -> dict[str, str]:
    fields: dict[str, str] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


@pytest.mark.parametrize(
    ("event_id", "field", "action", "word"),
    [
        (106, "UserContext", "ScheduledTaskCreated", "registered"),
        (140, "UserName", "ScheduledTaskUpdated", "updated"),
        (141, "UserName", "ScheduledTaskDeleted", "deleted"),
    ],
)
def test_a_change_of_a_task_names_its_user(event_id: int, field: str, action: str, word: str) -> None:
    event = scheduler(event_id, **{field: r"CONTOSO\Amy"})
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": action,
        "InitiatingProcessAccountDomain": "contoso",
        "InitiatingProcessAccountName": "amy",
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {
        "Source": f"{CHANNEL}/{event_id}",
        "TaskName": r"\Updater",
        "UserContext": r"CONTOSO\Amy",
    }
    assert event.message == rf"Scheduled task {word}: \Updater by CONTOSO\Amy"
    assert event.origin.time_means == f"Scheduled task {word} (event time)"
    assert event.facts.user == r"CONTOSO\Amy"


def test_a_user_may_be_given_as_a_sid() -> None:
    event = scheduler(106, UserContext="S-1-5-18")
    assert event.columns["InitiatingProcessAccountSid"] == "S-1-5-18"
    assert "InitiatingProcessAccountName" not in event.columns
    assert event.message == r"Scheduled task registered: \Updater by S-1-5-18"


def test_a_change_without_a_user_is_nobody_s_and_not_the_service_s() -> None:
    event = scheduler(141)
    assert event.message == r"Scheduled task deleted: \Updater by an unnamed account"
    assert "S-1-5-18" not in map(str, event.columns.values())


def test_the_start_of_an_action_names_its_program() -> None:
    event = scheduler(
        200,
        ActionName=r"C:\Program Files\RustDesk\rustdesk.exe",
        TaskInstanceId=Guid(INSTANCE),
        EnginePID=UInt32(11652),
    )
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ScheduledTaskStarted",
        "FileName": "rustdesk.exe",
        "FolderPath": r"C:\Program Files\RustDesk\rustdesk.exe",
        "ProcessCommandLine": r"C:\Program Files\RustDesk\rustdesk.exe",
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    fields = additional(event)
    assert fields["TaskInstanceId"].strip("{}").upper() == INSTANCE.strip("{}")
    assert fields["ActionName"] == r"C:\Program Files\RustDesk\rustdesk.exe"
    assert event.message == (
        r"Scheduled task started an action: \Updater, C:\Program Files\RustDesk\rustdesk.exe"
    )
    assert set(event.columns) <= set(columns(Table.EVENTS))


def test_the_end_of_an_action_tells_its_result() -> None:
    event = scheduler(201, ActionName="cmd.exe", ResultCode=UInt32(2147942401))
    assert event.columns["ActionType"] == "ScheduledTaskCompleted"
    assert additional(event)["ResultCode"] == "2147942401"
    assert event.message == (r"Scheduled task completed an action: \Updater, cmd.exe, result code 2147942401")


@pytest.mark.parametrize(
    ("name", "folder_path", "file_name"),
    [
        ("cmd.exe", "cmd.exe", "cmd.exe"),
        (r'"C:\Program Files\x.vbs"', r"C:\Program Files\x.vbs", "x.vbs"),
        (r"C:\Program Files\x.vbs", r"C:\Program Files\x.vbs", "x.vbs"),
        (r"%windir%\system32\cmd.exe", r"%windir%\system32\cmd.exe", "cmd.exe"),
        ("Task Scheduler COM Handler", "", ""),
        ("", "", ""),
    ],
)
def test_only_a_program_is_called_one(name: str, folder_path: str, file_name: str) -> None:
    event = scheduler(200, ActionName=name)
    assert (event.columns["FolderPath"], event.columns["FileName"]) == (folder_path, file_name)
    assert event.columns["ProcessCommandLine"] == name
    assert event.facts.image_path == folder_path
