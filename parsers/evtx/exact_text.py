"""Whether the texts that a reader gives for an event are those of the record's own bytes.

Readers lose text without a word: one cuts at an embedded NUL, drops unpaired surrogates and all but the last
of fields of one name, the other drops control characters. An event's values stand in its record side by side
behind a table of their sizes and types, so what a reader gives can be held against the bytes without decoding
the event: every string of the record must have been given, whole and in its place, and every text that was
given must have its value.

What is not shown is known. A value may be null or empty; before ``Binary`` stands its size, which has no
element; a list of strings in one value is as many fields as it has strings, each ended by a NUL. Values that
are no strings are not compared with their texts: no reader loses text of them.
Source: libyal, "Windows XML Event Log (EVTX) format", value types; layout of Binary as in real logs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from parsers.evtx.data_values import DataValue, ValueType
from parsers.evtx.layout import UINT32

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NUL: Final = "\0"
_NOTHING: Final = DataValue(-1, b"")
"""What follows the last value."""


def holds_texts(values: Sequence[DataValue], texts: Sequence[str]) -> bool:
    """Whether ``texts``, the fields of an event, are ``values``, those of its record, in that order."""
    shown = [text for text in texts if text]
    return any(_are_shown(each, shown) for each in (values, _without_sizes(values)))


def _are_shown(values: Sequence[DataValue], shown: Sequence[str]) -> bool:
    slots = [slot for value in values for slot in _slots(value)]
    if len(slots) != len(shown):
        return False
    return all(slot is None or slot == text for slot, text in zip(slots, shown, strict=True))


def _slots(value: DataValue) -> Iterator[str | None]:
    """Give the texts as which the value must be shown, None where any text does; of nothing, nothing."""
    match value.kind:
        case ValueType.STRING:
            yield from _given(_text(value.content).removesuffix(_NUL))
        case ValueType.ANSI_STRING:
            yield from _given(value.content.decode("cp1252", "replace").removesuffix(_NUL))
        case ValueType.STRING_ARRAY:
            for text in _text(value.content).split(_NUL):
                yield from _given(text)
        case ValueType.NULL:
            pass
        case _:
            if value.content:
                yield None


def _given(text: str) -> Iterator[str]:
    if text:
        yield text


def _without_sizes(values: Sequence[DataValue]) -> list[DataValue]:
    """Return the values without those that are the size of the bytes, or of the null, that follow."""
    return [value for value, following in pairwise([*values, _NOTHING]) if not _is_size_of(value, following)]


def _is_size_of(value: DataValue, following: DataValue) -> bool:
    return (
        value.kind == ValueType.UINT32
        and following.kind in {ValueType.BINARY, ValueType.NULL}
        and value.content == UINT32.pack(len(following.content))
    )


def _text(units: bytes) -> str:
    """Return UTF-16 as text; half a unit at its end becomes a mark that no reader gives."""
    whole, half = units[: len(units) & ~1], units[len(units) & ~1 :]
    return whole.decode("utf-16-le", "surrogatepass") + "\ufffd" * len(half)
