"""Registry hives on disk: the base block, and the few fields that no method of python-registry gives.

Source: M. Suhanov, "Windows registry file format specification", sections "Base block" (with its note 2 on
the checksum), "Format of transaction log files", "Key node", "Key value", "Big data" and those on subkeys
lists. What bins, cells and records look like beyond this is python-registry's knowledge.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

BASE_BLOCK_SIZE: Final = 4096
"""Where the hive bins begin; every offset inside a hive counts from there."""
BASE_BLOCK_USED: Final = 512
SIGNATURE: Final = b"regf"
CHECKSUM_AT: Final = 508

PRIMARY_FILE: Final = 0
"""The file type of a hive; anything else is a transaction log or a mirror of Windows 2000."""
LOG_ENTRIES_AT: Final = 512
LOG_SIGNATURES: Final = (b"DIRT", b"HvLE")
"""What stands at LOG_ENTRIES_AT in a transaction log: of the old format, and since Windows 8.1."""

FIRST_BIN_HEADER: Final = b"hbin\0\0\0\0"
"""How the first hive bin of every hive begins: its signature and its offset, which is 0."""
PAGE: Final = 4096
"""Hive bins are multiples of this."""
FIRST_CELL: Final = 0x20
"""The offset of a hive's first cell, behind the header of its first bin."""
NOWHERE: Final = 0xFFFFFFFF
"""The offset that points to nothing."""

# Fields of records, in bytes from the start of the record.
BIN_OFFSET_AT: Final = 0x04
BIN_SIZE_AT: Final = 0x08
KEY_LAST_WRITTEN_AT: Final = 0x04
KEY_PARENT_AT: Final = 0x10
KEY_SUBKEYS_LIST_AT: Final = 0x1C
KEY_VALUES_LIST_AT: Final = 0x28
KEY_NAME_LENGTH_AT: Final = 0x48
KEY_NAME_AT: Final = 0x4C
VALUE_NAME_LENGTH_AT: Final = 0x02
VALUE_DATA_AT: Final = 0x08
VALUE_TYPE_AT: Final = 0x0C
VALUE_NAME_AT: Final = 0x14
COUNT_AT: Final = 0x02
"""The number of elements of a subkeys list, and of segments of big data."""
ELEMENTS_AT: Final = 0x04
CELL_SIZE_FIELD: Final = 4
CELL_UNIT: Final = 8
"""Cells begin at multiples of this."""

INLINE: Final = 0x80000000
"""Set in a value's size where its data stand in place of their offset."""
LARGEST_INLINE: Final = 4
SEGMENT_SIZE: Final = 16344
"""Data beyond this are kept in segments of this size."""

_BASE_BLOCK: Final = Struct("<4sIIQIIIIII")
_UINT32: Final = Struct("<I")


class BaseBlockFields(NamedTuple):
    """The fields of the base block up to the size of the hive bins."""

    signature: bytes
    primary_sequence: int
    secondary_sequence: int
    last_written: int
    major_version: int
    minor_version: int
    file_type: int
    file_format: int
    root_cell: int
    hive_bins_size: int


def unpack_base_block(block: bytes) -> BaseBlockFields:
    """Split the start of a base block into its fields."""
    return BaseBlockFields._make(_BASE_BLOCK.unpack_from(block))


def stored_checksum(block: bytes) -> int:
    """Return the checksum that a base block carries."""
    return int.from_bytes(block[CHECKSUM_AT : CHECKSUM_AT + _UINT32.size], "little")


def base_block_checksum(block: bytes) -> int:
    """Return the XOR of a base block's first 127 groups of 32 bits.

    The two values that a checksum never has are replaced: 0xFFFFFFFF by 0xFFFFFFFE, and 0 by 1.
    """
    total = 0
    for (group,) in _UINT32.iter_unpack(block[:CHECKSUM_AT]):
        total ^= group
    match total:
        case 0xFFFFFFFF:
            return 0xFFFFFFFE
        case 0:
            return 1
        case _:
            return total
