"""One SYSTEM hive from its first byte to its control sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from parsers.damage import Damage
from parsers.errors import NotAHive
from parsers.hive import layout
from parsers.hive.base_block import read_base_block
from parsers.hive.control_set import read_control_sets
from parsers.hive.record import SystemHive
from parsers.hive.walk import HiveWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.hive.record import BaseBlock

_ANOTHER_COPY: Final = "Take another copy of the file, such as one in RegBack or a shadow copy"


def read_system_hive(data: bytes, path: str) -> SystemHive:
    """Read the SYSTEM hive whose bytes are ``data``; ``path`` is how messages call it.

    Whatever can be reached is read, and what cannot be is damage: lost bins, lists, keys and values, a
    base block whose checksum is wrong, a file that is shorter than it says, a missing ``Select``. That
    changes wait in transaction logs is no damage: the base block says so.
    Raises NotAHive where ``data`` are no hive at all, a transaction log, or cut off before the root key.
    """
    _refuse_others(data, path)
    base_block = read_base_block(data)
    fields = layout.unpack_base_block(data)
    walk = HiveWalk(data, fields.root_cell, path)
    for damage in _base_block_damage(data, base_block):
        walk.report(damage.offset, damage.reason, length=damage.length)
    walk.report_lost_bins(base_block.hive_bins_size)
    control_sets = tuple(read_control_sets(walk))
    return SystemHive(base_block, control_sets, walk.damage)


def _refuse_others(data: bytes, path: str) -> None:
    """Raise NotAHive for what is none, judged by its first 4 KiB."""
    if not data:
        raise NotAHive(path, "the file is empty", _ANOTHER_COPY)
    if not data.startswith(layout.SIGNATURE):
        reason = f"it begins with bytes {data[:4].hex(' ')}, a registry hive with regf"
        raise NotAHive(path, reason, "Name a SYSTEM hive, as in Windows\\System32\\config")
    if len(data) <= layout.BASE_BLOCK_SIZE + layout.FIRST_CELL:
        raise NotAHive(path, f"it ends after {len(data)} bytes, before any key", _ANOTHER_COPY)
    if _is_transaction_log(data):
        reason = "it is the transaction log of a hive, not the hive"
        raise NotAHive(path, reason, "Name the hive beside it, which has no .LOG in its name")


def _is_transaction_log(data: bytes) -> bool:
    """Tell a log by what follows its copy of the base block, or by having its file type and no hive bins."""
    follows = data[layout.LOG_ENTRIES_AT : layout.LOG_ENTRIES_AT + 4]
    has_bins = data.startswith(layout.FIRST_BIN_HEADER[:4], layout.BASE_BLOCK_SIZE)
    is_primary = layout.unpack_base_block(data).file_type == layout.PRIMARY_FILE
    return not is_primary and (follows in layout.LOG_SIGNATURES or not has_bins)


def _base_block_damage(data: bytes, base_block: BaseBlock) -> Iterator[Damage]:
    if not base_block.checksum_ok:
        reason = "the checksum of the base block is wrong, so what it says is not certain"
        yield Damage(0, layout.BASE_BLOCK_USED, reason)
    missing = layout.BASE_BLOCK_SIZE + base_block.hive_bins_size - len(data)
    if missing > 0:
        yield Damage(len(data), missing, f"the file ends here; by its base block {missing} bytes are missing")
