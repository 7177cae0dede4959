"""Service installations as the Service Control Manager logs them (System, 7045).

The event's ServiceName is the service's display name, not its key's. ServiceType and StartType are text in
the language of the machine. Defender's own ServiceInstalled comes from Security 4697; filling it from 7045
is ours.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.cells import source, to_json
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name, binary_of

if TYPE_CHECKING:
    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "service control manager"
SERVICE_INSTALLED: Final = 7045

_ADDITIONAL: Final = {
    "ServiceName": "ServiceName",
    "AccountName": "ServiceAccount",
    "ServiceType": "ServiceType",
    "StartType": "ServiceStartType",
    "ImagePath": "ImagePath",
}


def service_installed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a System event 7045."""
    data = record.data
    image_path = data.get("ImagePath", "")
    binary = binary_of(image_path)
    additional = {column: data[name] for name, column in _ADDITIONAL.items() if name in data}
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": "ServiceInstalled",
        "FileName": base_name(binary),
        "FolderPath": binary,
        "ProcessCommandLine": image_path,
        "InitiatingProcessAccountSid": record.user_sid,
        "AdditionalFields": to_json({"Source": source(record), **additional}),
    }
    message = (
        f"Service installed: {data.get('ServiceName', '')}, image path {image_path}, "
        f"start type {data.get('StartType', '')}, account {data.get('AccountName', '')}"
    )
    facts = Facts(
        user=record.user_sid,
        service_name=data.get("ServiceName", ""),
        image_path=binary,
        command_line=image_path,
    )
    return Event(Table.EVENTS, columns, message, from_event_time(record, "Service installed"), facts)


SOURCES: Final[LogSources] = MappingProxyType({(PROVIDER, SERVICE_INSTALLED): service_installed})
"""By provider in lower case and event id."""
