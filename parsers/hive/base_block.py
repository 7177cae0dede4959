"""The base block: what a hive's first 512 bytes declare of it."""

from __future__ import annotations

from parsers.hive import layout
from parsers.hive.record import BaseBlock


def read_base_block(data: bytes) -> BaseBlock:
    """Read the base block at the start of ``data``; a wrong checksum is told, not refused.

    Raises ValueError where ``data`` do not begin with ``regf`` or are shorter than 512 bytes.
    """
    block = data[: layout.BASE_BLOCK_USED]
    if len(block) < layout.BASE_BLOCK_USED:
        raise ValueError(f"a base block has 512 bytes, here are {len(block)}")
    fields = layout.unpack_base_block(block)
    if fields.signature != layout.SIGNATURE:
        raise ValueError(f"a base block begins with regf, not with {fields.signature!r}")
    return BaseBlock(
        primary_sequence=fields.primary_sequence,
        secondary_sequence=fields.secondary_sequence,
        last_written=fields.last_written,
        major_version=fields.major_version,
        minor_version=fields.minor_version,
        hive_bins_size=fields.hive_bins_size,
        checksum_ok=layout.stored_checksum(block) == layout.base_block_checksum(block),
    )
