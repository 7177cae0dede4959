import pytest

from parsers.damage import Damage
from parsers.errors import NotAHive
from parsers.hive.record import ServiceKey, TimeZone
from parsers.hive.system_hive import read_system_hive
from tests.builders.hive import KeyToWrite, build_hive, dword_value, multi_text_value, text_value
from tests.builders.system_hive import ServiceToWrite, build_system_hive

WRITTEN = 133_500_000_000_000_001
IMAGE_PATH = r'"C:\Program Files\RustDesk\RustDesk.exe" --service'
RUSTDESK = ServiceToWrite("RustDesk", WRITTEN + 7, IMAGE_PATH, "RustDesk Service")


def system_hive(*services: ServiceToWrite, current: int | None = 1, dirty: bool = False) -> bytes:
    return build_system_hive(
        computer_name="PC-1",
        host_name="pc-1",
        domain="example.test",
        product_type="LanmanNT",
        time_zone_name="W. Europe Standard Time",
        bias=-60,
        active_bias=-120,
        services=services,
        other_control_sets={2: [ServiceToWrite("Old", WRITTEN, "old.exe")]},
        last_written=WRITTEN,
        select_current=current,
        dirty=dirty,
    )


def rustdesk(data: bytes) -> ServiceKey:
    current = read_system_hive(data, "SYSTEM").current
    assert current is not None
    return next(service for service in current.services if service.name == "RustDesk")


def test_a_control_set_says_what_machine_it_is_of() -> None:
    hive = read_system_hive(system_hive(RUSTDESK), "SYSTEM")
    current = hive.current
    assert current is not None
    assert (current.number, current.current) == (1, True)
    assert (current.computer_name, current.host_name, current.domain) == ("PC-1", "pc-1", "example.test")
    assert current.product_type == "LanmanNT"
    assert current.time_zone == TimeZone("W. Europe Standard Time", -60, -120)
    assert hive.damage == ()


def test_every_control_set_has_its_own_services() -> None:
    hive = read_system_hive(system_hive(RUSTDESK), "SYSTEM")
    names = {each.number: [service.name for service in each.services] for each in hive.control_sets}
    assert names == {1: ["RustDesk", "Tcpip"], 2: ["Old", "Tcpip"]}


def test_the_current_control_set_is_the_one_that_select_names() -> None:
    hive = read_system_hive(system_hive(current=2), "SYSTEM")
    assert [each.current for each in hive.control_sets] == [False, True]


def test_a_service_is_read_to_the_tick_with_its_place_in_the_file() -> None:
    data = system_hive(RUSTDESK)
    service = rustdesk(data)
    assert (service.path, service.last_written) == (r"ControlSet001\Services\RustDesk", WRITTEN + 7)
    assert data[service.offset + 4 : service.offset + 6] == b"nk"
    image_path = service.value("imagepath")
    assert image_path is not None
    assert (image_path.type_name, image_path.text) == ("REG_EXPAND_SZ", IMAGE_PATH)
    assert image_path.raw == f"{IMAGE_PATH}\0".encode("utf-16-le")
    assert data[image_path.offset + 4 : image_path.offset + 6] == b"vk"
    assert [value.name for value in service.values] == [
        "Type", "Start", "ErrorControl", "ImagePath", "DisplayName", "ObjectName",
    ]  # fmt: skip
    assert service.text("Start") == "2"
    assert service.service_dll is None


def test_the_service_dll_is_that_of_the_parameters() -> None:
    data = system_hive(ServiceToWrite("RustDesk", WRITTEN, None, service_dll=r"%SystemRoot%\x.dll"))
    service = rustdesk(data)
    assert service.service_dll is not None
    assert service.service_dll.text == r"%SystemRoot%\x.dll"
    assert service.text("ImagePath") is None


def test_a_short_text_keeps_its_length() -> None:
    service = rustdesk(
        system_hive(ServiceToWrite("RustDesk", WRITTEN, "a", extra_values=(text_value("x", ""),)))
    )
    value = service.value("x")
    assert value is not None
    assert value.raw == b"\0\0"


def test_long_values_are_put_together_again() -> None:
    long_text = "x" * 20_000
    extra = (text_value("long", long_text), multi_text_value("several", ["a", "b"]))
    service = rustdesk(system_hive(ServiceToWrite("RustDesk", WRITTEN, "a", extra_values=extra)))
    assert service.text("long") == long_text
    assert service.text("several") == "a; b"


@pytest.mark.parametrize("name", ["Größe\x80\x81", "日本語", "half \ud800"])
def test_names_are_read_as_windows_has_them(name: str) -> None:
    hive = read_system_hive(system_hive(ServiceToWrite(name, WRITTEN, "a")), "SYSTEM")
    assert hive.current is not None
    assert name in {service.name for service in hive.current.services}
    assert hive.damage == ()


def test_1203_services_below_an_index_root_are_all_read() -> None:
    services = [ServiceToWrite(f"Service{number}", WRITTEN + number, "a") for number in range(1203)]
    hive = read_system_hive(system_hive(*services), "SYSTEM")
    assert hive.current is not None
    times = {service.name: service.last_written for service in hive.current.services}
    assert times == {service.name: service.last_written for service in services} | {"Tcpip": WRITTEN}


def test_a_dirty_hive_is_not_damaged_by_that() -> None:
    hive = read_system_hive(system_hive(RUSTDESK, dirty=True), "SYSTEM")
    assert hive.base_block.dirty
    assert hive.damage == ()


def test_the_nv_hostname_stands_in_for_a_missing_hostname() -> None:
    parameters = KeyToWrite("Parameters", 0, (text_value("NV Hostname", "pc-2"),))
    services = KeyToWrite("Services", 0, (), (KeyToWrite("Tcpip", 0, (), (parameters,)),))
    root = KeyToWrite("ROOT", 0, (), (KeyToWrite("ControlSet001", 0, (), (services,)),))
    (control_set,) = read_system_hive(build_hive(root), "SYSTEM").control_sets
    assert control_set.host_name == "pc-2"
    assert (control_set.domain, control_set.product_type, control_set.time_zone) == (None, None, None)


def test_without_select_no_control_set_is_current_and_all_are_read() -> None:
    hive = read_system_hive(system_hive(RUSTDESK, current=None), "SYSTEM")
    assert hive.current is None
    assert [each.number for each in hive.control_sets] == [1, 2]
    assert [each.reason for each in hive.damage] == [
        "there is no key Select, so no control set can be called current"
    ]


def test_a_select_without_a_number_is_told() -> None:
    select = KeyToWrite("Select", 0, (text_value("Current", "1"),))
    services = KeyToWrite("Services", 0)
    root = KeyToWrite("ROOT", 0, (), (KeyToWrite("ControlSet001", 0, (), (services,)), select))
    hive = read_system_hive(build_hive(root), "SYSTEM")
    assert hive.current is None
    assert "no number in Select\\Current" in hive.damage[0].reason


def test_a_select_that_names_no_control_set_is_told() -> None:
    hive = read_system_hive(system_hive(RUSTDESK, current=9), "SYSTEM")
    assert hive.current is None
    assert "control set 9" in hive.damage[0].reason


def test_a_hive_of_another_kind_has_no_control_set_and_says_so() -> None:
    hive = read_system_hive(build_hive(KeyToWrite("ROOT", 0, (dword_value("a", 1),))), "SOFTWARE")
    assert hive.control_sets == ()
    assert any("no SYSTEM hive" in each.reason for each in hive.damage)


def test_a_wrong_checksum_is_damage_and_reading_goes_on() -> None:
    data = bytearray(system_hive(RUSTDESK))
    data[508] ^= 1
    assert rustdesk(bytes(data)).text("ImagePath") == IMAGE_PATH
    (damage,) = read_system_hive(bytes(data), "SYSTEM").damage
    assert (damage.offset, damage.length) == (0, 512)


def test_what_a_truncated_file_lacks_is_damage() -> None:
    data = system_hive(*(ServiceToWrite(f"Service{number}", WRITTEN, "a") for number in range(100)))
    hive = read_system_hive(data[:-4096], "SYSTEM")
    assert (
        Damage(len(data) - 4096, 4096, "the file ends here; by its base block 4096 bytes are missing")
        in hive.damage
    )
    assert [each.number for each in hive.control_sets] == [1, 2]
    assert len(hive.control_sets[0].services) == 101


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"ElfFile\0" + bytes(9000), "begins with bytes 45 6c 66 46"),
        (b"reg", "begins with bytes 72 65 67"),
        (b"regf" + bytes(100), "ends after 104 bytes"),
        (system_hive()[:4096], "ends after 4096 bytes"),
        (system_hive()[:4120], "ends after 4120 bytes"),
        (system_hive()[:4160], "root key cannot be reached"),
        (b"regf" + bytes(9000), "root key cannot be reached"),
    ],
)
def test_what_is_no_hive_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotAHive, match=reason) as refused:
        read_system_hive(data, "C/Windows/System32/config/SYSTEM")
    assert refused.value.path == "C/Windows/System32/config/SYSTEM"
    assert refused.value.remedy


@pytest.mark.parametrize(("file_type", "follows"), [(6, b"HvLE"), (1, b"DIRT"), (6, b"\0\0\0\0")])
def test_a_transaction_log_is_no_hive(file_type: int, follows: bytes) -> None:
    block = bytearray(system_hive()[:512])
    block[28] = file_type
    with pytest.raises(NotAHive, match="transaction log"):
        read_system_hive(bytes(block) + follows.ljust(8000, b"\0"), "SYSTEM.LOG1")
