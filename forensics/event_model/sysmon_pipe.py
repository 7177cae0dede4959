"""Sysmon's named pipes (17 created, 18 connected to) as Defender's rows.

Source: Sysmon's manifest as its events show it; NamedPipeEvent of DeviceEvents in Defender's schema
reference.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional, text
from forensics.event_model.event import Cell, Event, LogSources, Table
from forensics.event_model.log_origin import from_utc_time
from forensics.event_model.sysmon_fields import PROVIDER, by_whom, facts_of_program, initiating_process

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord

PIPE_CREATED: Final = 17
PIPE_CONNECTED: Final = 18


def pipe_created(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Sysmon event 17."""
    return _event(record, "Created")


def pipe_connected(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Sysmon event 18."""
    return _event(record, "Connected")


def _event(record: EvtxRecord, operation: str) -> Event:
    data = record.data
    name = text(data, "PipeName")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.NAMED_PIPE_EVENT,
        **initiating_process(data),
        "AdditionalFields": additional(record, {"PipeName": name, "FileOperation": operation}),
    }
    what = f"Named pipe {operation.lower()}"
    message = f"{what}: {name or 'a pipe without a name'} by {by_whom(data)}"
    return Event(Table.EVENTS, columns, message, from_utc_time(record, what), facts_of_program(data))


SOURCES: Final[LogSources] = MappingProxyType(
    {(PROVIDER, PIPE_CREATED): pipe_created, (PROVIDER, PIPE_CONNECTED): pipe_connected}
)
"""By provider in lower case and event id."""
