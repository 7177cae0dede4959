r"""What the Task Scheduler logs of itself (Microsoft-Windows-TaskScheduler/Operational).

106 names the user as UserContext, 140 and 141 as UserName. 200 and 201 name no user; their ActionName is the
program of an action as the task has it, without arguments, or the name of a COM handler.
Source: the provider's manifest as its events show it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account, additional, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name, program_of_action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "microsoft-windows-taskscheduler"
TASK_REGISTERED: Final = 106
TASK_UPDATED: Final = 140
TASK_DELETED: Final = 141
ACTION_STARTED: Final = 200
ACTION_COMPLETED: Final = 201


class _Registration(NamedTuple):
    """A change of a task: the field that names its user, Defender's word for it, and ours."""

    user: str
    action: ActionType
    what: str


_REGISTRATIONS: Final = {
    TASK_REGISTERED: _Registration(
        "UserContext", ActionType.SCHEDULED_TASK_CREATED, "Scheduled task registered"
    ),
    TASK_UPDATED: _Registration("UserName", ActionType.SCHEDULED_TASK_UPDATED, "Scheduled task updated"),
    TASK_DELETED: _Registration("UserName", ActionType.SCHEDULED_TASK_DELETED, "Scheduled task deleted"),
}


def registration_changed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 106, 140 or 141."""
    data = record.data
    change = _REGISTRATIONS[record.event_id]
    user = text(data, change.user)
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": change.action.value,
        **_initiator(data, change.user),
        "AdditionalFields": additional(record, {"TaskName": data.get("TaskName", ""), "UserContext": user}),
    }
    message = f"{change.what}: {data.get('TaskName', '')} by {user or 'an unnamed account'}"
    origin = from_event_time(record, change.what)
    return Event(Table.EVENTS, columns, message, origin, Facts(user=data.get(change.user, "")))


def _initiator(data: Mapping[str, str], name: str) -> dict[str, Cell]:
    """Return the user of the field ``name``, who may be given as a name or as a SID."""
    user = text(data, name)
    if user.upper().startswith("S-1-"):
        return {"InitiatingProcessAccountSid": user}
    return account(data, name, "InitiatingProcessAccount")


def action_ran(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 200 or 201: a task's action began or ended."""
    data = record.data
    started = record.event_id == ACTION_STARTED
    what = "Scheduled task started an action" if started else "Scheduled task completed an action"
    action = ActionType.SCHEDULED_TASK_STARTED if started else ActionType.SCHEDULED_TASK_COMPLETED
    names = ("TaskName", "ActionName", "TaskInstanceId", "ResultCode")
    name, result = text(data, "ActionName"), text(data, "ResultCode")
    program = program_of_action(name)
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action.value,
        "FileName": base_name(program),
        "FolderPath": program,
        "ProcessCommandLine": name,
        "AdditionalFields": additional(record, {each: text(data, each) for each in names}),
    }
    message = f"{what}: {text(data, 'TaskName')}, {name or 'an action without a name'}"
    facts = Facts(image_path=program, command_line=data.get("ActionName", ""))
    ended = f", result code {result}" if result else ""
    return Event(Table.EVENTS, columns, message + ended, from_event_time(record, what), facts)


SOURCES: Final[LogSources] = MappingProxyType(
    {
        **{(PROVIDER, event_id): registration_changed for event_id in _REGISTRATIONS},
        (PROVIDER, ACTION_STARTED): action_ran,
        (PROVIDER, ACTION_COMPLETED): action_ran,
    }
)
"""By provider in lower case and event id."""
