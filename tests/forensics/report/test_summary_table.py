from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from forensics.colour import paint_severity
from forensics.report.summary_table import display_width, findings_table, wrapped
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


def test_the_severest_come_first_and_then_time_orders() -> None:
    severities = ("low", "critical", "informational", "high", "critical")
    rows = [timeline_row(row=n, severity=each, message=str(n)) for n, each in enumerate(severities)]
    table = findings_table(rows, 200).splitlines()[1:]
    assert [line.split()[-1] for line in table] == ["critical", "critical", "high", "low", "informational"]


def test_what_is_left_out_is_counted_in_rows() -> None:
    rows = [timeline_row(row=n, severity="low") for n in range(5)]
    assert findings_table(rows, 200, most=2).splitlines()[3:] == ["and 3 more rows, all in timeline.csv"]
    assert findings_table(rows, 200, most=4).splitlines()[5:] == ["and 1 more row, all in timeline.csv"]
    assert len(findings_table(rows, 200, most=5).splitlines()) == 6


def test_severities_alone_are_painted_and_nothing_moves_for_it() -> None:
    rows = [timeline_row(row=1, severity="critical", message="critical"), timeline_row(row=2, severity="low")]
    painted = findings_table(rows, 200, paint=paint_severity)
    assert painted.count("\x1b[1;31mcritical\x1b[0m\n") == 1
    assert painted.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == findings_table(rows, 200)


def test_a_sentence_is_broken_between_words_and_indented() -> None:
    assert wrapped("  one two three", 10) == "  one two\n      three\n"
    assert wrapped("one " + "x" * 20, 10) == "one\n    " + "x" * 20 + "\n"
    assert wrapped("", 10) == "\n"


@given(st.text(alphabet="ab 日", max_size=60), st.integers(12, 40))
def test_no_broken_line_is_too_wide_nor_loses_a_word(text: str, width: int) -> None:
    lines = wrapped(text, width).splitlines()
    assert " ".join(lines).split() == text.split()
    assert all(display_width(line) <= width or len(line.split()) == 1 for line in lines)


@given(st.lists(timeline_rows(), max_size=3), st.integers(-5, 200))
def test_no_line_is_wider_than_the_terminal(rows: list[TimelineRow], width: int) -> None:
    lines = findings_table(rows, width).encode().decode().splitlines()
    assert len(lines) <= (len(rows) + 1 if rows else 0)
    assert all(display_width(line) <= max(width, 0) for line in lines)


@given(any_text(), any_text(), any_text())
def test_any_text_can_be_shown(time: str, device: str, message: str) -> None:
    row = replace(only_message(message), datetime=time, device_name=device)
    assert len(findings_table([row], 120).splitlines()) == 2
