"""timeline.jsonl: the rows of timeline.csv with their types, and what leads back from each to its bytes.

Timesketch takes it as it is: ``message``, ``datetime`` and ``timestamp_desc`` are what it asks for, and
``timestamp``, microseconds since 1970, is what it would otherwise compute through a float.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TextIO

from forensics.event_model.provenance import COPIES_COLUMNS
from forensics.report.verbatim import escape_row, escape_unambiguously, raw_hex
from forensics.timeline_row import COLUMNS, NOT_COLUMNS
from parsers.filetime import TICKS_PER_MICROSECOND, from_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forensics.event_model.provenance import EventCopy
    from forensics.readers_cell import ReaderDifference
    from forensics.timeline_row import TimelineRow

_UNIX_EPOCH: Final = from_datetime(datetime(1970, 1, 1, tzinfo=UTC))
_KEYS: Final = (*COLUMNS, "timestamp", *NOT_COLUMNS)
_columns_of: Final = attrgetter(*COLUMNS)
_way_back_of: Final = attrgetter(*NOT_COLUMNS)


def write_timeline_jsonl(rows: Iterable[TimelineRow], stream: TextIO) -> None:
    """Write one JSON object a line, each ended by LF, to ``stream``, opened with ``newline=""`` and UTF-8.

    Text is escaped as in timeline.csv. ``raw_hex`` is there only where that altered something: the UTF-16LE
    bytes of each such column. Ids stay text, since not every record has one and not every one is a number.
    """
    stream.writelines(f"{to_json_line(row)}\n" for row in rows)


def to_json_line(row: TimelineRow) -> str:
    """Return ``row`` as a JSON object on one line, without a line feed, its keys in the columns' order."""
    values = (*_columns_of(escape_row(row)), _unix_microseconds(row.ticks), *_way_back_of(row))
    members = dict(zip(_KEYS, values, strict=True))
    members["related"] = [each._asdict() for each in row.related]
    members["other_copies"] = [_copy(each) for each in row.other_copies]
    members["reader_differences"] = [_difference(each) for each in row.reader_differences]
    if altered := raw_hex(row):
        members["raw_hex"] = altered
    return json.dumps(members, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _copy(copy: EventCopy) -> dict[str, str | int]:
    """Return a copy of a row's record, its text escaped without ambiguity."""
    cells = {name: getattr(copy, name) for name in COPIES_COLUMNS if name != "report_id"}
    return {
        name: escape_unambiguously(cell) if isinstance(cell, str) else cell for name, cell in cells.items()
    }


def _difference(each: ReaderDifference) -> dict[str, object]:
    """Return what two readers do not give alike, its texts whole and escaped without ambiguity."""
    return {
        "field": escape_unambiguously(each.field),
        "readings": {reader: _text(text) for reader, text in each.readings},
        "record": _text(each.record),
        "lost_by": list(each.lost_by),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else escape_unambiguously(text)


def _unix_microseconds(ticks: int) -> int:
    return (ticks - _UNIX_EPOCH) // TICKS_PER_MICROSECOND
