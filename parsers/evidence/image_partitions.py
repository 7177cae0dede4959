"""Which partitions a disk has, from its master boot record or GUID partition table. Through The Sleuth Kit.

The only importer of pytsk3 and pyvsgpt. A table is believed only as far as the disk goes: see
:func:`find_partitions`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import pytsk3
import pyvsgpt

from parsers.evidence.image_access import library_errors

if TYPE_CHECKING:
    from parsers.evidence.image_access import ImageStream

_PROTECTIVE: Final = b"(0xee)"
_EFI_SYSTEM: Final = b"(0xef)"
_LONGEST_MBR_DISK: Final = 1 << 41
_FIRST_LOGICAL: Final = 5
_SECTOR_SIZES: Final = (512, 4096)
_GPT_SIGNATURE: Final = b"EFI PART"
_GPT_HEADER: Final = struct.Struct("<8s64xQII")
"""Its signature, the first sector of its entries, how many they are and how many bytes each has."""

_GPT_ENTRY: Final = struct.Struct("<16s16xQ")
_LARGEST_TABLE: Final = 1 << 20
_TYPE_NAMES: Final = {
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b": "EFI system partition",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae": "Microsoft reserved partition",
}


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition as its table has it; ``number`` from 1, logical ones of an extended partition from 5.

    ``offset`` and ``size`` are bytes, and may lie beyond the disk. ``boot_purpose`` names a partition that
    Windows itself keeps for starting, where neither logs nor hives are; None for all others.
    """

    number: int
    offset: int
    size: int
    boot_purpose: str | None


class _Part(NamedTuple):
    """A partition as The Sleuth Kit has it; ``offset`` and ``size`` are bytes.

    ``table`` is -1 for a GUID table, 0 for the master boot record, and from 1 for the links of an extended
    partition's chain, each with one logical partition; ``slot`` is the place in its table.
    """

    table: int
    slot: int
    offset: int
    size: int
    description: bytes


class _Disk(pytsk3.Img_Info):  # type: ignore[misc] # pytsk3 has no types
    """A disk as pytsk3 reads it; ``claimed_size`` makes one that was cut short look whole, zeros behind."""

    def __init__(self, stream: ImageStream, claimed_size: int | None = None) -> None:
        self._stream = stream
        self._claimed_size = stream.size if claimed_size is None else claimed_size
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def close(self) -> None:
        """Leave the stream to its owner."""

    def read(self, offset: int, size: int) -> bytes:
        self._stream.seek(offset)
        return (self._stream.read(size) or b"").ljust(size, b"\0")

    def get_size(self) -> int:
        return self._claimed_size


def find_partitions(stream: ImageStream) -> tuple[Partition, ...]:
    """Return the partitions of the disk that ``stream`` reads, by their offsets; none without a table.

    A GUID table is found by its copy at the disk's end where the first is damaged. The Sleuth Kit refuses a
    table that points beyond the disk; it is asked again as if the disk were long enough, so that the rest is
    found in an image that was cut short.
    """
    master = _read_table(_Disk(stream), pytsk3.TSK_VS_TYPE_DOS) or _read_table(
        _Disk(stream, _LONGEST_MBR_DISK), pytsk3.TSK_VS_TYPE_DOS
    )
    # A disk that once had a GUID table may keep it: it counts only where the master boot record points to it.
    if not master or any(part.description.endswith(_PROTECTIVE) for part in master):
        table = _read_table(_Disk(stream), pytsk3.TSK_VS_TYPE_GPT)
    else:
        table = master
    purposes = _purposes(stream)
    return tuple(sorted((_partition(part, purposes) for part in table), key=lambda each: each.offset))


def _read_table(disk: _Disk, scheme: object) -> list[_Part]:
    """Return the partitions that hold data, none without a table of this scheme."""
    try:
        with library_errors():
            table = pytsk3.Volume_Info(disk, scheme, 0)
            sector = table.info.block_size
            return [
                _Part(part.table_num, part.slot_num, part.start * sector, part.len * sector, part.desc)
                for part in list(table)
                if part.flags == pytsk3.TSK_VS_PART_FLAG_ALLOC
            ]
    except OSError:
        return []  # the caller says where a disk has no table of any scheme


def _partition(part: _Part, purposes: dict[int, str]) -> Partition:
    number = part.slot + 1 if part.table <= 0 else _FIRST_LOGICAL + part.table - 1
    purpose = purposes.get(part.offset)
    if purpose is None and part.description.endswith(_EFI_SYSTEM):
        purpose = "EFI system partition"
    return Partition(number, part.offset, part.size, purpose)


def _purposes(stream: ImageStream) -> dict[int, str]:
    """Which partitions of a GUID table are there to start Windows; pytsk3 does not give their types."""
    table = pyvsgpt.volume()
    try:
        with library_errors():
            table.open_file_object(stream)
            types = {part.volume_offset: part.type_identifier for part in table.partitions}
    except OSError:
        types = _types_by_first_table(stream)
    known = ((offset, _TYPE_NAMES.get(str(name).strip("{}").lower())) for offset, name in types.items())
    return {offset: purpose for offset, purpose in known if purpose is not None}


def _types_by_first_table(stream: ImageStream) -> dict[int, str]:
    """Return the partitions' types by the table at the disk's start alone, by offset; none without it.

    pyvsgpt asks for the copy at the disk's end too, which an image that was cut short has lost. Layout: UEFI
    2.10, 5.3.2-5.3.3.
    """
    for sector in _SECTOR_SIZES:
        try:
            stream.seek(sector)
            header = _GPT_HEADER.unpack(stream.read(_GPT_HEADER.size))
            signature, first, count, size = header
            if signature != _GPT_SIGNATURE or size < _GPT_ENTRY.size or count * size > _LARGEST_TABLE:
                continue
            stream.seek(first * sector)
            entries = stream.read(count * size)
        except (OSError, struct.error):
            continue  # a disk that ends so soon has no such table
        starts = range(0, len(entries) - _GPT_ENTRY.size + 1, size)
        found = [_GPT_ENTRY.unpack_from(entries, at) for at in starts]
        return {at * sector: str(UUID(bytes_le=kind)) for kind, at in found if any(kind)}
    return {}
