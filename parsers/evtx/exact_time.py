"""The exact FILETIME of an event, read from the record's own bytes.

Both decoders lose digits: ``evtx`` cuts ``TimeCreated`` to microseconds, ``python-evtx`` goes through a
float and shifts it by up to two. The eight bytes of the FILETIME stand in the record's binary XML, so the
decoder only says where to look: the first value close to its own that these bytes hold is the time, as the
values of System stand before those of EventData.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from parsers.evtx.layout import RECORD_HEADER_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

_UINT64: Final = Struct("<Q")
_UPPER_HALF: Final = Struct("<I")


def exact_ticks(record: bytes, near: int, tolerance: int) -> int:
    """Return the first FILETIME in ``record`` that is at most ``tolerance`` ticks away from ``near``.

    ``record`` is a whole record; the time in its header is another one and does not count. Returns ``near``
    itself where there is no such value, as for an event that holds its time as text.
    """
    # At the very start of 1601 the upper half is zero, and any zeros would be taken for a time.
    uppers = {upper for bound in (near - tolerance, near + tolerance) if (upper := bound >> 32) > 0}
    found = (each for upper in uppers for each in _filetimes(record, upper))
    return min((each for each in found if abs(each[1] - near) <= tolerance), default=(0, near))[1]


def _filetimes(record: bytes, upper: int) -> Iterator[tuple[int, int]]:
    """Give position and value of each 64-bit number of ``record`` whose upper half is ``upper``."""
    half = _UPPER_HALF.pack(upper)
    position = record.find(half, RECORD_HEADER_SIZE + 4)
    while position != -1:
        yield position, _UINT64.unpack_from(record, position - 4)[0]
        position = record.find(half, position + 1)
