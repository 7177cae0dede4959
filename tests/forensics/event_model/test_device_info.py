from __future__ import annotations

import json

import pytest

from forensics.device import Device, DeviceRole
from forensics.event_model.device_info import device_info
from forensics.event_model.event import Table


@pytest.mark.parametrize(
    ("role", "device_type"),
    [
        (DeviceRole.DOMAIN_CONTROLLER, "Server"),
        (DeviceRole.SERVER, "Server"),
        (DeviceRole.WORKSTATION, "Workstation"),
        (DeviceRole.UNKNOWN, ""),
    ],
)
def test_a_machine_is_one_row_with_its_role_and_all_its_names(role: DeviceRole, device_type: str) -> None:
    device = Device("d" * 40, "DC01", ("DC01", "WIN-1"), role, "as the hive says")
    event = device_info(device, 133_500_000_000_000_001, "3 artifacts")
    assert event.table is Table.INFO
    assert event.columns["Timestamp"] == event.origin.ticks == 133_500_000_000_000_001
    assert (event.columns["DeviceType"], event.columns["DeviceCategory"]) == (device_type, "Endpoint")
    assert json.loads(str(event.columns["AdditionalFields"])) == {
        "Names": ["DC01", "WIN-1"],
        "Role": role.value,
        "RoleReason": "as the hive says",
    }
    assert event.origin.device_name == "DC01"
