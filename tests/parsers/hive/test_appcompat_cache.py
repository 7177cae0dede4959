from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.hive.appcompat_cache import CacheEntry, LostEntry, read_entries
from parsers.hive.appcompat_layout import CacheLayout, layout_of
from tests.builders.appcompat_cache import KINDS, CacheEntryToWrite, CacheKind, build_cache
from tests.builders.held_records import WRITTEN, control_set_with
from tests.builders.hive_artifacts import compatibility_cache

if TYPE_CHECKING:
    from parsers.hive.appcompat_cache import CachedProgram
    from parsers.hive.record import ControlSet

RUN = 133_490_000_000_000_007
ENTRIES = (
    CacheEntryToWrite(r"C:\Program Files\RustDesk\rustdesk.exe", RUN, flags=0x43, data=b"\1\0\0\0"),
    CacheEntryToWrite(r"C:\Users\Zoë\größe.exe", RUN + 1),
    CacheEntryToWrite(r"C:\Program Files\RustDesk\rustdesk.exe", RUN, flags=0x43, data=b"\1\0\0\0"),
)
LAYOUTS = dict(zip(KINDS, CacheLayout, strict=True))
CHAINS: tuple[CacheKind, ...] = ("8.0", "8.1", "10", "10_1703")
TABLES: tuple[CacheKind, ...] = ("2003_32", "2003_64", "7_32", "7_64")


def control_set_of(data: bytes, name: str = "AppCompatCache") -> ControlSet:
    return control_set_with(compatibility_cache(WRITTEN, data, name))


def programs(data: bytes) -> tuple[CachedProgram, ...]:
    return control_set_of(data).cached_programs


def entries(data: bytes) -> list[CacheEntry | LostEntry]:
    layout = layout_of(data)
    return [] if layout is None else list(read_entries(data, layout))


@pytest.mark.parametrize("kind", KINDS)
def test_every_layout_gives_paths_and_times_in_the_order_of_the_cache(kind: CacheKind) -> None:
    found = programs(build_cache(kind, ENTRIES))
    assert [(each.position, each.path, each.file_modified) for each in found] == [
        (number, each.path, each.file_modified) for number, each in enumerate(ENTRIES)
    ]
    assert {(each.layout, each.problem) for each in found} == {(LAYOUTS[kind], "")}
    assert {each.insertion_flags for each in found} == ({0x43, 0} if kind.startswith(("7", "8")) else {None})


@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_without_entries_is_empty(kind: CacheKind) -> None:
    control_set = control_set_of(build_cache(kind, ()))
    assert (control_set.cached_programs, control_set.undecoded) == ((), ())


def test_windows_xp_keeps_its_cache_under_another_name() -> None:
    control_set = control_set_of(build_cache("xp", ENTRIES), "AppCompatibility")
    assert len(control_set.cached_programs) == len(ENTRIES)
    assert control_set.cached_programs[0].held.path.endswith(r"\Session Manager\AppCompatibility")


@pytest.mark.parametrize("kind", KINDS)
def test_one_file_twice_in_a_cache_is_two_records(kind: CacheKind) -> None:
    found = programs(build_cache(kind, ENTRIES))
    assert len({each.identity for each in found}) == len(ENTRIES)


@pytest.mark.parametrize("kind", CHAINS)
def test_an_entry_without_a_time_is_kept(kind: CacheKind) -> None:
    package = "00000009\t07e2466530840000\t8664\tMicrosoft.Windows.Photos\t8wekyb3d8bbwe\t"
    (found,) = programs(build_cache(kind, [CacheEntryToWrite(package, 0, data=bytes(20))]))
    assert (found.path, found.file_modified, found.problem) == (package, None, "")


def test_windows_8_1_names_a_packaged_app_behind_an_empty_path() -> None:
    made = CacheEntryToWrite("", 0, package="00000009\tMicrosoft.Photos\t")
    found = programs(build_cache("8.1", [made, *ENTRIES]))
    assert found[0].path == made.package
    assert found[1].path == ENTRIES[0].path


def test_a_time_that_no_year_has_is_told() -> None:
    (found,) = programs(build_cache("10", [CacheEntryToWrite("x.exe", 2**64 - 1)]))
    assert (found.file_modified, found.problem) == (None, "the time of its file is beyond the year 9999")


def test_windows_10_is_told_by_the_size_that_its_header_states() -> None:
    # The first entry is as long as what Windows 8.1 has between its header's end and this one's.
    first = CacheEntryToWrite("C:\\a.exe", RUN, data=bytes(0x80 - 0x34 - 12 - 2 - 16 - 12))
    data = build_cache("10_1703", [first, *ENTRIES])
    assert data[0x80:0x84] == b"10ts"
    assert [each.path for each in programs(data)] == [first.path, *(each.path for each in ENTRIES)]


def test_windows_8_1_may_leave_out_the_size_of_its_header() -> None:
    data = bytes(4) + build_cache("8.1", ENTRIES)[4:]
    assert {each.layout for each in programs(data)} == {CacheLayout.WINDOWS_8_1}


def test_an_unknown_layout_is_told_with_its_place() -> None:
    control_set = control_set_of(b"\x99" * 200)
    (damage,) = control_set.undecoded
    assert control_set.cached_programs == ()
    assert r"ControlSet001\Control\Session Manager\AppCompatCache\AppCompatCache" in damage.reason
    assert "begins with bytes 99 99 99 99 99 99 99 99, which no known layout does" in damage.reason


@pytest.mark.parametrize("data", [b"", bytes(128), bytes(5000)], ids=["empty", "zeros", "many zeros"])
def test_a_value_that_holds_nothing_is_no_damage(data: bytes) -> None:
    assert control_set_of(data).undecoded == ()


@pytest.mark.parametrize("kind", CHAINS)
def test_a_broken_entry_costs_itself_alone(kind: CacheKind) -> None:
    data = bytearray(build_cache(kind, ENTRIES))
    signature = data.index(b"0ts", data.index(b"0ts") + 1) - 1
    data[signature] ^= 0xFF
    control_set = control_set_of(bytes(data))
    assert [each.position for each in control_set.cached_programs] == [0, 2]
    (damage,) = control_set.undecoded
    assert f"at byte {signature} of its data there is no whole entry, and reading goes on" in damage.reason


@pytest.mark.parametrize("kind", CHAINS)
def test_a_cache_that_is_cut_off_keeps_its_whole_entries(kind: CacheKind) -> None:
    control_set = control_set_of(build_cache(kind, ENTRIES)[:-30])
    assert [each.position for each in control_set.cached_programs] == [0, 1]
    assert len(control_set.undecoded) == 1


@pytest.mark.parametrize("kind", TABLES)
def test_an_entry_of_a_table_with_an_impossible_path_costs_itself_alone(kind: CacheKind) -> None:
    data = bytearray(build_cache(kind, ENTRIES))
    header, size = (
        (128, {"7_32": 32, "7_64": 48}) if kind.startswith("7") else (8, {"2003_32": 24, "2003_64": 32})
    )
    data[header + size[kind] : header + size[kind] + 2] = b"\xff\xff"
    control_set = control_set_of(bytes(data))
    assert [each.position for each in control_set.cached_programs] == [0, 2]
    assert "an entry whose path should be 65535 bytes" in control_set.undecoded[0].reason


@pytest.mark.parametrize("kind", ["xp", *TABLES])
def test_a_table_that_claims_more_than_there_is_says_so(kind: CacheKind) -> None:
    data = bytearray(build_cache(kind, ENTRIES))
    data[4:8] = b"\xff\xff\xff\x7f"
    control_set = control_set_of(bytes(data))
    assert [each.path for each in control_set.cached_programs][:3] == [each.path for each in ENTRIES]
    assert "the data end; of 2147483647 entries" in control_set.undecoded[-1].reason


@pytest.mark.parametrize("kind", ["8.0", "8.1", "10"])
def test_an_entry_whose_parts_do_not_add_up_keeps_its_path_and_not_its_time(kind: CacheKind) -> None:
    data = build_cache(kind, [CacheEntryToWrite("x.exe", RUN, data=b"abcd")])
    (found,) = programs(data[:-8] + b"\x63\0\0\0" + data[-4:])
    assert (found.path, found.file_modified) == ("x.exe", None)
    assert found.problem.startswith("the parts of its entry do not add up")


def test_many_lost_entries_are_counted_and_not_listed() -> None:
    header = build_cache("10", ())
    damage = control_set_of(header + b"10ts\xff\xff\xff\xff\xff\xff\xff\xff" * 500).undecoded
    assert len(damage) == 101
    assert damage[-1].reason == "400 more entries of the compatibility cache are lost"


@given(
    kind=st.sampled_from(KINDS),
    head=st.integers(0, 140),
    noise=st.binary(max_size=300),
    keep=st.integers(0, 400),
)
def test_arbitrary_bytes_behind_any_header_never_crash(
    kind: CacheKind, head: int, noise: bytes, keep: int
) -> None:
    data = build_cache(kind, ENTRIES)
    for each in (noise, data[:head] + noise, data[:keep], data[:keep] + noise + data[keep:]):
        assert all(entry.at <= len(each) for entry in entries(each))


@settings(max_examples=50)
@given(
    kind=st.sampled_from(KINDS),
    made=st.lists(
        st.builds(
            CacheEntryToWrite,
            path=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30),
            file_modified=st.integers(0, 2**63),
            data=st.binary(max_size=20),
        ),
        max_size=5,
    ),
)
def test_what_was_written_is_read(kind: CacheKind, made: list[CacheEntryToWrite]) -> None:
    found = entries(build_cache(kind, made))
    assert [(each.path, each.file_time) for each in found if isinstance(each, CacheEntry)] == [
        (each.path, each.file_modified) for each in made
    ]
