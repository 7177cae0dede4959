from __future__ import annotations

from dataclasses import replace

from forensics.report.html_picture import LEFT, RIGHT, picture
from forensics.report.inbound_session import inbound_sessions
from forensics.report.row_kind import RowKind, kind_of
from parsers.filetime import TICKS_PER_SECOND, from_text
from tests.builders.report_page import analysis_with, row_of_case

TIME = from_text("2025-09-03T20:02:18Z")
DAY = 86400 * TICKS_PER_SECOND


def test_each_kind_has_a_lane_and_no_row_is_lost() -> None:
    rows = [
        row_of_case(1, ticks=TIME, activity="install"),
        row_of_case(2, ticks=TIME + DAY, activity="inbound_session"),
        row_of_case(3, ticks=TIME + DAY, finding="ssh_tunnel", activity=""),
    ]

    drawn = picture(analysis_with(rows), ())

    (machine,) = drawn.machines
    assert [lane.kind for lane in machine.lanes] == ["install", "session", "context"]
    assert sum(mark.count for lane in machine.lanes for mark in lane.marks) == 3
    assert len(drawn.segments) == 2
    assert [each.label for each in drawn.breaks] == ["1 d"]
    assert all(LEFT <= mark.x <= RIGHT for lane in machine.lanes for mark in lane.marks)


def test_marks_that_would_overlap_are_one_with_their_number() -> None:
    rows = [row_of_case(number, ticks=TIME + number) for number in range(1, 101)]

    (machine,) = picture(analysis_with(rows), ()).machines

    (mark,) = machine.lanes[0].marks
    assert (mark.count, mark.row) == (100, 1)
    assert mark.title.startswith("100 rows, 3 September 2025 at 20:02:18 UTC, the first: message")


def test_a_machine_without_rows_says_what_that_means() -> None:
    drawn = picture(analysis_with([]), ())

    assert drawn.machines[0].note == "no indicator found in the sources examined"
    assert drawn.segments == ()


def test_rows_without_a_date_are_counted() -> None:
    rows = [row_of_case(1, ticks=0), row_of_case(2, ticks=2**62), row_of_case(3, ticks=TIME)]

    assert picture(analysis_with(rows), ()).undated == 2


def test_a_session_with_an_end_is_a_bar() -> None:
    opened = "connection #1 opened from 203.0.113.140:51544, its password not yet checked"
    rows = [
        row_of_case(1, ticks=TIME, activity="inbound_session", message=opened),
        row_of_case(2, ticks=TIME + DAY // 24, activity="", message="connection #1 closed: Peer close"),
    ]
    analysis = analysis_with(rows)

    (machine,) = picture(analysis, inbound_sessions(analysis.rows)).machines

    (bar,) = next(lane for lane in machine.lanes if lane.kind == "session").bars
    assert bar.title == "Session from 203.0.113.140, 3 September 2025 at 20:02:18 UTC, 1 h"
    assert bar.width > 100


def test_what_a_row_tells_decides_its_kind() -> None:
    row = row_of_case(1, activity="")

    assert kind_of(row) is RowKind.RUN
    assert kind_of(replace(row, activity="set_password")) is RowKind.CONFIGURE
    assert kind_of(replace(row, finding="rustdesk_service_key")) is RowKind.SERVICE
    assert kind_of(replace(row, finding="rustdesk_trace")) is RowKind.TRACE
    assert kind_of(replace(row, finding="log_cleared", activity="install")) is RowKind.CONTEXT
