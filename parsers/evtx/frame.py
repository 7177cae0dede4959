"""Framing: where the records of a chunk are, found by position and never by the header's counts.

Rules:

1. Records follow one another from byte 512 of a chunk. The walk goes to the free space that the header
   declares, and beyond it as long as record ids go on by one: a log that was not closed has chunk headers
   that lag behind.
2. What stands behind the last such record is slack: records of an earlier use of the chunk. It is not framed.
3. A stretch that is no record is Damage. The walk goes on at the next place that is a whole record
   (signature, size, equal copy of the size, id in the chunk's declared range).
4. A record whose two sizes differ is broken. It is framed, since a decoder may still read its front, and is
   Damage too.
5. What a header says of record ids counts only if its checksum holds.
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


NOTHING_FRAMED: Final = FramedChunk((), header_crc_ok=False, records_crc_ok=False, damage=())
"""What a slot without a chunk's signature gives."""


def frame_chunk(chunk: bytes, file_offset: int, *, checksums: bool = True) -> FramedChunk:
    """Find the records of ``chunk``, which may be cut short, and which stands at ``file_offset`` of its file.

    ``checksums`` is False for a log whose header says that it keeps none.
    """
    header_ok = not checksums or layout.chunk_header_crc_ok(chunk)
    walked = tuple(_walk(chunk, _ids(layout.chunk_header(chunk)) if header_ok else None))
    frames = tuple(each for each in walked if isinstance(each, Frame))
    damage = [replace(gap, offset=file_offset + gap.offset) for gap in walked if isinstance(gap, Damage)]
    records_ok = not checksums or layout.chunk_records_crc_ok(chunk)
    if not header_ok:
        damage.append(Damage(file_offset, layout.CHUNK_HEADER_SIZE, _HEADER_CRC))
    if not records_ok and len(chunk) > layout.CHUNK_HEADER_SIZE:
        start = layout.CHUNK_HEADER_SIZE
        end = frames[-1].offset + frames[-1].size if frames else len(chunk)
        damage.append(Damage(file_offset + start, end - start, _RECORDS_CRC))
    return FramedChunk(frames, header_ok, records_ok, tuple(damage))


def _ids(header: layout.ChunkHeader) -> range:
    """Return the record ids that a chunk's header declares."""
    return range(header.first_record_id, header.last_record_id + 1)


def _walk(chunk: bytes, ids: range | None) -> Iterator[Frame | Damage]:
    """Give frames and gaps from the first byte behind the header; ``ids`` is None where none are known."""
    end = _declared_end(chunk)
    offset, expected = layout.CHUNK_HEADER_SIZE, None if ids is None else ids.start
    while True:
        frame = frame_at(chunk, offset)
        goes_on = frame is not None and expected in {None, frame.record_id}
        if frame is not None and frame.whole and (offset < end or goes_on):
            yield frame
            offset, expected = offset + frame.size, frame.record_id + 1
        elif offset < end:
            behind = _next_whole_record(chunk, offset + 1, end, ids)
            resumed = end if behind is None else behind.offset
            declared = (
                ids if len(chunk) == layout.CHUNK_SIZE else None
            )  # what was cut off is counted elsewhere
            yield from _gap(chunk, frame, (offset, resumed), _count_lost(expected, behind, declared))
            offset = resumed
        else:
            if frame is not None and goes_on and expected is not None:
                yield from _gap(chunk, frame, (offset, offset + frame.size), 1)
            return


def _declared_end(chunk: bytes) -> int:
    """Return where the records end by the header, or 0 where what it says cannot be right."""
    free_space = layout.chunk_header(chunk).free_space_offset
    if not layout.CHUNK_HEADER_SIZE <= free_space <= layout.CHUNK_SIZE:
        return 0
    return min(free_space, len(chunk))


def frame_at(chunk: bytes, offset: int) -> Frame | None:
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


def _next_whole_record(chunk: bytes, start: int, end: int, ids: range | None) -> Frame | None:
    offset = chunk.find(layout.RECORD_SIGNATURE, start, end)
    while offset != -1:
        frame = frame_at(chunk, offset)
        if frame is not None and frame.whole and (ids is None or frame.record_id in ids):
            return frame
        offset = chunk.find(layout.RECORD_SIGNATURE, offset + 1, end)
    return None


def _count_lost(expected: int | None, behind: Frame | None, ids: range | None) -> int | None:
    """Count the records of a gap by the ids around it, or return None where these cannot tell."""
    following = behind.record_id if behind is not None else None if ids is None else ids.stop
    if expected is None or following is None:
        return None
    return following - expected if 0 < following - expected <= layout.MOST_RECORDS else None


def _gap(
    chunk: bytes, broken: Frame | None, span: tuple[int, int], lost: int | None
) -> Iterator[Frame | Damage]:
    """Give what stands between two whole records: a broken record, bytes that are none, or both."""
    start, end = span
    if broken is None:
        yield Damage(start, end - start, "no record can be found in these bytes", lost)
        return
    size = end - start if _ends_at(chunk, start, end) else min(broken.size, end - start)
    yield Frame(broken.offset, size, broken.record_id, broken.written, whole=False)
    reason = f"the sizes before and behind record {broken.record_id} differ; it is read as far as it goes"
    yield Damage(start, end - start, reason, lost or 1)


def _ends_at(chunk: bytes, start: int, end: int) -> bool:
    """Whether a record from ``start`` to ``end`` has its right size behind it: the one before is wrong."""
    size = end - start
    return size >= layout.SMALLEST_RECORD and layout.size_copy(chunk, start, size) == size
