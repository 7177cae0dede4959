"""Sysmon's process (1, 5) and image load (7) events as Defender's rows.

Fields come and go with Sysmon's releases (16, 21, 22 or 23 in event 1, all called version 5), so every
field is asked for by name. Defender has no row for the end of a process: that one is ours. Source: Sysmon's
manifest as its events show it; Microsoft, DeviceProcessEvents and DeviceImageLoadEvents in the advanced
hunting schema.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account, additional, number, text, to_json
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_utc_time, utc_time
from forensics.event_model.sysmon_fields import (
    PROVIDER,
    by_whom,
    digests,
    facts_of_object,
    facts_of_program,
    hashes,
    initiating_process,
)
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROCESS_CREATED: Final = 1
PROCESS_TERMINATED: Final = 5
IMAGE_LOADED: Final = 7

_VERSION_INFO: Final = {
    "Company": "ProcessVersionInfoCompanyName",
    "Product": "ProcessVersionInfoProductName",
    "FileVersion": "ProcessVersionInfoProductVersion",
    "OriginalFileName": "ProcessVersionInfoOriginalFileName",
    "Description": "ProcessVersionInfoFileDescription",
}


def process_created(record: EvtxRecord) -> Event:
    """Return the DeviceProcessEvents row of a Sysmon event 1."""
    data = record.data
    image, parent = text(data, "Image"), text(data, "ParentImage")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": "ProcessCreated",
        "FileName": base_name(image),
        "FolderPath": image,
        **hashes(data),
        **{column: text(data, name) for name, column in _VERSION_INFO.items()},
        **number(data, "ProcessId", "ProcessId"),
        "ProcessCommandLine": text(data, "CommandLine"),
        "ProcessIntegrityLevel": text(data, "IntegrityLevel"),
        **_creation_time(record),
        **account(data, "User", "Account"),
        **number(data, "LogonId", "LogonId"),
        **account(data, "ParentUser", "InitiatingProcessAccount"),
        "InitiatingProcessFileName": base_name(parent).lower(),
        "InitiatingProcessFolderPath": parent.lower(),
        **number(data, "ParentProcessId", "InitiatingProcessId"),
        "InitiatingProcessCommandLine": text(data, "ParentCommandLine"),
        **number(data, "TerminalSessionId", "CreatedProcessSessionId"),
        "ProcessUniqueId": text(data, "ProcessGuid"),
        "InitiatingProcessUniqueId": text(data, "ParentProcessGuid"),
        "AdditionalFields": _additional(data, ("RuleName", "CurrentDirectory", "LogonGuid")),
    }
    origin = from_utc_time(record, "Process created")
    return Event(Table.PROCESS_EVENTS, columns, _creation_message(data), origin, _creation_facts(data))


def image_loaded(record: EvtxRecord) -> Event:
    """Return the DeviceImageLoadEvents row of a Sysmon event 7.

    Company, Product and the like are the library's and have no column in this table.
    """
    data = record.data
    image, loaded = text(data, "Image"), text(data, "ImageLoaded")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": "ImageLoaded",
        "FileName": base_name(loaded),
        "FolderPath": loaded,
        **hashes(data),
        **initiating_process(data),
    }
    message = f"Image loaded: {loaded} by {image}"
    facts = facts_of_object(data, image_path=data.get("ImageLoaded", ""))
    return Event(Table.IMAGE_LOAD_EVENTS, columns, message, from_utc_time(record, "Image loaded"), facts)


def process_terminated(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Sysmon event 5: the process is the row's own, nobody initiated it."""
    data = record.data
    image = text(data, "Image")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.PROCESS_TERMINATED,
        "FileName": base_name(image),
        "FolderPath": image,
        **account(data, "User", "Account"),
        **number(data, "ProcessId", "ProcessId"),
        "ProcessUniqueId": text(data, "ProcessGuid"),
        "AdditionalFields": additional(record, {}),
    }
    message = f"Process ended: {by_whom(data)}, process id {text(data, 'ProcessId') or 'unknown'}"
    origin = from_utc_time(record, "Process ended")
    return Event(Table.EVENTS, columns, message, origin, facts_of_program(data))


def _creation_message(data: Mapping[str, str]) -> str:
    command_line = text(data, "CommandLine") or text(data, "Image") or "a program without a name"
    parent = text(data, "ParentCommandLine") or text(data, "ParentImage")
    started = f", started by {parent}" if parent else ""
    return f"Process created: {command_line} by {text(data, 'User') or 'an unnamed account'}{started}"


def _creation_facts(data: Mapping[str, str]) -> Facts:
    return Facts(
        user=data.get("User", ""),
        image_path=data.get("Image", ""),
        command_line=data.get("CommandLine", ""),
        parent_image=data.get("ParentImage", ""),
        parent_command_line=data.get("ParentCommandLine", ""),
        process_id=data.get("ProcessId", ""),
        process_guid=data.get("ProcessGuid", ""),
        hashes=data.get("Hashes", ""),
    )


def _creation_time(record: EvtxRecord) -> dict[str, Cell]:
    ticks = utc_time(record)
    return {} if ticks is None else {"ProcessCreationTime": ticks}


def _additional(data: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return what has no column as JSON; the import hash stands among the hashes."""
    found = {name: value for name in names if (value := text(data, name))}
    imphash = digests(data).get("IMPHASH")
    if imphash is not None:
        found["IMPHASH"] = imphash
    return to_json(found)


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (PROVIDER, PROCESS_CREATED): process_created,
        (PROVIDER, PROCESS_TERMINATED): process_terminated,
        (PROVIDER, IMAGE_LOADED): image_loaded,
    }
)
"""By provider in lower case and event id."""
