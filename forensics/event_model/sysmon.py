"""Sysmon's process (1) and image load (7) events as Defender's rows.

Fields come and go with Sysmon's releases (16, 21, 22 or 23 in event 1, all called version 5), so every
field is asked for by name. Source: Sysmon's manifest as its events show it; Microsoft, DeviceProcessEvents
and DeviceImageLoadEvents in the advanced hunting schema.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_utc_time, utc_time
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "microsoft-windows-sysmon"
PROCESS_CREATED: Final = 1
IMAGE_LOADED: Final = 7

_NOTHING: Final = frozenset({"-", "?"})
"""What Sysmon writes where a file has no version information or a field no value."""

_NUMBER: Final = re.compile(r"0x[0-9a-f]{1,16}|[0-9]{1,20}", re.IGNORECASE)

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
    image, parent = _text(data, "Image"), _text(data, "ParentImage")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": "ProcessCreated",
        "FileName": base_name(image),
        "FolderPath": image,
        **_hashes(data),
        **{column: _text(data, name) for name, column in _VERSION_INFO.items()},
        **_number(data, "ProcessId", "ProcessId"),
        "ProcessCommandLine": _text(data, "CommandLine"),
        "ProcessIntegrityLevel": _text(data, "IntegrityLevel"),
        **_creation_time(record),
        **_account(data, "User", "Account"),
        **_number(data, "LogonId", "LogonId"),
        **_account(data, "ParentUser", "InitiatingProcessAccount"),
        "InitiatingProcessFileName": base_name(parent).lower(),
        "InitiatingProcessFolderPath": parent.lower(),
        **_number(data, "ParentProcessId", "InitiatingProcessId"),
        "InitiatingProcessCommandLine": _text(data, "ParentCommandLine"),
        **_number(data, "TerminalSessionId", "CreatedProcessSessionId"),
        "ProcessUniqueId": _text(data, "ProcessGuid"),
        "InitiatingProcessUniqueId": _text(data, "ParentProcessGuid"),
        "AdditionalFields": _additional(data, ("RuleName", "CurrentDirectory", "LogonGuid")),
    }
    origin = from_utc_time(record, "Process created")
    return Event(Table.PROCESS_EVENTS, columns, _creation_message(data), origin, _creation_facts(data))


def image_loaded(record: EvtxRecord) -> Event:
    """Return the DeviceImageLoadEvents row of a Sysmon event 7.

    Company, Product and the like are the library's and have no column in this table.
    """
    data = record.data
    image, loaded = _text(data, "Image"), _text(data, "ImageLoaded")
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": "ImageLoaded",
        "FileName": base_name(loaded),
        "FolderPath": loaded,
        **_hashes(data),
        **_account(data, "User", "InitiatingProcessAccount"),
        "InitiatingProcessFileName": base_name(image).lower(),
        "InitiatingProcessFolderPath": image.lower(),
        **_number(data, "ProcessId", "InitiatingProcessId"),
        "InitiatingProcessUniqueId": _text(data, "ProcessGuid"),
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
    command_line = _text(data, "CommandLine") or _text(data, "Image") or "a program without a name"
    parent = _text(data, "ParentCommandLine") or _text(data, "ParentImage")
    started = f", started by {parent}" if parent else ""
    return f"Process created: {command_line} by {_text(data, 'User') or 'an unnamed account'}{started}"


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


def _text(data: Mapping[str, str], name: str) -> str:
    """Return the field, or ``""`` where the event does not have it or has a placeholder for nothing."""
    value = data.get(name, "")
    return "" if value in _NOTHING else value


def _number(data: Mapping[str, str], name: str, column: str) -> dict[str, Cell]:
    """Return the field, decimal or with 0x, as a number for ``column``, or nothing where it is none."""
    text = data.get(name, "")
    if not _NUMBER.fullmatch(text):
        return {}
    return {column: int(text, 16 if text[:2].lower() == "0x" else 10)}


def _account(data: Mapping[str, str], name: str, prefix: str) -> dict[str, Cell]:
    r"""Return ``DOMAIN\name`` as two columns in lower case; without a backslash the whole is the name."""
    domain, _, account = _text(data, name).lower().rpartition("\\")
    return {f"{prefix}Domain": domain, f"{prefix}Name": account}


def _hashes(data: Mapping[str, str]) -> dict[str, Cell]:
    digests = _digests(data)
    return {kind: digests[kind] for kind in ("SHA1", "SHA256", "MD5") if kind in digests}


def _digests(data: Mapping[str, str]) -> dict[str, str]:
    """Return the digests by their kinds, in lower case: ``SHA1=…,MD5=…,SHA256=…,IMPHASH=…``."""
    pairs = (part.partition("=") for part in _text(data, "Hashes").split(","))
    return {kind: digest.lower() for kind, _, digest in pairs if digest}


def _additional(data: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return what has no column as JSON; the import hash stands among the hashes."""
    found = {name: text for name in names if (text := _text(data, name))}
    imphash = _digests(data).get("IMPHASH")
    if imphash is not None:
        found["IMPHASH"] = imphash
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""


SOURCES: Final[LogSources] = MappingProxyType(
    {(PROVIDER, PROCESS_CREATED): process_created, (PROVIDER, IMAGE_LOADED): image_loaded}
)
"""By provider in lower case and event id."""
