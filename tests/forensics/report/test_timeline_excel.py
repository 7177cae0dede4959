from __future__ import annotations

import csv
import hashlib
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.report.timeline_excel import CELL_LIMIT, cut, guard, write_timeline_excel
from forensics.timeline_row import COLUMNS, TimelineRow
from tests.builders.timeline_rows import any_text, timeline_row, timeline_rows


def written(rows: list[TimelineRow]) -> list[list[str]]:
    stream = io.StringIO(newline="")
    write_timeline_excel(rows, stream)
    text = stream.getvalue()
    assert text.startswith("\ufeff")
    csv.field_size_limit(1 << 24)
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_each_row_says_that_it_is_not_verbatim() -> None:
    assert [row[0] for row in written([timeline_row(), timeline_row()])] == [
        "not_verbatim",
        *["NOT VERBATIM"] * 2,
    ]


def test_the_columns_after_the_first_are_those_of_the_timeline() -> None:
    assert written([])[0][1:] == list(COLUMNS)


def test_a_time_is_left_as_it_is() -> None:
    assert written([timeline_row()])[1][1] == "2024-01-18T04:26:40.1234567Z"


@pytest.mark.parametrize("start", list("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))
def test_a_formula_is_guarded(start: str) -> None:
    assert guard(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["a;=cmd", 'a;"=cmd', 'a;;";-2'])
def test_a_formula_after_a_list_separator_is_guarded(text: str) -> None:
    assert re.search(r"['][=-]", guard(text))


@pytest.mark.parametrize("text", ["", "rustdesk.exe --install", "C:\\a;b", "12", "1234567890", "a=b", "0x1D"])
def test_what_is_harmless_is_not_guarded(text: str) -> None:
    assert guard(text) == text


@pytest.mark.parametrize("number", ["007", "9007199254740993", "1E5", "12e-3"])
def test_a_number_that_would_be_rounded_is_guarded(number: str) -> None:
    assert guard(number) == f"'{number}"


def test_a_cell_of_the_limit_is_not_cut() -> None:
    text = "x" * CELL_LIMIT
    assert cut(text, text) == text


@pytest.mark.parametrize("character", ["x", "😀"])
def test_a_longer_cell_is_cut_with_its_length_and_digest(character: str) -> None:
    text = character * (CELL_LIMIT + 1)
    digest = hashlib.sha256(text.encode()).hexdigest()
    shortened = cut(text, text)
    assert shortened.endswith(f"{character}[cut: {CELL_LIMIT + 1} chars, sha256 {digest}]")
    assert CELL_LIMIT - 1 <= len(shortened.encode("utf-16-le")) // 2 <= CELL_LIMIT


def test_a_guarded_cell_is_cut_to_the_limit_too() -> None:
    cell = written([timeline_row(command_line="=" * CELL_LIMIT)])[1][1 + COLUMNS.index("command_line")]
    assert cell.startswith("'===")
    assert len(cell) == CELL_LIMIT


@given(any_text())
def test_no_guarded_text_begins_a_formula(text: str) -> None:
    assert not guard(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(timeline_rows(), max_size=2))
def test_no_cell_begins_a_formula(rows: list[TimelineRow]) -> None:
    for cells in written(rows):
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
