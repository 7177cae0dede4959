"""Sysmon's process (1) and image load (7) events as Defender's rows.

Fields come and go with Sysmon's releases (16, 21, 22 or 23 in event 1, all called version 5), so every
field is asked for by name. Source: Sysmon's manifest as its events show it; Microsoft, DeviceProcessEvents
and DeviceImageLoadEvents in the advanced hunting schema.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.cells import account, number, text, to_json
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_utc_time, utc_time
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "microsoft-windows-sysmon"
PROCESS_CREATED: Final = 1
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
        **_hashes(data),
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
        **_hashes(data),
        **account(data, "User", "InitiatingProcessAccount"),
        "InitiatingProcessFileName": base_name(image).lower(),
        "InitiatingProcessFolderPath": image.lower(),
        **number(data, "ProcessId", "InitiatingProcessId"),
        "InitiatingProcessUniqueId": text(data, "ProcessGuid"),
    }
    message = f"Image loaded: {loaded} by {image}"
    facts = Facts(
        user=data.get("User", ""),
        image_path=data.get("ImageLoaded", ""),
        parent_image=data.get("Image", ""),
        process_id=data.get("ProcessId", ""),
        process_guid=data.get("ProcessGuid", ""),
        hashes=data.get("Hashes", ""),
    )
    return Event(Table.IMAGE_LOAD_EVENTS, columns, message, from_utc_time(record, "Image loaded"), facts)


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


def _hashes(data: Mapping[str, str]) -> dict[str, Cell]:
    digests = _digests(data)
    return {kind: digests[kind] for kind in ("SHA1", "SHA256", "MD5") if kind in digests}


def _digests(data: Mapping[str, str]) -> dict[str, str]:
    """Return the digests by their kinds, in lower case: ``SHA1=…,MD5=…,SHA256=…,IMPHASH=…``."""
    pairs = (part.partition("=") for part in text(data, "Hashes").split(","))
    return {kind: digest.lower() for kind, _, digest in pairs if digest}


def _additional(data: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return what has no column as JSON; the import hash stands among the hashes."""
    found = {name: value for name in names if (value := text(data, name))}
    imphash = _digests(data).get("IMPHASH")
    if imphash is not None:
        found["IMPHASH"] = imphash
    return to_json(found)


SOURCES: Final[LogSources] = MappingProxyType(
    {(PROVIDER, PROCESS_CREATED): process_created, (PROVIDER, IMAGE_LOADED): image_loaded}
)
"""By provider in lower case and event id."""
