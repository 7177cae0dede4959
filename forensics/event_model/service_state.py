"""What happens to a service that is installed, as the Service Control Manager logs it (System).

7034 it ended by itself, 7036 it entered a state, 7040 its start type was changed. All name the service as it
is displayed; states and start types are words of the machine's language. The name of the service's key is in
Binary, as UTF-16, in 7036 with the state's number behind a slash; 7040 has it as a field.
Source: the provider's manifest as its events show it; SERVICE_STATUS, dwCurrentState.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "service control manager"
SERVICE_TERMINATED: Final = 7034
SERVICE_STATE_CHANGED: Final = 7036
SERVICE_START_TYPE_CHANGED: Final = 7040

_KEY_AND_STATE: Final = re.compile(r"(.+)/([0-9]+)", re.DOTALL | re.ASCII)

_STATES: Final[Mapping[str, str]] = {
    "1": "stopped",
    "2": "start pending",
    "3": "stop pending",
    "4": "running",
    "5": "continue pending",
    "6": "pause pending",
    "7": "paused",
}


def service_terminated(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a System event 7034."""
    name, times = text(record.data, "param1"), text(record.data, "param2")
    fields = {"ServiceName": name, "Times": times, "KeyName": _binary_text(record.data)}
    message = f"Service terminated unexpectedly: {name}{f', {times} time(s) so far' if times else ''}"
    what = "Service terminated"
    return _event(record, ActionType.SERVICE_TERMINATED, what, message, fields)


def service_state_changed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a System event 7036."""
    name, state = text(record.data, "param1"), text(record.data, "param2")
    key, code = _key_and_state(record.data)
    fields = {"ServiceName": name, "State": state, "KeyName": key, "StateCode": code}
    english = _STATES.get(code, "")
    words = f" ({english})" if english and english != state else ""
    message = f"Service state changed: {name} entered the state {state}{words}"
    return _event(record, ActionType.SERVICE_STATE_CHANGED, "Service state changed", message, fields)


def service_start_type_changed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a System event 7040."""
    name, old, new, key = (text(record.data, f"param{place}") for place in range(1, 5))
    fields = {"ServiceName": name, "OldStartType": old, "NewStartType": new, "KeyName": key}
    by = f" by {record.user_sid}" if record.user_sid else ""
    message = f"Service start type changed: {name} from {old} to {new}{by}"
    what = "Service start type changed"
    return _event(record, ActionType.SERVICE_START_TYPE_CHANGED, what, message, fields)


def _event(
    record: EvtxRecord, action: ActionType, what: str, message: str, fields: Mapping[str, str]
) -> Event:
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action.value,
        "InitiatingProcessAccountSid": record.user_sid,
        "AdditionalFields": additional(record, fields),
    }
    facts = Facts(user=record.user_sid, service_name=record.data.get("param1", ""))
    return Event(Table.EVENTS, columns, message, from_event_time(record, what), facts)


def _key_and_state(data: Mapping[str, str]) -> tuple[str, str]:
    """Return the key's name and the state's number; ``""`` for both where Binary has something else."""
    match = _KEY_AND_STATE.fullmatch(_binary_text(data))
    return ("", "") if match is None else (match.group(1), match.group(2))


def _binary_text(data: Mapping[str, str]) -> str:
    """Return Binary as UTF-16 up to its terminator, or ``""`` where it is none."""
    try:
        return bytes.fromhex(data.get("Binary", "")).decode("utf-16-le").partition("\0")[0]
    except ValueError:
        return ""


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (PROVIDER, SERVICE_TERMINATED): service_terminated,
        (PROVIDER, SERVICE_STATE_CHANGED): service_state_changed,
        (PROVIDER, SERVICE_START_TYPE_CHANGED): service_start_type_changed,
    }
)
"""By provider in lower case and event id."""
