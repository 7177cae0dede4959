"""Builds real event logs (EVTX): the bytes that Windows would have written for the given events.

Evidence of our own making for tests and fixtures, written from the format's specification alone and
independent of the readers under test. The same events give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.builders.binary_xml import BinaryXmlWriter
from tests.builders.event_log_layout import (
    CHUNK_HEADER_SIZE,
    CHUNK_SIZE,
    RECORD_HEADER_SIZE,
    RecordsEnd,
    RecordSpan,
    chunk_header,
    file_header,
    record,
)
from tests.builders.event_template import event_instance
from tests.builders.event_to_write import EventToWrite, UserData
from tests.builders.name_tables import ChunkTables
from tests.builders.plain_event import plain_event
from tests.builders.typed_value import (
    Binary,
    Boolean,
    FileTime,
    Guid,
    HexInt32,
    HexInt64,
    Sid,
    Strings,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "Binary",
    "Boolean",
    "EventToWrite",
    "FileTime",
    "Guid",
    "HexInt32",
    "HexInt64",
    "Sid",
    "Strings",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "UserData",
    "Value",
    "build_event_log",
]

_ROOM: Final = CHUNK_SIZE - CHUNK_HEADER_SIZE


def build_event_log(
    events: Sequence[EventToWrite],
    *,
    dirty: bool = False,
    header_chunk_count: int | None = None,
    records_per_chunk: int | None = None,
) -> bytes:
    """Return an event log of ``events``, in that order.

    ``dirty`` sets the flag of a log that was in use when it was copied. ``header_chunk_count`` is what the
    file header says of its chunks, if not the truth. ``records_per_chunk`` begins a new chunk after so many
    records; without it, only when one is full. No events give a log without chunks.
    Raises ValueError for an event that is too large for any chunk.
    """
    chunks = list(_chunks(events, records_per_chunk))
    count = len(chunks) if header_chunk_count is None else header_chunk_count
    next_record_id = max((event.id_in_header for event in events), default=0) + 1
    return file_header(next_record_id, count, dirty=dirty) + b"".join(map(Chunk.to_bytes, chunks))


def _chunks(events: Sequence[EventToWrite], records_per_chunk: int | None) -> Iterator[Chunk]:
    """Fill one chunk after another."""
    chunk = Chunk(first_number=1)
    for number, event in enumerate(events, start=1):
        full = chunk.count and chunk.count == records_per_chunk
        if not full and chunk.append(event):
            continue
        if chunk.count:
            yield chunk
        chunk = Chunk(first_number=number)
        if not chunk.append(event):
            raise ValueError(
                f"event {number} (record {event.record_id}) is larger than the {_ROOM} bytes of a chunk"
            )
    if chunk.count:
        yield chunk


class Chunk:
    """64 KiB of records that share their names and templates."""

    def __init__(self, first_number: int) -> None:
        self._first_number = first_number
        self._tables = ChunkTables()
        self._records = bytearray()
        self._ids: list[int] = []
        self._last_record = 0

    @property
    def count(self) -> int:
        """How many records the chunk has."""
        return len(self._ids)

    def append(self, event: EventToWrite) -> bool:
        """Append ``event`` and return True, or leave the chunk as it is and return False: it does not fit."""
        start = CHUNK_HEADER_SIZE + len(self._records)
        tables = self._tables.copy()
        writer = BinaryXmlWriter(start + RECORD_HEADER_SIZE, tables, plain=event.without_template)
        if event.without_template:
            writer.write_plain_document(plain_event(event))
        else:
            writer.write_document(event_instance(event))
        whole = record(event.id_in_header, event.time_in_header, bytes(writer.buffer))
        if start + len(whole) > CHUNK_SIZE:
            return False
        self._tables, self._last_record = tables, start
        self._records += whole
        self._ids.append(event.id_in_header)
        return True

    def to_bytes(self) -> bytes:
        """Return the chunk's 65,536 bytes."""
        last_number = self._first_number + self.count - 1
        span = RecordSpan(self._first_number, last_number, self._ids[0], self._ids[-1])
        end = RecordsEnd(self._last_record, CHUNK_HEADER_SIZE + len(self._records))
        header = chunk_header(span, end, bytes(self._records), self._tables)
        return (header + self._records).ljust(CHUNK_SIZE, b"\0")
