"""The exact FILETIME of an event, read from the record's own bytes.

Both decoders lose digits: ``evtx`` cuts ``TimeCreated`` to microseconds, ``python-evtx`` goes through a
float and shifts it by up to two. The eight bytes of the FILETIME stand in the record's binary XML, so the
decoder only says where to look: the value nearest to its own that these bytes hold is the time.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

_UINT64: Final = Struct("<Q")
_UPPER_HALF: Final = Struct("<I")


def exact_ticks(record: bytes, near: int, tolerance: int) -> int:
    """Return the FILETIME in ``record`` that is nearest to ``near``, at most ``tolerance`` ticks away.

    ``record`` is a whole record with its header. Returns ``near`` itself where there is no such value,
    as for an event that holds its time as text.
    """
    found = [ticks for ticks in _filetimes(record, near) if abs(ticks - near) <= tolerance]
    return min(found, key=lambda ticks: (abs(ticks - near), ticks), default=near)


def _filetimes(record: bytes, near: int) -> list[int]:
    """Return each 64-bit value of ``record`` whose upper half, some seven minutes, is that of ``near``."""
    upper = _UPPER_HALF.pack(near >> 32 & 0xFFFFFFFF)
    values: list[int] = []
    position = record.find(upper, 4)
    while position != -1:
        values.append(_UINT64.unpack_from(record, position - 4)[0])
        position = record.find(upper, position + 1)
    return values
