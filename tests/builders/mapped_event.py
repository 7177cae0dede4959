"""The event that a record is mapped to, for tests of records that are events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.event_model.sources import to_event

if TYPE_CHECKING:
    from forensics.event_model.event import Event
    from parsers.evtx.record import EvtxRecord


def event_of(record: EvtxRecord) -> Event:
    """Return the event that ``record`` is. Raises ValueError where it is none."""
    event = to_event(record)
    if event is None:
        raise ValueError(f"record {record.record_id} ({record.provider} {record.event_id}) is no event")
    return event
