"""What ``time_flags`` says of a row's time: each flag, what it means, and how several stand in one cell.

A flag takes nothing away from a time: it says what has to be known before the time is set beside others.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SEPARATOR: Final = ";"

UTC_DIFFERS_TICKS: Final = 2 * filetime.TICKS_PER_SECOND
"""Sysmon takes UtcTime some 1 to 450 ms before the event is raised; more than this is worth a flag."""

WRITTEN_DIFFERS_TICKS: Final = filetime.TICKS_PER_SECOND
"""In a log that is no export, both times of a record are equal as a rule."""

JUMP_TICKS: Final = filetime.TICKS_PER_SECOND
"""Time services correct a clock by fractions of a second, all day; a change from this on is a jump."""

NEAR_JUMP_TICKS: Final = 5 * 60 * filetime.TICKS_PER_SECOND
"""How near to a jump of the clock a time is flagged."""


class TimeFlag(StrEnum):
    """What has to be known of a time."""

    UTC_DIFFERS = "utc_differs"
    UTC_UNREADABLE = "utc_unreadable"
    WRITTEN_DIFFERS = "written_differs"
    RUNS_BACKWARDS = "runs_backwards"
    CLOCK_JUMP = "clock_jump"
    NO_RUN_TIME = "no_run_time"


MEANINGS: Final[Mapping[TimeFlag, str]] = MappingProxyType(
    {
        TimeFlag.UTC_DIFFERS: "Sysmon's UtcTime and the event's TimeCreated are more than 2 seconds apart",
        TimeFlag.UTC_UNREADABLE: "Sysmon's UtcTime is no time; the event's TimeCreated stands instead",
        TimeFlag.WRITTEN_DIFFERS: (
            "the record's header says that it was written more than 1 second before or after the event, and "
            "its two ids do not differ, as they do in exports and forwarded logs, where that is usual"
        ),
        TimeFlag.RUNS_BACKWARDS: (
            "the record, or the line, was written more than 1 second earlier than the one before it in "
            "its log"
        ),
        TimeFlag.CLOCK_JUMP: (
            "the machine's clock was moved by 1 second or more within 5 minutes of this time, or went over "
            "this time twice because it was set back"
        ),
        TimeFlag.NO_RUN_TIME: "the value has no time of a run; the time of its key stands instead",
    }
)
"""What each flag means, in words that can be read out."""


def joined(flags: Iterable[str]) -> str:
    """Return ``flags`` in one cell: each once, in the order of :class:`TimeFlag`; ``""`` for none."""
    given = set(flags)
    return SEPARATOR.join(flag.value for flag in TimeFlag if flag in given)


def with_flag(cell: str, flag: TimeFlag) -> str:
    """Return the cell with ``flag`` among its flags."""
    return joined([*cell.split(SEPARATOR), flag])
