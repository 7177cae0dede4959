"""The parts of a record's bytes: header, use of a template, its values, the copy of the size.

What a template looks like inside is not taken apart: that is the readers' job. Values that hold binary XML of
their own, as EventData does, are entered. Bytes that are not of this form are marked as such.
Source: libyal, "Windows XML Event Log (EVTX) format", section 4 and "Template instance"; [MS-EVEN6] 2.2.17
for the types of values.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final
from uuid import UUID

from parsers import filetime
from parsers.evtx import layout
from parsers.marked_bytes import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evtx.frame import Frame

_FRAGMENT: Final = b"\x0f\x01\x01\x00"
_INSTANCE: Final = Struct("<BBII")
_DEFINITION: Final = Struct("<I16sI")
_DESCRIPTOR: Final = Struct("<HBB")
_GUID_SIZE: Final = 16
_LONGEST_END: Final = 8
"""The token that ends it, and what fills it up."""
_MOST_VALUES: Final = 1024
_DEEPEST: Final = 4
_BINARY_XML: Final = 0x21
_ARRAY: Final = 0x80
_TYPES: Final = {
    0x00: "null",
    0x01: "string",
    0x02: "ANSI string",
    0x03: "int8",
    0x04: "uint8",
    0x05: "int16",
    0x06: "uint16",
    0x07: "int32",
    0x08: "uint32",
    0x09: "int64",
    0x0A: "uint64",
    0x0B: "float",
    0x0C: "double",
    0x0D: "boolean",
    0x0E: "binary",
    0x0F: "GUID",
    0x10: "size",
    0x11: "FILETIME",
    0x12: "SYSTEMTIME",
    0x13: "SID",
    0x14: "hexadecimal, 32 bits",
    0x15: "hexadecimal, 64 bits",
    _BINARY_XML: "binary XML",
}
_SIGNED: Final = frozenset({0x03, 0x05, 0x07, 0x09})
_UNSIGNED: Final = frozenset({0x04, 0x06, 0x08, 0x0A, 0x0D})
_HEXADECIMAL: Final = frozenset({0x14, 0x15})


def mark_record(chunk: bytes, frame: Frame) -> tuple[Mark, ...]:
    """Return the parts of the record at ``frame`` of ``chunk``, in order, offsets from the record's start."""
    record = chunk[frame.offset : frame.offset + frame.size]
    if len(record) < layout.SMALLEST_RECORD:
        return (Mark(0, len(record), "a record that is cut short"),)
    end = len(record) - layout.RECORD_SIZE_COPY
    parts = [*_header(record), *_binary_xml(record, layout.RECORD_HEADER_SIZE, end, frame.offset, 0)]
    copy = layout.size_copy(chunk, frame.offset, len(record))
    same = "the same as before" if copy == layout.record_header(record, 0).size else "NOT the size before"
    parts.append(Mark(end, layout.RECORD_SIZE_COPY, "copy of the size", f"{copy:,}, {same}"))
    return tuple(parts)


def _header(record: bytes) -> Iterator[Mark]:
    header = layout.record_header(record, 0)
    yield Mark(0, 4, "signature", "2a 2a 00 00")
    yield Mark(4, 4, "size", f"{header.size:,} bytes")
    yield Mark(8, 8, "record id", str(header.record_id))
    yield Mark(16, 8, "written", _time(header.written))


def _binary_xml(data: bytes, start: int, end: int, base: int, depth: int) -> Iterator[Mark]:
    """Give the parts of binary XML from ``start`` to ``end``; ``base`` is where ``data`` is in the chunk."""
    position = start
    if data.startswith(_FRAGMENT, position) and position + len(_FRAGMENT) <= end:
        yield Mark(position, len(_FRAGMENT), "start of binary XML", "token 0x0f, version 1.1, flags 0", depth)
        position += len(_FRAGMENT)
    if position + _INSTANCE.size <= end and data[position : position + 2] == b"\x0c\x01":
        for mark in _template(data, position, end, base, depth):
            yield mark
            position = mark.offset + mark.size if mark.depth == depth else position
    if position < end:
        yield Mark(
            position,
            end - position,
            "end of binary XML" if end - position <= _LONGEST_END else "rest",
            "",
            depth,
        )


def _template(data: bytes, start: int, end: int, base: int, depth: int) -> Iterator[Mark]:
    _, _, template_id, offset = _INSTANCE.unpack_from(data, start)
    text = f"id {template_id:#010x}, defined at {offset:#x} of the chunk"
    yield Mark(start, _INSTANCE.size, "use of a template", text, depth)
    position = start + _INSTANCE.size
    if offset == base + position and position + _DEFINITION.size <= end:
        _, guid, size = _DEFINITION.unpack_from(data, position)
        text = f"{{{str(UUID(bytes_le=guid)).upper()}}}, {size:,} bytes of binary XML"
        length = min(_DEFINITION.size + size, end - position)
        yield Mark(position, length, "definition of the template", text, depth)
        position += length
    yield from _values(data, position, end, base, depth)


def _values(data: bytes, start: int, end: int, base: int, depth: int) -> Iterator[Mark]:
    if start + 4 > end:
        return
    count = layout.UINT32.unpack_from(data, start)[0]
    table = start + 4
    position = table + _DESCRIPTOR.size * count
    if count > _MOST_VALUES or position > end:
        return
    yield Mark(start, 4, "number of values", str(count), depth)
    yield Mark(table, position - table, "table of values", "size and type of each", depth)
    for number, (size, kind, _) in enumerate(_DESCRIPTOR.iter_unpack(data[table:position])):
        size = min(size, end - position)  # noqa: PLW2901 - a size may run out of the record
        value = data[position : position + size]
        yield Mark(position, size, f"value {number}", f"{_type(kind)}{_shown(kind, value)}", depth)
        if kind == _BINARY_XML and depth < _DEEPEST:
            yield from _binary_xml(data, position, position + size, base, depth + 1)
        position += size


def _type(kind: int) -> str:
    name = _TYPES.get(kind & ~_ARRAY, f"type {kind:#04x}")
    return f"array of {name}" if kind & _ARRAY else name


def _shown(kind: int, value: bytes) -> str:
    """Return what a value says, for a person; the hex beside it is the evidence."""
    match kind:
        case 0x01:
            text = ": " + _utf16(value).removesuffix("\0")
        case _ if kind in _SIGNED | _UNSIGNED and value:
            text = f": {int.from_bytes(value, 'little', signed=kind in _SIGNED)}"
        case _ if kind in _HEXADECIMAL and value:
            text = f": {int.from_bytes(value, 'little'):#x}"
        case 0x11 if len(value) == layout.UINT64.size:
            text = ": " + _time(layout.UINT64.unpack(value)[0])
        case 0x0F if len(value) == _GUID_SIZE:
            text = f": {{{str(UUID(bytes_le=value)).upper()}}}"
        case _:
            text = ""
    return text


def _time(ticks: int) -> str:
    shown = filetime.to_text(ticks) if 0 <= ticks <= filetime.MAX_TICKS else "beyond the year 9999"
    return f"{ticks:#018x}, {shown}"


def _utf16(value: bytes) -> str:
    """Decode a text; half a surrogate pair stays as it is, half a code unit at the end is left out."""
    return value[: len(value) // 2 * 2].decode("utf-16-le", "surrogatepass")
