"""Sessions from outside: what RustDesk's log says of connections, and the window that a connection opens.

Two artifacts tell that somebody connected in. RustDesk's own log says that a connection was opened, from
where, and closed; its lines are read as the event model words them (``connection #1417 opened from
203.0.113.140:51544``). The connection manager's process (``--cm`` under ``--server``) tells that and when,
not who nor how long.

Source: rustdesk/rustdesk 1.4.1, src/server/connection.rs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from parsers.filetime import TICKS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from forensics.timeline_row import TimelineRow

_OPENED: Final = re.compile(
    r"connection #(?P<number>\d+) opened from (?P<address>\S+?):(?P<port>\d+)(?:[,.\s]|$)"
)
_CLOSED: Final = re.compile(r"connection #(?P<number>\d+) closed")
_SAME: Final = 120 * TICKS_PER_SECOND
"""How long after a connection its window may open, or a second record of one window be written."""


@dataclass(frozen=True, slots=True)
class InboundSession:
    """Somebody connected to machine ``device_id``. Times are ticks; ``ended`` is None where nothing says so.

    ``address`` is where from, ``""`` where no record names it; ``rows`` are the rows that tell of it.
    """

    device_id: str
    device_name: str
    began: int
    ended: int | None
    address: str
    rows: tuple[int, ...]
    number: str = ""


def inbound_sessions(rows: Iterable[TimelineRow]) -> tuple[InboundSession, ...]:
    """Return the sessions that ``rows``, in order of time, tell of."""
    sessions: list[InboundSession] = []
    for row in rows:
        if (opened := _OPENED.search(row.message)) is not None:
            sessions.append(_session(row, opened["address"].strip("[]"), opened["number"]))
        elif (closed := _CLOSED.search(row.message)) is not None:
            _close(sessions, row, closed["number"])
        elif row.activity == "inbound_session":
            _join(sessions, row)
    return tuple(sorted(sessions, key=lambda each: (each.began, each.device_id, each.rows)))


def _session(row: TimelineRow, address: str = "", number: str = "") -> InboundSession:
    return InboundSession(row.device_id, row.device_name, row.ticks, None, address, (row.row,), number)


def _close(sessions: list[InboundSession], row: TimelineRow, number: str) -> None:
    """End the latest open session of that number on that machine; a close without one tells of none."""
    for place in reversed(range(len(sessions))):
        each = sessions[place]
        if each.device_id == row.device_id and each.number == number and each.ended is None:
            sessions[place] = replace(each, ended=row.ticks, rows=(*each.rows, row.row))
            return


def _join(sessions: list[InboundSession], row: TimelineRow) -> None:
    """Count ``row`` to the session that it is of, or to one of its own."""
    place = _place(sessions, row)
    if place is None:
        sessions.append(_session(row))
    else:
        each = sessions[place]
        sessions[place] = replace(each, rows=(*each.rows, row.row))


def _place(sessions: Sequence[InboundSession], row: TimelineRow) -> int | None:
    for place in reversed(range(len(sessions))):
        each = sessions[place]
        if each.device_id == row.device_id and 0 <= row.ticks - each.began <= _SAME:
            return place
    return None
