"""Service installations as Windows' auditing logs them (Security, 4697).

The event's ServiceName is the name of the service's key. ServiceType and ServiceStartType are the numbers of
``CreateService``, in no language.
Source: Microsoft, 4697(S) A service was installed in the system.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model import security_log
from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account_in_words, additional, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name, binary_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

SERVICE_INSTALLED: Final = 4697

_START_TYPES: Final[Mapping[str, str]] = {
    "0": "boot start",
    "1": "system start",
    "2": "auto start",
    "3": "demand start",
    "4": "disabled",
}


def service_installed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Security event 4697."""
    data = record.data
    file_name = text(data, "ServiceFileName")
    binary = binary_of(file_name)
    names = ("ServiceName", "ServiceAccount", "ServiceType", "ServiceStartType")
    fields = {"ImagePath": file_name, **{name: text(data, name) for name in names}}
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.SERVICE_INSTALLED.value,
        "FileName": base_name(binary),
        "FolderPath": binary,
        "ProcessCommandLine": file_name,
        **security_log.initiator(data),
        "AdditionalFields": additional(record, fields),
    }
    facts = Facts(
        user=account_in_words(data, "Subject"),
        service_name=data.get("ServiceName", ""),
        image_path=binary,
        command_line=data.get("ServiceFileName", ""),
    )
    return Event(Table.EVENTS, columns, _message(data), from_event_time(record, "Service installed"), facts)


def _message(data: Mapping[str, str]) -> str:
    start_type = text(data, "ServiceStartType")
    words = f" ({_START_TYPES[start_type]})" if start_type in _START_TYPES else ""
    return (
        f"Service installed: {text(data, 'ServiceName')} by {security_log.initiator_in_words(data)}, "
        f"image path {text(data, 'ServiceFileName')}, start type {start_type}{words}, "
        f"account {text(data, 'ServiceAccount')}"
    )


SOURCES: Final[LogSources] = MappingProxyType({(security_log.PROVIDER, SERVICE_INSTALLED): service_installed})
"""By provider in lower case and event id."""
