"""The values of an event's data as they stand in its record, each with its type: bytes, not yet text.

A record holds the use of a template, and among that one's values another such use: the event's data
(EventData, or what a provider puts into UserData). Each use has a table of the sizes and types of its
values behind the template's definition, or behind the reference to one that stands elsewhere in the chunk.
Nothing of the template is asked for, so what the values are called is not known here. An event that uses none
is read by :mod:`parsers.evtx.plain_elements`.
Source: libyal, "Windows XML Event Log (EVTX) format", template instance, template instance data and value
types; [MS-EVEN6] 2.2.12.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers import filetime
from parsers.evtx import layout
from parsers.evtx.plain_elements import plain_texts
from parsers.evtx.shown_value import guid

if TYPE_CHECKING:
    from collections.abc import Iterator


_GUID_SIZE: Final = 16
_END: Final = b"\0\0"
"""What may end a string; so a NUL that is a part of a text is not taken for that."""

_DEEPEST: Final = 8
"""Binary XML inside of binary XML is followed so far; real events have one level below the event's data."""


class ValueType(IntEnum):
    """The types of values that are told apart here, of those that binary XML has."""

    NULL = 0x00
    STRING = 0x01
    ANSI_STRING = 0x02
    UINT32 = 0x08
    BINARY = 0x0E
    GUID = 0x0F
    FILETIME = 0x11
    BINARY_XML = 0x21
    STRING_ARRAY = 0x81


class DataValue(NamedTuple):
    """One value: the byte that names its type, and its bytes."""

    kind: int
    content: bytes


def data_values(chunk: bytes, offset: int, size: int) -> tuple[DataValue, ...] | None:
    """Return the values of the data of the record at ``offset`` of ``chunk``, ``size`` bytes, in file order.

    Where a value is itself binary XML, the values inside stand in its place. An event without a template has
    its fields' texts for values, each ended by a NUL. None where the record
    is laid out in no way that is known.
    """
    start, end = offset + layout.RECORD_HEADER_SIZE, offset + size - layout.RECORD_SIZE_COPY
    event = _instance(_BinaryXml(chunk[start:end], start))
    if event is not None:
        parts = [_values_of(each.content) for each in event if isinstance(each.content, _BinaryXml)]
        return tuple(value for part in parts for value in part)
    texts = plain_texts(chunk, start + layout.FRAGMENT_HEADER_SIZE, end)
    return None if texts is None else tuple(DataValue(ValueType.STRING, text + _END) for text in texts)


def guid_text(value: DataValue) -> str | None:
    """Return a GUID in upper case and braces, or None where the value is none."""
    if value.kind != ValueType.GUID or len(value.content) != _GUID_SIZE:
        return None
    return guid(value.content)


def ticks_of(value: DataValue) -> int | None:
    """Return a FILETIME in ticks, or None where the value is none or is beyond the year 9999."""
    if value.kind != ValueType.FILETIME or len(value.content) != layout.UINT64.size:
        return None
    ticks: int = layout.UINT64.unpack(value.content)[0]
    return ticks if ticks <= filetime.MAX_TICKS else None


class _BinaryXml(NamedTuple):
    """Binary XML and where in the chunk it stands: that tells whether a template is defined right there."""

    data: bytes
    offset: int


class _Placed(NamedTuple):
    """A value; one that is binary XML keeps its place."""

    kind: int
    content: bytes | _BinaryXml


def _values_of(binary_xml: _BinaryXml, depth: int = 0) -> Iterator[DataValue]:
    """Give the values of ``binary_xml``, or itself where it is no use of a template."""
    instance = _instance(binary_xml) if depth < _DEEPEST else None
    if instance is None:
        yield DataValue(ValueType.BINARY_XML, binary_xml.data)
        return
    for each in instance:
        if isinstance(each.content, _BinaryXml):
            yield from _values_of(each.content, depth + 1)
        else:
            yield DataValue(each.kind, each.content)


def _instance(binary_xml: _BinaryXml) -> list[_Placed] | None:
    """Return the values of the template's use with which ``binary_xml`` begins, or None."""
    data = binary_xml.data
    start = layout.FRAGMENT_HEADER_SIZE if data.startswith(layout.FRAGMENT_HEADER_TOKEN) else 0
    use = layout.TEMPLATE_INSTANCE.match(data, start)
    if use is None:
        return None
    table = use.end()
    if layout.UINT32.unpack(use["offset"])[0] == binary_xml.offset + table:
        table += layout.template_definition_size(data, table)
    return _table(binary_xml, table)


def _table(binary_xml: _BinaryXml, table: int) -> list[_Placed] | None:
    """Return the values whose table stands at ``table``, or None where not all of them are there whole."""
    data = binary_xml.data
    head = table + layout.UINT32.size
    place = head + layout.VALUE_DESCRIPTOR.size * int.from_bytes(data[table:head], "little")
    if place > len(data):
        return None
    values: list[_Placed] = []
    for size, kind, _ in layout.VALUE_DESCRIPTOR.iter_unpack(data[head:place]):
        content = data[place : place + size]
        nested = kind == ValueType.BINARY_XML
        values.append(_Placed(kind, _BinaryXml(content, binary_xml.offset + place) if nested else content))
        place += size
    return values if place <= len(data) else None
