import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.filetime import to_text
from parsers.hive.network_interfaces import NetworkInterface
from tests.builders.held_records import WRITTEN, control_set_with
from tests.builders.hive import ValueToWrite, dword_value, multi_text_value, text_value
from tests.builders.hive_artifacts import key_at, network_interface

GUID = "{B0E24C4B-50F2-4B60-BCB3-EF2C3FF3394E}"
VALUES = (
    dword_value("EnableDHCP", 1),
    text_value("DhcpIPAddress", "192.168.56.103"),
    multi_text_value("IPAddress", ["10.0.0.5", "10.0.0.6"]),
    multi_text_value("DefaultGateway", [""]),
    text_value("NameServer", ""),
    dword_value("LeaseObtainedTime", 1_449_890_802),
    dword_value("LeaseTerminatesTime", 0),
)


def interface(*values: ValueToWrite) -> NetworkInterface:
    (found,) = control_set_with(network_interface(WRITTEN + 6, GUID, values)).network_interfaces
    return found


def test_an_interface_has_its_addresses() -> None:
    found = interface(*VALUES)
    assert found.name == GUID
    assert found.texts("ipaddress") == ("10.0.0.5", "10.0.0.6")
    assert found.texts("DhcpIPAddress") == ("192.168.56.103",)
    assert found.texts("EnableDHCP") == ("1",)
    assert found.held.last_written == WRITTEN + 6


@pytest.mark.parametrize("name", ["DefaultGateway", "NameServer", "Absent"])
def test_what_is_empty_or_not_there_has_no_texts(name: str) -> None:
    assert interface(*VALUES).texts(name) == ()


def test_a_lease_s_time_is_in_ticks_and_zero_is_no_time() -> None:
    found = interface(*VALUES)
    obtained = found.moment("LeaseObtainedTime")
    assert obtained is not None
    assert to_text(obtained, 0) == "2015-12-12T03:26:42Z"
    assert found.moment("LeaseTerminatesTime") is None
    assert found.moment("DhcpIPAddress") is None
    assert found.moment("Absent") is None


def test_an_interface_without_values_is_still_seen() -> None:
    assert interface().values == ()


def test_wireless_networks_of_an_interface_are_records_of_their_own() -> None:
    network = key_at(
        rf"Services\Tcpip\Parameters\Interfaces\{GUID}\E456470223E243",
        WRITTEN,
        [text_value("DhcpIPAddress", "192.168.0.7")],
    )
    first, second = control_set_with(network_interface(WRITTEN, GUID, VALUES), network).network_interfaces
    assert (first.name, second.name) == (GUID, rf"{GUID}\E456470223E243")
    assert second.texts("DhcpIPAddress") == ("192.168.0.7",)


@given(st.integers(0, 11), st.binary(max_size=30))
def test_no_value_crashes(kind: int, data: bytes) -> None:
    found = interface(ValueToWrite("IPAddress", kind, data), ValueToWrite("LeaseObtainedTime", kind, data))
    assert "" not in found.texts("IPAddress")
    moment = found.moment("LeaseObtainedTime")
    assert moment is None or to_text(moment, 0) > "1970"
