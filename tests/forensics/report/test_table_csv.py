from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.report.table_csv import to_text, write_rows_csv
from forensics.report.verbatim import escape
from tests.builders.timeline_rows import any_text

if TYPE_CHECKING:
    from collections.abc import Sequence


def written(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[list[str]]:
    stream = io.StringIO(newline="")
    write_rows_csv(columns, rows, stream)
    return list(csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True))


def test_altered_fields_is_the_last_column() -> None:
    assert written(["a", "b"], [["x", "\u202e"]]) == [["a", "b", "altered_fields"], ["x", "<U+202E>", "b"]]


def test_a_column_that_is_called_altered_fields_keeps_its_name() -> None:
    header = written(["altered_fields", "altered_fields1"], [])[0]
    assert header == ["altered_fields", "altered_fields1", "altered_fields2"]


def test_a_row_with_a_cell_too_few_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        written(["a", "b"], [["x"]])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (9_007_199_254_740_993, "9007199254740993"),
        (0.1, "0.1"),
        (Decimal("1E+3"), "1000"),
        (datetime(2024, 1, 2, 3, 4, 5, 6), "2024-01-02T03:04:05.000006Z"),  # noqa: DTZ001 - as DuckDB gives it
        (datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2024-01-02T01:00:00.000000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000000Z"),
        (date(2024, 1, 2), "2024-01-02"),
        (timedelta(days=1, hours=2, microseconds=3), "1.02:00:00.000003"),
        (timedelta(seconds=-1), "-00:00:01.000000"),
        (b"\x00\xff", "00ff"),
        (["a", 1, None, b"\x01"], '["a",1,null,"01"]'),
        ({"b": "é", "a": True}, '{"b":"é","a":true}'),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_value_has_one_text(cell: object, text: str) -> None:
    assert to_text(cell) == text


@given(st.lists(st.tuples(any_text(), st.integers(), any_text()), max_size=3))
def test_what_is_written_can_be_read_again(rows: list[tuple[str, int, str]]) -> None:
    cells = written(["one", "number", "other"], rows)[1:]
    for row, (one, number, other, altered) in zip(rows, cells, strict=True):
        assert (one, int(number), other) == (escape(row[0]), row[1], escape(row[2]))
        assert altered.split(";") == (
            [n for n, t in (("one", row[0]), ("other", row[2])) if escape(t) != t] or [""]
        )
