"""Logons of people (Security, 4624), as Defender's rows: at the machine, by remote desktop, at its lock.

Logons of services, of the network and of batches are none of these; they are left out.
Source: Microsoft, 4624(S) An account was successfully logged on; DeviceLogonEvents in the advanced hunting
schema.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model import security_log
from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import (
    account_by_parts,
    account_in_words,
    additional,
    number,
    text,
    to_number,
)
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

LOGON: Final = 4624

_LOGON_TYPES: Final[Mapping[int, str]] = {
    2: "Interactive",
    7: "Unlock",
    10: "RemoteInteractive",
    11: "CachedInteractive",
}


def logon(record: EvtxRecord) -> Event | None:
    """Return the DeviceLogonEvents row of a Security event 4624; None for a logon of no person."""
    data = record.data
    number_of_type = to_number(data.get("LogonType", ""))
    if number_of_type is None or number_of_type not in _LOGON_TYPES:
        return None
    process = text(data, "ProcessName")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.LOGON_SUCCESS.value,
        "LogonType": _LOGON_TYPES[number_of_type],
        **account_by_parts(data, "Target", "Account"),
        "Protocol": text(data, "AuthenticationPackageName"),
        **number(data, "TargetLogonId", "LogonId"),
        "RemoteDeviceName": text(data, "WorkstationName"),
        "RemoteIP": text(data, "IpAddress"),
        **number(data, "IpPort", "RemotePort"),
        **account_by_parts(data, "Subject", "InitiatingProcessAccount"),
        "InitiatingProcessFileName": base_name(process).lower(),
        "InitiatingProcessFolderPath": process.lower(),
        **number(data, "ProcessId", "InitiatingProcessId"),
        "AdditionalFields": additional(record, {"LogonTypeNumber": number_of_type}),
    }
    message = _message(data, _LOGON_TYPES[number_of_type], number_of_type)
    facts = Facts(
        user=account_in_words(data, "Target"),
        parent_image=process,
        process_id=text(data, "ProcessId"),
    )
    return Event(Table.LOGON_EVENTS, columns, message, from_event_time(record, "Logon"), facts)


def _message(data: Mapping[str, str], logon_type: str, number_of_type: int) -> str:
    device, address = text(data, "WorkstationName"), text(data, "IpAddress")
    places = " at ".join(filter(None, (device, address)))
    return (
        f"Logon: {account_in_words(data, 'Target') or 'an unnamed account'}, "
        f"{logon_type} (type {number_of_type}){f', from {places}' if places else ''}"
    )


SOURCES: Final[LogSources] = MappingProxyType({(security_log.PROVIDER, LOGON): logon})
"""By provider in lower case and event id."""
