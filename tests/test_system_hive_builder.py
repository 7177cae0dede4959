from io import BytesIO

import pytest
from Registry.Registry import Registry, RegistryKeyNotFoundException

from tests.builders.hive import dword_value
from tests.builders.system_hive import ServiceToWrite, build_system_hive

WRITTEN = 133_500_000_000_000_001
IMAGE_PATH = r'"C:\Program Files\RustDesk\RustDesk.exe" --service'
RUSTDESK = ServiceToWrite(
    "RustDesk",
    WRITTEN,
    IMAGE_PATH,
    "RustDesk Service",
    description="remote",
    failure_actions=b"\x80\x51\x01\x00",
    delayed_autostart=True,
    service_dll=r"C:\x.dll",
    extra_values=(dword_value("Tag", 1),),
)


def build(select_current: int | None = 1) -> Registry:
    data = build_system_hive(
        computer_name="PC-1",
        domain="example.test",
        services=[RUSTDESK],
        other_control_sets={2: []},
        last_written=WRITTEN + 1,
        bias=-60,
        select_current=select_current,
    )
    return Registry(BytesIO(data))


def test_a_service_has_the_values_that_windows_gives_it() -> None:
    service = build().open(r"ControlSet001\Services\RustDesk")
    assert [value.name() for value in service.values()] == [
        "Type", "Start", "ErrorControl", "ImagePath", "DisplayName", "ObjectName", "Description",
        "DelayedAutostart", "FailureActions", "Tag",
    ]  # fmt: skip
    image_path = service.value("ImagePath")
    assert (image_path.value_type_str(), image_path.value()) == ("RegExpandSZ", IMAGE_PATH)
    assert service.subkey("Parameters").value("ServiceDll").value() == r"C:\x.dll"


def test_a_control_set_says_what_machine_it_is_of() -> None:
    control_set = build().open("ControlSet001")
    zone = control_set.find_key(r"Control\TimeZoneInformation")
    parameters = control_set.find_key(r"Services\Tcpip\Parameters")
    assert zone.value("Bias").value() == 2**32 - 60
    assert parameters.value("Domain").value() == "example.test"
    assert parameters.value("Hostname").value() == "PC-1"


def test_other_control_sets_have_their_own_services() -> None:
    services = build().open(r"ControlSet002\Services")
    assert [key.name() for key in services.subkeys()] == ["Tcpip"]


def test_select_names_the_current_control_set_or_is_left_out() -> None:
    assert build(2).open("Select").value("Current").value() == 2
    with pytest.raises(RegistryKeyNotFoundException):
        build(None).open("Select")
