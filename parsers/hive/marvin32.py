"""Marvin32, the hash by which each entry of a hive's transaction log vouches for its own bytes.

Source: Microsoft's .NET, ``System.Marvin``; the seed is that of M. Suhanov, "Windows registry file format
specification", section "New format", note 3.
"""

from __future__ import annotations

import sys
from array import array
from typing import Final

LOG_SEED: Final = 0x82EF4D887A4E55C5
"""The seed of all transaction logs."""

_WORD: Final = 4
_END_OF_DATA: Final = b"\x80"
_MASK: Final = 0xFFFFFFFF


def marvin32(data: bytes, seed: int = LOG_SEED) -> int:
    """Return the 64 bits that ``data`` hash to.

    Each word is added to the lower half of the state and the state mixed; after the words, one more time.
    """
    low, high = seed & _MASK, seed >> 32
    for word in _words(data):
        low = (low + word) & _MASK
        high ^= low
        low = ((low << 20 | low >> 12) + high) & _MASK
        high = (high << 9 | high >> 23) & _MASK ^ low
        low = ((low << 27 | low >> 5) + high) & _MASK
        high = (high << 19 | high >> 13) & _MASK
    return high << 32 | low


def _words(data: bytes) -> array[int]:
    """Return ``data`` in words of 32 bits: ended by 0x80, filled up with zeros, and a word of zeros more."""
    ended = data + _END_OF_DATA
    words = array("I", ended + bytes(-len(ended) % _WORD + _WORD))
    if sys.byteorder == "big":
        words.byteswap()
    return words
