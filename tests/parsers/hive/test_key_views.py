from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.build import HERE as FIXTURES
from parsers.hive.cell_structure import mark_data, mark_key, mark_value
from parsers.hive.key_views import read_key_views
from parsers.hive.regipy_reader import RegipyFailed, RegipyHive
from parsers.hive.system_hive import read_system_hive
from parsers.hive.views import held_values
from tests.builders.dirty_hive import BASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.hive.cell_structure import MarkedCell
    from parsers.hive.held_record import HeldValue

HIVE = (FIXTURES / "case-dc01/Windows/System32/config/SYSTEM").read_bytes()
RUSTDESK = "ControlSet001\\Services\\RustDesk"


def held(hive: bytes) -> list[HeldValue]:
    sets = read_system_hive(hive, "SYSTEM").control_sets
    return [each for one in sets for service in one.services for each in held_values(service)]


def image_path() -> HeldValue:
    return next(
        each
        for each in held(HIVE)
        if each.path == RUSTDESK and each.value is not None and each.value.name == "ImagePath"
    )


def test_both_readers_see_every_service_alike() -> None:
    keys = {each.path: each.offset for each in held(HIVE)}
    for path, offset in keys.items():
        views = read_key_views(HIVE, path, offset)
        assert (views.python_registry.failure, views.regipy.failure) == ("", "")
        assert views.differences == ()
        assert views.same > 2


def test_parts_cover_their_cells_and_say_what_the_readers_say() -> None:
    row = image_path()
    assert row.value is not None
    cells = (
        mark_key(HIVE, row.offset),
        mark_value(HIVE, row.value.offset),
        mark_data(HIVE, row.value.offset),
    )
    for cell in cells:
        assert cell is not None
        assert HIVE[cell.offset :].startswith(cell.data)
        position = 0
        for mark in cell.marks:
            assert mark.offset == position
            position += mark.size
        assert position == len(cell.data)
    key, value, data = (each for each in cells if each is not None)
    assert {mark.name: mark.meaning for mark in key.marks}["name"] == "RustDesk"
    assert {mark.name: mark.meaning for mark in key.marks}["last written"].startswith(
        f"{row.last_written:#018x}, "
    )
    assert {mark.name: mark.meaning for mark in value.marks}["type"] == row.value.type_name
    assert row.value.raw in data.data


def test_data_inside_of_a_value_have_no_cell() -> None:
    start = next(
        each for each in held(HIVE) if each.value is not None and each.value.type_name == "REG_DWORD"
    )
    assert start.value is not None
    assert mark_data(HIVE, start.value.offset) is None
    cell = mark_value(HIVE, start.value.offset)
    assert cell is not None
    assert "in place of their offset" in {mark.name: mark.meaning for mark in cell.marks}["size of data"]


def test_a_reader_that_cannot_read_a_key_says_why() -> None:
    views = read_key_views(HIVE, "ControlSet001\\Services\\Nobody", 4096)

    assert "nk" not in views.regipy.fields
    assert views.regipy.failure.startswith("it finds no key Nobody")
    assert views.python_registry.failure.startswith("byte 0x1000: ")
    assert (views.same, views.differences) == (0, ())


@pytest.mark.parametrize("hive", [b"", b"regf", b"regf" + bytes(9000)])
def test_regipy_raises_one_error_for_whatever_it_meets(hive: bytes) -> None:
    with pytest.raises(RegipyFailed):
        RegipyHive(hive).key("ControlSet001")


@pytest.mark.parametrize("mark", [mark_key, mark_value, mark_data])
@given(
    offset=st.integers(-10, len(BASE) + 10), noise=st.binary(max_size=64), at=st.integers(0, len(BASE) - 64)
)
def test_any_offset_of_any_hive_is_marked_or_none(
    mark: Callable[[bytes, int], MarkedCell | None], offset: int, noise: bytes, at: int
) -> None:
    hive = BASE[:at] + noise + BASE[at + len(noise) :]
    cell = mark(hive, offset)
    if cell is not None:
        assert all(each.offset + each.size <= len(cell.data) for each in cell.marks)
