"""Verbatim CSV (RFC 4180): CRLF, every cell quoted, one header; and a rule's values as text."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TextIO

from forensics.report.verbatim import SEPARATOR, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pyarrow as pa

ALTERED_FIELDS: Final = "altered_fields"
_MICROSECOND: Final = timedelta(microseconds=1)


def write_rows_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO) -> None:
    """Write ``rows`` under ``columns`` and a last column ``altered_fields``, as :mod:`.verbatim` reads it.

    ``stream`` is opened with ``newline=""`` and UTF-8. Raises ValueError where a row has more or fewer cells
    than there are columns. Where a column is called ``altered_fields`` already, the last one is
    ``altered_fields1``, as KQL numbers names that are taken.
    """
    names = [escape(name) for name in columns]
    writer = csv_writer(stream)
    writer.writerow([*names, _free_name(ALTERED_FIELDS, names)])
    for row in rows:
        writer.writerow(_with_altered_fields(names, [to_text(cell) for cell in row]))


def rows_of(table: pa.Table) -> Iterator[tuple[object, ...]]:
    """Give the rows of a rule's result, a batch at a time."""
    for batch in table.to_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def csv_writer(stream: TextIO) -> Any:  # noqa: ANN401 - the csv module does not name its writer's type
    """Return a writer of RFC 4180 rows: comma, CRLF, every cell quoted, quotes doubled."""
    return csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")


def to_text(cell: object) -> str:
    """Return ``cell`` as text that depends on nothing but its value; what is absent is ``""``.

    Truth is ``true`` or ``false``, bytes are hexadecimal, lists and bags are JSON, a time is UTC with ``Z``
    (one without a zone is taken as UTC, the only zone that event tables hold), a span is Kusto's
    ``[-][days.]HH:MM:SS.ffffff``.
    """
    for kind, text_of in _TEXT_OF:
        if isinstance(cell, kind):
            return text_of(cell)
    return str(cell)


def _with_altered_fields(names: list[str], cells: list[str]) -> list[str]:
    escaped = [escape(cell) for cell in cells]
    altered = [name for name, cell, safe in zip(names, cells, escaped, strict=True) if cell != safe]
    return [*escaped, SEPARATOR.join(altered)]


def _free_name(wanted: str, taken: Sequence[str]) -> str:
    numbered = (f"{wanted}{number}" for number in count(1))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)


def _time(moment: datetime) -> str:
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _span(span: timedelta) -> str:
    seconds, fraction = divmod(abs(span) // _MICROSECOND, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    sign = "-" if span < timedelta() else ""
    return f"{sign}{f'{days}.' if days else ''}{hour:02}:{minute:02}:{second:02}.{fraction:06}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=to_text)


_TEXT_OF: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...]] = (
    (type(None), lambda _: ""),
    (bool, lambda truth: "true" if truth else "false"),
    (Decimal, lambda number: f"{number:f}"),
    (datetime, _time),
    (date, date.isoformat),
    (timedelta, _span),
    ((bytes, bytearray), lambda raw: raw.hex()),
    ((list, tuple, dict), _json),
)
