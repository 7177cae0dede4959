"""Events of a machine's clock and of its starts and stops, as System and Security logs have them.

Layout of fields as in real logs of Windows 10; see tests/forensics/event_model for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from tests.builders.event_log import FileTime
from tests.builders.security_event import SUBJECT, security_event
from tests.builders.windows_event import windows_event

if TYPE_CHECKING:
    from tests.builders.event_to_write import EventToWrite, RecordFields


def clock_moved(old: int, new: int, **given: Unpack[RecordFields]) -> EventToWrite:
    """Return a Kernel-General 1; it is recorded at the new time unless fields say otherwise."""
    given.setdefault("time_created", new)
    return windows_event(
        "Microsoft-Windows-Kernel-General",
        1,
        "System",
        data={"NewTime": FileTime(new), "OldTime": FileTime(old), "Reason": 1},
        user_sid="S-1-5-19",
        version=2,
        **given,
    )


def clock_moved_audited(old: int, new: int, **given: Unpack[RecordFields]) -> EventToWrite:
    """Return a Security 4616; it is recorded at the new time unless fields say otherwise."""
    given.setdefault("time_created", new)
    data = {**SUBJECT, "PreviousTime": FileTime(old), "NewTime": FileTime(new)}
    return security_event(4616, data, version=1, **given)


def clock_moved_in_words(time: str, **given: Unpack[RecordFields]) -> EventToWrite:
    """Return a 4616 of Windows Vista, whose times are words of the machine's language."""
    data = {**SUBJECT, "PreviousTime": time, "NewTime": time}
    return security_event(4616, data, **given)


def log_started(**given: Unpack[RecordFields]) -> EventToWrite:
    """Return an EventLog 6005."""
    return _event_log(6005, (), **given)


def uptime(zone: str, **given: Unpack[RecordFields]) -> EventToWrite:
    """Return an EventLog 6013 with ``zone`` as its text of the time zone."""
    return _event_log(6013, ("", "", "", "", "60", "60", zone), **given)


def _event_log(event_id: int, unnamed: tuple[str, ...], **given: Unpack[RecordFields]) -> EventToWrite:
    return windows_event(
        "EventLog", event_id, "System", unnamed=unnamed, binary=bytes(8), qualifiers=32768, **given
    )
