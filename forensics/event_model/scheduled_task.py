r"""What happens to scheduled tasks, as Windows' auditing logs it (Security, 4698 to 4702).

TaskContent is the XML that defines the task, verbatim; 4702 calls the new one TaskContentNew, 4699 has none
where the task was gone already. What the XML runs is told only where it is sound.
Source: Microsoft, 4698(S) A scheduled task was created, to 4702(S) A scheduled task was updated.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model import security_log
from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account_in_words, additional, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from parsers.task.task_xml import TaskDefinition, parse_task_xml

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord


class _Change(NamedTuple):
    """What happened to a task: in Defender's word, and to the reader."""

    action: ActionType
    what: str


_CHANGES: Final = {
    4698: _Change(ActionType.SCHEDULED_TASK_CREATED, "Scheduled task created"),
    4699: _Change(ActionType.SCHEDULED_TASK_DELETED, "Scheduled task deleted"),
    4700: _Change(ActionType.SCHEDULED_TASK_ENABLED, "Scheduled task enabled"),
    4701: _Change(ActionType.SCHEDULED_TASK_DISABLED, "Scheduled task disabled"),
    4702: _Change(ActionType.SCHEDULED_TASK_UPDATED, "Scheduled task updated"),
}


class _Content(NamedTuple):
    """A task's XML, what it says, or why that cannot be told."""

    xml: str
    definition: TaskDefinition | None
    unreadable: str

    @property
    def command(self) -> str:
        commands = () if self.definition is None else self.definition.commands
        return "; ".join(map(str, commands))

    @property
    def runs_as(self) -> str:
        return "" if self.definition is None else "; ".join(self.definition.principals)

    @property
    def triggers(self) -> str:
        return "" if self.definition is None else "; ".join(self.definition.triggers)


def task_changed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Security event 4698, 4699, 4700, 4701 or 4702."""
    data = record.data
    change = _CHANGES[record.event_id]
    content = _content(data.get("TaskContentNew") or data.get("TaskContent") or "")
    fields = {
        "TaskName": data.get("TaskName", ""),
        "TaskContent": content.xml,
        "Command": content.command,
        "RunAs": content.runs_as,
        "Triggers": content.triggers,
        "SubjectUserName": text(data, "SubjectUserName"),
    }
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": change.action.value,
        **security_log.initiator(data),
        "AdditionalFields": additional(record, fields),
    }
    message = f"{change.what}: {data.get('TaskName', '')} by {security_log.initiator_in_words(data)}"
    facts = Facts(user=account_in_words(data, "Subject"), command_line=content.command)
    origin = from_event_time(record, change.what)
    return Event(Table.EVENTS, columns, message + _in_words(content), origin, facts)


def _content(xml: str) -> _Content:
    if not xml.strip():
        return _Content(xml, None, "")
    try:
        return _Content(xml, parse_task_xml(xml), "")
    except ValueError as error:
        return _Content(xml, None, str(error))


def _in_words(content: _Content) -> str:
    if content.unreadable:
        return f"; what it runs cannot be told from its definition: {content.unreadable}"
    runs = f", runs {content.command}" if content.command else ""
    runs_as = f" as {content.runs_as}" if runs and content.runs_as else ""
    triggers = f", upon {content.triggers}" if content.triggers else ""
    return runs + runs_as + triggers


SOURCES: Final[LogSources] = MappingProxyType(
    {(security_log.PROVIDER, event_id): task_changed for event_id in _CHANGES}
)
"""By provider in lower case and event id."""
