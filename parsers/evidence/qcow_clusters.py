"""Whether a QCOW2 image has compressed clusters.

pyqcow reads many of them as zeros, without an error, where the image is of version 3: it takes bit 0 of their
place for the flag of a cluster of zeros. Only the tables that say where clusters lie are looked at here,
never their content. Layout: QEMU, docs/interop/qcow2.txt.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER: Final = struct.Struct(">4sIQIIQIIQ")
"""Signature, version, backing file name's offset and size, cluster bits, size, encryption, L1 size, L1
offset."""

_SIGNATURE: Final = b"QFI\xfb"
_FIRST_WITH_ZERO_FLAG: Final = 3
_CLUSTER_BITS: Final = range(9, 22)
_LARGEST_L1: Final = 4 << 20
"""In entries: QEMU itself refuses a table of more than 32 MiB."""

_OFFSET: Final = 0x00FF_FFFF_FFFF_FE00
_COMPRESSED: Final = 0x40


def find_compressed(path: Path) -> bool:
    """Whether the QCOW2 image of version 3 at ``path`` has a compressed cluster. False for older versions.

    Raises OSError; and ValueError where the tables cannot be true.
    """
    with path.open("rb") as stream:
        header = stream.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise ValueError("its header is cut short")
        signature, version, _, _, cluster_bits, _, _, l1_size, l1_offset = _HEADER.unpack(header)
        if signature != _SIGNATURE or version < _FIRST_WITH_ZERO_FLAG:
            return False
        if cluster_bits not in _CLUSTER_BITS or l1_size > _LARGEST_L1:
            raise ValueError("its header has sizes that cannot be true")
        tables = list(_table_offsets(stream, l1_offset, l1_size))
        return any(_has_compressed(stream, offset, 1 << cluster_bits) for offset in tables)


def _table_offsets(stream: BinaryIO, offset: int, entries: int) -> Iterator[int]:
    stream.seek(offset)
    table = stream.read(entries * 8)
    for (entry,) in struct.iter_unpack(">Q", table[: len(table) // 8 * 8]):
        if entry & _OFFSET:
            yield entry & _OFFSET


def _has_compressed(stream: BinaryIO, offset: int, size: int) -> bool:
    stream.seek(offset)
    # The highest byte of each big-endian entry holds the flag; slicing looks at all of them at once.
    return any(flags & _COMPRESSED for flags in stream.read(size)[::8])
