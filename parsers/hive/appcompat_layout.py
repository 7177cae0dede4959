"""The application compatibility cache in its value: the layouts of Windows XP to 11.

Source: libyal winreg-kb, "Application compatibility cache"; that Windows 8.1 keeps the name of a package
behind the path, Mandiant's ShimCacheParser. All numbers are little-endian, all texts UTF-16.
"""

from __future__ import annotations

from enum import StrEnum
from struct import Struct
from typing import Final, NamedTuple


class CacheLayout(StrEnum):
    """Layouts by the first Windows that has them."""

    WINDOWS_XP = "Windows XP"
    WINDOWS_2003_32 = "Windows Server 2003 to Vista, 32-bit"
    WINDOWS_2003_64 = "Windows Server 2003 to Vista, 64-bit"
    WINDOWS_7_32 = "Windows 7, 32-bit"
    WINDOWS_7_64 = "Windows 7, 64-bit"
    WINDOWS_8_0 = "Windows 8.0"
    WINDOWS_8_1 = "Windows 8.1"
    WINDOWS_10 = "Windows 10"
    WINDOWS_10_1703 = "Windows 10 1703 or later"


class TableLayout(NamedTuple):
    """A table of entries of one size; ``count_at`` is where the header says how many there are.

    ``entry`` gives path size, path offset (from the start of the value), file time and insertion flags, the
    latter only where ``has_flags``.
    """

    header_size: int
    entry: Struct
    has_flags: bool


class ChainLayout(NamedTuple):
    """Entries one behind the other, each with its ``signature``, a checksum and its size before it.

    An entry is a counted path, in 8.1 a counted package name, ``before_time`` bytes that begin with the
    insertion flags, the file's time, and counted data.
    """

    header_size: int
    signature: bytes
    has_package: bool
    before_time: int


COUNT_AT: Final = 4
XP_SIGNATURE: Final = b"\xef\xbe\xad\xde"
XP_HEADER_SIZE: Final = 400
XP_ENTRY: Final = Struct("<528sQQQ")
"""Path, the file's time, its size, and the time of the entry's last update."""

_BY_SIGNATURE: Final = (
    (b"\xfe\x0f\xdc\xba", CacheLayout.WINDOWS_2003_32, CacheLayout.WINDOWS_2003_64),
    (b"\xee\x0f\xdc\xba", CacheLayout.WINDOWS_7_32, CacheLayout.WINDOWS_7_64),
)
_PADDING_AT: Final = 4
"""Where a 64-bit entry of a table has zeros, and a 32-bit one the offset of its path, which is never 0."""

TABLES: Final = {
    CacheLayout.WINDOWS_2003_32: TableLayout(8, Struct("<H2xIQI4x"), has_flags=False),
    CacheLayout.WINDOWS_2003_64: TableLayout(8, Struct("<H6xQQI4x"), has_flags=False),
    CacheLayout.WINDOWS_7_32: TableLayout(128, Struct("<H2xIQI12x"), has_flags=True),
    CacheLayout.WINDOWS_7_64: TableLayout(128, Struct("<H6xQQI20x"), has_flags=True),
}

CHAINS: Final = {
    CacheLayout.WINDOWS_10_1703: ChainLayout(0x34, b"10ts", has_package=False, before_time=0),
    CacheLayout.WINDOWS_10: ChainLayout(0x30, b"10ts", has_package=False, before_time=0),
    CacheLayout.WINDOWS_8_1: ChainLayout(0x80, b"10ts", has_package=True, before_time=8),
    CacheLayout.WINDOWS_8_0: ChainLayout(0x80, b"00ts", has_package=False, before_time=8),
}

ENTRY_HEADER: Final = Struct("<4s4xI")
"""Signature, and the size of what follows."""
UINT16: Final = Struct("<H")
UINT32: Final = Struct("<I")
UINT64: Final = Struct("<Q")


def layout_of(data: bytes) -> CacheLayout | None:
    """Return the layout that the cache's bytes have, or None for none that is known.

    Windows 10 states the size of its header. That decides where two fit: what stands where the entries of an
    earlier Windows begin may be the second entry. Windows 8 and 8.1 do not always state it.
    """
    if data.startswith(XP_SIGNATURE):
        return CacheLayout.WINDOWS_XP
    for signature, narrow, wide in _BY_SIGNATURE:
        if data.startswith(signature):
            start = TABLES[wide].header_size + _PADDING_AT
            return wide if data[start : start + UINT32.size] == bytes(UINT32.size) else narrow
    return _chain_of(data)


def _chain_of(data: bytes) -> CacheLayout | None:
    stated = int.from_bytes(data[: UINT32.size], "little")
    found = [each for each, chain in CHAINS.items() if _stands(data, chain)]
    return next((each for each in found if CHAINS[each].header_size == stated), next(iter(found), None))


def _stands(data: bytes, chain: ChainLayout) -> bool:
    """Tell whether the first entry stands behind the header, or nothing where there are no entries."""
    return len(data) == chain.header_size or data.startswith(chain.signature, chain.header_size)
