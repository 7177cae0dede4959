"""Sessions from outside: what RustDesk's log says of connections, and the window that a connection opens.

Two artifacts tell that somebody connected in. RustDesk's own log has ``#1417 Connection opened from
203.0.113.140:51544.`` and ``#1417 Connection closed: …``: from where, and how long. The connection manager's
process (``--cm`` under ``--server``) tells that and when, not who nor how long. Both are written before the
password is checked. What is read here are the words of the rows, as the log's lines are told there.

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

_OPENED: Final = re.compile(r"connection #(?P<number>\d+) opened from (?P<address>\S+):(?P<port>\d+)")
_CLOSED: Final = re.compile(
    r"connection #(?P<number>\d+) closed: .*?"
    r"(?:it was open from (?P<address>\S+) for (?P<seconds>\d{1,9})(?:\.\d+)? seconds|$)"
)
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
            _close(sessions, row, closed)
        elif row.activity == "inbound_session":
            _join(sessions, row)
    return tuple(sorted(sessions, key=lambda each: (each.began, each.device_id, each.rows)))


def _session(row: TimelineRow, address: str = "", number: str = "") -> InboundSession:
    return InboundSession(row.device_id, row.device_name, row.ticks, None, address, (row.row,), number)


def _close(sessions: list[InboundSession], row: TimelineRow, closed: re.Match[str]) -> None:
    """End the latest open session of that number on that machine, or one whose beginning is no row."""
    for place in reversed(range(len(sessions))):
        each = sessions[place]
        if each.device_id == row.device_id and each.number == closed["number"] and each.ended is None:
            sessions[place] = replace(each, ended=row.ticks, rows=(*each.rows, row.row))
            return
    if closed["seconds"] is not None:
        began = row.ticks - int(closed["seconds"]) * TICKS_PER_SECOND
        opened = _session(row, closed["address"].strip("[]"), closed["number"])
        sessions.append(replace(opened, began=began, ended=row.ticks))


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
