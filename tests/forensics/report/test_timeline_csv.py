from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from forensics.report.timeline_csv import write_timeline_csv
from forensics.report.verbatim import escape_row
from forensics.timeline_row import COLUMNS, TimelineRow
from tests.builders.timeline_rows import timeline_row, timeline_rows


def written(rows: list[TimelineRow]) -> str:
    stream = io.StringIO(newline="")
    write_timeline_csv(rows, stream)
    return stream.getvalue()


def test_a_timeline_without_rows_is_its_header() -> None:
    assert written([]) == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


def test_every_cell_is_quoted_numbers_too() -> None:
    line = written([timeline_row(message='say "hi", =1')]).split("\r\n")[1]
    assert line.startswith('"2024-01-18T04:26:40.1234567Z","timestamp_desc","say ""hi"", =1","1","finding"')


def test_rows_may_come_from_an_iterator() -> None:
    stream = io.StringIO(newline="")
    write_timeline_csv(iter([timeline_row()]), stream)
    assert stream.getvalue() == written([timeline_row()])


@given(st.lists(timeline_rows(), max_size=3))
def test_what_is_written_can_be_read_again(rows: list[TimelineRow]) -> None:
    text = written(rows).encode().decode()
    header, *cells = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == list(COLUMNS)
    assert cells == [[str(getattr(escape_row(row), name)) for name in COLUMNS] for row in rows]


@given(st.lists(timeline_rows(), max_size=3))
def test_a_row_is_a_line_whatever_is_in_it(rows: list[TimelineRow]) -> None:
    assert len(written(rows).splitlines()) == len(rows) + 1
    assert written(rows).count("\r\n") == len(rows) + 1
