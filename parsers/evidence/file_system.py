"""Which file system a volume holds, told by its first bytes.

Only NTFS is read. The others are named so that an investigator is told what lies in a partition that was not
read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

SECTOR: Final = 512
BOOT_SIGNATURE: Final = b"\x55\xaa"
VOLUME_HEAD_SIZE: Final = 0x10000 + 0x1000
"""How many bytes of a volume's start are needed to tell."""

_BYTES_PER_SECTOR: Final = slice(11, 13)
_SECTORS_PER_CLUSTER: Final = 13
_TOTAL_SECTORS: Final = slice(0x28, 0x30)


class FileSystem(StrEnum):
    """What a volume holds, as it is written to an investigator."""

    NTFS = "NTFS"
    BITLOCKER = "BitLocker"
    REFS = "ReFS"
    EXFAT = "exFAT"
    FAT = "FAT"
    EXT = "ext2/3/4"
    XFS = "XFS"
    BTRFS = "Btrfs"
    APFS = "APFS"
    HFS_PLUS = "HFS+"
    LVM = "Linux LVM"
    LUKS = "LUKS"
    SWAP = "Linux swap"


class _Mark(NamedTuple):
    """Bytes that a file system has at a fixed place."""

    offset: int
    text: bytes
    file_system: FileSystem


_MARKS: Final = (
    _Mark(3, b"-FVE-FS-", FileSystem.BITLOCKER),
    _Mark(3, b"ReFS\0\0\0\0", FileSystem.REFS),
    _Mark(3, b"EXFAT   ", FileSystem.EXFAT),
    # BitLocker To Go looks like FAT32, but has the identifier of BitLocker metadata where FAT has boot code.
    _Mark(424, bytes.fromhex("3bd66749292ed84a8399f6a339e3d001"), FileSystem.BITLOCKER),
    _Mark(54, b"FAT1", FileSystem.FAT),
    _Mark(82, b"FAT32   ", FileSystem.FAT),
    _Mark(0, b"XFSB", FileSystem.XFS),
    _Mark(0, b"LUKS\xba\xbe", FileSystem.LUKS),
    _Mark(32, b"NXSB", FileSystem.APFS),
    _Mark(512, b"LABELONE", FileSystem.LVM),
    _Mark(1024, b"H+\0\x04", FileSystem.HFS_PLUS),
    _Mark(1080, b"\x53\xef", FileSystem.EXT),
    _Mark(4086, b"SWAPSPACE2", FileSystem.SWAP),
    _Mark(0x10040, b"_BHRfS_M", FileSystem.BTRFS),
)


def tell_file_system(head: bytes) -> FileSystem | None:
    """Return what a volume holds that begins with ``head``; None if unknown.

    ``head`` is VOLUME_HEAD_SIZE bytes; fewer tell less.
    """
    if is_ntfs_boot_sector(head):
        return FileSystem.NTFS
    for mark in _MARKS:
        if head.startswith(mark.text, mark.offset):
            return mark.file_system
    return None


def is_ntfs_boot_sector(head: bytes) -> bool:
    """Whether ``head`` begins as NTFS does, with fields that can be true."""
    if not head.startswith(b"NTFS    ", 3) or head[SECTOR - 2 : SECTOR] != BOOT_SIGNATURE:
        return False
    bytes_per_sector = int.from_bytes(head[_BYTES_PER_SECTOR], "little")
    total = int.from_bytes(head[_TOTAL_SECTORS], "little")
    return bytes_per_sector in {512, 1024, 2048, 4096} and head[_SECTORS_PER_CLUSTER] != 0 and total != 0
