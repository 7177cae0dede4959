"""Builds transaction logs of registry hives as Windows 8.1 and later write them.

Source: M. Suhanov, "Windows registry file format specification", "Format of transaction log files", "New
format"; for the hash, Microsoft's .NET, ``System.Marvin``. Independent of the reader under test.
"""

from __future__ import annotations

from itertools import pairwise
from struct import iter_unpack, pack, pack_into, unpack_from
from typing import TYPE_CHECKING, Final

from tests.builders.hive_layout import BASE_BLOCK_SIZE, CHECKSUM_AT, PAGE, xor_checksum

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTOR: Final = 512
NEW_LOG: Final = 6
OLD_LOG: Final = 1

_SEED: Final = (0x7A4E55C5, 0x82EF4D88)
_SEQUENCES_AT: Final = 4
_FILE_TYPE_AT: Final = 28
_BINS_SIZE_AT: Final = 40
_HEADER_SIZE: Final = 40
_BITS: Final = 0xFFFFFFFF


def build_hive_log(base: bytes, changed: bytes, sequence: int, *later: bytes, flags: int = 0) -> bytes:
    """Return the log whose entry ``sequence`` turns the hive ``base`` into ``changed``.

    Each further entry turns what the one before gave into the next of ``later``. As in Windows, entries hold
    the first page and every other that differs.
    """
    entries = b"".join(
        log_entry(old, new, sequence + number, flags)
        for number, (old, new) in enumerate(pairwise((base, changed, *later)))
    )
    return log_base_block(base, sequence) + entries


def build_old_hive_log(base: bytes, changed: bytes) -> bytes:
    """Return a log of Windows before 8.1 with every page of ``changed`` that differs from ``base``."""
    size = _bins_size(changed)
    runs = list(_dirty_runs(base, changed))
    dirty = {place for start, length in runs for place in range(start, start + length, SECTOR)}
    bits = sum(1 << place // SECTOR for place in dirty)
    vector = b"DIRT" + bits.to_bytes(size // SECTOR // 8, "little")
    block = log_base_block(base, unpack_from("<I", base, _SEQUENCES_AT)[0], OLD_LOG)
    return block + _padded(vector) + b"".join(_page(changed, start, length) for start, length in runs)


def log_base_block(base: bytes, sequence: int, file_type: int = NEW_LOG) -> bytes:
    """Return the copy of a hive's base block with which a log begins."""
    block = bytearray(base[:SECTOR])
    pack_into("<II", block, _SEQUENCES_AT, sequence, sequence)
    pack_into("<I", block, _FILE_TYPE_AT, file_type)
    pack_into("<I", block, CHECKSUM_AT, xor_checksum(bytes(block)))
    return bytes(block)


def log_entry(old: bytes, new: bytes, sequence: int, flags: int = 0) -> bytes:
    """Return the log entry that turns the hive ``old`` into ``new``."""
    runs = list(_dirty_runs(old, new))
    references = b"".join(pack("<II", start, length) for start, length in runs)
    pages = b"".join(_page(new, start, length) for start, length in runs)
    return sealed_entry(sequence, _bins_size(new), len(runs), references + pages, flags)


def sealed_entry(sequence: int, bins_size: int, dirty_pages: int, content: bytes, flags: int = 0) -> bytes:
    """Return a log entry of any content, with the two hashes that it must have."""
    size = len(_padded(bytes(_HEADER_SIZE) + content))
    content = content.ljust(size - _HEADER_SIZE, b"\0")
    header = pack("<4sIIIII", b"HvLE", size, flags, sequence, bins_size, dirty_pages)
    header += pack("<Q", marvin32(content, _SEED))
    return header + pack("<Q", marvin32(header, _SEED)) + content


def marvin32(data: bytes, seed: tuple[int, int]) -> int:
    """Return the Marvin32 hash of ``data`` under a seed given as its lower and upper half."""
    state = seed
    filled = data + b"\x80" + bytes(3 - len(data) % 4)
    for (word,) in iter_unpack("<I", filled):
        state = _mixed((state[0] + word) & _BITS, state[1])
    low, high = _mixed(*state)
    return low | high << 32


def _mixed(low: int, high: int) -> tuple[int, int]:
    high ^= low
    low = (_rotated(low, 20) + high) & _BITS
    high = _rotated(high, 9) ^ low
    low = (_rotated(low, 27) + high) & _BITS
    return low, _rotated(high, 19)


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & _BITS


def _dirty_runs(old: bytes, new: bytes) -> Iterator[tuple[int, int]]:
    """Give place and length of the runs of pages to write; places count from the first hive bin."""
    start = length = 0
    for place in range(0, _bins_size(new), PAGE):
        if place == 0 or _page(old, place, PAGE) != _page(new, place, PAGE):
            if length and start + length == place:
                length += PAGE
                continue
            if length:
                yield start, length
            start, length = place, PAGE
    yield start, length


def _page(hive: bytes, place: int, length: int) -> bytes:
    start = BASE_BLOCK_SIZE + place
    return hive[start : start + length]


def _bins_size(hive: bytes) -> int:
    (size,) = unpack_from("<I", hive, _BINS_SIZE_AT)
    return int(size)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % SECTOR)
