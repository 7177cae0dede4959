"""Walking a zip archive from one local header to the next, for want of its central directory.

Layout: PKWARE's APPNOTE.TXT 6.3.10, 4.3.7 (local file header), 4.3.9 (data descriptor), 4.5.3 (zip64).
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evidence.archive_stream import READ_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.archive_limits import Budget
    from parsers.evidence.archive_stream import ArchiveStream

_HEADER: Final = struct.Struct("<4sHHHHHIIIHH")
LOCAL_SIGNATURE: Final = b"PK\x03\x04"
_DESCRIPTOR: Final = b"PK\x07\x08"
_ANY_SIGNATURE: Final = re.compile(rb"PK(?:\x07\x08|\x03\x04|\x01\x02)")
_NEXT_MEMBER: Final = re.compile(re.escape(LOCAL_SIGNATURE))
_SIGNATURE_SIZE: Final = 4
_DESCRIPTORS: Final = (struct.Struct("<III"), struct.Struct("<IQQ"))
"""Checksum, packed size and size, in 32 bits and as zip64 has them."""

_SIZES_FOLLOW: Final = 1 << 3
_UTF8: Final = 1 << 11
_ZIP64: Final = 1
_IN_ZIP64: Final = 0xFFFF_FFFF
_MOST_SEARCHES: Final = 8
"""How many times the archive's length is searched for ends of members, before their search is given up."""


class LocalHeader(NamedTuple):
    """What stands in front of a member, with the sizes that may stand behind it.

    ``extra_fields`` are tags with whole fields, tag and length included; ``time`` is an MS-DOS time.
    """

    offset: int
    name: str
    raw_name: bytes
    flags: int
    method: int
    time: int
    crc: int
    packed_size: int
    size: int
    extra_fields: tuple[tuple[int, bytes], ...]


class CutMember(NamedTuple):
    """A member that has no end."""

    name: str


class _Sizes(NamedTuple):
    crc: int
    packed_size: int
    size: int


def walk_local_headers(stream: ArchiveStream, budget: Budget) -> Iterator[LocalHeader | CutMember]:
    """Give the members of the archive as they lie in it. Raises OSError and ArchiveLimitReached.

    Behind a member without an end the search goes on inside it: its end may be all that is wrong.
    """
    patience = _MOST_SEARCHES * stream.length
    position = 0
    while (offset := _next_header(stream, position)) is not None:
        header, start = _read_header(stream, offset)
        if header is None:
            return
        budget.count_member()
        before = stream.bytes_read
        sizes = _sizes(stream, header, start) if patience > 0 else None
        patience -= stream.bytes_read - before
        if sizes is None or start + sizes.packed_size > stream.length:
            yield CutMember(header.name)
            position = start
        else:
            yield header._replace(crc=sizes.crc, packed_size=sizes.packed_size, size=sizes.size)
            position = start + sizes.packed_size


def _read_header(stream: ArchiveStream, offset: int) -> tuple[LocalHeader | None, int]:
    """Return the header at ``offset``, None where it is cut off, and where the member's data begin."""
    stream.seek(offset)
    fixed = stream.read(_HEADER.size)
    if len(fixed) < _HEADER.size:
        return None, offset
    _, _, flags, method, time, _, crc, packed_size, size, name_size, extra_size = _HEADER.unpack(fixed)
    raw_name, extra = stream.read(name_size), stream.read(extra_size)
    name = raw_name.decode("utf-8", "surrogateescape") if flags & _UTF8 else _decode(raw_name)
    fields = tuple(_extra_fields(extra))
    header = LocalHeader(offset, name, raw_name, flags, method, time, crc, packed_size, size, fields)
    return header, offset + _HEADER.size + name_size + extra_size


def _decode(raw_name: bytes) -> str:
    try:
        return raw_name.decode("utf-8")
    except UnicodeDecodeError:
        return raw_name.decode("cp437")


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= _SIGNATURE_SIZE:
        tag, length = struct.unpack_from("<HH", extra)
        yield tag, extra[: 4 + length]
        extra = extra[4 + length :]


def _sizes(stream: ArchiveStream, header: LocalHeader, start: int) -> _Sizes | None:
    """Return checksum and sizes of the member whose data begin at ``start``, or None if they are nowhere."""
    if header.flags & _SIZES_FOLLOW and not header.packed_size:
        return _find_descriptor(stream, start)
    zip64 = dict(header.extra_fields).get(_ZIP64, b"")[4:]
    size, packed_size = header.size, header.packed_size
    if _IN_ZIP64 in {size, packed_size}:
        if len(zip64) < 8 * ((size == _IN_ZIP64) + (packed_size == _IN_ZIP64)):
            return None
        if size == _IN_ZIP64:
            size, zip64 = int.from_bytes(zip64[:8], "little"), zip64[8:]
        if packed_size == _IN_ZIP64:
            packed_size = int.from_bytes(zip64[:8], "little")
    if header.flags & _SIZES_FOLLOW and not packed_size:
        return _find_descriptor(stream, start)
    return _Sizes(header.crc, packed_size, size)


def _find_descriptor(stream: ArchiveStream, start: int) -> _Sizes | None:
    """Return what stands behind a member that began at ``start``; its packed size is the distance."""
    for at, signature in _each(stream, _ANY_SIGNATURE, start):
        if sizes := _descriptor_at(stream, start, at, signature):
            return sizes
    return None


def _descriptor_at(stream: ArchiveStream, start: int, at: int, signature: bytes) -> _Sizes | None:
    """Return the descriptor whose signature is at ``at``, or the one without a signature that ends there."""
    for layout in _DESCRIPTORS:
        marked = signature == _DESCRIPTOR
        begin = at + _SIGNATURE_SIZE if marked else at - layout.size
        end = at if marked else begin
        if end < start:
            continue
        stream.seek(begin)
        block = stream.read(layout.size)
        if len(block) == layout.size and (sizes := _Sizes(*layout.unpack(block))).packed_size == end - start:
            return sizes
    return None


def _next_header(stream: ArchiveStream, position: int) -> int | None:
    """Return where the next local header begins, at or after ``position``."""
    stream.seek(position)
    if stream.read(_SIGNATURE_SIZE) == LOCAL_SIGNATURE:
        return position
    return next((at for at, _ in _each(stream, _NEXT_MEMBER, position)), None)


def _each(stream: ArchiveStream, pattern: re.Pattern[bytes], position: int) -> Iterator[tuple[int, bytes]]:
    """Give where signatures begin, at or after ``position``, and which they are."""
    kept = b""
    while True:
        stream.seek(position + len(kept))
        window = kept + stream.read(READ_SIZE)
        if len(window) == len(kept):
            return
        yield from ((position + match.start(), match[0]) for match in pattern.finditer(window))
        kept = window[-(_SIGNATURE_SIZE - 1) :]
        position += len(window) - len(kept)
