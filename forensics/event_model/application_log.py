"""Lines of RustDesk's own logs as rows of DeviceEvents: who connected, from where, when, for how long.

FileName and FolderPath are the log's. Of a file that was transferred the path is in AdditionalFields.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model.action_type import ActionType
from forensics.event_model.application_log_kinds import LineKind, Peer, Said, to_peer, what_is_said
from forensics.event_model.cells import to_json
from forensics.event_model.event import Cell, Event, Table
from forensics.event_model.file_origin import file_origin, file_place, log_folder, whose
from forensics.event_model.time_flags import TimeFlag
from parsers import filetime
from parsers.evidence.application_files import log_stem

if TYPE_CHECKING:
    from parsers.evidence.source import Artifact
    from parsers.rustdesk.log_line import LogLine

SOURCE: Final = "RustDesk log"
LINE_DIGITS: Final = 6
TOLERANCE_TICKS: Final = filetime.TICKS_PER_SECOND
"""Processes that share a log write lines in nearly the order of time; further back is worth a flag."""

_MOST_OPEN: Final = 4096
"""How many open connections are remembered; a log that was made to fill memory opens more."""


class _Opening(NamedTuple):
    """The line that tells of an opened connection, and who opened it."""

    line: LogLine
    peer: Peer | None


class ApplicationLogEvents:
    """Makes events of the lines of one log, in order.

    A connection that closes is told with the opening of the same number above it in the same log, if it is
    there: RustDesk counts its connections anew each time that it starts, from a random number on.
    """

    def __init__(self, artifact: Artifact) -> None:
        self._place = file_place(artifact)
        self._opened: dict[str, _Opening] = {}
        self._order: deque[str] = deque()
        self._last: int | None = None

    def event_of(self, line: LogLine) -> Event | None:
        """Return the row of ``line``, or None where it says nothing that is kept."""
        flags = self._flags(line)
        said = what_is_said(line.text)
        if said is None:
            return None
        opened = self._pair(line, said)
        return self._event(line, said, opened, flags)

    def _flags(self, line: LogLine) -> str:
        backwards = self._last is not None and line.ticks < self._last - TOLERANCE_TICKS
        self._last = line.ticks
        return TimeFlag.RUNS_BACKWARDS.value if backwards else ""

    def _pair(self, line: LogLine, said: Said) -> _Opening | None:
        """Remember an opening; return that of a connection that closes, if it came earlier."""
        if said.kind is LineKind.CONNECTION_OPENED:
            self._opened[said.connection] = _Opening(line, said.peer)
            self._order.append(said.connection)
            if len(self._order) > _MOST_OPEN:
                self._opened.pop(self._order.popleft(), None)
        if said.kind is not LineKind.CONNECTION_CLOSED:
            return None
        opened = self._opened.pop(said.connection, None)
        return opened if opened is not None and opened.line.ticks <= line.ticks else None

    def _event(self, line: LogLine, said: Said, opened: _Opening | None, flags: str) -> Event:
        peer = opened.peer if opened is not None else said.peer
        columns: dict[str, Cell] = {
            "Timestamp": line.ticks,
            "ActionType": ActionType.APPLICATION_LOG_LINE,
            "FileName": self._place.name,
            "FolderPath": self._place.path,
            **_remote(said, peer),
            "AdditionalFields": to_json(
                {name: value for name, value in self._additional(line, said, opened).items() if value != ""}
            ),
        }
        origin = file_origin(
            self._place,
            SOURCE,
            ticks=line.ticks,
            time_means="RustDesk log line written",
            raw_time=line.raw_time,
            digits=LINE_DIGITS,
            offset=line.offset,
            locator=f"line at offset {line.offset:#x}",
            flags=flags,
        )
        message = self._message(said, opened, line)
        return Event(Table.EVENTS, columns, message, origin, text_altered=not line.is_whole)

    def _additional(self, line: LogLine, said: Said, opened: _Opening | None) -> dict[str, str | int]:
        duration, since = ("", "") if opened is None else _duration(opened.line, line)
        return {
            "Source": SOURCE,
            "Application": self._place.application,
            "Profile": self._place.profile,
            "LogFolder": log_folder(self._place),
            "FileStem": log_stem(self._place.name),
            "Level": line.level,
            "SourceLine": f"{line.source_file}:{line.source_line}",
            "Text": line.text,
            "Kind": said.kind.value,
            "Connection": int(said.connection) if said.connection else "",
            "Direction": said.direction,
            "Path": said.path,
            "Server": said.server,
            "Reason": said.reason if said.kind is LineKind.CONNECTION_CLOSED else "",
            "Opened": since,
            "DurationSeconds": duration,
        }

    def _message(self, said: Said, opened: _Opening | None, line: LogLine) -> str:
        folder = log_folder(self._place)
        log = f"RustDesk log{whose(self._place)}" + (f" ({folder})" if folder else "")
        return f"{log}: {said.words}{'' if opened is None else _told(opened, line)}"


def _remote(said: Said, peer: Peer | None) -> dict[str, Cell]:
    """Return the other end: a peer by its address, or else the server by its name or address."""
    if peer is None and said.server:
        server = to_peer(said.server)
        return {"RemoteUrl": said.server} if server is None else _peer_cells(server)
    return {} if peer is None else _peer_cells(peer)


def _peer_cells(peer: Peer) -> dict[str, Cell]:
    return {"RemoteIP": peer.address, **({} if peer.port is None else {"RemotePort": peer.port})}


def _duration(opened: LogLine, closed: LogLine) -> tuple[str, str]:
    """Return how long a connection was open, in seconds with six digits, and when it was opened."""
    seconds, rest = divmod(closed.ticks - opened.ticks, filetime.TICKS_PER_SECOND)
    microseconds = rest // filetime.TICKS_PER_MICROSECOND
    return f"{seconds}.{microseconds:06d}", filetime.to_text(opened.ticks, LINE_DIGITS)


def _told(opened: _Opening, line: LogLine) -> str:
    duration, since = _duration(opened.line, line)
    peer = "" if opened.peer is None else f" from {opened.peer.address}"
    return f"; it was open{peer} for {duration} seconds, since {since}"
