"""Hives that the builder writes, read by three readers that know nothing of it and of one another."""

# ruff: noqa: ANN401 - no reader ships types, and each is a witness here, not a part
from __future__ import annotations

from io import BytesIO
from struct import unpack_from
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from dissect.regf import RegistryHive as DissectHive
from hypothesis import given
from hypothesis import strategies as st
from regipy.registry import RegistryHive as RegipyHive
from Registry.Registry import Registry

from tests.builders.hive import (
    REG_BINARY,
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_QWORD,
    REG_SZ,
    KeyToWrite,
    ValueToWrite,
    binary_value,
    build_hive,
    dword_value,
    expandable_value,
    multi_text_value,
    qword_value,
    text_value,
)
from tests.builders.hive_layout import SEGMENT_SIZE, code_units, name_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.builders.hive_layout import ListKind

WRITTEN = 133_500_000_000_000_001
KINDS: tuple[ListKind, ...] = ("lh", "lf", "li")
TYPE_NAMES = {
    REG_SZ: "REG_SZ",
    REG_EXPAND_SZ: "REG_EXPAND_SZ",
    REG_BINARY: "REG_BINARY",
    REG_DWORD: "REG_DWORD",
    REG_MULTI_SZ: "REG_MULTI_SZ",
    REG_QWORD: "REG_QWORD",
}
VALUES = (
    text_value("", "default"),
    text_value("Übergröße", "ä"),
    text_value("名前", "値"),
    text_value("empty", ""),
    text_value("one", "1"),
    expandable_value("ImagePath", r'"C:\Program Files\RustDesk\rustdesk.exe" --service'),
    dword_value("Start", 2),
    dword_value("Bias", -60),
    qword_value("Long", 2**63 + 1),
    multi_text_value("DependOnService", ["Tcpip", "RpcSs"]),
    multi_text_value("DependOnGroup", []),
    binary_value("FailureActions", bytes(range(44))),
    binary_value("three", b"\x01\x02\x03"),
    binary_value("nothing", b""),
    binary_value("large", bytes(range(256)) * 200),
    binary_value("just not large", bytes(SEGMENT_SIZE)),
    binary_value("just large", bytes(SEGMENT_SIZE + 1)),
    text_value("long text", "x" * 20_000),
)


class Seen(NamedTuple):
    """One key as a reader sees it; values by name, each with its type and data in that reader's form."""

    path: tuple[str, ...]
    last_written: int
    values: dict[str, tuple[Any, Any]]


def everything(many: int = 1203) -> KeyToWrite:
    numbered = tuple(KeyToWrite(f"Service{n}", WRITTEN + n, (dword_value("n", n),)) for n in range(many))
    subkeys = (
        KeyToWrite("Services", WRITTEN, (), numbered),
        KeyToWrite("Values", WRITTEN + 1, VALUES),
        KeyToWrite("日本語", WRITTEN + 2, (text_value("キー", "x"),), (KeyToWrite("below", 1),)),
        KeyToWrite("Größe", 0),
        KeyToWrite("empty", 2**63 - 1),
    )
    return KeyToWrite("ROOT", WRITTEN, (text_value("a", "of the root"),), subkeys)


def written(key: KeyToWrite, above: tuple[str, ...] = ()) -> Iterator[Seen]:
    yield Seen(above, key.last_written, {value.name: (value.type, value.data) for value in key.values})
    for subkey in sorted(key.subkeys, key=lambda each: code_units(each.name)):
        yield from written(subkey, (*above, subkey.name))


def seen_by_python_registry(data: bytes) -> list[Seen]:
    def stored(record: Any) -> bytes:
        # Its own raw_data() gives four bytes of a text that stands in its record, however short it is.
        inline = record.raw_data_length() >= 0x80000000
        return bytes(record.unpack_binary(8, record.data_length()) if inline else record.raw_data())

    def walk(node: Any, path: tuple[str, ...]) -> Iterator[Seen]:
        records = list(node.values_list().values()) if node.values_number() else []
        values = {record.name(): (record.data_type(), stored(record)) for record in records}
        yield Seen(path, node.unpack_qword(4), values)
        for subkey in node.subkey_list().keys() if node.subkey_number() else ():
            yield from walk(subkey, (*path, subkey.name()))

    return list(walk(Registry(BytesIO(data)).root()._nkrecord, ()))  # noqa: SLF001 - ticks are only there


def seen_by_dissect(data: bytes) -> list[Seen]:
    def walk(key: Any, path: tuple[str, ...]) -> Iterator[Seen]:
        # Data that stand in their record come with all four of its bytes.
        values = {value.name: (value.type, value.data[: value.size & 0x7FFFFFFF]) for value in key.values()}
        if "(Default)" in values:
            values[""] = values.pop("(Default)")
        yield Seen(path, key.cell.LastWriteTime, values)
        for subkey in key.subkeys():
            yield from walk(subkey, (*path, subkey.name))

    return list(walk(DissectHive(BytesIO(data)).root(), ()))


def seen_by_regipy(path: Path) -> list[Seen]:
    def walk(key: Any, path: tuple[str, ...]) -> Iterator[Seen]:
        values = {value.name: (value.value_type, value.value) for value in key.iter_values(trim_values=False)}
        yield Seen(path, key.header.last_modified, values)
        for subkey in key.iter_subkeys() or ():
            yield from walk(subkey, (*path, subkey.name))

    hive = RegipyHive(str(path))  # type: ignore[no-untyped-call]
    return list(walk(hive.root, ()))


def as_regipy_says(key: Seen) -> Seen:
    """Return what regipy makes of ``key``: it takes names of one byte a character for UTF-8."""

    def name(text: str) -> str:
        try:
            return text.encode("latin-1").decode("utf-8", "replace")
        except UnicodeEncodeError:
            return text

    values = {name(each) or "(default)": regipy_value(*value) for each, value in key.values.items()}
    return Seen(tuple(map(name, key.path)), key.last_written, values)


def regipy_value(value_type: int, data: bytes) -> tuple[str, object]:
    match value_type:
        case 1 | 2:
            value: object = data.decode("utf-16-le").rstrip("\0")
        case 4 | 11:
            value = int.from_bytes(data, "little")
        case 7:
            value = [text for text in data.decode("utf-16-le").split("\0") if text]
        case _:
            value = data
    return TYPE_NAMES[value_type], value


@pytest.mark.parametrize("kind", KINDS)
def test_python_registry_and_dissect_read_what_was_written(kind: ListKind) -> None:
    data = build_hive(everything(), list_kind=kind)
    expected = list(written(everything()))
    assert seen_by_python_registry(data) == expected
    assert seen_by_dissect(data) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_regipy_reads_what_was_written(kind: ListKind, tmp_path: Path) -> None:
    path = tmp_path / "SYSTEM"
    path.write_bytes(build_hive(everything(), list_kind=kind))
    assert seen_by_regipy(path) == [as_regipy_says(key) for key in written(everything())]


@pytest.mark.parametrize(("many", "signature"), [(1, b"lh"), (500, b"lh"), (501, b"ri")])
def test_more_than_500_subkeys_stand_below_an_index_root(many: int, signature: bytes) -> None:
    subkeys = tuple(KeyToWrite(f"{n}", 0) for n in range(many))
    data = build_hive(KeyToWrite("ROOT", 0, (), subkeys))
    node = 4096 + unpack_from("<I", data, 0x24)[0] + 4
    subkeys_list = 4096 + unpack_from("<I", data, node + 28)[0] + 4
    assert data[subkeys_list : subkeys_list + 2] == signature


@pytest.mark.parametrize("kind", KINDS)
def test_cells_fill_every_bin_without_a_gap(kind: ListKind) -> None:
    data = build_hive(everything(), list_kind=kind, last_written=WRITTEN)
    position = 4096
    assert unpack_from("<I", data, 0x28)[0] == len(data) - 4096
    while position < len(data):
        signature, offset, size = unpack_from("<4sII", data, position)
        assert (signature, offset, size % 4096) == (b"hbin", position - 4096, 0)
        cell, end = position + 32, position + size
        while cell < end:
            cell += abs(unpack_from("<i", data, cell)[0])
        assert cell == end
        position = end


def test_the_checksum_is_the_xor_of_what_precedes_it() -> None:
    data = build_hive(everything(1), last_written=WRITTEN)
    checksum = 0
    for position in range(0, 508, 4):
        checksum ^= int.from_bytes(data[position : position + 4], "little")
    assert data[508:512] == checksum.to_bytes(4, "little")


def test_a_checksum_can_be_wrong() -> None:
    assert build_hive(everything(1), checksum=0xBAD)[508:512] == (0xBAD).to_bytes(4, "little")


def test_the_base_block_says_what_was_asked_for() -> None:
    data = build_hive(everything(1), dirty=True, last_written=WRITTEN, file_name="SYSTEM")
    primary, secondary, last_written, major, minor, file_type = unpack_from("<IIQIII", data, 4)
    assert (primary - secondary, last_written, major, minor, file_type) == (1, WRITTEN, 1, 5, 0)
    assert data[48:112].decode("utf-16-le").rstrip("\0") == "SYSTEM"
    assert DissectHive(BytesIO(data)).dirty


def test_a_clean_hive_has_equal_sequence_numbers() -> None:
    data = build_hive(everything(1))
    assert data[4:8] == data[8:12]


def test_the_same_keys_give_the_same_bytes() -> None:
    assert build_hive(everything(7)) == build_hive(everything(7))


def test_the_hash_is_of_the_upper_case_name() -> None:
    assert name_hash("ab") == name_hash("AB") == 37 * ord("A") + ord("B")


# No U+0080-U+009F: python-registry takes these bytes of a name for Windows-1252, unlike Windows.
NAMES = st.text(
    st.characters(codec="utf-16", exclude_characters="\\\0", exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=20,
)
TYPES = st.sampled_from([REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_MULTI_SZ])
VALUES_TO_WRITE = st.builds(ValueToWrite, NAMES, TYPES, st.binary(max_size=40)) | st.builds(
    dword_value, NAMES, st.integers(0, 2**32 - 1)
)
TICKS = st.integers(0, 2**64 - 1)


def keys(subkeys: st.SearchStrategy[tuple[KeyToWrite, ...]]) -> st.SearchStrategy[KeyToWrite]:
    values = st.lists(VALUES_TO_WRITE, max_size=4, unique_by=lambda value: value.name).map(tuple)
    return st.builds(KeyToWrite, NAMES, TICKS, values, subkeys)


TREES = st.recursive(
    keys(st.just(())),
    lambda below: keys(st.lists(below, max_size=4, unique_by=lambda key: code_units(key.name)).map(tuple)),
    max_leaves=12,
)


@given(TREES, st.sampled_from(KINDS))
def test_any_small_tree_is_read_as_it_was_written(root: KeyToWrite, kind: ListKind) -> None:
    assert seen_by_python_registry(build_hive(root, list_kind=kind)) == list(written(root))
