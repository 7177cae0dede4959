"""Service keys of the SYSTEM hive as registry rows: one row a value.

A row's time is when its key was last written. That is a state, not an event: it is never the time of an
install.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.event import Cell, Event, Facts, Origin, Table
from forensics.event_model.windows_path import binary_of
from parsers.hive.record import HiveValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import ControlSet, ServiceKey

ROOT: Final = "HKEY_LOCAL_MACHINE\\SYSTEM\\"

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


class _Value(NamedTuple):
    """One value with the key that holds it: the service's own, or the key ``Parameters`` below it."""

    path: str
    offset: int
    last_written: int
    value: HiveValue


def service_values(control_set: ControlSet, device_name: str) -> Iterator[Event]:
    r"""Give a DeviceRegistryEvents row for each value of each service, in the hive's order.

    ``Parameters\ServiceDll`` is among them. A service key without values gives one row without a value name,
    so that no key goes unseen.
    """
    for service in control_set.services:
        for value in _values(service):
            yield _event(control_set, service, value, device_name)


def host_name(control_set: ControlSet) -> str:
    """Return the machine's name as the hive has it: host and domain, or the computer name, or ``""``."""
    host = control_set.host_name or control_set.computer_name or ""
    return f"{host}.{control_set.domain}" if host and control_set.domain else host


def _values(service: ServiceKey) -> Iterator[_Value]:
    for value in service.values or (_NO_VALUE,):
        yield _Value(service.path, service.offset, service.last_written, value)
    if service.service_dll is not None:
        offset, last_written = service.parameters_offset, service.parameters_last_written
        yield _Value(
            f"{service.path}\\Parameters",
            service.offset if offset is None else offset,
            service.last_written if last_written is None else last_written,
            service.service_dll,
        )


def _event(control_set: ControlSet, service: ServiceKey, held: _Value, device_name: str) -> Event:
    columns: dict[str, Cell] = {
        "Timestamp": held.last_written,
        "ActionType": "RegistryValueSet",
        "RegistryKey": ROOT + held.path,
        "RegistryValueType": _TYPE_NAMES.get(held.value.type_name, "None"),
        "RegistryValueName": held.value.name,
        "RegistryValueData": held.value.text,
    }
    image_path = service.text("ImagePath") or ""
    facts = Facts(service_name=service.name, image_path=binary_of(image_path), command_line=image_path)
    origin = _origin(held, device_name, current=control_set.current)
    return Event(Table.REGISTRY_EVENTS, columns, _message(service), origin, facts)


def _origin(held: _Value, device_name: str, *, current: bool) -> Origin:
    value = held.value
    where = f", value {value.name} at offset {value.offset:#x}" if value.offset else ""
    return Origin(
        ticks=held.last_written,
        time_means="Registry key last written",
        raw_time=f"{held.last_written:#018x}",
        digits=7,
        device_name=device_name,
        artifact="SYSTEM hive",
        channel_or_key=ROOT + held.path,
        provider="",
        event_id="",
        record_id="",
        record_state="live" if current else "non_current_control_set",
        offset=value.offset or held.offset,
        locator=f"key {held.path} at offset {held.offset:#x}{where}",
    )


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
