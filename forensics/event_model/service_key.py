"""Service keys of the SYSTEM hive as registry rows: one row a value.

A row's time is when its key was last written. That is a state, not an event: it is never the time of an
install.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.event_model.event import Cell, Event, Facts, Table
from forensics.event_model.hive_origin import ROOT, HiveSource
from forensics.event_model.windows_path import binary_of
from parsers.hive.record import HiveValue
from parsers.hive.views import held_values, log_replayed_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.event_model.event import Origin
    from parsers.hive.held_record import HeldValue
    from parsers.hive.record import ControlSet, ServiceKey
    from parsers.hive.views import HiveViews

_TYPE_NAMES: Final = {
    "REG_SZ": "String",
    "REG_EXPAND_SZ": "ExpandString",
    "REG_BINARY": "Binary",
    "REG_DWORD": "Dword",
    "REG_MULTI_SZ": "MultiString",
    "REG_QWORD": "QWord",
}
"""The registry's names for the types of values, and Defender's; any other type is ``None`` there."""

_NO_VALUE: Final = HiveValue(name="", type_name="REG_NONE", text="", raw=b"", offset=0)


def service_values(control_set: ControlSet, device_name: str) -> Iterator[tuple[Event, HeldValue]]:
    """Give a DeviceRegistryEvents row for each value of each service, in the hive's order, with its value.

    The values of the key ``Parameters`` below it are among them. A service key without values gives one row
    without a value name, so that no key goes unseen.
    """
    source = HiveSource.of(control_set, device_name)
    for service in control_set.services:
        for held in held_values(service):
            yield _event(service, held, source.origin(held)), held


def replayed_values(views: HiveViews, device_name: str) -> Iterator[tuple[Event, HeldValue]]:
    """Give the rows that only the replay of the hive's transaction logs shows.

    Their offsets are those of the replayed copy; the locator says where in which log the bytes are.
    """
    source = HiveSource.of_replay(views.replay, device_name)
    for difference in log_replayed_keys(views).shown:
        for held in difference.rows:
            yield _event(difference.service, held, source.origin(held)), held


def host_name(control_set: ControlSet) -> str:
    """Return the machine's name as the hive has it: host and domain, or the computer name, or ``""``."""
    host = control_set.host_name or control_set.computer_name or ""
    return f"{host}.{control_set.domain}" if host and control_set.domain else host


def _event(service: ServiceKey, held: HeldValue, origin: Origin) -> Event:
    value = held.value or _NO_VALUE
    columns: dict[str, Cell] = {
        "Timestamp": held.last_written,
        "ActionType": "RegistryValueSet",
        "RegistryKey": ROOT + held.path,
        "RegistryValueType": _TYPE_NAMES.get(value.type_name, "None"),
        "RegistryValueName": value.name,
        "RegistryValueData": value.text,
    }
    image_path = service.text("ImagePath") or ""
    facts = Facts(service_name=service.name, image_path=binary_of(image_path), command_line=image_path)
    return Event(Table.REGISTRY_EVENTS, columns, _message(service), origin, facts)


def _message(service: ServiceKey) -> str:
    told = {
        "image path": service.text("ImagePath"),
        "display name": service.text("DisplayName"),
        "start": service.text("Start"),
        "account": service.text("ObjectName"),
        "library": service.service_dll.text if service.service_dll else None,
    }
    parts = [f"{name} {text}" for name, text in told.items() if text is not None]
    return f"Service key {service.name}: " + (", ".join(parts) or "no values")
