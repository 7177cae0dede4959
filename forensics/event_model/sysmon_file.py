"""Sysmon's file events (11 created or overwritten, 23 and 26 deleted) as Defender's rows.

Event 23 is a deletion of which Sysmon kept a copy, 26 one of which it did not. Only deletions have hashes.
Source: Sysmon's manifest as its events show it; Microsoft, DeviceFileEvents in the advanced hunting schema.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional, text
from forensics.event_model.event import Cell, Event, LogSources, Table
from forensics.event_model.log_origin import from_utc_time
from forensics.event_model.sysmon_fields import (
    PROVIDER,
    by_whom,
    facts_of_object,
    hashes,
    initiating_process,
    truth,
)
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord

FILE_CREATED: Final = 11
FILE_DELETED_ARCHIVED: Final = 23
FILE_DELETED: Final = 26


def file_created(record: EvtxRecord) -> Event:
    """Return the DeviceFileEvents row of a Sysmon event 11.

    A file that was overwritten gives the same event; CreationUtcTime is then the older file's.
    """
    created = text(record.data, "CreationUtcTime")
    return _event(record, ActionType.FILE_CREATED, "File created", {"CreationUtcTime": created})


def file_deleted(record: EvtxRecord) -> Event:
    """Return the DeviceFileEvents row of a Sysmon event 23 or 26, with the deleted file's hashes."""
    told = {name: truth(record.data, name) for name in ("Archived", "IsExecutable")}
    return _event(record, ActionType.FILE_DELETED, "File deleted", told)


def _event(record: EvtxRecord, action: ActionType, what: str, told: dict[str, str | bool]) -> Event:
    data = record.data
    path = text(data, "TargetFilename")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action,
        "FileName": base_name(path),
        "FolderPath": path,
        **hashes(data),
        **initiating_process(data),
        "AdditionalFields": additional(record, told),
    }
    message = f"{what}: {path or 'a file without a name'} by {by_whom(data)}"
    facts = facts_of_object(data, image_path=data.get("TargetFilename", ""))
    return Event(Table.FILE_EVENTS, columns, message, from_utc_time(record, what), facts)


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (PROVIDER, FILE_CREATED): file_created,
        (PROVIDER, FILE_DELETED_ARCHIVED): file_deleted,
        (PROVIDER, FILE_DELETED): file_deleted,
    }
)
"""By provider in lower case and event id."""
