"""The fixed layouts of an event log: file header, chunk and record.

All numbers are little-endian. A CRC32 is RFC 1952's, with 0 to begin with.
Specification: "Windows XML Event Log (EVTX) format", libyal/libevtx, File header, Chunk, Event record.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from tests.builders.name_tables import ChunkTables

FILE_HEADER_SIZE: Final = 4096
CHUNK_SIZE: Final = 65536
CHUNK_HEADER_SIZE: Final = 512
RECORD_HEADER_SIZE: Final = 24
RECORD_ALIGNMENT: Final = 8
CHECKED_HEADER_SIZE: Final = 120
"""How much of a file's or chunk's header its checksum covers before the flags."""

_FILE_HEADER: Final = struct.Struct("<8s3QIHHHH76xII")
_CHUNK_HEADER: Final = struct.Struct("<8s4QIIII64xII")
_CHUNK_TABLES: Final = struct.Struct("<96I")
_RECORD_HEADER: Final = struct.Struct("<4sIQQ")
_HEADER_SIZE: Final = 128
_MINOR_VERSION: Final = 1
_MAJOR_VERSION: Final = 3
_FILE_DIRTY: Final = 0x1
_CHUNK_FLAGS: Final = 0x1
"""What chunks of real logs have, clean or dirty."""


class RecordSpan(NamedTuple):
    """A chunk's first and last record: numbers count from 1 in the file, identifiers are the headers' own."""

    first_number: int
    last_number: int
    first_id: int
    last_id: int


class RecordsEnd(NamedTuple):
    """Where a chunk's last record begins and where its free space does, in bytes from the chunk's start."""

    last_record: int
    free_space: int


def file_header(next_record_id: int, chunk_count: int, *, dirty: bool) -> bytes:
    """Return the first 4,096 bytes of a file that says it has ``chunk_count`` chunks."""

    def header(checksum: int) -> bytes:
        return _FILE_HEADER.pack(
            b"ElfFile\0",
            0,
            max(chunk_count - 1, 0),
            next_record_id,
            _HEADER_SIZE,
            _MINOR_VERSION,
            _MAJOR_VERSION,
            FILE_HEADER_SIZE,
            chunk_count,
            _FILE_DIRTY if dirty else 0,
            checksum,
        )

    checksum = crc32(header(0)[:CHECKED_HEADER_SIZE])
    return header(checksum).ljust(FILE_HEADER_SIZE, b"\0")


def chunk_header(span: RecordSpan, end: RecordsEnd, records: bytes, tables: ChunkTables) -> bytes:
    """Return the first 512 bytes of a chunk that holds ``records``."""
    offsets = _CHUNK_TABLES.pack(*tables.name_heads, *tables.template_heads)

    def header(checksum: int) -> bytes:
        return _CHUNK_HEADER.pack(
            b"ElfChnk\0", *span, _HEADER_SIZE, *end, crc32(records), _CHUNK_FLAGS, checksum
        )

    checksum = crc32(header(0)[:CHECKED_HEADER_SIZE] + offsets)
    return header(checksum) + offsets


def record(record_id: int, written: int, binary_xml: bytes) -> bytes:
    """Return a whole record, filled up to a multiple of 8 bytes. ``written`` is a FILETIME."""
    size = RECORD_HEADER_SIZE + len(binary_xml) + 4
    size += -size % RECORD_ALIGNMENT
    head = _RECORD_HEADER.pack(b"**\0\0", size, record_id, written)
    return (head + binary_xml).ljust(size - 4, b"\0") + struct.pack("<I", size)
