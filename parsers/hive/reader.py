"""Single records of a hive by python-registry: its only importer, and where its untyped world ends.

The library gives up a whole list for one bad element. So this module reads one record at a time with the
library's cells and records, and :mod:`parsers.hive.walk` decides what a bad one costs. Three of its answers
are not used because they lose something: times (microseconds), names (Windows-1252 for what is Latin-1) and
data (a number is always read from its record, a short text there always as four bytes).
"""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from Registry import RegistryParse

from parsers.hive import layout
from parsers.hive.record import HiveValue
from parsers.hive.value_text import decode_utf16, type_name, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAILURES: Final = (RegistryParse.RegistryException, struct.error)
"""What python-registry raises for bytes that are not what they should be."""

_COUNTED: Final = (RegistryParse.DirectSubkeyList, RegistryParse.RIRecord)


class Unreadable(Exception):  # noqa: N818 - says what the record is
    """A record cannot be read: ``offset`` is where it should be in bytes of the file, ``reason`` why not."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(offset, reason)
        self.offset = offset
        self.reason = reason


class KeyNode(NamedTuple):
    """One nk record. ``offset`` is its cell's in bytes of the file; lists and ``parent`` are places.

    A place is an offset as the hive keeps it: bytes from its first bin.
    """

    offset: int
    name: str
    last_written: int
    parent: int
    subkeys: int
    subkeys_list: int
    values: int
    values_list: int
    is_root: bool


class SubkeysList(NamedTuple):
    """One list of subkeys: places of keys or, in an index root, of further lists.

    ``claimed`` is the number of elements that it says it has, ``places`` are those that its cell holds.
    """

    offset: int
    is_index_root: bool
    claimed: int
    places: tuple[int, ...]


class HiveReader:
    """Reads the records of one hive; raises Unreadable for a record that is not there.

    ``data`` must begin with a base block and have room for the header of a bin. A damaged header of the
    first bin is set right in memory: its first eight bytes are the same in every hive, and python-registry
    finds nothing without them.
    """

    def __init__(self, data: bytes) -> None:
        start = layout.BASE_BLOCK_SIZE
        end = start + len(layout.FIRST_BIN_HEADER)
        if data[start:end] != layout.FIRST_BIN_HEADER:
            data = data[:start] + layout.FIRST_BIN_HEADER + data[end:]
        self._data = data
        self._base_block = RegistryParse.REGFBlock(data, 0, None)
        self._first_bin = RegistryParse.HBINBlock(data, start, self._base_block)

    def offset_of(self, place: int) -> int:
        """Return a place in bytes of the file."""
        return int(self._first_bin.absolute_offset(place))

    def key(self, place: int) -> KeyNode:
        """Read the nk record at ``place``."""
        cell = self._cell(place, b"nk", "key")
        with _Reading(cell.offset()):
            node = RegistryParse.NKRecord(self._data, cell.data_offset(), cell)
            length = node.unpack_word(layout.KEY_NAME_LENGTH_AT)
            return KeyNode(
                offset=int(cell.offset()),
                name=_name(cell, layout.KEY_NAME_AT, length, one_byte=node.has_ascii_name()),
                last_written=int(node.unpack_qword(layout.KEY_LAST_WRITTEN_AT)),
                parent=int(node.unpack_dword(layout.KEY_PARENT_AT)),
                subkeys=int(node.subkey_number()),
                subkeys_list=int(node.unpack_dword(layout.KEY_SUBKEYS_LIST_AT)),
                values=int(node.values_number()),
                values_list=int(node.unpack_dword(layout.KEY_VALUES_LIST_AT)),
                is_root=bool(node.is_root()),
            )

    def subkeys_list(self, place: int) -> SubkeysList:
        """Read the list at ``place``, as far as its cell goes."""
        cell = self._cell(place, None, "list of subkeys")
        with _Reading(cell.offset()):
            record = cell.child()
            if not isinstance(record, _COUNTED):
                raise Unreadable(cell.offset(), f"there is no list of subkeys but {_shown(cell.data_id())}")
            is_index_root = isinstance(record, RegistryParse.RIRecord)
            narrow = is_index_root or isinstance(record, RegistryParse.LIRecord)
            step = 4 if narrow else 8
            claimed = int(record.unpack_word(layout.COUNT_AT))
            count = min(claimed, (_room(cell) - layout.ELEMENTS_AT) // step)
            starts = range(layout.ELEMENTS_AT, layout.ELEMENTS_AT + count * step, step)
            places = tuple(int(record.unpack_dword(start)) for start in starts)
            return SubkeysList(int(cell.offset()), is_index_root, claimed, places)

    def values_list(self, place: int, count: int) -> tuple[int, ...]:
        """Read ``count`` places of values from the list at ``place``, or as many as its cell holds."""
        cell = self._cell(place, None, "list of values")
        with _Reading(cell.offset()):
            room = min(count, _room(cell) // 4)
            return tuple(int(cell.unpack_dword(layout.CELL_SIZE_FIELD + 4 * n)) for n in range(room))

    def value(self, place: int, largest: int) -> HiveValue:
        """Read the vk record at ``place`` with its data, which may have ``largest`` bytes."""
        cell = self._cell(place, b"vk", "value")
        with _Reading(cell.offset()):
            record = RegistryParse.VKRecord(self._data, cell.data_offset(), cell)
            length = record.unpack_word(layout.VALUE_NAME_LENGTH_AT)
            name = _name(cell, layout.VALUE_NAME_AT, length, one_byte=record.has_ascii_name())
            raw = self._data_of(record, largest)
            value_type = int(record.unpack_dword(layout.VALUE_TYPE_AT))
            return HiveValue(
                name, type_name(value_type), value_text(value_type, raw), raw, int(cell.offset())
            )

    def all_keys(self) -> Iterator[tuple[int, KeyNode]]:
        """Give every key that there is a whole record of, with its place, in the order of the file."""
        for match in re.finditer(b"nk", self._data):
            offset = match.start() - layout.CELL_SIZE_FIELD
            if offset % layout.CELL_UNIT == 0 and offset >= layout.BASE_BLOCK_SIZE:
                with suppress(Unreadable):  # a chance "nk", or a deleted key
                    yield (place := offset - layout.BASE_BLOCK_SIZE), self.key(place)

    def lost_bins(self, data: bytes, size: int) -> Iterator[tuple[int, int]]:
        """Give offset and length of the stretches of ``data`` that should be hive bins and are none.

        ``size`` is what the base block says of all bins together.
        """
        end = min(len(data), layout.BASE_BLOCK_SIZE + size)
        position = lost_from = layout.BASE_BLOCK_SIZE
        while position < end:
            bin_size = self._bin_size(data, position, end)
            if bin_size and lost_from < position:
                yield lost_from, position - lost_from
            position += bin_size or layout.PAGE
            lost_from = position if bin_size else lost_from
        if lost_from < end:
            yield lost_from, end - lost_from

    def _bin_size(self, data: bytes, position: int, end: int) -> int:
        """Return the size of the bin at ``position``, or 0 where there is none."""
        try:
            header = RegistryParse.HBINBlock(data, position, self._base_block)
            offset, size = header.unpack_dword(layout.BIN_OFFSET_AT), header.unpack_dword(layout.BIN_SIZE_AT)
        except _FAILURES:
            return 0
        right = offset == position - layout.BASE_BLOCK_SIZE and size % layout.PAGE == 0
        return int(size) if right and size <= end - position else 0

    def _cell(self, place: int, signature: bytes | None, what: str) -> Any:  # noqa: ANN401 - the library's
        """Return the cell at ``place``, which must lie in the file and hold ``signature`` if given."""
        offset = self.offset_of(place)
        if place == layout.NOWHERE or offset + layout.CELL_SIZE_FIELD > len(self._data):
            raise Unreadable(min(offset, len(self._data)), f"the {what} lies behind the end of the file")
        with _Reading(offset):
            cell = RegistryParse.HBINCell(self._data, offset, self._first_bin)
            if signature is not None and cell.data_id() != signature:
                raise Unreadable(offset, f"there is no {what} but {_shown(cell.data_id())}")
            if not layout.CELL_SIZE_FIELD < cell.size() <= len(self._data) - offset:
                raise Unreadable(offset, f"the cell of the {what} has an impossible size")
            if cell.is_free():
                raise Unreadable(offset, f"the cell of the {what} is marked as free")
        return cell

    def _data_of(self, record: Any, largest: int) -> bytes:  # noqa: ANN401 - the library's
        size = int(record.data_length())
        if record.raw_data_length() & layout.INLINE:
            if size > layout.LARGEST_INLINE:
                raise Unreadable(record.parent().offset(), f"{size} bytes of data cannot stand in a value")
            return bytes(record.unpack_binary(layout.VALUE_DATA_AT, size))
        if size > largest:
            raise Unreadable(record.parent().offset(), f"the hive has no room for {size} bytes of data")
        return self._stored_data(int(record.unpack_dword(layout.VALUE_DATA_AT)), size) if size else b""

    def _stored_data(self, place: int, size: int) -> bytes:
        cell = self._cell(place, None, "data")
        if size > layout.SEGMENT_SIZE and cell.data_id() == b"db":
            raw = bytes(self._big_data(cell, size))
        else:
            raw = bytes(cell.raw_data()[: min(size, _room(cell))])
        if len(raw) != size:
            raise Unreadable(cell.offset(), f"of {size} bytes of data {len(raw)} are there")
        return raw

    def _big_data(self, cell: Any, size: int) -> bytes:  # noqa: ANN401 - the library's
        record = cell.child()
        segments = -(-size // layout.SEGMENT_SIZE)
        if record.unpack_word(layout.COUNT_AT) != segments:
            raise Unreadable(cell.offset(), f"{size} bytes of data are not in {segments} segments")
        return bytes(record.large_data(size))


class _Reading:
    """Turns what python-registry raises inside ``with`` into Unreadable at ``offset``."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, _FAILURES):
            raise Unreadable(self._offset, f"python-registry cannot read it: {error}") from error


def _room(cell: Any) -> int:  # noqa: ANN401 - the library's
    """Return how many bytes a cell has for its content."""
    return int(cell.size()) - layout.CELL_SIZE_FIELD


def _name(cell: Any, start: int, length: int, *, one_byte: bool) -> str:  # noqa: ANN401 - the library's
    """Return the name at ``start`` of a cell's content: Latin-1 or UTF-16."""
    if start + length > _room(cell):
        raise Unreadable(cell.offset(), "its name runs out of its cell")
    raw = bytes(cell.unpack_binary(layout.CELL_SIZE_FIELD + start, length))
    if one_byte:
        return raw.decode("latin-1")
    if length % 2:
        raise Unreadable(cell.offset(), "its name is neither of one nor of two bytes a character")
    return decode_utf16(raw)


def _shown(signature: bytes) -> str:
    return f"bytes {bytes(signature).hex(' ')}"
