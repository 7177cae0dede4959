"""Firewall rules of a SYSTEM hive as rows: what is allowed or blocked, whether or not the rule is active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import to_json
from forensics.event_model.event import Cell, Event, Facts, Table
from forensics.event_model.windows_path import base_name

if TYPE_CHECKING:
    from forensics.event_model.hive_origin import HiveSource
    from parsers.hive.firewall_rules import FirewallRule


def firewall_rule(rule: FirewallRule, source: HiveSource) -> Event:
    """Return the DeviceEvents row of a rule, at the time when the key of all rules was last written.

    AdditionalFields has the rule's whole text, ``Rule``, so that fields without a name here are there too.
    """
    application = rule.first("App")
    columns: dict[str, Cell] = {
        "Timestamp": rule.held.last_written,
        "ActionType": ActionType.FIREWALL_RULE_FOUND,
        "FileName": base_name(application),
        "FolderPath": application,
        "AdditionalFields": to_json({name: text for name, text in _told(rule).items() if text}),
    }
    facts = Facts(service_name=rule.first("Svc"), image_path=application)
    return Event(Table.EVENTS, columns, _message(rule), source.origin(rule.held), facts)


def _told(rule: FirewallRule) -> dict[str, str]:
    return {
        "Source": "FirewallRules",
        "Store": rule.store,
        "RuleId": rule.rule_id,
        "RuleName": rule.first("Name"),
        "ApplicationPath": rule.first("App"),
        "Direction": rule.first("Dir").lower(),
        "Action": rule.first("Action").lower(),
        "Active": rule.first("Active").lower(),
        "Protocol": rule.first("Protocol"),
        "LocalPorts": _ports(rule, "LPort"),
        "RemotePorts": _ports(rule, "RPort"),
        "Profiles": ",".join(rule.all("Profile")),
        "Service": rule.first("Svc"),
        "Group": rule.first("EmbedCtxt"),
        "Description": rule.first("Desc"),
        "SchemaVersion": rule.version,
        "Rule": rule.text,
        "Problem": rule.problem,
    }


def _ports(rule: FirewallRule, name: str) -> str:
    """Return the ports of all fields that hold some: a later schema adds fields such as ``LPort2_10``."""
    names = (each for each, _ in rule.fields if each.lower().startswith(name.lower()))
    return ",".join(rule.all(*names))


def _message(rule: FirewallRule) -> str:
    parts = [
        rule.first("Name") or rule.rule_id,
        f"{rule.first('Action').lower()} {rule.first('Dir').lower()}".strip(),
        rule.first("App"),
        {"true": "active", "false": "not active"}.get(rule.first("Active").lower(), ""),
        f"not read whole: {rule.problem}" if rule.problem else "",
    ]
    return "Firewall rule found: " + ", ".join(part for part in parts if part)
