from __future__ import annotations

from forensics.report.inbound_session import inbound_sessions
from parsers.filetime import TICKS_PER_SECOND
from tests.builders.report_page import row_of_case
from tests.builders.timeline_rows import TICKS

OPENED = (
    "RustDesk log of LocalService (server): connection #1417 opened from 203.0.113.140:51544, its password"
)
CLOSED = "RustDesk log of LocalService (server): connection #1417 closed: Peer close"
DURATION = (
    f"{CLOSED}; it was open from 203.0.113.140 for 5622.790000 seconds, since 2025-09-04T20:14:38.112000Z"
)


def at(second: int) -> int:
    return TICKS + second * TICKS_PER_SECOND


def test_a_log_says_from_where_and_how_long() -> None:
    rows = [
        row_of_case(1, message=OPENED, ticks=at(0), activity="inbound_session"),
        row_of_case(2, message=CLOSED, ticks=at(5622)),
    ]

    (session,) = inbound_sessions(rows)

    assert (session.address, session.began, session.ended) == ("203.0.113.140", at(0), at(5622))
    assert session.rows == (1, 2)


def test_the_window_of_a_connection_is_of_its_session() -> None:
    rows = [
        row_of_case(1, message=OPENED, ticks=at(0), activity="inbound_session"),
        row_of_case(2, ticks=at(30), activity="inbound_session"),
    ]

    (session,) = inbound_sessions(rows)

    assert session.rows == (1, 2)


def test_windows_alone_are_sessions_without_an_end() -> None:
    rows = [row_of_case(number, ticks=at(number * 3600), activity="inbound_session") for number in (1, 2)]

    sessions = inbound_sessions(rows)

    assert [(each.address, each.ended) for each in sessions] == [("", None), ("", None)]


def test_two_records_of_one_window_are_one_session() -> None:
    rows = [row_of_case(number, ticks=at(number), activity="inbound_session") for number in (1, 2)]

    assert [each.rows for each in inbound_sessions(rows)] == [(1, 2)]


def test_a_close_without_its_opening_says_when_that_was() -> None:
    (session,) = inbound_sessions([row_of_case(1, message=DURATION, ticks=at(0))])

    assert (session.address, session.began, session.ended) == ("203.0.113.140", at(-5622), at(0))


def test_a_close_that_says_nothing_more_makes_no_session() -> None:
    assert inbound_sessions([row_of_case(1, message=CLOSED)]) == ()


def test_machines_and_numbers_are_told_apart() -> None:
    rows = [
        row_of_case(1, message=OPENED, ticks=at(0), device_id="a"),
        row_of_case(2, message=CLOSED, ticks=at(9), device_id="b"),
        row_of_case(3, message=CLOSED.replace("1417", "2"), ticks=at(9), device_id="a"),
    ]

    (session,) = inbound_sessions(rows)

    assert session.ended is None


def test_an_address_of_ipv6_is_taken_whole() -> None:
    (session,) = inbound_sessions([row_of_case(1, message=OPENED.replace("203.0.113.140", "[2001:db8::7]"))])

    assert session.address == "2001:db8::7"
