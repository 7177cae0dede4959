from __future__ import annotations

import json

import pytest

from forensics.device import Device
from forensics.event_model.device_info import device_info
from forensics.event_model.event import Table


@pytest.mark.parametrize(
    ("product_type", "device_type"),
    [("LanmanNT", "Server"), ("ServerNT", "Server"), ("WinNT", "Workstation"), ("", ""), ("Another", "")],
)
def test_a_machine_is_one_row_with_its_edition_and_all_its_names(product_type: str, device_type: str) -> None:
    device = Device("d" * 40, "DC01", ("DC01", "WIN-1"), product_type, "config/SYSTEM")
    event = device_info(device, 133_500_000_000_000_001, "3 artifacts", ["System", "", "Security", "System"])
    assert event.table is Table.INFO
    assert event.columns["Timestamp"] == event.origin.ticks == 133_500_000_000_000_001
    assert (event.columns["DeviceType"], event.columns["DeviceCategory"]) == (device_type, "Endpoint")
    assert json.loads(str(event.columns["AdditionalFields"])) == {
        "Names": ["DC01", "WIN-1"],
        "ProductType": product_type,
        "ProductTypeSource": "config/SYSTEM",
        "Channels": ["Security", "System"],
    }
    assert event.origin.device_name == "DC01"
