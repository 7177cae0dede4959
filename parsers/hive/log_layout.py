"""Transaction logs of hives on disk: what stands behind the copy of the base block since Windows 8.1.

Source: M. Suhanov, "Windows registry file format specification", sections "Base block" and "Format of
transaction log files", "New format".
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

SECTOR: Final = 512
"""The size of the base block's copy; log entries begin at multiples of it and have such sizes."""
ENTRY_SIGNATURE: Final = b"HvLE"
OLD_FORMAT: Final = (1, 2)
"""File types of logs before Windows 8.1."""
NEW_FORMAT: Final = 6

HEADER_SIZE: Final = 40
HASHED_HEADER: Final = 32
"""What the second hash covers: the header up to this hash."""
REFERENCE_SIZE: Final = 8

# Fields of the base block that a replay compares or sets.
FILE_TYPE_AT: Final = 28
SEQUENCES_AT: Final = 4
BINS_SIZE_AT: Final = 40
FILE_NAME: Final = slice(48, 112)
RESOURCE_MANAGER: Final = slice(112, 128)
"""A GUID that Windows gave the hive, or zeros."""
FLAGS_AT: Final = 144
SAVED_FLAG: Final = 1
"""The only one of the flags that a log entry keeps."""
RESOURCE_MANAGER_SIGNATURE: Final = slice(164, 168)
VALID_RESOURCE_MANAGER: Final = b"rmtm"
"""Stands there unless the hive was frozen for a shadow copy."""

_ENTRY_HEADER: Final = Struct("<4sIIIIIQQ")
_REFERENCE: Final = Struct("<II")


class EntryHeader(NamedTuple):
    """The header of a log entry, of ``size`` bytes with its pages."""

    signature: bytes
    size: int
    flags: int
    sequence: int
    bins_size: int
    dirty_pages: int
    hash_of_pages: int
    hash_of_header: int


class PageReference(NamedTuple):
    """Where a dirty page belongs: ``place`` in bytes from the first hive bin, ``size`` in bytes."""

    place: int
    size: int


def unpack_entry_header(data: bytes, offset: int) -> EntryHeader | None:
    """Split the header of the log entry at ``offset``; None where no header is there."""
    if not data.startswith(ENTRY_SIGNATURE, offset) or len(data) - offset < HEADER_SIZE:
        return None
    return EntryHeader._make(_ENTRY_HEADER.unpack_from(data, offset))


def unpack_references(data: bytes) -> tuple[PageReference, ...]:
    """Split the references to pages of a log entry."""
    return tuple(map(PageReference._make, _REFERENCE.iter_unpack(data)))
