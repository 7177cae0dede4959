"""Hives with one thing broken: it costs itself, is told, and costs nothing else."""

from contextlib import suppress
from struct import pack_into, unpack_from

from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import NotAHive
from parsers.hive.record import ControlSet, SystemHive
from parsers.hive.system_hive import read_system_hive
from tests.builders.system_hive import ServiceToWrite, build_system_hive

WRITTEN = 133_500_000_000_000_001
FIRST_BIN = 4096
CELL = 4
NK_PARENT, NK_SUBKEYS, NK_SUBKEYS_LIST, NK_VALUES, NK_VALUES_LIST = 0x10, 0x14, 0x1C, 0x24, 0x28
VK_SIZE, VK_DATA = 4, 8


def build(number: int = 20) -> bytes:
    services = [
        ServiceToWrite(f"Service{n:04}", WRITTEN + n, f"{n}.exe", service_dll="x.dll") for n in range(number)
    ]
    return build_system_hive(computer_name="PC-1", services=services, last_written=WRITTEN)


SMALL = build(6)
SOUND = build()


def read(data: bytes) -> SystemHive:
    return read_system_hive(bytes(data), "SYSTEM")


def current(hive: SystemHive) -> ControlSet:
    assert hive.current is not None
    return hive.current


def names(hive: SystemHive) -> list[str]:
    return [service.name for service in current(hive).services]


def offset_of_key(data: bytes, name: str) -> int:
    """Return the offset of the nk cell of the first key called ``name``."""
    return data.index(name.encode(), FIRST_BIN) - 0x4C - CELL


def field(data: bytes, cell: int, at: int) -> int:
    return int(unpack_from("<I", data, cell + CELL + at)[0])


def with_field(data: bytes, cell: int, at: int, value: int) -> bytes:
    changed = bytearray(data)
    pack_into("<I", changed, cell + CELL + at, value)
    return bytes(changed)


def offset_of_list(data: bytes, key: int) -> int:
    return FIRST_BIN + field(data, key, NK_SUBKEYS_LIST)


SERVICES = offset_of_key(SOUND, "Services")
SERVICE = offset_of_key(SOUND, "Service0003")


def reasons(hive: SystemHive) -> str:
    return "\n".join(map(str, hive.damage))


def test_a_broken_key_costs_itself() -> None:
    hive = read(with_field(SOUND, SERVICE, 0, 0))
    assert names(hive) == [name for name in names(read(SOUND)) if name != "Service0003"]
    (damage,) = hive.damage
    assert (damage.offset, damage.records_lost) == (SERVICE, 1)
    assert "a subkey of ControlSet001\\Services is lost" in damage.reason


def test_a_key_in_a_free_cell_is_not_passed_off_as_a_live_one() -> None:
    size = -unpack_from("<i", SOUND, SERVICE)[0]
    hive = read(with_field(SOUND, SERVICE, -CELL, size))
    assert "Service0003" not in names(hive)
    assert "marked as free" in reasons(hive)


def test_a_key_that_names_another_parent_is_read_and_told() -> None:
    hive = read(with_field(SOUND, SERVICE, NK_PARENT, 0x20))
    assert names(hive) == names(read(SOUND))
    assert "names another key as its parent" in reasons(hive)


def test_a_broken_value_costs_itself() -> None:
    service = current(read(SOUND)).services[3]
    image_path = service.value("ImagePath")
    assert image_path is not None
    hive = read(with_field(SOUND, image_path.offset, 0, 0))
    left = current(hive).services[3]
    assert left.values == tuple(value for value in service.values if value is not image_path)
    (damage,) = hive.damage
    assert damage.offset == image_path.offset


def test_data_that_the_file_has_no_room_for_cost_their_value() -> None:
    image_path = current(read(SOUND)).services[3].value("ImagePath")
    assert image_path is not None
    for size in (0x7FFFFFFF, 4000, 0x80000005, 20_000):
        hive = read(with_field(SOUND, image_path.offset, VK_SIZE, size))
        assert current(hive).services[3].text("ImagePath") is None
        assert "a value of ControlSet001\\Services\\Service0003 is lost" in reasons(hive)


def test_data_behind_the_end_of_the_file_cost_their_value() -> None:
    image_path = current(read(SOUND)).services[3].value("ImagePath")
    assert image_path is not None
    hive = read(with_field(SOUND, image_path.offset, VK_DATA, 0x7FFFFFF0))
    assert "the data lies behind the end of the file" in reasons(hive)


def test_a_lost_list_of_values_leaves_the_service() -> None:
    hive = read(with_field(SOUND, SERVICE, NK_VALUES_LIST, 0xFFFFFFFF))
    assert names(hive) == names(read(SOUND))
    assert "the list of the values of ControlSet001\\Services\\Service0003 is lost" in reasons(hive)


def test_values_that_a_key_disowns_are_told() -> None:
    hive = read(with_field(SOUND, SERVICE, NK_VALUES, 0))
    assert current(hive).services[3].values == ()
    assert "claims no values but has a list of them" in reasons(hive)


def test_an_absurd_count_of_values_is_held_to_what_the_list_has() -> None:
    hive = read(with_field(SOUND, SERVICE, NK_VALUES, 0xFFFFFFF0))
    assert current(hive).services[3].text("ImagePath") == "3.exe"
    assert "says that it has 4294967280 values" in reasons(hive)


def test_subkeys_that_a_key_disowns_are_read_and_told() -> None:
    hive = read(with_field(SOUND, SERVICES, NK_SUBKEYS, 0))
    assert names(hive) == names(read(SOUND))
    assert "says that it has 0 subkeys; its lists have 21" in reasons(hive)


def test_subkeys_without_their_list_are_found_by_their_parent() -> None:
    hive = read(with_field(SOUND, SERVICES, NK_SUBKEYS_LIST, 0xFFFFFFFF))
    assert names(hive) == names(read(SOUND))
    assert "its lists have 0 and 21 more were found by the parent that they name" in reasons(hive)
    assert [damage.records_lost for damage in hive.damage] == [0]


def test_subkeys_that_no_list_and_no_parent_leads_to_are_counted_as_lost() -> None:
    without_list = with_field(SOUND, SERVICES, NK_SUBKEYS_LIST, 0xFFFFFFFF)
    hive = read(with_field(without_list, SERVICE, 0, 0))
    assert len(names(hive)) == 20
    assert [damage.records_lost for damage in hive.damage] == [1]


def test_an_absurd_count_of_subkeys_is_held_to_what_the_list_has() -> None:
    changed = bytearray(SOUND)
    pack_into("<H", changed, offset_of_list(SOUND, SERVICES) + CELL + 2, 0xFFFF)
    hive = read(bytes(changed))
    assert set(names(hive)) == set(names(read(SOUND)))
    assert "claims 65535 elements" in reasons(hive)


def test_a_broken_leaf_costs_no_service() -> None:
    data = build(1203)
    services = offset_of_key(data, "Services")
    leaf = FIRST_BIN + field(data, offset_of_list(data, services), 8)
    hive = read(with_field(data, leaf, 0, 0))
    assert set(names(hive)) == set(names(read(data)))
    assert "a list of the subkeys of ControlSet001\\Services is lost" in reasons(hive)


def test_an_index_root_below_itself_ends() -> None:
    data = build(1203)
    index_root = offset_of_list(data, offset_of_key(data, "Services"))
    hive = read(with_field(data, index_root, 4, index_root - FIRST_BIN))
    assert len(names(hive)) == 1204
    assert "an index root stands below another" in reasons(hive)


def test_a_leaf_listed_twice_is_read_once() -> None:
    data = build(1203)
    index_root = offset_of_list(data, offset_of_key(data, "Services"))
    hive = read(with_field(data, index_root, 8, field(data, index_root, 4)))
    assert len(names(hive)) == 1204
    assert "lists have 704 and 500 more were found" in reasons(hive)


def test_a_subkey_listed_twice_is_read_once() -> None:
    leaf = offset_of_list(SOUND, SERVICES)
    hive = read(with_field(SOUND, leaf, 12, field(SOUND, leaf, 4)))
    assert len(names(hive)) == 21
    assert "more than once" in reasons(hive)


def test_a_key_below_itself_ends() -> None:
    leaf = offset_of_list(SOUND, SERVICES)
    hive = read(with_field(SOUND, leaf, 4, SERVICES - FIRST_BIN))
    assert names(hive)[0] == "Services"
    assert "names another key as its parent" in reasons(hive)


def test_a_damaged_header_of_the_first_bin_costs_no_key() -> None:
    hive = read(SOUND[:FIRST_BIN] + bytes(32) + SOUND[FIRST_BIN + 32 :])
    assert names(hive) == names(read(SOUND))
    (damage,) = hive.damage
    assert damage.offset == FIRST_BIN


def test_a_lost_bin_is_told_with_its_range() -> None:
    hive = read(SOUND[:0x3000] + bytes(0x1000) + SOUND[0x4000:])
    assert (0x3000, 0x1000) in {(damage.offset, damage.length) for damage in hive.damage}
    assert names(hive)


def test_a_root_that_the_base_block_misplaces_is_found_in_the_first_cell() -> None:
    changed = bytearray(SOUND)
    pack_into("<I", changed, 0x24, 0x1000)
    hive = read(bytes(changed))
    assert names(hive) == names(read(SOUND))
    assert "the root key is not here" in reasons(hive)


@given(st.binary(max_size=600), st.booleans())
def test_no_bytes_raise_anything_but_not_a_hive(data: bytes, base_block: bool) -> None:
    with suppress(NotAHive):
        read(SMALL[:4096] + data if base_block else data)


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_no_changed_byte_raises_anything_but_not_a_hive(position: int, change: int) -> None:
    changed = bytearray(SMALL)
    changed[position] ^= change
    try:
        read(bytes(changed))
    except NotAHive:
        assert position < FIRST_BIN + 0x80


@given(st.integers(0, len(SMALL)))
def test_no_truncation_raises_anything_but_not_a_hive_and_none_is_silent(length: int) -> None:
    try:
        hive = read(SMALL[:length])
    except NotAHive:
        return
    assert bool(hive.damage) == (length < len(SMALL))


@given(
    st.integers(0x80, len(SMALL) // 4 - 1), st.integers(0, 2**32 - 1) | st.sampled_from([0x20, 0xFFFFFFFF, 0])
)
def test_no_changed_number_raises_anything_but_not_a_hive(position: int, number: int) -> None:
    changed = bytearray(SMALL)
    pack_into("<I", changed, 4 * position, number)
    try:
        read(bytes(changed))
    except NotAHive:
        assert 4 * position < FIRST_BIN + 0x80
