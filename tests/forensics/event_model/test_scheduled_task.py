from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from tests.builders.artifacts import record_of
from tests.builders.event_log import UInt64
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.security_event import SUBJECT, security_event

if TYPE_CHECKING:
    from tests.builders.windows_event import Given

CONTENT = (
    '<?xml version="1.0" encoding="UTF-16"?>\r\n'
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\r\n'
    "  <Triggers><LogonTrigger /></Triggers>\r\n"
    '  <Principals><Principal id="Author"><UserId>S-1-5-18</UserId></Principal></Principals>\r\n'
    '  <Actions Context="Author">\r\n'
    r"    <Exec><Command>C:\Program Files\RustDesk\rustdesk.exe</Command><Arguments>--tray</Arguments></Exec>"
    "\r\n    <Exec><Command>cmd.exe</Command><Arguments>/c whoami</Arguments></Exec>\r\n"
    "  </Actions>\r\n</Task>"
)
COMMAND = r"C:\Program Files\RustDesk\rustdesk.exe --tray; cmd.exe /c whoami"


def changed(event_id: int, content: str = CONTENT, version: int = 0, **more: Given) -> Event:
    name = "TaskContentNew" if event_id == 4702 else "TaskContent"
    fields = {**SUBJECT, "TaskName": r"\Updater", name: content, **more}
    return event_of(record_of(security_event(event_id, fields, version=version)))


def additional(event: Event) -> dict[str, str]:
    fields: dict[str, str] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def test_a_task_fills_every_column_that_it_knows() -> None:
    event = changed(4698)
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ScheduledTaskCreated",
        "InitiatingProcessAccountDomain": "contoso",
        "InitiatingProcessAccountName": "amy",
        "InitiatingProcessAccountSid": "S-1-5-21-1-2-3-1104",
        "InitiatingProcessLogonId": 0x364EB,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {
        "Command": COMMAND,
        "RunAs": "S-1-5-18",
        "Source": "Security/4698",
        "SubjectUserName": "Amy",
        "TaskContent": CONTENT,
        "TaskName": r"\Updater",
        "Triggers": "LogonTrigger",
    }
    assert set(event.columns) <= set(columns(Table.EVENTS))


@pytest.mark.parametrize(
    ("event_id", "action", "word"),
    [
        (4698, "ScheduledTaskCreated", "created"),
        (4699, "ScheduledTaskDeleted", "deleted"),
        (4700, "ScheduledTaskEnabled", "enabled"),
        (4701, "ScheduledTaskDisabled", "disabled"),
        (4702, "ScheduledTaskUpdated", "updated"),
    ],
)
def test_each_change_is_told_in_one_line(event_id: int, action: str, word: str) -> None:
    event = changed(event_id)
    assert event.columns["ActionType"] == action
    assert additional(event)["Source"] == f"Security/{event_id}"
    assert additional(event)["TaskContent"] == CONTENT
    assert event.message == (
        rf"Scheduled task {word}: \Updater by CONTOSO\Amy, runs {COMMAND} as S-1-5-18, upon LogonTrigger"
    )
    assert event.origin.time_means == f"Scheduled task {word} (event time)"
    assert (event.facts.user, event.facts.command_line) == (r"CONTOSO\Amy", COMMAND)


def test_a_later_version_names_the_process_that_asked_for_it() -> None:
    event = changed(
        4698,
        version=1,
        ClientProcessStartKey=UInt64(2814749767106679),
        ClientProcessId=6264,
        ParentProcessId=6244,
    )
    assert event.columns["InitiatingProcessId"] == 6264
    assert event.columns["InitiatingProcessParentId"] == 6244


def test_a_task_that_was_gone_already_has_no_content() -> None:
    event = changed(4699, "")
    assert not {"TaskContent", "Command"} & set(additional(event))
    assert event.message == r"Scheduled task deleted: \Updater by CONTOSO\Amy"


def test_a_task_without_a_command_is_told_without_one() -> None:
    event = changed(4698, "<Task><Actions><ComHandler/></Actions></Task>")
    assert "Command" not in additional(event)
    assert event.message == r"Scheduled task created: \Updater by CONTOSO\Amy"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<Task><Actions><Exec><Command>x", "it is no sound XML"),
        ("<Other/>", "it is XML, but no definition of a task"),
        ('<!DOCTYPE Task [<!ENTITY e "x">]><Task>&e;</Task>', "it declares a document type"),
    ],
)
def test_content_that_cannot_be_read_is_kept_and_told(content: str, reason: str) -> None:
    event = changed(4698, content)
    assert additional(event)["TaskContent"] == content
    assert "Command" not in additional(event)
    assert event.facts.command_line == ""
    assert f"; what it runs cannot be told from its definition: {reason}" in event.message
