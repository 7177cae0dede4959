"""One DeviceInfo row a machine: its name, its kind and what its hive says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from forensics.device import Device, DeviceRole
from forensics.event_model.event import Cell, Event, Origin, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES: Mapping[DeviceRole, str] = {
    DeviceRole.DOMAIN_CONTROLLER: "Server",
    DeviceRole.SERVER: "Server",
    DeviceRole.WORKSTATION: "Workstation",
    DeviceRole.UNKNOWN: "",
}


def device_info(device: Device, last_seen: int, artifact: str) -> Event:
    """Return the row of ``device``; ``last_seen`` is the latest time of any of its artifacts, in ticks."""
    additional = {"Names": list(device.names), "Role": device.role.value, "RoleReason": device.role_reason}
    columns: dict[str, Cell] = {
        "Timestamp": last_seen,
        "DeviceType": _TYPES[device.role],
        "DeviceCategory": "Endpoint",
        "AdditionalFields": json.dumps(additional, ensure_ascii=False, sort_keys=True),
    }
    origin = Origin(
        ticks=last_seen,
        time_means="Last record of this machine",
        raw_time=f"{last_seen:#018x}",
        digits=7,
        device_name=device.name,
        artifact=artifact,
        channel_or_key="",
        provider="",
        event_id="",
        record_id="",
        record_state="live",
        offset=0,
        locator="all artifacts of this machine",
    )
    return Event(Table.INFO, columns, f"Machine examined: {device.name}", origin)
