"""Changes of the machine's clock: System, Kernel-General 1, and Security, 4616.

Both name the time before and after as FILETIMEs in UTC. Version 0 of 4616 (Windows Vista) has them as local
dates and times in the machine's language instead: those are kept, and no shift is told from them. A time zone
that is changed raises a Kernel-General 1 without a shift.
Source: Microsoft, 4616(S) The system time was changed; Kernel-General's message table for its reasons.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from forensics.event_model import security_log
from forensics.event_model.action_type import ActionType
from forensics.event_model.cells import account_in_words, additional, number, text
from forensics.event_model.event import Cell, Event, Facts, LogSources, Table
from forensics.event_model.log_origin import from_event_time
from forensics.event_model.windows_path import base_name
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.evtx.record import EvtxRecord

KERNEL_GENERAL: Final = "microsoft-windows-kernel-general"
KERNEL_TIME_CHANGED: Final = 1
SECURITY_TIME_CHANGED: Final = 4616

_WHAT: Final = "System time changed"
_TICKS_PER_MILLISECOND: Final = filetime.TICKS_PER_SECOND // 1000

_REASONS: Final[Mapping[str, str]] = {
    "0": "set while the system started",
    "1": "changed by an application or a part of the system",
    "2": "synchronized with the hardware clock",
    "3": "adjusted to another time zone",
}

_UTC: Final = re.compile(r"([^.]*(?:\.[0-9]{1,7})?)(?:00?)?(?:Z|\+00:00)")
"""A time in UTC. One of nine digits of a second ends in zeros: a FILETIME has seven."""


class _Change(NamedTuple):
    """A clock's times before and after, as the record has them, and what it says of the reason."""

    old: str
    new: str
    reason: str

    @property
    def shift(self) -> float | None:
        """How far the clock was moved, in seconds to the millisecond; None where that cannot be told."""
        old, new = to_ticks(self.old), to_ticks(self.new)
        return None if old is None or new is None else _milliseconds(new - old) / 1000


def kernel_time_changed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Kernel-General event 1; who did it is the record's own UserID."""
    data = record.data
    change = _Change(text(data, "OldTime"), text(data, "NewTime"), text(data, "Reason"))
    initiator: dict[str, Cell] = {
        "InitiatingProcessAccountSid": record.user_sid,
        **number(data, "ProcessID", "InitiatingProcessId"),
    }
    facts = Facts(
        user=record.user_sid,
        parent_image=data.get("ProcessName", ""),
        process_id=data.get("ProcessID", ""),
    )
    return _time_changed(record, change, initiator, facts)


def security_time_changed(record: EvtxRecord) -> Event:
    """Return the DeviceEvents row of a Security event 4616."""
    data = record.data
    change = _Change(_moment(data, "Previous"), _moment(data, "New"), "")
    initiator = {**security_log.initiator(data), **number(data, "ProcessId", "InitiatingProcessId")}
    facts = Facts(
        user=account_in_words(data, "Subject"),
        parent_image=data.get("ProcessName", ""),
        process_id=data.get("ProcessId", ""),
    )
    return _time_changed(record, change, initiator, facts)


def _time_changed(record: EvtxRecord, change: _Change, initiator: Mapping[str, Cell], facts: Facts) -> Event:
    process = text(record.data, "ProcessName")
    shift: dict[str, float] = {} if change.shift is None else {"ShiftSeconds": change.shift}
    fields: dict[str, str | float | bool] = {
        "OldTime": change.old,
        "NewTime": change.new,
        "Reason": change.reason,
        "ProcessName": process,
        **shift,
    }
    columns: dict[str, Cell] = {
        "Timestamp": record.time_created,
        "ActionType": ActionType.SYSTEM_TIME_CHANGED.value,
        "InitiatingProcessFileName": base_name(process).lower(),
        "InitiatingProcessFolderPath": process.lower(),
        **initiator,
        "AdditionalFields": additional(record, fields),
    }
    message = _message(change, process, facts.user)
    return Event(Table.EVENTS, columns, message, from_event_time(record, _WHAT), facts)


def _message(change: _Change, process: str, user: str) -> str:
    shift = "" if change.shift is None else f" ({change.shift:+.3f} seconds)"
    who = " as ".join(filter(None, (process, user))) or "an unnamed account"
    words = f" ({_REASONS[change.reason]})" if change.reason in _REASONS else ""
    reason = f", reason {change.reason}{words}" if change.reason else ""
    return f"{_WHAT}: from {change.old} to {change.new}{shift} by {who}{reason}"


def _moment(data: Mapping[str, str], which: str) -> str:
    """Return a time of 4616: one field, or a date and a time of the machine's own."""
    return " ".join(filter(None, (text(data, f"{which}Date"), text(data, f"{which}Time"))))


def to_ticks(moment: str) -> int | None:
    """Return the time of a record of a change in ticks; None where it is not one in UTC."""
    match = _UTC.fullmatch(moment)
    try:
        return None if match is None else filetime.from_text(match.group(1))
    except ValueError:
        return None


def _milliseconds(ticks: int) -> int:
    """Return the nearest whole number of milliseconds; a half goes away from zero."""
    rounded = (abs(ticks) + _TICKS_PER_MILLISECOND // 2) // _TICKS_PER_MILLISECOND
    return rounded if ticks >= 0 else -rounded


SOURCES: Final[LogSources] = MappingProxyType(
    {
        (KERNEL_GENERAL, KERNEL_TIME_CHANGED): kernel_time_changed,
        (security_log.PROVIDER, SECURITY_TIME_CHANGED): security_time_changed,
    }
)
"""By provider in lower case and event id."""
