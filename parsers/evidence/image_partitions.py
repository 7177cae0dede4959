"""Which partitions a disk has, from its master boot record or GUID partition table. Through The Sleuth Kit.

The only importer of pytsk3 and pyvsgpt. A table is believed only as far as the disk goes: see :func:`find_partitions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytsk3
import pyvsgpt

from parsers.evidence.image_access import library_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evidence.image_access import ImageStream

_PROTECTIVE: Final = b"(0xee)"
_EFI_SYSTEM: Final = b"(0xef)"
_LONGEST_MBR_DISK: Final = 1 << 41
_FIRST_LOGICAL: Final = 5
_TYPE_NAMES: Final = {
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b": "EFI system partition",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae": "Microsoft reserved partition",
}


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition as its table has it; ``number`` from 1, logical ones of an extended partition from 5.

    ``offset`` and ``size`` are bytes, and may lie beyond the disk. ``boot_purpose`` names a partition that Windows
    itself keeps for starting, where neither logs nor hives are; None for all others.
    """

    number: int
    offset: int
    size: int
    boot_purpose: str | None


class _Disk(pytsk3.Img_Info):  # type: ignore[misc] # pytsk3 has no types
    """A disk as pytsk3 reads it. ``claimed_size`` makes a disk that was cut short look whole, with zeros behind."""

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
    """Return the partitions of the disk that ``stream`` reads, in order of their offsets; none without a table.

    A GUID table is found by its copy at the disk's end where the first is damaged. The Sleuth Kit refuses a table that
    points beyond the disk; it is asked again as if the disk were long enough, so that the rest is found in an
    image that was cut short.
    """
    types = _types_by_offset(stream)
    for disk, scheme in (
        (_Disk(stream), pytsk3.TSK_VS_TYPE_GPT),
        (_Disk(stream), pytsk3.TSK_VS_TYPE_DOS),
        (_Disk(stream, _LONGEST_MBR_DISK), pytsk3.TSK_VS_TYPE_DOS),
    ):
        found = [part for part in _read_table(disk, scheme, types) if part is not None]
        if found:
            return tuple(sorted(found, key=lambda each: each.offset))
    return ()


def _read_table(disk: _Disk, scheme: object, types: dict[int, str]) -> Iterator[Partition | None]:
    try:
        with library_errors():
            table = pytsk3.Volume_Info(disk, scheme, 0)
            parts = list(table)
    except OSError:
        return  # no table of this scheme: another is tried, and the caller says where there is none
    for part in parts:
        if part.flags == pytsk3.TSK_VS_PART_FLAG_ALLOC and not part.desc.endswith(_PROTECTIVE):
            yield _partition(part, table.info.block_size, types)


def _partition(part: Any, sector: int, types: dict[int, str]) -> Partition:  # noqa: ANN401 - pytsk3 has no types
    # The Sleuth Kit numbers the tables: -1 is a GUID table, 0 the master boot record, the others are each one link of
    # the chain of an extended partition, with one logical partition.
    number = part.slot_num + 1 if part.table_num <= 0 else _FIRST_LOGICAL + part.table_num - 1
    offset = part.start * sector
    purpose = types.get(offset) or ("EFI system partition" if part.desc.endswith(_EFI_SYSTEM) else None)
    return Partition(number, offset, part.len * sector, purpose)


def _types_by_offset(stream: ImageStream) -> dict[int, str]:
    """Which partitions of a GUID table are there to start Windows; pytsk3 does not give their types."""
    table = pyvsgpt.volume()
    try:
        with library_errors():
            table.open_file_object(stream)
            types = {part.volume_offset: part.type_identifier for part in table.partitions}
    except OSError:
        return {}  # without a GUID table there are no such types
    return {at: _TYPE_NAMES[key] for at, name in types.items() if (key := re.sub(r"[{}]", "", str(name)).lower()) in _TYPE_NAMES}
