r"""Detections by Defender Antivirus (1116) and what it did about them (1117), as rows of DeviceEvents.

Path is a list of resources, each behind its kind: ``containerfile:_C:\a.zip; file:_C:\a.zip->b.exe;
webfile:_…``. The first file is the row's; ``->`` leads into a container. The names of actions are words, or
``%%887`` and the like where the event's provider left them to the reader; they stay as recorded.
Source: Microsoft, "Review event logs and error codes to troubleshoot issues with Microsoft Defender
Antivirus", events 1116 and 1117; names of fields and form of Path as in public records.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account, additional, text, to_number
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "microsoft-windows-windows defender"
DETECTION: Final = 1116
ACTION_TAKEN: Final = 1117

_FILE: Final = re.compile(r"(?:^|;\s*)file:_?(.+?)(?=;\s*[A-Za-z]+:_|;?\s*$)", re.DOTALL)
_INTO_CONTAINER: Final = "->"

_ADDITIONAL: Final = {
    "Threat Name": "ThreatName",
    "Path": "Path",
    "Action Name": "Action",
    "Process Name": "ProcessName",
    "Detection User": "DetectionUser",
    "Remediation User": "RemediationUser",
    "Severity Name": "Severity",
    "Category Name": "Category",
    "Detection ID": "DetectionId",
    "Error Code": "ErrorCode",
}


def detection(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 1116."""
    return _event(record, ActionType.ANTIVIRUS_DETECTION, "Antivirus detection")


def action_taken(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 1117."""
    return _event(record, ActionType.ANTIVIRUS_ACTION_TAKEN, "Antivirus action taken")


def first_file(path: str) -> str:
    """Return the first file that a detection's Path names, with its way into a container, or ``""``."""
    match = _FILE.search(path)
    return "" if match is None else match[1].strip()


def _event(record: EvtxRecord, action: ActionType, what: str) -> Event:
    data = record.data
    file, process = first_file(text(data, "Path")), _process(data)
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action,
        "FileName": base_name(file.rpartition(_INTO_CONTAINER)[2]),
        "FolderPath": file,
        **account(data, "Detection User", "Account"),
        "InitiatingProcessFileName": base_name(process).lower(),
        "InitiatingProcessFolderPath": process.lower(),
        "AdditionalFields": additional(record, {key: text(data, name) for name, key in _ADDITIONAL.items()}),
    }
    facts = Facts(user=data.get("Detection User", ""), image_path=file, parent_image=process)
    return Event(Table.EVENTS, columns, _message(data, what), from_event_time(record, what), facts)


def _process(data: Mapping[str, str]) -> str:
    r"""Return the process that touched the file; a word in its place ("Unknown") has no backslash."""
    process = text(data, "Process Name")
    return process if "\\" in process else ""


def _message(data: Mapping[str, str], what: str) -> str:
    parts = {
        "action": text(data, "Action Name"),
        "process": _process(data),
        "user": text(data, "Detection User"),
        "error code": text(data, "Error Code") if to_number(text(data, "Error Code")) else "",
    }
    told = "".join(f", {name} {value}" for name, value in parts.items() if value)
    threat = text(data, "Threat Name") or "a threat without a name"
    return f"{what}: {threat} in {text(data, 'Path') or 'an unknown place'}{told}"


SOURCES: Final[LogSources] = MappingProxyType(
    {(PROVIDER, DETECTION): detection, (PROVIDER, ACTION_TAKEN): action_taken}
)
"""By provider in lower case and event id."""
