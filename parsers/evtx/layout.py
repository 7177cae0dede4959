"""EVTX on disk: offsets, sizes and checksums, no interpretation.

Source: libyal, "Windows XML Event Log (EVTX) format", sections 2 (file header), 3 (chunk) and
4 (event record); [MS-EVEN6] 2.2 for the binary XML that a record holds, which is not decoded here.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

FILE_SIGNATURE: Final = b"ElfFile\0"
FILE_HEADER_SIZE: Final = 4096
"""The header block; its first 128 bytes are used."""
FILE_HEADER_USED: Final = 128
FLAG_DIRTY: Final = 0x1
FLAG_NO_CRC32: Final = 0x2

CHUNK_SIGNATURE: Final = b"ElfChnk\0"
CHUNK_SIZE: Final = 65536
CHUNK_HEADER_SIZE: Final = 512
"""The header with its string and template tables; records begin behind it."""
FREE_SPACE_OFFSET_AT: Final = 48
"""Where a chunk header keeps the offset of its free space, four bytes."""
LAST_RECORD_OFFSET_AT: Final = 44
LAST_RECORD_ID_AT: Final = 32

RECORD_SIGNATURE: Final = b"**\0\0"
RECORD_HEADER_SIZE: Final = 24
RECORD_SIZE_COPY: Final = 4
SMALLEST_RECORD: Final = RECORD_HEADER_SIZE + RECORD_SIZE_COPY
MOST_RECORDS: Final = (CHUNK_SIZE - CHUNK_HEADER_SIZE) // SMALLEST_RECORD
"""More than so many records do not fit into a chunk."""

TEMPLATE_INSTANCE: Final = re.compile(rb"\x0c\x01(?P<id>.{4})(?P<offset>.{4})", re.DOTALL)
"""How a template's use begins: its token, a one, its id and the offset of its definition in the chunk."""
TEMPLATE_GUID_AT: Final = 4
"""Where a template's definition keeps its GUID, whose first four bytes are the id."""

FRAGMENT_HEADER_TOKEN: Final = b"\x0f"
FRAGMENT_HEADER_SIZE: Final = 4
"""What may stand before a template's use: a token, the version and flags."""

VALUE_DESCRIPTOR: Final = Struct("<HBB")
"""One entry of the table of a use's values: size in bytes, type, zero."""

_FILE_HEADER: Final = Struct("<8sQQQIHHHH76sII")
_CHUNK_HEADER: Final = Struct("<8sQQQQIIII68sI")
_RECORD_HEADER: Final = Struct("<4sIQQ")
_TEMPLATE_DEFINITION: Final = Struct("<I16sI")
"""Offset of the next one in its chain, GUID, size of the elements behind."""

UINT32: Final = Struct("<I")
UINT64: Final = Struct("<Q")


class FileHeader(NamedTuple):
    """The first 128 bytes of the file."""

    signature: bytes
    first_chunk: int
    last_chunk: int
    next_record_id: int
    header_size: int
    minor_version: int
    major_version: int
    header_block_size: int
    chunk_count: int
    unknown: bytes
    flags: int
    crc: int


class ChunkHeader(NamedTuple):
    """The first 128 bytes of a chunk. Offsets count from the start of the chunk."""

    signature: bytes
    first_record_number: int
    last_record_number: int
    first_record_id: int
    last_record_id: int
    header_size: int
    last_record_offset: int
    free_space_offset: int
    records_crc: int
    unknown: bytes
    header_crc: int


class RecordHeader(NamedTuple):
    """The 24 bytes before a record's binary XML; ``written`` is a FILETIME."""

    signature: bytes
    size: int
    record_id: int
    written: int


def file_header(data: bytes) -> FileHeader:
    """Return the file header in the first 128 bytes of ``data``."""
    return FileHeader._make(_FILE_HEADER.unpack_from(data))


def pack_file_header(header: FileHeader) -> bytes:
    """Return the 128 bytes of ``header``, with the checksum that belongs to them."""
    packed = _FILE_HEADER.pack(*header)
    return packed[:124] + UINT32.pack(crc32(packed[:120]))


def file_header_crc_ok(data: bytes) -> bool:
    """Whether the checksum over the first 120 bytes of the file is the one it declares."""
    return crc32(data[:120]) == file_header(data).crc


def chunk_header(chunk: bytes) -> ChunkHeader:
    """Return the chunk header in the first 128 bytes of ``chunk``."""
    return ChunkHeader._make(_CHUNK_HEADER.unpack_from(chunk))


def pack_chunk_header(header: ChunkHeader) -> bytes:
    """Return the 128 bytes of ``header`` as it stands, checksums included."""
    return _CHUNK_HEADER.pack(*header)


def chunk_header_crc_ok(chunk: bytes) -> bool:
    """Whether the checksum over the chunk's header and tables is the one it declares."""
    tables = chunk[128:CHUNK_HEADER_SIZE]
    return crc32(tables, crc32(chunk[:120])) == chunk_header(chunk).header_crc


def chunk_records_crc_ok(chunk: bytes) -> bool:
    """Whether the checksum over the chunk's records is the one it declares."""
    header = chunk_header(chunk)
    return crc32(chunk[CHUNK_HEADER_SIZE : header.free_space_offset]) == header.records_crc


def record_header(chunk: bytes, offset: int) -> RecordHeader:
    """Return the record header at ``offset``; the caller sees to it that 24 bytes are there."""
    return RecordHeader._make(_RECORD_HEADER.unpack_from(chunk, offset))


def pack_record_header(header: RecordHeader) -> bytes:
    """Return the 24 bytes of ``header``."""
    return _RECORD_HEADER.pack(*header)


def size_copy(chunk: bytes, offset: int, size: int) -> int:
    """Return the copy of a record's size that its last four bytes hold."""
    value: int = UINT32.unpack_from(chunk, offset + size - RECORD_SIZE_COPY)[0]
    return value


def template_definition_size(data: bytes, offset: int) -> int:
    """Return the size in bytes of the template's definition at ``offset``, its header included.

    Where not even the header is there, that is what is left of ``data``.
    """
    if len(data) - offset < _TEMPLATE_DEFINITION.size:
        return len(data) - offset
    size: int = _TEMPLATE_DEFINITION.unpack_from(data, offset)[2]
    return _TEMPLATE_DEFINITION.size + size
