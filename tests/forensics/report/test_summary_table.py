from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from forensics.report.summary_table import display_width, findings_table
from tests.builders.timeline_rows import any_text, timeline_row, timeline_rows

if TYPE_CHECKING:
    from forensics.timeline_row import TimelineRow

INSTALLED = timeline_row(
    device_name="WS-07.corp.example",
    finding="rustdesk_service_installed",
    service_name="RustDesk Service",
    image_path="C:\\Program Files\\RustDesk\\RustDesk.exe",
    command_line='"C:\\Program Files\\RustDesk\\RustDesk.exe" --service',
    severity="high",
)


def only_message(message: str) -> TimelineRow:
    return timeline_row(service_name="", command_line="", message=message)


def test_a_finding_is_a_line_under_the_headings() -> None:
    heading, line = findings_table([INSTALLED], 200).splitlines()
    told = "RustDesk Service runs RustDesk.exe --service"

    assert heading.split("  ")[0] == "time (UTC)"
    assert heading.index("what") == line.index(told)
    assert line == f"2024-01-18 04:26:40  WS-07   rustdesk_service_installed  {told}  high"


def test_what_happened_gives_way_first() -> None:
    line = findings_table([INSTALLED], 100).splitlines()[1]
    assert "WS-07   rustdesk_service_installed  RustDesk Service runs RustDesk.e…  high" in line


def test_eighty_columns_hold_a_piece_of_each_column() -> None:
    row = timeline_row(device_name="a" * 30, finding="b" * 30, service_name="c" * 30, severity="high")
    line = findings_table([row], 80).splitlines()[1]
    assert line == "2024-01-18 04:26:40  aaaaaaa…  bbbbbbbbbbbbbbbbbbbb…  ccccccccccccccc…  high"


def test_no_findings_are_no_table() -> None:
    assert findings_table([], 80) == ""


def test_what_would_move_the_cursor_is_made_harmless() -> None:
    assert "<U+001B>[2J" in findings_table([timeline_row(device_name="\x1b[2J")], 200)


def test_wide_characters_are_aligned_as_they_are_seen() -> None:
    lines = findings_table(
        [timeline_row(device_name="日本"), timeline_row(device_name="abcd")], 200
    ).splitlines()
    assert {display_width(line[: line.index("finding")]) for line in lines} == {29}


def test_marks_over_a_letter_take_no_room() -> None:
    assert display_width("e\u0301日") == 3


def test_a_wide_character_is_never_cut_in_two() -> None:
    assert "日" * 7 + "…   severity" in findings_table([only_message("日" * 40)], 79)


@given(st.lists(timeline_rows(), max_size=3), st.integers(-5, 200))
def test_no_line_is_wider_than_the_terminal(rows: list[TimelineRow], width: int) -> None:
    lines = findings_table(rows, width).encode().decode().splitlines()
    assert len(lines) <= (len(rows) + 1 if rows else 0)
    assert all(display_width(line) <= max(width, 0) for line in lines)


@given(any_text(), any_text(), any_text())
def test_any_text_can_be_shown(time: str, device: str, message: str) -> None:
    row = replace(only_message(message), datetime=time, device_name=device)
    assert len(findings_table([row], 120).splitlines()) == 2
