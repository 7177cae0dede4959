"""Changes of the Windows Firewall's rules, as the firewall logs them, as rows of DeviceEvents.

Windows 11 22H2 writes other numbers for the same: 2071, later 2097, for a rule added (before: 2004), 2073,
later 2099, for one modified (2005), 2052 for one deleted (2006). They have ErrorCode more, which the
message tells where it is not 0. A deletion names the rule and who deleted it, nothing of what the rule
allowed.
Source: events 2004, 2005 and 2006 of "Firewall Rule Processing" (Microsoft, Windows Server 2008 R2), the
provider's manifest for the later ones; [MS-FASP] FW_RULE_ACTION and FW_DIRECTION for the numbers.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import additional, text, to_number
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

PROVIDER: Final = "microsoft-windows-windows firewall with advanced security"
RULE_ADDED: Final = (2004, 2071, 2097)
RULE_MODIFIED: Final = (2005, 2073, 2099)
RULE_DELETED: Final = (2006, 2052)

_DIRECTIONS: Final = {"1": "in", "2": "out"}
_ACTIONS: Final = {"1": "bypass", "2": "block", "3": "allow"}
_ACTIVE: Final = {"0": "false", "1": "true"}

_ADDITIONAL: Final = {
    "RuleId": "RuleId",
    "RuleName": "RuleName",
    "ApplicationPath": "ApplicationPath",
    "ServiceName": "Service",
    "Protocol": "Protocol",
    "LocalPorts": "LocalPorts",
    "RemotePorts": "RemotePorts",
    "EmbeddedContext": "Group",
    "EdgeTraversal": "EdgeTraversal",
    "ModifyingApplication": "ModifyingApplication",
    "ModifyingUser": "ModifyingUser",
    "ErrorCode": "ErrorCode",
}
"""The event's fields and their keys, those of rules in a hive; a rule's group is its embedded context."""


def rule_added(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a rule that was added."""
    return _event(record, ActionType.FIREWALL_RULE_ADDED, "Firewall rule added")


def rule_modified(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a rule that was modified: the rule as it is now."""
    return _event(record, ActionType.FIREWALL_RULE_MODIFIED, "Firewall rule modified")


def rule_deleted(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a rule that was deleted."""
    return _event(record, ActionType.FIREWALL_RULE_DELETED, "Firewall rule deleted")


def _event(record: EvtxRecord, action: ActionType, what: str) -> Event:
    data = record.data
    program, by, user = (
        text(data, name) for name in ("ApplicationPath", "ModifyingApplication", "ModifyingUser")
    )
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": action,
        "FileName": base_name(program),
        "FolderPath": program,
        "InitiatingProcessFileName": base_name(by).lower(),
        "InitiatingProcessFolderPath": by.lower(),
        "InitiatingProcessAccountSid": user if user.startswith("S-1-") else "",
        "AdditionalFields": additional(record, _told(data)),
    }
    facts = Facts(
        user=data.get("ModifyingUser", ""),
        service_name=text(data, "ServiceName"),
        image_path=data.get("ApplicationPath", ""),
        parent_image=data.get("ModifyingApplication", ""),
    )
    return Event(Table.EVENTS, columns, _message(data, what), from_event_time(record, what), facts)


def _told(data: Mapping[str, str]) -> dict[str, str]:
    return {
        **{key: text(data, name) for name, key in _ADDITIONAL.items()},
        "Direction": _in_words(data, "Direction", _DIRECTIONS),
        "Action": _in_words(data, "Action", _ACTIONS),
        "Active": _in_words(data, "Active", _ACTIVE),
    }


def _in_words(data: Mapping[str, str], name: str, words: Mapping[str, str]) -> str:
    """Return the field's number in the words of a rule in a hive, or as it is where it has none."""
    number = text(data, name)
    return words.get(number, number)


def _message(data: Mapping[str, str], what: str) -> str:
    parts = {
        "action": _in_words(data, "Action", _ACTIONS),
        "direction": _in_words(data, "Direction", _DIRECTIONS),
        "program": text(data, "ApplicationPath"),
        "by": text(data, "ModifyingApplication"),
        "as": text(data, "ModifyingUser"),
        "error code": text(data, "ErrorCode") if to_number(text(data, "ErrorCode")) else "",
    }
    told = "".join(f", {name} {value}" for name, value in parts.items() if value)
    return f"{what}: {text(data, 'RuleName') or 'a rule without a name'}{told}"


SOURCES: Final[LogSources] = MappingProxyType(
    {
        **{(PROVIDER, number): rule_added for number in RULE_ADDED},
        **{(PROVIDER, number): rule_modified for number in RULE_MODIFIED},
        **{(PROVIDER, number): rule_deleted for number in RULE_DELETED},
    }
)
"""By provider in lower case and event id."""
