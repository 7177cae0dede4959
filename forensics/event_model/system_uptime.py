"""When the machine ran: starts and stops as Kernel-General (12, 13) and the event log (6005 to 6013) tell.

The event log's own events are of a classic provider: their fields have places, not names. 6005 and 6006 have
none that say anything; 6008 has the time and the date of the shutdown, in the machine's language and time
zone; 6013 has the seconds since the start at the fifth place and the time zone at the seventh.
Source: the messages of the providers EventLog and Microsoft-Windows-Kernel-General as real logs show them.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional, text, to_number
from forensics.event_model.event import Cell, Event, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.system_clock import KERNEL_GENERAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

EVENT_LOG: Final = "eventlog"
SYSTEM_STARTED: Final = 12
SYSTEM_STOPPED: Final = 13
LOG_STARTED: Final = 6005
LOG_STOPPED: Final = 6006
UNEXPECTED_SHUTDOWN: Final = 6008
UPTIME: Final = 6013


def system_started(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Kernel-General event 12."""
    start = text(record.data, "StartTime")
    what = f"System started: at {start}" if start else "System started"
    return _event(record, ActionType.SYSTEM_STARTED, "System started", what, {"StartTime": start})


def system_stopped(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Kernel-General event 13."""
    stop = text(record.data, "StopTime")
    what = f"System stopped: at {stop}" if stop else "System stopped"
    return _event(record, ActionType.SYSTEM_STOPPED, "System stopped", what, {"StopTime": stop})


def log_started(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an EventLog event 6005."""
    what = "Event log service started"
    return _event(record, ActionType.EVENT_LOG_STARTED, what, what, {})


def log_stopped(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an EventLog event 6006."""
    what = "Event log service stopped"
    return _event(record, ActionType.EVENT_LOG_STOPPED, what, what, {})


def unexpected_shutdown(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an EventLog event 6008; it is raised at the start that follows."""
    time, date = text(record.data, "#1"), text(record.data, "#2")
    when = f", at {time} on {date} by the machine's own clock," if time or date else ""
    message = f"Unexpected shutdown: the shutdown before this start{when} was unexpected"
    fields = {"ShutdownTime": time, "ShutdownDate": date}
    return _event(record, ActionType.UNEXPECTED_SHUTDOWN, "Unexpected shutdown noticed", message, fields)


def uptime(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an EventLog event 6013."""
    seconds, zone = text(record.data, "#5"), text(record.data, "#7")
    counted = to_number(seconds)
    fields = {"UptimeSeconds": seconds if counted is None else counted, "TimeZone": zone}
    message = f"System uptime: {seconds} seconds, time zone {zone or 'not recorded'}"
    return _event(record, ActionType.SYSTEM_UPTIME, "System uptime", message, fields)


def _event(
    record: EvtxRecord, action: ActionType, what: str, message: str, fields: Mapping[str, str | int]
) -> Event:
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action.value,
        "AdditionalFields": additional(record, fields),
    }
    return Event(Table.EVENTS, columns, message, from_event_time(record, what))


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (KERNEL_GENERAL, SYSTEM_STARTED): system_started,
        (KERNEL_GENERAL, SYSTEM_STOPPED): system_stopped,
        (EVENT_LOG, LOG_STARTED): log_started,
        (EVENT_LOG, LOG_STOPPED): log_stopped,
        (EVENT_LOG, UNEXPECTED_SHUTDOWN): unexpected_shutdown,
        (EVENT_LOG, UPTIME): uptime,
    }
)
"""By provider in lower case and event id."""
