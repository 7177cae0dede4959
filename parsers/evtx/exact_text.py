"""Whether the texts that a reader gives for an event are those of the record's own bytes.

Readers lose text without a word: one cuts at an embedded NUL and drops unpaired surrogates, the other drops
control characters. An event's values stand in its record side by side behind a table of their sizes and
types, so what a reader gives can be held against the bytes without decoding the event.
Source: libyal, "Windows XML Event Log (EVTX) format", template instance data and value types.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNT: Final = Struct("<I")
_DESCRIPTOR: Final = Struct("<HBB")
"""Size in bytes, type, zero."""

_NULL: Final = 0x00
_STRING: Final = 0x01
_TYPES: Final = range(0x22)


def holds_texts(record: bytes, texts: Sequence[str]) -> bool:
    """Whether ``record`` has a table of as many values as ``texts``, whose strings are these, in order.

    Values that are no strings are not compared: no reader loses text of them.
    """
    count = _COUNT.pack(len(texts))
    position = record.find(count)
    while position != -1:
        if _is_table_of(record, position + _COUNT.size, texts):
            return True
        position = record.find(count, position + 1)
    return not texts


def _is_table_of(record: bytes, table: int, texts: Sequence[str]) -> bool:
    start = table + _DESCRIPTOR.size * len(texts)
    if start > len(record):
        return False
    for (size, kind, zero), text in zip(_DESCRIPTOR.iter_unpack(record[table:start]), texts, strict=True):
        value = record[start : start + size]
        if zero or kind not in _TYPES or len(value) < size or not _can_be(kind, value, text):
            return False
        start += size
    return True


def _can_be(kind: int, value: bytes, text: str) -> bool:
    if kind == _STRING:
        return value in {_units(text), _units(text + "\0")}
    return bool(text) == (bool(value) and kind != _NULL)


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")
