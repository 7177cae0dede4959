r"""The rules of Windows Firewall in a control set, below ``SharedAccess\Parameters\FirewallPolicy``.

A rule is one text: ``v`` and the version of its schema, then fields ``name=value``, each with a ``|`` behind
it; a field may stand more than once. There is no escape: no text of a rule may hold a ``|``. The value's name
is the rule's id.
Source: [MS-GPFAS] 2.2.2.19, "Firewall Rule and the Firewall Rule Grammar Rule"; Microsoft, INetFwRule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from parsers.hive.held_record import HeldRecord, HeldValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import HiveValue
    from parsers.hive.walk import HiveKey, HiveWalk

_STORES: Final = (
    ("FirewallRules",),
    ("RestrictedServices", "AppIso", "FirewallRules"),
    ("RestrictedServices", "Configurable", "System"),
    ("RestrictedServices", "Static", "System"),
)
"""Where rules are: those that are administered, those of app containers, and those that harden services."""

_VERSION: Final = re.compile(r"v([0-9]{1,5}\.[0-9]{1,5})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FirewallRule(HeldRecord):
    r"""One rule, whether or not it is active.

    ``store`` is the key that it is in, from ``FirewallPolicy`` on; ``text`` the rule verbatim. ``version`` is
    that of its schema, such as ``2.30``; ``fields`` are all its fields in their order, unknown ones too.
    """

    store: str
    rule_id: str
    text: str
    version: str
    fields: tuple[tuple[str, str], ...]

    def all(self, *names: str) -> tuple[str, ...]:
        """Return the values of all fields called one of ``names``, whatever their case, in their order."""
        wanted = {name.lower() for name in names}
        return tuple(value for name, value in self.fields if name.lower() in wanted)

    def first(self, name: str) -> str:
        """Return the value of the first field called ``name``, or ``""``."""
        return next(iter(self.all(name)), "")


def read_firewall_rules(walk: HiveWalk, control_set: HiveKey) -> Iterator[FirewallRule]:
    """Give every rule of ``control_set``, store by store in the hive's order."""
    policy = walk.find(control_set, "Services", "SharedAccess", "Parameters", "FirewallPolicy")
    if policy is None:
        return
    for names in _STORES:
        if key := walk.find(policy, *names):
            for value in walk.values(key):
                held = HeldValue(key.path, key.offset, key.last_written, value)
                yield parse_firewall_rule(held, value, "\\".join(names))


def parse_firewall_rule(held: HeldValue, value: HiveValue, store: str) -> FirewallRule:
    """Take a rule apart; what does not follow the grammar is named in its ``problem``."""
    version, *fields = value.text.split("|")
    match = _VERSION.fullmatch(version)
    pairs = tuple((name, content) for name, _, content in (field.partition("=") for field in fields if field))
    return FirewallRule(
        held=held,
        problem="; ".join(_problems(value, fields, has_version=match is not None)),
        store=store,
        rule_id=value.name,
        text=value.text,
        version=match[1] if match else "",
        fields=pairs,
    )


def _problems(value: HiveValue, fields: list[str], *, has_version: bool) -> Iterator[str]:
    if value.type_name != "REG_SZ":
        yield f"it is of type {value.type_name}"
    if not has_version:
        yield "it does not begin with the version of a schema"
    if not fields or fields[-1]:
        yield "it does not end with a |"
    if odd := [field for field in fields[:-1] if "=" not in field]:
        yield f"{len(odd)} of its fields have no ="
