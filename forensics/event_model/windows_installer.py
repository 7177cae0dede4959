"""Products that Windows Installer installed and removed (MsiInstaller), as rows of DeviceEvents.

Events 1033 and 1034 end every installation and removal, also those that failed: their status tells which.
11707 and 11724 are written only after success; their text is the package's own and in its language. Their
fields have no names; Binary holds the product code, in ASCII, and behind it more that is not read.
Source: Microsoft, "Event Logging (Windows Installer)" and "MsiExec.exe and InstMsi.exe Error Messages";
order of the fields and content of Binary as in real logs.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "msiinstaller"
INSTALL_ENDED: Final = 1033
REMOVAL_ENDED: Final = 1034
INSTALL_SUCCEEDED: Final = 11707
REMOVAL_SUCCEEDED: Final = 11724

_SUCCESS: Final = frozenset({"0", "1641", "3010"})
"""ERROR_SUCCESS, ERROR_SUCCESS_REBOOT_INITIATED, ERROR_SUCCESS_REBOOT_REQUIRED."""

_FIELDS: Final = {
    "#1": "ProductName",
    "#2": "ProductVersion",
    "#4": "Status",
    "#5": "Manufacturer",
}
"""The places of the fields of 1033 and 1034; between them stands the product's language."""

_NOTHING: Final = frozenset({"", "(NULL)"})
_UNNAMED: Final = re.compile(r"#[0-9]+")
_PRODUCT_CODE: Final = re.compile(rb"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", re.IGNORECASE)
_LABEL: Final = re.compile(r"[^:\uff1a]*[:\uff1a]\s*")
_BEHIND_PRODUCT: Final = " -- "
"""``Product: NAME -- what happened``, in words of the package's language; the second colon is Japanese."""


def install_ended(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 1033: an installation that succeeded or failed."""
    told = _fields(record.data)
    if _failed(told):
        return _event(record, ActionType.PRODUCT_INSTALL_FAILED, "Installation of a product failed", told)
    return _event(record, ActionType.PRODUCT_INSTALLED, "Product installed", told)


def removal_ended(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 1034: a removal that succeeded or failed."""
    told = _fields(record.data)
    if _failed(told):
        return _event(record, ActionType.PRODUCT_REMOVAL_FAILED, "Removal of a product failed", told)
    return _event(record, ActionType.PRODUCT_REMOVED, "Product removed", told)


def install_succeeded(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 11707."""
    return _event(record, ActionType.PRODUCT_INSTALLED, "Product installed", _product(record.data))


def removal_succeeded(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of an event 11724."""
    return _event(record, ActionType.PRODUCT_REMOVED, "Product removed", _product(record.data))


def product_code(binary: str) -> str:
    """Return the product code that an event's Binary, in hexadecimal, begins with, or ``""``."""
    try:
        match = _PRODUCT_CODE.match(bytes.fromhex(binary))
    except ValueError:
        return ""
    return "" if match is None else match.group().decode("ascii").upper()


def _event(record: EvtxRecord, action: ActionType, what: str, told: Mapping[str, str]) -> Event:
    code = product_code(record.data.get("Binary", ""))
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action,
        "InitiatingProcessAccountSid": record.user_sid,
        "AdditionalFields": additional(record, {**told, "ProductCode": code, "Text": _text(record.data)}),
    }
    message = _message(what, {**told, "ProductCode": code})
    return Event(Table.EVENTS, columns, message, from_event_time(record, what), Facts(user=record.user_sid))


def _fields(data: Mapping[str, str]) -> dict[str, str]:
    return {key: data[place] for place, key in _FIELDS.items() if data.get(place, "") not in _NOTHING}


def _failed(told: Mapping[str, str]) -> bool:
    return "Status" in told and told["Status"] not in _SUCCESS


def _product(data: Mapping[str, str]) -> dict[str, str]:
    head, mark, _ = data.get("#1", "").partition(_BEHIND_PRODUCT)
    label = _LABEL.match(head)
    return {"ProductName": head[label.end() :].strip()} if mark and label else {}


def _text(data: Mapping[str, str]) -> str:
    """Return the unnamed fields that say something, in order."""
    unnamed = (value for name, value in data.items() if _UNNAMED.fullmatch(name))
    return "; ".join(value for value in unnamed if value not in _NOTHING)


def _message(what: str, told: Mapping[str, str]) -> str:
    words = {
        "version": "ProductVersion",
        "manufacturer": "Manufacturer",
        "product code": "ProductCode",
        "status": "Status",
    }
    parts = "".join(f", {word} {told[key]}" for word, key in words.items() if told.get(key))
    return f"{what}: {told.get('ProductName') or 'a product without a name'}{parts} (Windows Installer)"


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (PROVIDER, INSTALL_ENDED): install_ended,
        (PROVIDER, REMOVAL_ENDED): removal_ended,
        (PROVIDER, INSTALL_SUCCEEDED): install_succeeded,
        (PROVIDER, REMOVAL_SUCCEEDED): removal_succeeded,
    }
)
"""By provider in lower case and event id."""
