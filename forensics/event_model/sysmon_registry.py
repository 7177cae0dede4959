r"""Sysmon's registry events (12 created or deleted, 13 set, 14 renamed) as Defender's rows.

TargetObject is one text for a key and a value. The name of a key holds no backslash, that of a value may:
where the two meet is a guess then (see :func:`key_and_value`), and the message has the text as recorded.
``CurrentControlSet`` stays as recorded; which control set that was, the event does not say. Rows of a hive
are told from these by their empty InitiatingProcess columns.
Source: Sysmon's manifest as its events show it; Microsoft, "Structure of the Registry" (names of keys);
DeviceRegistryEvents in the advanced hunting schema. Defender has no action for a renamed value: that is
ours.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import text
from forensics.event_model.event import Cell, Event, LogSources, Table
from forensics.event_model.log_origin import from_utc_time
from forensics.event_model.sysmon_fields import PROVIDER, by_whom, facts_of_object, initiating_process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

KEY_OR_VALUE: Final = 12
VALUE_SET: Final = 13
RENAMED: Final = 14

_ROOTS: Final = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKU": "HKEY_USERS",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCC": "HKEY_CURRENT_CONFIG",
    r"\REGISTRY\MACHINE": "HKEY_LOCAL_MACHINE",
    r"\REGISTRY\USER": "HKEY_USERS",
}
r"""What Sysmon writes for a root; ``\REGISTRY`` stands in events of its early releases."""

_ROOT: Final = re.compile(rf"({'|'.join(map(re.escape, _ROOTS))})(?=\\|$)", re.IGNORECASE)
_SYSTEM: Final = re.compile(r"(HKEY_LOCAL_MACHINE\\)SYSTEM(?=\\|$)", re.IGNORECASE)
_SERVICE: Final = re.compile(
    r"HKEY_LOCAL_MACHINE\\SYSTEM\\(?:CurrentControlSet|ControlSet[0-9]{3})\\Services\\([^\\]+)", re.IGNORECASE
)

_KEY_ACTIONS: Final = {
    "createkey": (ActionType.REGISTRY_KEY_CREATED, "Registry key created"),
    "deletekey": (ActionType.REGISTRY_KEY_DELETED, "Registry key deleted"),
}
_VALUE_ACTIONS: Final = {
    "createvalue": (ActionType.REGISTRY_VALUE_SET, "Registry value created"),
    "deletevalue": (ActionType.REGISTRY_VALUE_DELETED, "Registry value deleted"),
}

_TYPES: Final = (("DWORD (", "Dword"), ("QWORD (", "QWord"), ("Binary Data", "Binary"))
"""How Details begins for types that it names; text, expandable or not, stands there as it is."""


def key_or_value(record: EvtxRecord) -> Event | None:
    """Return the DeviceRegistryEvents row of a Sysmon event 12; None where its EventType is not known."""
    event_type, target = text(record.data, "EventType").lower(), text(record.data, "TargetObject")
    if event_type in _KEY_ACTIONS:
        cells: dict[str, Cell] = {"RegistryKey": full_key(target)}
        return _event(record, *_KEY_ACTIONS[event_type], cells)
    if event_type in _VALUE_ACTIONS:
        return _event(record, *_VALUE_ACTIONS[event_type], _key_and_value_cells(target))
    return None


def value_set(record: EvtxRecord) -> Event:
    """Return the DeviceRegistryEvents row of a Sysmon event 13, its data as Sysmon words them."""
    details = text(record.data, "Details")
    cells: dict[str, Cell] = {
        **_key_and_value_cells(text(record.data, "TargetObject")),
        "RegistryValueType": next((name for start, name in _TYPES if details.startswith(start)), ""),
        "RegistryValueData": details,
    }
    what, told = "Registry value set", f" = {details}" if details else ""
    return _event(record, ActionType.REGISTRY_VALUE_SET, what, cells, told)


def renamed(record: EvtxRecord) -> Event | None:
    """Return the DeviceRegistryEvents row of a Sysmon event 14; None where its EventType is not known.

    The new name is the row's, the old one in its Previous columns.
    """
    data = record.data
    event_type, old = text(data, "EventType").lower(), text(data, "TargetObject")
    new = _with_root(text(data, "NewName"), old)
    if event_type == "renamekey":
        cells: dict[str, Cell] = {"RegistryKey": full_key(new), "PreviousRegistryKey": full_key(old)}
        action, what = ActionType.REGISTRY_KEY_RENAMED, "Registry key renamed"
    elif event_type == "renamevalue":
        previous = _key_and_value_cells(old)
        cells = {**_key_and_value_cells(new), **{f"Previous{name}": cell for name, cell in previous.items()}}
        action, what = ActionType.REGISTRY_VALUE_RENAMED, "Registry value renamed"
    else:
        return None
    return _event(record, action, what, cells, f" to {new}")


def key_and_value(path: str) -> tuple[str, str]:
    r"""Return the key and the value that ``path`` names, the key with its full root.

    They meet at the last backslash, or at the first of two in a row: no key is without a name, so the second
    one begins the value's (``…\S-1-5-18\\Device\HarddiskVolume2\x.exe`` below the key of a user of BAM).
    """
    place = path.find("\\\\", 1)
    if place < 0:
        place = path.rfind("\\")
    return (full_key(path[:place]), path[place + 1 :]) if place > 0 else (full_key(path), "")


def full_key(path: str) -> str:
    r"""Return ``path`` with its root spelled out, and the SYSTEM hive's name as rows of a hive have it."""
    spelled = _ROOT.sub(lambda match: _ROOTS[match[1].upper()], path, count=1) if _ROOT.match(path) else path
    return _SYSTEM.sub(r"\1SYSTEM", spelled, count=1) if _SYSTEM.match(spelled) else spelled


def _with_root(new: str, old: str) -> str:
    """Return ``new`` whole: a bare name is one beside ``old``."""
    return new if _ROOT.match(new) else old[: old.rfind("\\") + 1] + new


def _key_and_value_cells(path: str) -> dict[str, Cell]:
    key, value = key_and_value(path)
    return {"RegistryKey": key, "RegistryValueName": value}


def _event(
    record: EvtxRecord, action: ActionType, what: str, cells: Mapping[str, Cell], told: str = ""
) -> Event:
    data = record.data
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action,
        **cells,
        **initiating_process(data),
    }
    target = text(data, "TargetObject") or "a key without a name"
    message = f"{what}: {target}{told} by {by_whom(data)}"
    service = _SERVICE.match(str(cells["RegistryKey"]))
    facts = facts_of_object(data, service_name=service[1] if service else "")
    return Event(Table.REGISTRY_EVENTS, columns, message, from_utc_time(record, what), facts)


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (PROVIDER, KEY_OR_VALUE): key_or_value,
        (PROVIDER, VALUE_SET): value_set,
        (PROVIDER, RENAMED): renamed,
    }
)
"""By provider in lower case and event id."""
