"""Builds volumes with volume shadow copies: the volume as it is, and behind it the blocks as they were.

Layout: "Volume Shadow Snapshot (VSS) format specification" of the libvshadow project.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BLOCK: Final = 0x4000
HEADER_AT: Final = 0x1E00
_IDENTIFIER: Final = UUID("3808876b-c176-4e48-b7ae-04046e6cc752").bytes_le
_VERSION: Final = 1
_SECTOR: Final = 512
_TOTAL_SECTORS_AT: Final = 0x28
_HEADER: Final = struct.Struct("<16sIIQQQQ")
"""Identifier, version, record type, relative and current offset, next offset, then two that depend on the
type."""

_RECORD: Final = {"volume": 1, "catalog": 2, "blocks": 3, "store": 4, "ranges": 5, "bitmap": 6}
_DESCRIPTOR: Final = struct.Struct("<QQQII")
_DESCRIPTORS_A_BLOCK: Final = (BLOCK - 128) // _DESCRIPTOR.size
_SYSTEM_SIZE: Final = 4
"""Blocks of a store before its block list: header, range list, bitmap, and one that stays empty."""


def build_shadow_copies(current: Path, earlier: Sequence[tuple[Path, int]], path: Path) -> Path:
    """Make a volume at ``path`` that holds ``current``, and a shadow copy of each of ``earlier``.

    ``earlier`` are volumes of the same size with when each was copied, in ticks, oldest first. What Windows
    keeps in files of the volume is kept behind its files here: readers go by offsets alone. Returns ``path``.
    """
    volume = bytearray(current.read_bytes())
    states = [each.read_bytes() for each, _ in earlier] + [bytes(volume)]
    size = len(volume)
    catalog_at = _align(size)
    end = catalog_at + BLOCK
    catalog, stores = b"", b""
    for index, (_, created) in enumerate(earlier):
        # Each store has what the next newer state no longer has.
        store, places = _store(states[index], states[index + 1], end)
        catalog += _catalog_entries(index, size, created, places)
        stores += store
        end += len(store)
    # The volume reaches over its shadow copies, and ends with a copy of its first sector.
    struct.pack_into("<Q", volume, _TOTAL_SECTORS_AT, (end + BLOCK) // _SECTOR - 1)
    volume[HEADER_AT : HEADER_AT + 128] = _header("volume", HEADER_AT, HEADER_AT, 0, catalog_at)
    catalog = (_header("catalog", 0, catalog_at) + catalog).ljust(BLOCK, b"\0")
    last = bytes(volume[:_SECTOR]).rjust(BLOCK, b"\0")
    path.write_bytes(bytes(volume).ljust(catalog_at, b"\0") + catalog + stores + last)
    return path


def _store(old: bytes, new: bytes, start: int) -> tuple[bytes, dict[str, int]]:
    changed = [at for at in range(0, len(old), BLOCK) if old[at : at + BLOCK] != new[at : at + BLOCK]]
    lists = -(-len(changed) // _DESCRIPTORS_A_BLOCK) or 1
    data_at = start + (_SYSTEM_SIZE + lists) * BLOCK
    descriptors = [
        _DESCRIPTOR.pack(at, data_at + index * BLOCK - start, data_at + index * BLOCK, 0, 0)
        for index, at in enumerate(changed)
    ]
    places = {
        "store": start,
        "ranges": start + BLOCK,
        "bitmap": start + 2 * BLOCK,
        "blocks": start + _SYSTEM_SIZE * BLOCK,
    }
    parts = [
        _header("store", 0, start, 0, 128) + bytes(48) + struct.pack("<IIIIHH", 0xD, 1, 0x20009, 0, 0, 0),
        _header("ranges", BLOCK, start + BLOCK),
        _header("bitmap", 2 * BLOCK, start + 2 * BLOCK),
        b"",
        *_block_lists(descriptors, lists, start),
        *(old[at : at + BLOCK] for at in changed),
    ]
    return b"".join(part.ljust(BLOCK, b"\0") for part in parts), places


def _block_lists(descriptors: list[bytes], lists: int, start: int) -> list[bytes]:
    blocks = []
    for index in range(lists):
        relative = (_SYSTEM_SIZE + index) * BLOCK
        following = start + relative + BLOCK if index + 1 < lists else 0
        part = descriptors[index * _DESCRIPTORS_A_BLOCK : (index + 1) * _DESCRIPTORS_A_BLOCK]
        blocks.append(_header("blocks", relative, start + relative, following) + b"".join(part))
    return blocks


def _catalog_entries(index: int, size: int, created: int, places: dict[str, int]) -> bytes:
    identifier = UUID(int=index + 1).bytes_le
    first = struct.pack("<QQ16sQQQ", 2, size, identifier, index + 1, 0x40, created)
    second = struct.pack(
        "<QQ16sQQQQQQ",
        3,
        places["blocks"],
        identifier,
        places["store"],
        places["ranges"],
        places["bitmap"],
        0,
        0,
        0,
    )
    return first.ljust(128, b"\0") + second.ljust(128, b"\0")


def _header(record: str, relative: int, current: int, following: int = 0, size: int = 0) -> bytes:
    """``size`` is that of a store's information; a volume's header has the place of its catalog there."""
    kind = _RECORD[record]
    return _HEADER.pack(_IDENTIFIER, _VERSION, kind, relative, current, following, size).ljust(128, b"\0")


def _align(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
