"""The event that a record is mapped to, for tests of records that are events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from forensics.event_model.schema import KqlType, columns
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


def additional(event: Event) -> dict[str, Any]:
    """Return what AdditionalFields of ``event`` has."""
    fields: dict[str, Any] = json.loads(str(event.columns["AdditionalFields"]))
    return fields


def misfits(event: Event) -> list[str]:
    """Return the columns of ``event`` that its table does not have, or has with another type."""
    schema = columns(event.table)
    types = {
        KqlType.STRING: str,
        KqlType.INT: int,
        KqlType.LONG: int,
        KqlType.DATETIME: int,
        KqlType.BOOL: bool,
    }
    return [
        name
        for name, cell in event.columns.items()
        if name not in schema or not isinstance(cell, types[schema[name]])
    ]
