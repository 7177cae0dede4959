"""timeline.excel.csv: a copy of timeline.csv for spreadsheets, which is not verbatim and says so in each row.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, cuts cells at 32,767
characters and keeps 15 digits of a number (Microsoft, "Excel specifications and limits"; OWASP, "CSV
Injection"). So the copy has a byte order mark, an apostrophe before whatever would be computed or rounded,
and an honest mark where a cell is cut.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TextIO

from forensics.report.table_csv import csv_writer
from forensics.report.timeline_csv import cells_of
from forensics.report.verbatim import escape_row
from forensics.timeline_row import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forensics.timeline_row import TimelineRow

CELL_LIMIT: Final = 32_767
"""Characters in a cell, as Excel counts them: UTF-16 code units."""

NOT_VERBATIM: Final = "NOT VERBATIM"
_BYTE_ORDER_MARK: Final = "\ufeff"

# Where the system's list separator is a semicolon, one inside a value begins a new cell, quotes or not.
_FORMULA: Final = re.compile('(^|;[;"]*)(?=[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])')
_ROUNDED_NUMBER: Final = re.compile(r"0\d+|\d{16,}|\d+(\.\d*)?[Ee][+-]?\d+")


def write_timeline_excel(rows: Iterable[TimelineRow], stream: TextIO) -> None:
    """Write the header and ``rows`` to ``stream``, opened with ``newline=""`` and UTF-8.

    The cells are those of timeline.csv after :func:`guard` and :func:`cut`; times stay ISO 8601 with ``T``
    and ``Z``, which a spreadsheet leaves as text. The first column says that the row is not verbatim.
    """
    stream.write(_BYTE_ORDER_MARK)
    writer = csv_writer(stream)
    writer.writerow(("not_verbatim", *COLUMNS))
    for row in rows:
        writer.writerow((NOT_VERBATIM, *(_for_excel(cell) for cell in cells_of(escape_row(row)))))


def guard(text: str) -> str:
    """Return ``text`` with an apostrophe before whatever a spreadsheet would compute or round."""
    if _ROUNDED_NUMBER.fullmatch(text):
        return f"'{text}"
    return _FORMULA.sub(r"\1'", text)


def cut(text: str, whole: str) -> str:
    """Return as much of ``text`` as a cell holds, ending in the length and digest of ``whole`` where cut.

    ``whole`` is the cell as timeline.csv has it; the digest is of its UTF-8, the length in characters.
    """
    if _units(text) <= CELL_LIMIT:
        return text
    mark = f"[cut: {len(whole)} chars, sha256 {sha256(whole.encode()).hexdigest()}]"
    kept = text.encode("utf-16-le")[: 2 * (CELL_LIMIT - len(mark))]
    return kept.decode("utf-16-le", "ignore") + mark  # a pair of surrogates cut in two is left out


def _for_excel(cell: str | int) -> str | int:
    return cut(guard(cell), cell) if isinstance(cell, str) else cell


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
