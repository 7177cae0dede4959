"""Cells of event rows to Arrow arrays: text never null, ticks to microseconds, numbers where they fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from forensics.report.verbatim import escape_unambiguously
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNIX_EPOCH_MICROSECONDS: Final = filetime.from_text("1970-01-01T00:00:00Z") // filetime.TICKS_PER_MICROSECOND
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_array(field: pa.Field, values: Sequence[object]) -> pa.Array:
    """Return ``values`` as an array of ``field``'s type; None is ``""`` for text, and null elsewhere.

    A timestamp comes in ticks and loses the digit below the microsecond; one beyond the year 9999 becomes
    that year's last microsecond. An integer that does not fit its column becomes null. Text that UTF-8 cannot
    hold is written as :func:`without_surrogates` does.
    """
    if pa.types.is_string(field.type):
        return _texts(values)
    if pa.types.is_timestamp(field.type):
        return pa.array([_microseconds(each) for each in values], pa.int64()).cast(field.type)
    if pa.types.is_integer(field.type):
        end = 1 << (field.type.bit_width - 1)
        fitting = [each if isinstance(each, int) and -end <= each < end else None for each in values]
        return pa.array(fitting, field.type)
    return pa.array(values, field.type)


def without_surrogates(text: str) -> str:
    """Return ``text`` itself or, where it has an unpaired surrogate, with its unsafe characters named.

    No UTF-8 can hold a surrogate. Such a text is escaped whole, as :mod:`forensics.report.verbatim` says, so
    that every ``<U+...>`` in it stands for one character.
    """
    return escape_unambiguously(text) if _SURROGATE.search(text) else text


def _texts(values: Sequence[object]) -> pa.Array:
    texts = ["" if each is None else each for each in values]
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([without_surrogates(str(each)) for each in texts], pa.string())


def _microseconds(ticks: object) -> int | None:
    if not isinstance(ticks, int):
        return None
    return min(ticks, filetime.MAX_TICKS) // filetime.TICKS_PER_MICROSECOND - _UNIX_EPOCH_MICROSECONDS
