from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.summary_facts import Session, people, sessions_of
from parsers.filetime import TICKS_PER_SECOND
from tests.builders.timeline_rows import TICKS, timeline_row

if TYPE_CHECKING:
    from forensics.timeline_row import TimelineRow

OPENED = "RustDesk log of LocalService (server): connection #{} opened from {}, its password not yet checked"
CLOSED = "RustDesk log of LocalService (server): connection #{} closed: Peer close"


def row(seconds: int, message: str, activity: str = "") -> TimelineRow:
    return timeline_row(ticks=TICKS + seconds * TICKS_PER_SECOND, message=message, activity=activity)


def opened(seconds: int, number: int, address: str = "192.0.2.7:50122") -> TimelineRow:
    return row(seconds, OPENED.format(number, address), "inbound_session")


def closed(seconds: int, number: int) -> TimelineRow:
    return row(seconds, CLOSED.format(number))


def window(seconds: int) -> TimelineRow:
    return row(seconds, "Process created: rustdesk.exe --cm", "inbound_session")


def at(seconds: int) -> int:
    return TICKS + seconds * TICKS_PER_SECOND


def test_a_connection_lasts_until_it_is_closed() -> None:
    assert sessions_of([opened(0, 7), closed(90, 7)]) == (Session(at(0), at(90), "192.0.2.7", "7"),)


def test_the_window_of_a_connection_is_no_session_of_its_own() -> None:
    assert len(sessions_of([opened(0, 7), window(2), window(119)])) == 1


def test_a_window_alone_tells_of_a_session_and_not_from_where() -> None:
    assert sessions_of([window(0)]) == (Session(at(0), None, ""),)


def test_windows_far_apart_are_sessions_of_their_own() -> None:
    assert len(sessions_of([window(0), window(121)])) == 2


def test_a_connection_that_nothing_closes_has_no_end() -> None:
    (session,) = sessions_of([opened(0, 7), closed(5, 8)])
    assert session.ended is None


def test_numbers_that_are_used_again_are_told_apart() -> None:
    told = sessions_of([opened(0, 7), closed(5, 7), opened(500, 7), closed(510, 7)])
    assert [(each.began, each.ended) for each in told] == [(at(0), at(5)), (at(500), at(510))]


def test_an_address_of_ipv6_is_told_without_its_brackets() -> None:
    (session,) = sessions_of([opened(0, 7, "[2001:db8::7]:50122")])
    assert session.address == "2001:db8::7"


def test_a_person_is_named_before_a_sid_and_a_machine_not_at_all() -> None:
    rows = [
        timeline_row(user=user) for user in ("NT AUTHORITY\\SYSTEM", "S-1-5-21-1-2-3-1001", "DC01$", "A\\amy")
    ]
    assert people(rows) == ("A\\amy",)
    assert people(rows[:3]) == ("S-1-5-21-1-2-3-1001",)
    assert people(rows[:1]) == ()
