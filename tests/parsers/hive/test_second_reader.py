"""Values of hives read again by regipy: agreement, what only the bytes show, and real disagreement."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.hive.second_reader import (
    PYTHON_REGISTRY,
    REGIPY,
    ValuesToRead,
    ValueToRead,
    read_values_again,
)
from parsers.hive.system_hive import read_system_hive
from parsers.hive.views import held_values, read_system_hive_with_logs
from parsers.two_readings import FieldReading, TwoReadings, Verdict
from tests.builders.appcompat_cache import KINDS, CacheEntryToWrite, CacheKind, build_cache
from tests.builders.dirty_hive import BASE, LOG1, LOG2
from tests.builders.hive import (
    REG_BINARY,
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_QWORD,
    REG_SZ,
    KeyToWrite,
    ValueToWrite,
)
from tests.builders.hive_artifacts import compatibility_cache, last_runs, printer, run_data, shares
from tests.builders.system_hive import ServiceToWrite, build_system_hive

if TYPE_CHECKING:
    from parsers.hive.held_record import HeldRecord, HeldValue

WRITTEN: Final = 133_500_000_001_234_567
AGREE: Final = TwoReadings(PYTHON_REGISTRY, REGIPY)
REG_NONE, REG_BIG_ENDIAN, REG_LINK, REG_RESOURCES, REG_FULL_RESOURCE = 0, 5, 6, 8, 9


@dataclass(frozen=True, slots=True)
class MemorySource:
    data: bytes

    def open_(self) -> BinaryIO:
        return BytesIO(self.data)


def hive_of(*values: ValueToWrite, name: str = "RustDesk", artifacts: tuple[KeyToWrite, ...] = ()) -> bytes:
    service = ServiceToWrite(name, WRITTEN, r"C:\x\rustdesk.exe", extra_values=values)
    return build_system_hive(
        computer_name="PC-1", services=[service], last_written=WRITTEN, artifacts={1: artifacts}
    )


def place_of(held: HeldValue, record: HeldRecord | None = None) -> ValueToRead:
    offset = held.offset if held.value is None else held.value.offset
    return ValueToRead(held.path, offset, getattr(record, "position", None))


def read_twice(hive: bytes, *places: ValueToRead, replayed: bytes | None = None) -> tuple[TwoReadings, ...]:
    return read_values_again(ValuesToRead(MemorySource(hive), replayed, places))


def services_twice(hive: bytes, name: str = "RustDesk") -> dict[str, TwoReadings]:
    """Return what reading each value of a service again came to, by the value's name."""
    (control_set,) = read_system_hive(hive, "SYSTEM").control_sets
    helds = [held for each in control_set.services if each.name == name for held in held_values(each)]
    again = read_twice(hive, *map(place_of, helds))
    names = [held.value.name if held.value is not None else "" for held in helds]
    return dict(zip(names, again, strict=True))


def records_twice(hive: bytes) -> list[TwoReadings]:
    (control_set,) = read_system_hive(hive, "SYSTEM").control_sets
    return list(read_twice(hive, *(place_of(each.held, each) for each in control_set.records)))


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (REG_SZ, utf16("RustDesk\0")),
        (REG_SZ, utf16("without its NUL")),
        (REG_SZ, utf16("a\0behind a NUL\0")),
        (REG_SZ, utf16("a\ud800b\0")),
        (REG_SZ, utf16("odd\0") + b"x"),
        (REG_SZ, b"a\0b"),
        (REG_SZ, b""),
        (REG_SZ, utf16("x" * 20_000)),
        (REG_EXPAND_SZ, utf16("%SystemRoot%\0")),
        (REG_MULTI_SZ, utf16("one\0two\0\0")),
        (REG_MULTI_SZ, utf16("\0")),
        (REG_DWORD, b"\1\0\0\x80"),
        (REG_QWORD, b"\1\0\0\0\0\0\0\x80"),
        (REG_BINARY, bytes(range(256))),
        (REG_BINARY, b"\1\2\3"),
        (REG_BINARY, bytes(100_000)),
        (REG_NONE, b"\1"),
        (REG_BIG_ENDIAN, b"\0\0\0\1"),
        (REG_LINK, utf16(r"\Registry\Machine")),
        (REG_RESOURCES, bytes(24)),
        (REG_FULL_RESOURCE, bytes(16)),
        (0x1234, b"abcdefgh"),
    ],
    ids=range(22),
)
def test_both_readers_give_every_type_of_value_alike(kind: int, data: bytes) -> None:
    again = services_twice(hive_of(ValueToWrite("Extra", kind, data)))
    assert list(again)[-1] == "Extra"
    assert all(each == AGREE for each in again.values())


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([0, 1, 2, 3, 6, 7, 8, 10, 99]), st.binary(max_size=40))
def test_no_bytes_of_a_value_make_a_disagreement_by_themselves(kind: int, data: bytes) -> None:
    again = services_twice(hive_of(ValueToWrite("Extra", kind, data)))["Extra"]
    assert again.verdict in {Verdict.AGREE, Verdict.ONE_READER, Verdict.LOST_TEXT}


def test_what_a_list_of_texts_has_behind_one_that_does_not_end_is_whole_in_one_reader() -> None:
    again = services_twice(hive_of(ValueToWrite("Extra", REG_MULTI_SZ, utf16("one\0two"))))["Extra"]
    assert again.fields == (FieldReading("data", "one; two", "one", lost_by=(REGIPY,)),)


def test_a_number_of_another_size_than_its_type_s_is_a_disagreement() -> None:
    again = services_twice(hive_of(ValueToWrite("Extra", REG_DWORD, b"\1\2")))["Extra"]
    assert again.verdict is Verdict.DIFFER
    assert again.fields == (FieldReading("data", "0102", "513"),)


def test_the_default_value_and_names_beyond_ascii_are_found() -> None:
    values = [ValueToWrite(name, REG_DWORD, bytes(4)) for name in ("", "日本", "Größe", "\ud800")]
    again = services_twice(hive_of(*values))
    assert again[""] == again["日本"] == AGREE
    assert again["Größe"].fields == (FieldReading("name", "Größe", "Gr\ufffd\ufffde", lost_by=(REGIPY,)),)
    assert {again["Größe"].verdict, again["\ud800"].verdict} == {Verdict.LOST_TEXT}


@pytest.mark.parametrize("name", ["Größe", "日本", "a/b", "RUSTDESK"])
def test_a_key_is_found_by_any_name(name: str) -> None:
    assert {each.verdict for each in services_twice(hive_of(name=name), name).values()} == {Verdict.AGREE}


def test_times_of_keys_are_compared_to_the_tick() -> None:
    hive = bytearray(hive_of())
    places = [at for at in range(len(hive) - 8) if hive[at : at + 8] == WRITTEN.to_bytes(8, "little")]
    for last_digit, at in enumerate(places):
        hive[at : at + 8] = (WRITTEN + last_digit % 10).to_bytes(8, "little")
    assert set(map(verdict_of, services_twice(bytes(hive)).values())) == {Verdict.AGREE}


def verdict_of(again: TwoReadings) -> Verdict:
    return again.verdict


def test_a_bad_value_costs_the_second_reader_no_other() -> None:
    bad = ValueToWrite("Bad", REG_QWORD, bytes(5))
    again = services_twice(hive_of(bad, ValueToWrite("Good", REG_SZ, utf16("x\0"))))
    assert again["Good"] == AGREE
    assert again["Bad"].verdict is Verdict.ONE_READER
    assert again["Bad"].failures[REGIPY].startswith("StreamError: ")


def test_keys_that_are_meant_as_a_whole_have_all_their_values_compared() -> None:
    again = records_twice(hive_of(artifacts=(printer(WRITTEN, "Größe", "RustDesk v4", "PORT1"),)))
    assert again
    assert set(map(verdict_of, again)) == {Verdict.AGREE}


def test_runs_and_shares_are_agreed_on() -> None:
    sid = "S-1-5-21-1-2-3-500"
    runs = last_runs(WRITTEN, sid, {r"\Device\HarddiskVolume3\rustdesk.exe": run_data(WRITTEN)})
    again = records_twice(hive_of(artifacts=(runs, shares(WRITTEN, {"C": ["Path=C:\\", "Type=0"]}))))
    assert again == [AGREE, AGREE]


CACHE = [CacheEntryToWrite(rf"C:\Program Files\{n}.exe", WRITTEN + n) for n in range(3)]


@pytest.mark.parametrize("kind", KINDS)
def test_entries_of_the_compatibility_cache_are_decoded_by_both(kind: CacheKind) -> None:
    cache = compatibility_cache(WRITTEN, build_cache(kind, CACHE))
    again = records_twice(hive_of(artifacts=(cache,)))
    assert [each.verdict for each in again] == [Verdict.AGREE] * 3
    notes = {each.note for each in again}
    alike = {"regipy decodes its entry alike"}
    alone = "its entry is decoded by this program alone: regipy"
    assert notes == alike or all(note.startswith(alone) for note in notes)
    assert (notes == alike) == (kind not in MISREAD)


MISREAD: Final = {"8.0"}
"""Layouts of which regipy has another idea."""


def test_an_entry_without_a_time_is_decoded_by_one() -> None:
    entries = [CacheEntryToWrite("00000000 package", 0), *CACHE]
    again = records_twice(hive_of(artifacts=(compatibility_cache(WRITTEN, build_cache("10_1703", entries)),)))
    assert [each.note for each in again] == [
        "its entry is decoded by this program alone: regipy leaves out entries without a time",
        *["regipy decodes its entry alike"] * 3,
    ]


def test_what_only_the_logs_have_is_read_from_the_replayed_copy() -> None:
    views = read_system_hive_with_logs(BASE, [LOG1, LOG2], "SYSTEM")
    assert views.replayed is not None
    (service,) = (each for each in views.replayed.control_sets[0].services if each.name == "RustDesk")
    places = [place_of(held) for held in held_values(service)]
    again = read_twice(BASE, *places, replayed=views.replay.data)
    assert set(map(verdict_of, again)) == {Verdict.AGREE}
    assert {each.missing for each in read_twice(BASE, *places)} == {"its key is not found"}


def test_a_place_without_a_value_is_told() -> None:
    hive = hive_of()
    path = r"ControlSet001\Services\RustDesk"
    gone, nowhere = read_twice(hive, ValueToRead(path, 1), ValueToRead(path + r"\Gone", 1))
    assert gone.missing == "no value stands where it was found"
    assert nowhere.missing == "its key is not found"


def test_what_is_no_hive_any_more_is_told() -> None:
    for data in (b"", b"regf", b"regf" + bytes(600), bytes(5000)):
        (again,) = read_twice(data, ValueToRead("a", 1))
        assert again.verdict is Verdict.NOT_READ_AGAIN


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_no_byte_that_is_changed_makes_it_fail(data: st.DataObject) -> None:
    hive = hive_of(ValueToWrite("Extra", REG_SZ, utf16("text\0")))
    (control_set,) = read_system_hive(hive, "SYSTEM").control_sets
    places = [place_of(held) for each in control_set.services for held in held_values(each)]
    changed = bytearray(hive)
    changed[data.draw(st.integers(0, len(hive) - 1))] ^= data.draw(st.integers(1, 255))
    assert len(read_twice(bytes(changed), *places)) == len(places)
