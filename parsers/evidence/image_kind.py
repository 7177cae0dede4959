"""Which files are disk images, told by their first bytes.

Signatures: EWF (libewf, "Expert Witness Compression Format"), VMDK (VMware, "Virtual Disk Format"), VHD and
VHDX ([MS-VHDX]), QCOW2 (QEMU, docs/interop/qcow2.txt). A raw image has none: it is told by what a disk or a
volume begins with, a master boot record, a GUID partition table (UEFI 2.10, 5.2-5.3) or a boot sector.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from parsers.evidence.file_system import BOOT_SIGNATURE, SECTOR, tell_file_system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IMAGE_HEAD_SIZE: Final = 8192
"""How many bytes of a file's start tell all that can be told; the first 512 suffice for most kinds."""

SMALLEST_RAW_IMAGE: Final = 1 << 20
"""A shorter file is no disk: Windows keeps copies of boot sectors in small files."""

_PARTITION_ENTRIES: Final = 446
_ENTRY_SIZE: Final = 16
_PROTECTIVE: Final = 0xEE
_GPT_SIGNATURE: Final = b"EFI PART"
_SECTOR_SIZES: Final = (512, 4096)
_EWF_SEGMENT_NUMBER: Final = slice(9, 11)
_DESCRIPTOR: Final = re.compile(rb"\s*# *Disk DescriptorFile", re.IGNORECASE)
_LATER_NUMBERED: Final = re.compile(r"(.*\.)(\d{2,4})")
_LATER_EXTENT: Final = re.compile(r"(.*)-(?:flat|[sf]\d{3})(\.vmdk)", re.IGNORECASE)
_LATER_EWF: Final = re.compile(r"(.*\.)(E|Ex|s)(?!01)(?:\d\d|[A-Z]{2})", re.IGNORECASE)


class ImageKind(StrEnum):
    """How an image keeps its disk, as it is written to an investigator."""

    RAW = "raw"
    EWF = "E01"
    VMDK = "VMDK"
    VHD = "VHD"
    VHDX = "VHDX"
    QCOW = "QCOW"


class _Partition(NamedTuple):
    """One entry of a master boot record: its flag and type, its first sector and how many there are."""

    flag: int
    type: int
    first: int
    sectors: int


_SIGNATURES: Final = (
    (b"EVF\x09\x0d\x0a\xff\x00", ImageKind.EWF),
    (b"EVF2\x0d\x0a\x81\x00", ImageKind.EWF),
    (b"KDMV", ImageKind.VMDK),
    (b"COWD", ImageKind.VMDK),
    (b"vhdxfile", ImageKind.VHDX),
    (b"conectix", ImageKind.VHD),
    (b"QFI\xfb", ImageKind.QCOW),
)

_NAMES: Final = (
    (re.compile(r".*\.(E01|Ex01|s01)", re.IGNORECASE), ImageKind.EWF),
    (re.compile(r".*\.vmdk", re.IGNORECASE), ImageKind.VMDK),
    (re.compile(r".*\.a?vhd", re.IGNORECASE), ImageKind.VHD),
    (re.compile(r".*\.a?vhdx", re.IGNORECASE), ImageKind.VHDX),
    (re.compile(r".*\.qcow2?", re.IGNORECASE), ImageKind.QCOW),
    (re.compile(r".*\.(dd|raw)", re.IGNORECASE), ImageKind.RAW),
)


def image_kind(head: bytes, name: str, size: int) -> ImageKind | None:
    """Return what image the file called ``name`` is, of ``size`` bytes, that begins with ``head``, or None.

    ``head`` is the first IMAGE_HEAD_SIZE bytes, or at least 512. Where the bytes say nothing the name does,
    so that an empty or overwritten ``disk.E01`` is an image, and its reader can say what is wrong with it.
    """
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if _DESCRIPTOR.match(head):
        return ImageKind.VMDK
    by_name = next((kind for pattern, kind in _NAMES if pattern.fullmatch(name)), None)
    if _is_disk(head, size):
        # A fixed VHD is a raw disk with a footer behind it.
        return ImageKind.VHD if by_name is ImageKind.VHD else ImageKind.RAW
    return by_name


def is_later_segment(path: Path, head: bytes) -> bool:
    """Whether ``path`` continues an image whose first file lies beside it, and so is no image of its own."""
    return any(first != path and first.exists() for first in _first_files(path, head))


def segment_number(head: bytes) -> int | None:
    """Return which segment of an E01 set a file is, from 1, by its first bytes; None for other files."""
    if not head.startswith(_SIGNATURES[0][0]) or len(head) < _EWF_SEGMENT_NUMBER.stop:
        return None
    return int.from_bytes(head[_EWF_SEGMENT_NUMBER], "little")


def _first_files(path: Path, head: bytes) -> Iterator[Path]:
    if match := _LATER_NUMBERED.fullmatch(path.name):
        yield from _numbered_first(path, match[1], match[2])
    if match := _LATER_EXTENT.fullmatch(path.name):
        yield path.with_name(match[1] + match[2])
    if head.startswith(b"EVF") and (match := _LATER_EWF.fullmatch(path.name)):
        yield path.with_name(f"{match[1]}{match[2]}01")


def _numbered_first(path: Path, stem: str, digits: str) -> Iterator[Path]:
    """``disk.000`` or ``disk.001`` for any later ``disk.NNN``."""
    for first in range(min(int(digits), 2)):
        yield path.with_name(f"{stem}{first:0{len(digits)}d}")


def _is_disk(head: bytes, size: int) -> bool:
    if size < SMALLEST_RAW_IMAGE:
        return False
    has_gpt = any(head[at : at + len(_GPT_SIGNATURE)] == _GPT_SIGNATURE for at in _SECTOR_SIZES)
    return has_gpt or tell_file_system(head) is not None or _has_partitions(head, size)


def _has_partitions(head: bytes, size: int) -> bool:
    """Whether the first sector is a master boot record whose every entry can be true."""
    if head[SECTOR - 2 : SECTOR] != BOOT_SIGNATURE:
        return False
    entries = [_entry(head, _PARTITION_ENTRIES + index * _ENTRY_SIZE) for index in range(4)]
    used = [entry for entry in entries if entry.type != 0]
    return (
        all(entry.flag in {0, 0x80} for entry in entries)
        and all(entry.first and entry.sectors for entry in used)
        and any(entry.type == _PROTECTIVE or entry.first * SECTOR < size for entry in used)
    )


def _entry(head: bytes, at: int) -> _Partition:
    entry = head[at : at + _ENTRY_SIZE]
    first, sectors = int.from_bytes(entry[8:12], "little"), int.from_bytes(entry[12:16], "little")
    return _Partition(entry[0], entry[4], first, sectors)
