"""Event logs that were cleared: the Security log (Security, 1102) and any other (System, 104).

Their fields are those of ``LogFileCleared`` in UserData. 1102 names the account by all of its parts; 104 has
no SID among them, but the record's own UserID is that of the account.
Source: Microsoft, 1102(S) The audit log was cleared; 104 as real logs show it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model import security_log
from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account_in_words, additional, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "microsoft-windows-eventlog"
SECURITY_LOG_CLEARED: Final = 1102
EVENT_LOG_CLEARED: Final = 104


def security_log_cleared(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Security event 1102."""
    return _cleared(record, ActionType.SECURITY_LOG_CLEARED, "Security log cleared", "Security")


def event_log_cleared(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a System event 104."""
    return _cleared(record, ActionType.EVENT_LOG_CLEARED, "Event log cleared", text(record.data, "Channel"))


def _cleared(record: EvtxRecord, action: ActionType, what: str, channel: str) -> Event:
    data = {"SubjectUserSid": record.user_sid, **record.data}
    backup = text(data, "BackupPath")
    fields = {
        "Channel": channel,
        "BackupPath": backup,
        "SubjectUserName": text(data, "SubjectUserName"),
    }
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action.value,
        **security_log.initiator(data),
        "AdditionalFields": additional(record, fields),
    }
    name, account = channel or "a log without a name", security_log.initiator_in_words(data)
    message = f"Event log cleared: {name} by {account}{f', backup path {backup}' if backup else ''}"
    facts = Facts(user=account_in_words(data, "Subject"))
    return Event(Table.EVENTS, columns, message, from_event_time(record, what), facts)


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (PROVIDER, SECURITY_LOG_CLEARED): security_log_cleared,
        (PROVIDER, EVENT_LOG_CLEARED): event_log_cleared,
    }
)
"""By provider in lower case and event id."""
