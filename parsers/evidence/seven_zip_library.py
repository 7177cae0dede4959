"""The library that knows 7z, kept within bounds: it was not made for hostile archives.

Properties of methods: 7-Zip's DOC/Methods.txt, lzma-specification.txt and 7zFormat.txt.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final, cast

import py7zr
from py7zr import archiveinfo, properties
from py7zr.compressor import algorithm_class_map
from py7zr.exceptions import Bad7zFile, PasswordRequired, UnsupportedCompressionMethodError

from parsers.evidence.archive_limits import REMEDY, ArchiveLimitReached
from parsers.evidence.archive_member import LOCKED, MemberRefused

if TYPE_CHECKING:
    from parsers.evidence.archive_stream import ArchiveStream

Foreign = Any  # the library has no types for what is passed on here

_LZMA: Final = b"\x03\x01\x01"
_LZMA2: Final = b"\x21"
_LARGEST_LZMA2: Final = 40
_CRYPTO: Final = b"\x06\xf1"
"""How the names of methods begin that encrypt."""

_NOT_READ: Final = (
    properties.FILTER_PPMD,
    properties.FILTER_DEFLATE,
    properties.FILTER_DEFLATE64,
    properties.FILTER_ZSTD,
    properties.FILTER_BROTLI,
)
"""Methods that 7-Zip does not choose by itself, and that are not fit for hostile bytes: PPMd's library
overwrites memory that is not its own, the others give back whatever a piece becomes, gigabytes at once."""

# A header may be packed with them too, so that nobody but the library itself can refuse them in time.
for _method in _NOT_READ:
    algorithm_class_map[_method] = (algorithm_class_map[_method][0], None)


def read_header(stream: ArchiveStream, password: str | None, most_members: int) -> Foreign:
    """Return the library's archive.

    Raises MemberRefused if its header is encrypted and there is no password, ArchiveLimitReached if it lists
    more than ``most_members`` members, and whatever the library does over a header that is damaged or
    encrypted with another password.
    """
    # It would set aside gigabytes for a header that claims millions of members.
    for name in ("MAX_NUMFILES", "MAX_NUMFOLDERS", "MAX_SUBSTREAMS"):
        setattr(archiveinfo, name, most_members)
    stream.seek(0)
    try:
        return py7zr.SevenZipFile(cast("IO[bytes]", stream), password=password)
    except PasswordRequired as error:
        raise MemberRefused(LOCKED) from error
    except Bad7zFile as error:
        if f"exceeds limit {most_members}" in str(error):
            raise ArchiveLimitReached(f"lists more than {most_members:,} members") from error
        raise


def is_encrypted(folder: Foreign) -> bool:
    """Whether one of the methods that a block went through is a cipher."""
    return any(coder["method"].startswith(_CRYPTO) for coder in folder.coders)


def open_decompressor(folder: Foreign, packed_size: int, memory: int) -> Foreign:
    """Return what unpacks a block of ``packed_size`` bytes, its dictionaries no larger than ``memory``.

    Raises MemberRefused where it takes more, or a password, or a method that is not read.
    """
    needed = sum(_dictionary(coder["method"], coder["properties"] or b"") for coder in folder.coders)
    if needed > memory:
        raise MemberRefused(f"takes {needed:,} bytes of memory to unpack, more than the limit. {REMEDY}")
    try:
        return folder.get_decompressor(packed_size)
    except PasswordRequired:
        raise MemberRefused(LOCKED) from None
    except UnsupportedCompressionMethodError as error:
        remedy = "Unpack the archive and give the folder"
        raise MemberRefused(f"is packed in a way that is not read: {error.message} {remedy}") from error


def _dictionary(method: bytes, settings: bytes) -> int:
    if method == _LZMA:
        return int.from_bytes(settings[1:5], "little")
    if method == _LZMA2 and settings:
        bits = min(settings[0], _LARGEST_LZMA2)
        return (2 | bits & 1) << (bits // 2 + 11)
    return 0
