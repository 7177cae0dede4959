from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given

from forensics.report.html_picture import picture
from forensics.report.html_rows import MOST_STATIC, rows_document, static_rows, to_data
from forensics.report.verbatim import escape_row
from forensics.timeline_row import COLUMNS, Related
from tests.builders.report_page import analysis_with, row_of_case
from tests.builders.timeline_rows import any_text

if TYPE_CHECKING:
    from forensics.timeline_row import TimelineRow


def document(*rows: TimelineRow) -> dict[str, Any]:
    analysis = analysis_with(rows)
    made: dict[str, Any] = json.loads(to_data(rows_document(analysis.rows, picture(analysis, ()), ())))
    return made


def cell(made: dict[str, Any], name: str, index: int) -> object:
    column = made["columns"][name]
    return column["d"][column["i"][index]] if "d" in column else column["v"][index]


@given(any_text())
def test_data_cannot_end_its_element(text: str) -> None:
    data = to_data({"text": text.replace("\ud800", "")})

    assert not set("<>&\u2028\u2029") & set(data)
    assert json.loads(data) == {"text": text.replace("\ud800", "")}


def test_every_cell_of_every_row_is_there() -> None:
    rows = [row_of_case(1, message="a\u202eb"), row_of_case(2, user="x"), row_of_case(3)]

    made = document(*rows)

    shown = [escape_row(row) for row in analysis_with(rows).rows]
    for index, row in enumerate(shown):
        assert [cell(made, name, index) for name in COLUMNS] == [getattr(row, name) for name in COLUMNS]


def test_a_repeated_text_is_there_once() -> None:
    path = "C:\\Program Files\\RustDesk\\RustDesk.exe"
    rows = [row_of_case(number, image_path=path) for number in range(1, 51)]

    made = document(*rows)

    assert made["columns"]["image_path"]["d"] == [path]


def test_a_password_is_marked() -> None:
    made = document(row_of_case(1, command_line="rustdesk.exe --password abc"))

    assert cell(made, "command_line", 0) == "rustdesk.exe --password \x01abc\x02"


def test_rows_that_belong_together_are_named() -> None:
    row = row_of_case(1, related=(Related(None, "same machine", -5),))  # type: ignore[arg-type]

    assert document(row)["related"] == {"1": [[None, "same machine", -5]]}


def test_a_time_without_a_date_has_no_place_in_the_picture() -> None:
    assert document(row_of_case(1, ticks=0), row_of_case(2))["ms"][0] is None


def test_the_table_without_script_has_all_rows_or_those_that_matter_most() -> None:
    few = [row_of_case(number) for number in range(1, MOST_STATIC + 1)]
    many = [*few, row_of_case(MOST_STATIC + 1, severity="critical")]

    assert static_rows(few) == few
    assert [row.row for row in static_rows(many)] == [*range(1, MOST_STATIC), MOST_STATIC + 1]
