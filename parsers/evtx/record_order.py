"""Record order: whether each record was written later than the one before it, told while a log is swept.

The record before is the one before it in the file whose header has the lower id. Where a circular log turns,
ids fall, and nothing is compared but the first record of the file, which goes on behind the last. Times are
those of record headers: every framed record has one, whether it can be decoded or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers import filetime
from parsers.evtx import layout
from parsers.evtx.frame import frame_chunk

if TYPE_CHECKING:
    from parsers.evidence.source import ByteSource

TOLERANCE_TICKS: Final = filetime.TICKS_PER_SECOND
"""Processors that write events at once hand them over in nearly the order of time; more is worth a flag."""


class WrittenRecord(NamedTuple):
    """A framed record: ``offset`` in bytes of the file, the id and the time (ticks) of its header."""

    offset: int
    record_id: int
    written: int


@dataclass(slots=True)
class RecordOrder:
    """The first and the last record of one stretch of a log that have a time, as far as it was followed."""

    first: WrittenRecord | None = None
    last: WrittenRecord | None = None

    def follow(self, record: WrittenRecord) -> bool:
        """Take the next record of the file; return whether it runs backwards."""
        if not record.written:
            return False
        before, self.last = self.last, record
        self.first = self.first or record
        return runs_backwards(before, record)

    def extend(self, later: RecordOrder) -> None:
        """Follow the stretch of the file behind this one."""
        self.first = self.first or later.first
        self.last = later.last or self.last


def runs_backwards(before: WrittenRecord | None, record: WrittenRecord) -> bool:
    """Whether ``record``, which follows ``before``, was written more than the tolerance earlier."""
    if before is None or before.record_id >= record.record_id:
        return False
    return before.written - record.written > TOLERANCE_TICKS


def last_record(source: ByteSource, slots: int, *, checksums: bool) -> WrittenRecord | None:
    """Return the last record of the last chunk among the first ``slots``; None where it has none with a time.

    ``checksums`` is False for a log whose header says that it keeps none.
    Raises OSError where the bytes cannot be read.
    """
    with source.open_() as stream:
        for number in range(slots - 1, -1, -1):
            start = layout.FILE_HEADER_SIZE + number * layout.CHUNK_SIZE
            stream.seek(start)
            content = stream.read(len(layout.CHUNK_SIGNATURE))
            if content == layout.CHUNK_SIGNATURE:
                content += stream.read(layout.CHUNK_SIZE - len(content))
                return _last_of(content, start, checksums=checksums)
    return None


def _last_of(chunk: bytes, start: int, *, checksums: bool) -> WrittenRecord | None:
    if len(chunk) < layout.CHUNK_HEADER_SIZE:
        return None
    frames = [each for each in frame_chunk(chunk, start, checksums=checksums).frames if each.written]
    last = frames[-1] if frames else None
    return None if last is None else WrittenRecord(start + last.offset, last.record_id, last.written)
