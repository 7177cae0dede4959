r"""Process creations as Windows' auditing logs them (Security, 4688), as Defender's rows.

Versions 0 and 1 lack the target account, the creator's name and the label, version 0 the command line, which
is empty in all of them where the policy does not ask for it. The process runs as the target account where
there is one, or else as the creator's.
Source: Microsoft, 4688(S) A new process has been created; DeviceProcessEvents in the advanced hunting schema.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model import security_log
from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account_by_parts, account_in_words, additional, number, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROCESS_CREATED: Final = 4688

_ELEVATION: Final[Mapping[str, str]] = {
    "%%1936": "TokenElevationTypeDefault",
    "%%1937": "TokenElevationTypeFull",
    "%%1938": "TokenElevationTypeLimited",
}

_INTEGRITY: Final[Mapping[str, str]] = {
    "S-1-16-0": "Untrusted",
    "S-1-16-4096": "Low",
    "S-1-16-8192": "Medium",
    "S-1-16-8448": "MediumPlus",
    "S-1-16-12288": "High",
    "S-1-16-16384": "System",
    "S-1-16-20480": "ProtectedProcess",
}


def process_created(record: EvtxRecord) -> Event:
    """Return the DeviceProcessEvents row of a Security event 4688."""
    data = record.data
    image, parent = text(data, "NewProcessName"), text(data, "ParentProcessName")
    elevation, label = text(data, "TokenElevationType"), text(data, "MandatoryLabel")
    runs_as = _runs_as(data)
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.PROCESS_CREATED.value,
        "FileName": base_name(image),
        "FolderPath": image,
        **number(data, "NewProcessId", "ProcessId"),
        "ProcessCommandLine": text(data, "CommandLine"),
        "ProcessIntegrityLevel": _INTEGRITY.get(label, label),
        "ProcessTokenElevation": _ELEVATION.get(elevation, elevation),
        **account_by_parts(data, runs_as, "Account"),
        **number(data, f"{runs_as}LogonId", "LogonId"),
        **account_by_parts(data, "Subject", "InitiatingProcessAccount"),
        **number(data, "SubjectLogonId", "InitiatingProcessLogonId"),
        "InitiatingProcessFileName": base_name(parent).lower(),
        "InitiatingProcessFolderPath": parent.lower(),
        **number(data, "ProcessId", "InitiatingProcessId"),
        "AdditionalFields": additional(record, {}),
    }
    origin = from_event_time(record, "Process created")
    return Event(Table.PROCESS_EVENTS, columns, _message(data), origin, _facts(data))


def _runs_as(data: Mapping[str, str]) -> str:
    return "Target" if text(data, "TargetUserName") else "Subject"


def _message(data: Mapping[str, str]) -> str:
    command_line = text(data, "CommandLine") or text(data, "NewProcessName") or "a program without a name"
    account = account_in_words(data, _runs_as(data)) or "an unnamed account"
    parent = text(data, "ParentProcessName")
    started = f", started by {parent}" if parent else ""
    return f"Process created: {command_line} by {account}{started}"


def _facts(data: Mapping[str, str]) -> Facts:
    return Facts(
        user=account_in_words(data, _runs_as(data)),
        image_path=data.get("NewProcessName", ""),
        command_line=data.get("CommandLine", ""),
        parent_image=data.get("ParentProcessName", ""),
        process_id=data.get("NewProcessId", ""),
    )


SOURCES: Final[LogSources] = MappingProxyType({(security_log.PROVIDER, PROCESS_CREATED): process_created})
"""By provider in lower case and event id."""
