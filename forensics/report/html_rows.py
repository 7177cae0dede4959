r"""The rows of the timeline as data for the report's script: column by column, repeated texts once.

A column of text is ``{"d": [texts], "i": [which of them]}`` where its texts repeat, else ``{"v": [texts]}``.
A password stands between U+0001 and U+0002, which escaped text does not hold. The JSON stands in the page as
data: ``<``, ``>``, ``&``, U+2028 and U+2029 are written ``\u003c`` and so on: no text ends the element.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from forensics.report.html_text import marked
from forensics.report.row_kind import RowKind, kind_of
from forensics.report.verbatim import escape_row, escape_unambiguously
from forensics.timeline_row import COLUMNS, SCHEMA_VERSION
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forensics.report.html_picture import Picture
    from forensics.report.inbound_session import InboundSession
    from forensics.report.json_document import JsonValue
    from forensics.timeline_row import TimelineRow

MOST_STATIC: Final = 300
"""How many rows the table has that is in the page without script."""

_NUMBERS: Final = frozenset({"row", "copies"})
_UNIX_EPOCH: Final = filetime.from_text("1970-01-01T00:00:00Z")
_TICKS_PER_MILLISECOND: Final = 10_000
_LEVELS: Final = ("informational", "low", "medium", "high", "critical")
_IN_DATA: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def to_data(value: JsonValue) -> str:
    """Return ``value`` as JSON that can stand in a script element, and ends none."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_IN_DATA)


def rows_document(
    rows: Sequence[TimelineRow], drawn: Picture, sessions: Sequence[InboundSession]
) -> Mapping[str, JsonValue]:
    """Return what the script needs: every cell of every row, and where it stands in the picture."""
    escaped = [escape_row(row) for row in rows]
    kinds = list(RowKind)
    return {
        "schema": SCHEMA_VERSION,
        "count": len(rows),
        "columns": {name: _column([getattr(row, name) for row in escaped], name) for name in COLUMNS},
        "related": {str(row.row): [list(each) for each in row.related] for row in rows if row.related},
        "copies": {
            str(row.row): [
                escape_unambiguously(f"{each.evidence_id}: {each.source_path}, {each.locator}")
                for each in row.other_copies
            ]
            for row in rows
            if row.other_copies
        },
        "kinds": [each.value for each in kinds],
        "kind": [kinds.index(kind_of(row)) for row in rows],
        "ms": [_milliseconds(row.ticks) for row in rows],
        "segments": [
            [_milliseconds(each.begin), _milliseconds(each.end), each.left, each.right]
            for each in drawn.segments
        ],
        "breaks": [each.label for each in drawn.breaks],
        "sessions": [
            [each.device_id, _milliseconds(each.began), _milliseconds(each.ended)]
            for each in sessions
            if each.ended is not None
        ],
    }


def static_rows(rows: Sequence[TimelineRow]) -> Sequence[TimelineRow]:
    """Return the rows of the table without script: all, or the 300 of the highest severity, in order."""
    if len(rows) <= MOST_STATIC:
        return rows
    ranked = sorted(rows, key=lambda row: (-_LEVELS.index(row.severity), row.row))
    return sorted(ranked[:MOST_STATIC], key=lambda row: row.row)


def _column(values: Sequence[str | int], name: str) -> JsonValue:
    if name in _NUMBERS:
        return {"v": list(values)}
    texts = [str(each) for each in values]
    distinct = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    if 2 * len(distinct) > len(texts):
        return {"v": [marked(text) for text in texts]}
    return {"d": [marked(text) for text in distinct], "i": [distinct[text] for text in texts]}


def _milliseconds(ticks: int) -> int | None:
    """Return milliseconds since 1970, or None for a time that has no date."""
    if not 0 < ticks <= filetime.MAX_TICKS:
        return None
    return (ticks - _UNIX_EPOCH) // _TICKS_PER_MILLISECOND
