"""timeline.csv: the timeline, verbatim."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final, TextIO

from forensics.report.table_csv import csv_writer
from forensics.report.verbatim import escape_row
from forensics.timeline_row import COLUMNS, TimelineRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

cells_of: Final[Callable[[TimelineRow], tuple[str | int, ...]]] = attrgetter(*COLUMNS)
"""The cells of a row in the order of the columns."""


def write_timeline_csv(rows: Iterable[TimelineRow], stream: TextIO) -> None:
    """Write the header and ``rows``, as they come, to ``stream``, opened with ``newline=""`` and UTF-8.

    Unsafe characters are named and their columns listed in ``altered_fields``; all else is verbatim.
    """
    writer = csv_writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows(cells_of(escape_row(row)) for row in rows)
