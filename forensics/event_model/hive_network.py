"""Shares and network interfaces of a SYSTEM hive as rows, at the time when their key was last written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import to_json
from forensics.event_model.event import Cell, Event, Facts, Table
from forensics.event_model.windows_path import base_name
from parsers import filetime

if TYPE_CHECKING:
    from forensics.event_model.hive_origin import HiveSource
    from parsers.hive.network_interfaces import NetworkInterface
    from parsers.hive.shares import Share

_TEXTS: Final = (
    "EnableDHCP", "IPAddress", "SubnetMask", "DefaultGateway", "NameServer", "Domain", "DhcpIPAddress",
    "DhcpSubnetMask", "DhcpServer", "DhcpDefaultGateway", "DhcpNameServer", "DhcpDomain", "DhcpNetworkHint",
)  # fmt: skip
_MOMENTS: Final = ("LeaseObtainedTime", "LeaseTerminatesTime")


def share(found: Share, source: HiveSource) -> Event:
    """Return the DeviceEvents row of a share; ``Settings`` are all that its value says."""
    path = found.setting("Path")
    value = found.held.value
    told = {
        "Source": "Shares",
        "Share": found.name,
        "Path": path,
        "Type": found.setting("Type"),
        "Remark": found.setting("Remark"),
        "Settings": "" if value is None else value.text,
        "Problem": found.problem,
    }
    columns: dict[str, Cell] = {
        "Timestamp": found.held.last_written,
        "ActionType": ActionType.SHARE_FOUND,
        "FileName": base_name(path),
        "FolderPath": path,
        "AdditionalFields": to_json({name: text for name, text in told.items() if text}),
    }
    message = f"Share found: {found.name}, path {path}"
    if found.problem:
        message = f"{message}, not read whole: {found.problem}"
    return Event(Table.EVENTS, columns, message, source.origin(found.held), Facts(image_path=path))


def network_interface(found: NetworkInterface, source: HiveSource) -> Event:
    """Return the DeviceEvents row of an interface; several addresses are joined by a comma.

    The times of a lease are those that the interface has, to the second.
    """
    told = {name: ",".join(found.texts(name)) for name in _TEXTS} | {
        name: filetime.to_text(moment, digits=0)
        for name in _MOMENTS
        if (moment := found.moment(name)) is not None
    }
    told = {name: text for name, text in told.items() if text}
    columns: dict[str, Cell] = {
        "Timestamp": found.held.last_written,
        "ActionType": ActionType.NETWORK_INTERFACE_FOUND,
        "AdditionalFields": to_json({"Source": "Interfaces", "Interface": found.name, **told}),
    }
    addresses = ", ".join(f"{name} {told[name]}" for name in ("IPAddress", "DhcpIPAddress") if name in told)
    message = f"Network interface {found.name}: {addresses or 'no address'}"
    return Event(Table.EVENTS, columns, message, source.origin(found.held))
