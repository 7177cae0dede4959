"""Hive bins filled with cells, one after another, as a hive keeps everything that it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import pack
from typing import Final

from tests.builders.hive_layout import BIN_HEADER_SIZE, PAGE, bin_header

_CELL_UNIT: Final = 8
_SIZE_FIELD: Final = 4


@dataclass(slots=True)
class HiveBins:
    """The bins of a hive that is being written. Offsets count from the first of them.

    A cell never crosses from one bin into the next; what a bin has left becomes a free cell, and a cell
    of more than a page gets a bin of several.
    """

    last_written: int
    _data: bytearray = field(default_factory=bytearray)
    _used: int = 0

    def reserve(self, size: int) -> int:
        """Allocate a cell for ``size`` bytes and return its offset."""
        cell_size = -(-(size + _SIZE_FIELD) // _CELL_UNIT) * _CELL_UNIT
        if self._used + cell_size > len(self._data):
            self._open_bin(cell_size)
        offset = self._used
        self._used += cell_size
        self._data[offset : offset + _SIZE_FIELD] = pack("<i", -cell_size)
        return offset

    def fill(self, offset: int, content: bytes) -> None:
        """Write ``content`` into the cell at ``offset``, which was reserved with its size."""
        start = offset + _SIZE_FIELD
        self._data[start : start + len(content)] = content

    def add(self, content: bytes) -> int:
        """Write ``content`` into a new cell and return its offset."""
        offset = self.reserve(len(content))
        self.fill(offset, content)
        return offset

    def to_bytes(self) -> bytes:
        """Close the last bin and return all of them."""
        self._free_rest()
        return bytes(self._data)

    def _open_bin(self, cell_size: int) -> None:
        self._free_rest()
        start = len(self._data)
        size = -(-(cell_size + BIN_HEADER_SIZE) // PAGE) * PAGE
        self._data += bin_header(start, size, self.last_written).ljust(size, b"\0")
        self._used = start + BIN_HEADER_SIZE

    def _free_rest(self) -> None:
        rest = len(self._data) - self._used
        if rest:
            self._data[self._used : self._used + _SIZE_FIELD] = pack("<i", rest)
            self._used = len(self._data)
