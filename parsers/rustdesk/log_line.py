r"""One line of a log of RustDesk's: its layout, and its time.

::

    [2026-01-05 09:14:03.123456 +01:00] INFO [src\server\connection.rs:4798] #1024 Connection closed: End

Layout: flexi_logger, ``opt_format``, which RustDesk has on every platform (hbb_common, ``init_log``).
The time is local, with the machine's offset at that moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from parsers import filetime

_HEAD: Final = re.compile(
    r"\[(?P<time>(?P<local>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) "
    r"(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d))\] "
    r"(?P<level>ERROR|WARN|INFO|DEBUG|TRACE) \[(?P<file>[^\]\r\n]*):(?P<line>\d{1,9})\] ",
    re.ASCII,
)
_HOURS: Final = 24
_MINUTES: Final = 60
_MINUTE: Final = 60 * filetime.TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class LogLine:
    r"""One line with the lines that continue it.

    ``offset`` and ``length`` are its bytes in the file. ``ticks`` is UTC, ``raw_time`` the time as written.
    ``text`` is all behind the head, further lines parted by LF; bytes that are no UTF-8 stand in it as lone
    surrogates (``surrogateescape``). ``is_whole`` is false where a part of it is not known: no end of line,
    or more text than is kept.
    """

    offset: int
    length: int
    ticks: int
    raw_time: str
    level: str
    source_file: str
    source_line: int
    text: str
    is_whole: bool


class Head(NamedTuple):
    """What stands in front of a line's text, and how many characters that is."""

    ticks: int
    raw_time: str
    level: str
    source_file: str
    source_line: int
    length: int


def parse_head(text: str) -> Head | None:
    """Return the head of the line ``text``; None where it has none, or one whose time is no time."""
    match = _HEAD.match(text)
    ticks = None if match is None else _ticks(match)
    if match is None or ticks is None:
        return None
    return Head(ticks, match["time"], match["level"], match["file"], int(match["line"]), match.end())


def _ticks(match: re.Match[str]) -> int | None:
    """Return the moment in UTC; None where there is no such day, hour or offset, or it is before 1601."""
    hours, minutes = int(match["hours"]), int(match["minutes"])
    if hours >= _HOURS or minutes >= _MINUTES:
        return None
    try:
        local = filetime.from_text(match["local"])
    except ValueError:
        return None
    offset = (hours * _MINUTES + minutes) * _MINUTE
    ticks = local + offset if match["sign"] == "-" else local - offset
    return ticks if 0 <= ticks <= filetime.MAX_TICKS else None
