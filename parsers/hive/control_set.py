r"""Control sets: which there are, which one was current, and what each says of its machine.

Source of the keys: Microsoft, "HKLM\SYSTEM\Select" and "HKLM\SYSTEM\CurrentControlSet\Control".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from parsers.hive.appcompat_cache import read_cached_programs
from parsers.hive.firewall_rules import read_firewall_rules
from parsers.hive.last_runs import read_last_runs
from parsers.hive.network_interfaces import read_network_interfaces
from parsers.hive.printers import read_printers
from parsers.hive.record import ControlSet, TimeZone
from parsers.hive.services import read_services
from parsers.hive.shares import read_shares
from parsers.hive.value_text import several_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import HiveValue
    from parsers.hive.walk import HiveKey, HiveWalk

_CONTROL_SET: Final = re.compile(r"ControlSet([0-9]{3})", re.IGNORECASE)
_TEXT_TYPES: Final = frozenset({"REG_SZ", "REG_EXPAND_SZ"})
_DWORD_SIZE: Final = 4


def read_control_sets(walk: HiveWalk) -> Iterator[ControlSet]:
    r"""Give the control sets below the root by number, found by their names whatever ``Select`` says.

    Where ``Select\Current`` cannot be read or names none of them, no control set is current and the
    walk's damage says so.
    """
    keys = dict(sorted(_control_set_keys(walk)))
    if not keys:
        walk.report(
            walk.root.offset, "the root key has no control set: this is no SYSTEM hive, or they are lost"
        )
    current = _current(walk)
    if current is not None and current not in keys:
        walk.report(walk.root.offset, f"Select names control set {current} as current, which is not there")
    for number, key in keys.items():
        yield _read_control_set(walk, key, number, current=number == current)


def _control_set_keys(walk: HiveWalk) -> Iterator[tuple[int, HiveKey]]:
    for key in walk.subkeys(walk.root):
        if match := _CONTROL_SET.fullmatch(key.name):
            yield int(match[1]), key


def _current(walk: HiveWalk) -> int | None:
    r"""Return the number that ``Select\Current`` holds, or None."""
    select = walk.find(walk.root, "Select")
    number = _dword(walk.value(select, "Current"), signed=False)
    if number is None:
        missing = "key Select" if select is None else "number in Select\\Current"
        walk.report(walk.root.offset, f"there is no {missing}, so no control set can be called current")
    return number


def _read_control_set(walk: HiveWalk, key: HiveKey, number: int, *, current: bool) -> ControlSet:
    parameters = walk.find(key, "Services", "Tcpip", "Parameters")
    computer_name = walk.find(key, "Control", "ComputerName", "ComputerName")
    product = walk.find(key, "Control", "ProductOptions")
    programs, undecoded = read_cached_programs(walk, key)
    return ControlSet(
        number=number,
        current=current,
        services=tuple(read_services(walk, key)),
        computer_name=_text(walk, computer_name, "ComputerName"),
        host_name=_text(walk, parameters, "Hostname") or _text(walk, parameters, "NV Hostname"),
        domain=_text(walk, parameters, "Domain"),
        product_type=_text(walk, product, "ProductType"),
        time_zone=_time_zone(walk, walk.find(key, "Control", "TimeZoneInformation")),
        product_suite=_texts(walk, product, "ProductSuite"),
        firewall_rules=tuple(read_firewall_rules(walk, key)),
        last_runs=tuple(read_last_runs(walk, key)),
        cached_programs=programs,
        printers=tuple(read_printers(walk, key)),
        shares=tuple(read_shares(walk, key)),
        network_interfaces=tuple(read_network_interfaces(walk, key)),
        undecoded=undecoded,
    )


def _time_zone(walk: HiveWalk, key: HiveKey | None) -> TimeZone | None:
    """Return what ``TimeZoneInformation`` says. Windows before Vista has no ``TimeZoneKeyName``."""
    if key is None:
        return None
    return TimeZone(
        key_name=_text(walk, key, "TimeZoneKeyName"),
        bias=_dword(walk.value(key, "Bias"), signed=True),
        active_bias=_dword(walk.value(key, "ActiveTimeBias"), signed=True),
    )


def _text(walk: HiveWalk, key: HiveKey | None, name: str) -> str | None:
    value = walk.value(key, name)
    return value.text if value is not None and value.type_name in _TEXT_TYPES else None


def _texts(walk: HiveWalk, key: HiveKey | None, name: str) -> tuple[str, ...]:
    value = walk.value(key, name)
    if value is None or value.type_name != "REG_MULTI_SZ":
        return ()
    return tuple(text for text in several_texts(value.raw) if text)


def _dword(value: HiveValue | None, *, signed: bool) -> int | None:
    if value is None or value.type_name != "REG_DWORD" or len(value.raw) != _DWORD_SIZE:
        return None
    return int.from_bytes(value.raw, "little", signed=signed)
