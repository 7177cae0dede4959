"""The parts of a registry key's, a value's and a value's data's cell, field by field.

Source: M. Suhanov, "Windows registry file format specification", sections "Hive bin" (cells), "Key node" and
"Key value".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from parsers import filetime
from parsers.hive import layout
from parsers.hive.value_text import decode_utf16, type_name
from parsers.marked_bytes import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KEY_FIELDS: Final = (
    (2, "signature"),
    (2, "flags"),
    (8, "last written"),
    (4, "access bits"),
    (4, "parent"),
    (4, "number of subkeys"),
    (4, "number of volatile subkeys"),
    (4, "list of subkeys"),
    (4, "list of volatile subkeys"),
    (4, "number of values"),
    (4, "list of values"),
    (4, "security"),
    (4, "class name"),
    (4, "largest subkey name"),
    (4, "largest subkey class name"),
    (4, "largest value name"),
    (4, "largest value data"),
    (4, "work variable"),
    (2, "length of name"),
    (2, "length of class name"),
)
_VALUE_FIELDS: Final = (
    (2, "signature"),
    (2, "length of name"),
    (4, "size of data"),
    (4, "data"),
    (4, "type"),
    (2, "flags"),
    (2, "spare"),
)
_PLACES: Final = frozenset(
    {"parent", "list of subkeys", "list of volatile subkeys", "list of values", "security", "class name"}
)
_ONE_BYTE_NAME: Final = {b"nk": 0x20, b"vk": 0x1}
"""The flag of a record whose name has one byte a character; others have two."""
_LARGEST_CELL: Final = 1 << 20


class MarkedCell(NamedTuple):
    """A cell: ``offset`` in bytes of the file, its bytes and their parts."""

    what: str
    offset: int
    data: bytes
    marks: tuple[Mark, ...]


def mark_key(hive: bytes, offset: int) -> MarkedCell | None:
    """Return the key's cell at ``offset``, or None where there is none."""
    return _record(hive, offset, b"nk", "key", _KEY_FIELDS)


def mark_value(hive: bytes, offset: int) -> MarkedCell | None:
    """Return the value's cell at ``offset``, or None where there is none."""
    return _record(hive, offset, b"vk", "value", _VALUE_FIELDS)


def mark_data(hive: bytes, value_offset: int) -> MarkedCell | None:
    """Return the cell of the data of the value at ``value_offset``, None where they stand in the value."""
    cell = _cell(hive, value_offset)
    start = layout.CELL_SIZE_FIELD
    if cell is None or len(cell) < start + layout.VALUE_NAME_AT:
        return None
    size = _number(cell, start + layout.VALUE_NAME_LENGTH_AT + 2, 4)
    if size & layout.INLINE or not size:
        return None
    offset = layout.BASE_BLOCK_SIZE + _number(cell, start + layout.VALUE_DATA_AT, 4)
    data = _cell(hive, offset)
    if data is None:
        return None
    used = min(size, len(data) - start)
    marks = [_size_mark(data), Mark(start, used, "data", f"{used:,} of {size:,} bytes")]
    if used < len(data) - start:
        marks.append(Mark(start + used, len(data) - start - used, "room"))
    return MarkedCell("data", offset, data, tuple(marks))


def _record(
    hive: bytes, offset: int, signature: bytes, what: str, fields: Sequence[tuple[int, str]]
) -> MarkedCell | None:
    cell = _cell(hive, offset)
    length = layout.CELL_SIZE_FIELD + sum(size for size, _ in fields)
    if cell is None or len(cell) < length or not cell.startswith(signature, layout.CELL_SIZE_FIELD):
        return None
    return MarkedCell(what, offset, cell, (_size_mark(cell), *_marks(cell, fields)))


def _cell(hive: bytes, offset: int) -> bytes | None:
    """Return the whole cell at ``offset``, as far as the file goes, or None where there is none."""
    if not layout.BASE_BLOCK_SIZE <= offset <= len(hive) - layout.CELL_SIZE_FIELD:
        return None
    size = abs(int.from_bytes(hive[offset : offset + 4], "little", signed=True))
    cell = hive[offset : offset + min(size, _LARGEST_CELL)]
    return cell if len(cell) > layout.CELL_SIZE_FIELD else None


def _size_mark(cell: bytes) -> Mark:
    size = int.from_bytes(cell[:4], "little", signed=True)
    return Mark(0, 4, "size of the cell", f"{abs(size):,}, {'in use' if size < 0 else 'marked as free'}")


def _marks(cell: bytes, fields: Sequence[tuple[int, str]]) -> Iterator[Mark]:
    position, name_length, flags = layout.CELL_SIZE_FIELD, 0, 0
    for size, name in fields:
        number = _number(cell, position, size)
        name_length = number if name == "length of name" else name_length
        flags = number if name == "flags" else flags
        meaning = cell[position : position + size].decode("latin-1") if name == "signature" else None
        yield Mark(position, size, name, _meaning(name, number) if meaning is None else meaning)
        position += size
    length = min(name_length, len(cell) - position)
    if length:
        yield Mark(position, length, "name", _name(cell[position : position + length], cell, flags))
    if position + length < len(cell):
        yield Mark(position + length, len(cell) - position - length, "room")


def _name(raw: bytes, cell: bytes, flags: int) -> str:
    one_byte = flags & _ONE_BYTE_NAME[cell[layout.CELL_SIZE_FIELD : layout.CELL_SIZE_FIELD + 2]]
    return raw.decode("latin-1") if one_byte else decode_utf16(raw)


def _meaning(name: str, number: int) -> str:
    match name:
        case "last written" if number <= filetime.MAX_TICKS:
            return f"{number:#018x}, {filetime.to_text(number)}"
        case "type":
            return type_name(number)
        case "size of data" if number & layout.INLINE:
            return f"{number & ~layout.INLINE:,}, in place of their offset"
        case _ if name in _PLACES and number != layout.NOWHERE:
            return f"{number:#x}, byte {number + layout.BASE_BLOCK_SIZE:#x} of the file"
        case _ if name in {"flags", "data", "access bits", *_PLACES}:
            return f"{number:#x}"
        case _:
            return f"{number:,}"


def _number(cell: bytes, offset: int, size: int) -> int:
    return int.from_bytes(cell[offset : offset + size], "little")
