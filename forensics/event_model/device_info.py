"""One DeviceInfo row a machine: its name, its kind and what its hive says of it."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from forensics.event_model.event import Cell, Event, Origin, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from forensics.device import Device

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {"lanmannt": "Server", "servernt": "Server", "winnt": "Workstation"}
)
"""``Control\\ProductOptions\\ProductType`` in lower case, and Defender's DeviceType."""


def device_info(device: Device, last_seen: int, artifact: str, channels: Iterable[str] = ()) -> Event:
    """Return the row of ``device``; ``last_seen`` is the latest time of any of its artifacts, in ticks.

    ``channels`` are those of its event logs.
    """
    additional = {
        "Names": list(device.names),
        "ProductType": device.product_type,
        "ProductTypeSource": device.product_source,
        "Channels": sorted({channel for channel in channels if channel}),
    }
    columns: dict[str, Cell] = {
        "Timestamp": last_seen,
        "DeviceType": _TYPES.get(device.product_type.casefold(), ""),
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
