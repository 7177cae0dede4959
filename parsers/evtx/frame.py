"""Framing: where the records of a chunk are, found by position and never by the header's counts.

Rules:

1. Records follow one another from byte 512 of a chunk. The walk goes to the free space that the header
declares,
   and beyond it as long as record ids go on by one: a log that was not closed has chunk headers that lag
   behind.
2. What stands behind the last such record is slack: records of an earlier use of the chunk. It is not framed.
3. A stretch that is no record is Damage. The walk goes on at the next place that is a whole record
   (signature, size, equal copy of the size, id in the chunk's declared range).
4. A record whose size copy does not match has lost its tail. It is framed, since a decoder may still read its
   front, and is Damage too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from parsers.damage import Damage
from parsers.evtx import layout

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER_CRC: Final = "the checksum of the chunk's header does not match"
_RECORDS_CRC: Final = (
    "the checksum over the chunk's records does not match: "
    "they changed after it was written, or the log was not closed"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One record as found by position: ``offset`` in its chunk, ``size`` in bytes, ``written`` in ticks."""

    offset: int
    size: int
    record_id: int
    written: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class FramedChunk:
    """A chunk's frames in file order, the state of its checksums, and its damage (offsets in the file)."""

    frames: tuple[Frame, ...]
    header_crc_ok: bool
    records_crc_ok: bool
    damage: tuple[Damage, ...]


def frame_chunk(chunk: bytes, file_offset: int, *, checksums: bool = True) -> FramedChunk:
    """Find the records of ``chunk``, which may be cut short, and which stands at ``file_offset`` of its file.

    ``checksums`` is False for a log whose header says that it keeps none.
    """
    walked = tuple(_walk(chunk))
    frames = tuple(each for each in walked if isinstance(each, Frame))
    damage = [replace(gap, offset=file_offset + gap.offset) for gap in walked if isinstance(gap, Damage)]
    header_ok = not checksums or layout.chunk_header_crc_ok(chunk)
    records_ok = not checksums or layout.chunk_records_crc_ok(chunk)
    if not header_ok:
        damage.append(Damage(file_offset, layout.CHUNK_HEADER_SIZE, _HEADER_CRC))
    if not records_ok:
        used = max((each.offset + each.size for each in frames), default=layout.CHUNK_HEADER_SIZE)
        start = layout.CHUNK_HEADER_SIZE
        damage.append(Damage(file_offset + start, used - start, _RECORDS_CRC))
    return FramedChunk(frames, header_ok, records_ok, tuple(damage))


def _walk(chunk: bytes) -> Iterator[Frame | Damage]:
    header = layout.chunk_header(chunk)
    end = _declared_end(chunk, header)
    offset, expected_id = layout.CHUNK_HEADER_SIZE, None if end else header.first_record_id
    while True:
        frame = _frame_at(chunk, offset)
        if offset >= end and (frame is None or not frame.whole or frame.record_id != expected_id):
            return
        if frame is not None and frame.whole:
            yield frame
            offset, expected_id = offset + frame.size, frame.record_id + 1
            continue
        resumed = _next_whole_record(chunk, offset + 1, end, header) or end
        yield from _gap(frame, offset, resumed)
        offset = resumed


def _declared_end(chunk: bytes, header: layout.ChunkHeader) -> int:
    """Return where the records end by the header, or 0 where what it says cannot be right."""
    if not layout.CHUNK_HEADER_SIZE <= header.free_space_offset <= layout.CHUNK_SIZE:
        return 0
    return min(header.free_space_offset, len(chunk))


def _frame_at(chunk: bytes, offset: int) -> Frame | None:
    """Return the record at ``offset``, or None where there is none that could be one."""
    if offset + layout.SMALLEST_RECORD > len(chunk):
        return None
    header = layout.record_header(chunk, offset)
    if header.signature != layout.RECORD_SIGNATURE or header.size < layout.SMALLEST_RECORD:
        return None
    if offset + header.size > len(chunk):
        return None
    whole = layout.size_copy(chunk, offset, header.size) == header.size
    return Frame(offset, header.size, header.record_id, header.written, whole)


def _next_whole_record(chunk: bytes, start: int, end: int, header: layout.ChunkHeader) -> int | None:
    offset = chunk.find(layout.RECORD_SIGNATURE, start, end)
    while offset != -1:
        frame = _frame_at(chunk, offset)
        if (
            frame is not None
            and frame.whole
            and header.first_record_id <= frame.record_id <= header.last_record_id
        ):
            return offset
        offset = chunk.find(layout.RECORD_SIGNATURE, offset + 1, end)
    return None


def _gap(broken: Frame | None, start: int, end: int) -> Iterator[Frame | Damage]:
    """Give what stands between two whole records: a record without its tail, or bytes that are none."""
    if broken is None:
        yield Damage(start, end - start, "no record can be found in these bytes")
        return
    size = min(broken.size, end - start)
    yield Frame(broken.offset, size, broken.record_id, broken.written, whole=False)
    yield Damage(
        start, end - start, f"record {broken.record_id} has lost its tail; what is left of it is read", 1
    )
