"""Builds real registry hives (regf): the bytes that Windows would have written for the given keys.

Evidence of our own making for tests and fixtures, written from the format's specification alone and
independent of the readers under test. The same keys give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.builders import hive_layout as layout
from tests.builders.hive_cells import HiveBins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.builders.hive_layout import ListKind

REG_SZ: Final = 1
REG_EXPAND_SZ: Final = 2
REG_BINARY: Final = 3
REG_DWORD: Final = 4
REG_MULTI_SZ: Final = 7
REG_QWORD: Final = 11

_SEQUENCE: Final = 7


@dataclass(frozen=True, slots=True)
class ValueToWrite:
    """One value: ``type`` is the registry's number for it, ``data`` what is stored, byte for byte."""

    name: str
    type: int
    data: bytes


@dataclass(frozen=True, slots=True)
class KeyToWrite:
    """One key with all below it; ``last_written`` in FILETIME ticks. Subkeys may come in any order."""

    name: str
    last_written: int
    values: tuple[ValueToWrite, ...] = ()
    subkeys: tuple[KeyToWrite, ...] = ()


def text_value(name: str, text: str) -> ValueToWrite:
    """Return a REG_SZ with its terminating NUL."""
    return ValueToWrite(name, REG_SZ, _utf16(f"{text}\0"))


def expandable_value(name: str, text: str) -> ValueToWrite:
    """Return a REG_EXPAND_SZ with its terminating NUL."""
    return ValueToWrite(name, REG_EXPAND_SZ, _utf16(f"{text}\0"))


def multi_text_value(name: str, texts: Sequence[str]) -> ValueToWrite:
    """Return a REG_MULTI_SZ: each text and then the whole terminated by a NUL."""
    return ValueToWrite(name, REG_MULTI_SZ, _utf16("".join(f"{text}\0" for text in texts) + "\0"))


def dword_value(name: str, number: int) -> ValueToWrite:
    """Return a REG_DWORD; a negative ``number`` is stored as its two's complement."""
    return ValueToWrite(name, REG_DWORD, (number & 0xFFFFFFFF).to_bytes(4, "little"))


def qword_value(name: str, number: int) -> ValueToWrite:
    """Return a REG_QWORD; a negative ``number`` is stored as its two's complement."""
    return ValueToWrite(name, REG_QWORD, (number & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little"))


def binary_value(name: str, data: bytes) -> ValueToWrite:
    """Return a REG_BINARY."""
    return ValueToWrite(name, REG_BINARY, data)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def build_hive(  # noqa: PLR0913 - one argument for each thing that a base block or list can say
    root: KeyToWrite,
    *,
    dirty: bool = False,
    last_written: int = 0,
    file_name: str = "SYSTEM",
    list_kind: ListKind = "lh",
    checksum: int | None = None,
) -> bytes:
    """Return a hive of ``root`` and all below it.

    ``dirty`` lets the primary sequence number run ahead of the secondary, as in a hive that was in use
    when it was copied. ``last_written`` is the base block's time in ticks. ``list_kind`` is what lists of
    subkeys are: hash leaves (``lh``), fast leaves (``lf``) or index leaves (``li``); above 500 subkeys an
    index root (``ri``) stands over several. ``checksum`` is the base block's, if not the true one.
    """
    writer = _Writer(HiveBins(last_written), list_kind)
    root_offset = writer.write_root(root)
    bins = writer.bins.to_bytes()
    sequences = (_SEQUENCE + dirty, _SEQUENCE)
    base_block = layout.BaseBlock(*sequences, last_written, root_offset, len(bins), file_name)
    return base_block.to_bytes(checksum) + bins


@dataclass(slots=True)
class _Writer:
    """Puts keys into bins. A key's cell is reserved before its children, which name it as their parent."""

    bins: HiveBins
    list_kind: ListKind
    security: int = 0
    keys: int = 0

    def write_root(self, root: KeyToWrite) -> int:
        """Write the whole tree, with the root in the first cell, and return the root's offset."""
        offset = self.bins.reserve(_node_size(root))
        self.security = self.bins.reserve(len(layout.key_security(0, 0)))
        flags = layout.KEY_HIVE_ENTRY | layout.KEY_NO_DELETE
        self._fill_key(root, offset, layout.NOWHERE, flags)
        self.bins.fill(self.security, layout.key_security(self.security, self.keys))
        return offset

    def _write_key(self, key: KeyToWrite, parent: int) -> int:
        offset = self.bins.reserve(_node_size(key))
        self._fill_key(key, offset, parent, 0)
        return offset

    def _fill_key(self, key: KeyToWrite, offset: int, parent: int, flags: int) -> None:
        self.keys += 1
        values_list = self._write_values(key.values)
        subkeys_list = self._write_subkeys(key.subkeys, offset)
        name, compressed = layout.stored_name(key.name)
        node = layout.KeyNode(
            name=name,
            flags=flags | (layout.COMPRESSED_KEY_NAME if compressed else 0),
            last_written=key.last_written,
            parent=parent,
            subkeys=len(key.subkeys),
            subkeys_list=subkeys_list,
            values=len(key.values),
            values_list=values_list,
            security=self.security,
            longest_subkey_name=max((layout.utf16_length(each.name) for each in key.subkeys), default=0),
            longest_value_name=max((layout.utf16_length(each.name) for each in key.values), default=0),
            largest_value=max((len(each.data) for each in key.values), default=0),
        )
        self.bins.fill(offset, node.to_bytes())

    def _write_values(self, values: tuple[ValueToWrite, ...]) -> int:
        if not values:
            return layout.NOWHERE
        return self.bins.add(layout.offsets([self._write_value(value) for value in values]))

    def _write_value(self, value: ValueToWrite) -> int:
        size = len(value.data)
        if size <= layout.LARGEST_INLINE:
            data = int.from_bytes(value.data, "little")
            return self.bins.add(layout.key_value(value.name, value.type, size | layout.INLINE, data))
        return self.bins.add(layout.key_value(value.name, value.type, size, self._write_data(value.data)))

    def _write_data(self, data: bytes) -> int:
        if len(data) <= layout.SEGMENT_SIZE:
            return self.bins.add(data)
        starts = range(0, len(data), layout.SEGMENT_SIZE)
        segments = [self.bins.add(data[start : start + layout.SEGMENT_SIZE]) for start in starts]
        return self.bins.add(layout.big_data(len(segments), self.bins.add(layout.offsets(segments))))

    def _write_subkeys(self, subkeys: tuple[KeyToWrite, ...], parent: int) -> int:
        if not subkeys:
            return layout.NOWHERE
        in_order = sorted(subkeys, key=lambda key: layout.code_units(key.name))
        written = [(key.name, self._write_key(key, parent)) for key in in_order]
        starts = range(0, len(written), layout.LARGEST_LEAF)
        leaves = [
            self.bins.add(layout.leaf(self.list_kind, written[start : start + layout.LARGEST_LEAF]))
            for start in starts
        ]
        return leaves[0] if len(leaves) == 1 else self.bins.add(layout.index_root(leaves))


def _node_size(key: KeyToWrite) -> int:
    return layout.KEY_NODE_SIZE + len(layout.stored_name(key.name)[0])
