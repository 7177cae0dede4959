"""Where an event of an event log comes from: what is the same for every provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.event_model.event import Origin
from forensics.event_model.time_flags import UTC_DIFFERS_TICKS, WRITTEN_DIFFERS_TICKS, TimeFlag, joined
from parsers import filetime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.evtx.record import EvtxRecord

EVENT_TIME_DIGITS: Final = 7
UTC_TIME_DIGITS: Final = 3
"""Sysmon's UtcTime is text with milliseconds."""


def from_event_time(record: EvtxRecord, what: str) -> Origin:
    """Return the origin of an event that happened, as far as is known, when it was raised."""
    return _at_event_time(record, what, ())


def from_utc_time(record: EvtxRecord, what: str) -> Origin:
    """Return the origin of a Sysmon event: its UtcTime where it has one that is a time, else the event's.

    Flagged ``utc_differs`` where the two are far apart, ``utc_unreadable`` where UtcTime is no time.
    """
    raw = record.data.get("UtcTime", "")
    ticks = utc_time(record)
    if ticks is None:
        return _at_event_time(record, what, (TimeFlag.UTC_UNREADABLE,) if raw else ())
    differs = abs(record.time_created - ticks) > UTC_DIFFERS_TICKS
    return _origin(
        record,
        ticks=ticks,
        time_means=f"{what} (Sysmon UtcTime)",
        raw_time=raw,
        digits=UTC_TIME_DIGITS,
        flags=(TimeFlag.UTC_DIFFERS,) if differs else (),
    )


def utc_time(record: EvtxRecord) -> int | None:
    """Return a Sysmon event's UtcTime in ticks, or None where it has none that is a time."""
    try:
        return filetime.from_text(record.data.get("UtcTime", ""))
    except ValueError:
        return None


def _at_event_time(record: EvtxRecord, what: str, flags: tuple[TimeFlag, ...]) -> Origin:
    return _origin(
        record,
        ticks=record.time_created,
        time_means=f"{what} (event time)",
        raw_time=f"{record.time_created:#018x}",
        digits=EVENT_TIME_DIGITS,
        flags=flags,
    )


def _flags_of(record: EvtxRecord) -> Iterator[TimeFlag]:
    """Give what the record itself shows. One whose two ids differ was exported or forwarded."""
    apart = abs(record.written - record.time_created) > WRITTEN_DIFFERS_TICKS
    if apart and record.written and record.record_id == record.header_record_id:
        yield TimeFlag.WRITTEN_DIFFERS
    if record.runs_backwards:
        yield TimeFlag.RUNS_BACKWARDS


def _origin(  # noqa: PLR0913 - a value with this many parts
    record: EvtxRecord,
    *,
    ticks: int,
    time_means: str,
    raw_time: str,
    digits: int,
    flags: tuple[TimeFlag, ...],
) -> Origin:
    return Origin(
        ticks=ticks,
        time_means=time_means,
        raw_time=raw_time,
        digits=digits,
        device_name=record.computer,
        artifact="EVTX",
        channel_or_key=record.channel,
        provider=record.provider,
        event_id=str(record.event_id),
        record_id=str(record.record_id) if record.record_id >= 0 else "",
        record_state=record.state.value,
        offset=record.location.offset,
        locator=f"{record.location}, record header id {record.header_record_id}",
        time_flags=joined((*flags, *_flags_of(record))),
    )
