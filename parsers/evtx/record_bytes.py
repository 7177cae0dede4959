"""The bytes of one record and of what it depends on: its chunk, and the header of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.errors import ParserError
from parsers.evtx import layout
from parsers.evtx.frame import Frame, frame_at

if TYPE_CHECKING:
    from parsers.evidence.source import ByteSource


class NoRecord(ParserError):  # noqa: N818 - says what is there
    """No record begins where one was looked for."""


@dataclass(frozen=True, slots=True)
class RecordBytes:
    """A record in its chunk. ``chunk_offset`` is in bytes of the file, the frame's offset in the chunk.

    ``file_header`` are the first 128 bytes of the file, ``chunk`` the chunk as far as the file goes. It has
    no header of its own where ``has_header`` is False: the record was recovered from an overwritten one.
    """

    file_header: bytes
    chunk: bytes
    chunk_offset: int
    frame: Frame
    has_header: bool

    @property
    def record(self) -> bytes:
        """The record from its signature to the copy of its size."""
        return self.chunk[self.frame.offset : self.frame.offset + self.frame.size]


def read_record_bytes(source: ByteSource, offset: int, size: int, path: str) -> RecordBytes:
    """Return the record of ``size`` bytes at ``offset`` of the file; ``path`` is how messages call it.

    ``size`` counts where the record's own header says another, as in a damaged one. Raises NoRecord where
    none begins there, and OSError.
    """
    slot = offset - (offset - layout.FILE_HEADER_SIZE) % layout.CHUNK_SIZE
    with source.open_() as stream:
        header = stream.read(layout.FILE_HEADER_USED)
        start = max(layout.FILE_HEADER_SIZE, slot - layout.CHUNK_SIZE)
        stream.seek(start)
        content = stream.read(slot + layout.CHUNK_SIZE + layout.CHUNK_SIZE - start)
    chunk_offset = _start_of_chunk(content, start, slot, offset)
    chunk = content[chunk_offset - start :][: layout.CHUNK_SIZE]
    frame = _frame(chunk, offset - chunk_offset, size)
    if frame is None:
        raise NoRecord(path, f"no record begins at byte {offset:#x}", "Check that it is the same file")
    return RecordBytes(header, chunk, chunk_offset, frame, chunk.startswith(layout.CHUNK_SIGNATURE))


def _start_of_chunk(content: bytes, start: int, slot: int, offset: int) -> int:
    """Return where the chunk of the record begins: at its slot, or out of place before the record."""
    if content.startswith(layout.CHUNK_SIGNATURE, slot - start):
        return slot
    found = content.rfind(layout.CHUNK_SIGNATURE, 0, offset - start)
    return slot if found == -1 or offset - start - found >= layout.CHUNK_SIZE else start + found


def _frame(chunk: bytes, offset: int, size: int) -> Frame | None:
    found = frame_at(chunk, offset)
    if found is not None and found.size == size:
        return found
    if offset + layout.RECORD_HEADER_SIZE > len(chunk) or size < layout.SMALLEST_RECORD:
        return None
    header = layout.record_header(chunk, offset)
    if header.signature != layout.RECORD_SIGNATURE:
        return None
    return Frame(offset, min(size, len(chunk) - offset), header.record_id, header.written, whole=False)
