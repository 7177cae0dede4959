"""Records beyond the live ones: what an earlier use of a chunk left behind, and chunks without a header.

A stale record stands in bytes that no live record covers: behind the free space of a chunk, in a gap between
live records, in a slot whose chunk header is destroyed, or in a chunk out of its place. It is recovered
only if

1. it is whole: signature, size, and an equal copy of the size at its end;
2. every template that it uses still stands where it says: a template is found by its offset alone, and where
   a live record has put another one there, the stale record would be decoded with names not its own; and
3. it decodes to an event, and names itself: its elements and attributes are those that events have, its
   fields have names, or none of them has as in classic events, and its own EventRecordID is the one in the
   record's header. A template, though itself untouched, may take its names from bytes that a live record
   has overwritten.

A recovered record is never counted as framed, and what cannot be recovered is no Damage: slack owes nothing.
No checksum covers slack: a record that is whole may still have a wrong byte in a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.evtx import layout
from parsers.evtx.data_values import ValueType
from parsers.evtx.fields import BINARY, UNNAMED
from parsers.evtx.frame import frame_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from parsers.evtx.data_values import DataValue
    from parsers.evtx.frame import Frame


def find_stale(chunk: bytes, live: Iterable[Frame]) -> tuple[Frame, ...]:
    """Return the whole records of ``chunk`` in bytes that no whole record of ``live`` covers, in order."""
    return tuple(
        frame for start, end in _uncovered(chunk, live) for frame in _whole_records(chunk, start, end)
    )


def has_its_templates(chunk: bytes, frame: Frame) -> bool:
    """Whether every template that the record uses is the one that stands at the offset it names."""
    record = chunk[frame.offset : frame.offset + frame.size]
    uses = layout.TEMPLATE_INSTANCE.finditer(record)
    return all(_is_defined(chunk, use["id"], use["offset"]) for use in uses)


def are_names_of_fields(names: Collection[str], values: Iterable[DataValue]) -> bool:
    """Whether an event's fields have names that fit ``values``, those of its record.

    Either all fields have names or, where a list of strings is among the values, none has. Bytes are named
    ``Binary``, and nothing else is: an element with any other name was taken for a field of that name.
    """
    own = [name for name in names if name != BINARY]
    unnamed = [name for name in own if name.startswith(UNNAMED)]
    kinds = {value.kind for value in values if value.content}
    return (
        bool(names)
        and len(unnamed) == (len(own) if ValueType.STRING_ARRAY in kinds else 0)
        and (BINARY in names) == (ValueType.BINARY in kinds)
    )


def with_blank_tables(chunk: bytes) -> bytes:
    """Return ``chunk`` under a header that any reader accepts and whose tables are empty.

    Names and templates are then taken from where records point to, not from tables that may be of
    another time.
    """
    header = layout.ChunkHeader(layout.CHUNK_SIGNATURE, 1, 1, 1, 1, 128, 0, 0, 0, b"", 0)
    blank = layout.pack_chunk_header(header).ljust(layout.CHUNK_HEADER_SIZE, b"\0")
    return blank + chunk[layout.CHUNK_HEADER_SIZE :]


def _is_defined(chunk: bytes, template_id: bytes, offset: bytes) -> bool:
    at = layout.UINT32.unpack(offset)[0]
    if not layout.CHUNK_HEADER_SIZE <= at < len(chunk):
        return True  # no offset of a chunk: these bytes only look like the use of a template
    guid = at + layout.TEMPLATE_GUID_AT
    if chunk[guid : guid + len(template_id)] == template_id:
        return True
    # A definition stands behind its own first use: where that has the id, only the GUID is damaged.
    first_use = template_id + offset
    return chunk[at - len(first_use) : at] == first_use


def _uncovered(chunk: bytes, live: Iterable[Frame]) -> Iterator[tuple[int, int]]:
    position = layout.CHUNK_HEADER_SIZE
    for frame in live:
        if frame.whole:
            yield position, frame.offset
            position = frame.offset + frame.size
    yield position, len(chunk)


def _whole_records(chunk: bytes, start: int, end: int) -> Iterator[Frame]:
    position = chunk.find(layout.RECORD_SIGNATURE, start, end)
    while position != -1:
        frame = frame_at(chunk, position)
        if frame is not None and frame.whole and frame.offset + frame.size <= end:
            yield frame
            position += frame.size - 1
        position = chunk.find(layout.RECORD_SIGNATURE, position + 1, end)
