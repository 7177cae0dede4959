"""What the event tables say of machines' clocks: changes, uptimes with their time zone, starts and stops."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
from pyarrow import compute, parquet

from forensics.clock_change import ClockChange
from forensics.event_model.action_type import ActionType
from forensics.event_model.event import Table
from forensics.event_model.system_clock import to_ticks
from forensics.store import read_provenance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from forensics.event_model.provenance import EventProvenance

BOOTS: Final = (
    ActionType.SYSTEM_STARTED,
    ActionType.SYSTEM_STOPPED,
    ActionType.EVENT_LOG_STARTED,
    ActionType.EVENT_LOG_STOPPED,
    ActionType.UNEXPECTED_SHUTDOWN,
)
"""What is logged when a machine starts or stops."""

_TOLD: Final = frozenset({*BOOTS, ActionType.SYSTEM_UPTIME, ActionType.SYSTEM_TIME_CHANGED})
_COLUMNS: Final = ("ReportId", "DeviceId", "ActionType", "AdditionalFields")


class ClockEvent(NamedTuple):
    """One event that tells of the clock of machine ``device_id``: of kind ``action``, recorded at ``ticks``.

    ``change`` is there where the clock was changed; ``time_zone`` is the text of an uptime event, or ``""``.
    """

    device_id: str
    action: ActionType
    ticks: int
    change: ClockChange | None = None
    time_zone: str = ""


def read_clock_events(events: Path) -> tuple[ClockEvent, ...]:
    """Return all such events of the tables below ``events``, in order of ReportId."""
    rows = {int(row["ReportId"]): row for row in _rows(events)}
    found = (_event(rows[each.report_id], each) for each in read_provenance(events, rows))
    return tuple(found)


def _rows(events: Path) -> Iterator[Mapping[str, str | int]]:
    wanted = pa.array(sorted(_TOLD), pa.string())
    for path in sorted((events / Table.EVENTS.value).glob("*.parquet")):
        for batch in parquet.ParquetFile(path).iter_batches(columns=list(_COLUMNS)):
            yield from batch.filter(compute.is_in(batch.column("ActionType"), wanted)).to_pylist()


def _event(row: Mapping[str, str | int], origin: EventProvenance) -> ClockEvent:
    fields = json.loads(str(row["AdditionalFields"]))
    action = ActionType(str(row["ActionType"]))
    changed = action is ActionType.SYSTEM_TIME_CHANGED
    change = _change(fields, origin) if changed else None
    return ClockEvent(origin.device_id, action, origin.ticks, change, str(fields.get("TimeZone", "")))


def _change(fields: Mapping[str, object], origin: EventProvenance) -> ClockChange:
    return ClockChange(
        device_id=origin.device_id,
        channel=origin.channel_or_key,
        number=int(origin.record_id) if origin.record_id else -1,
        ticks=origin.ticks,
        old=to_ticks(str(fields.get("OldTime", ""))),
        new=to_ticks(str(fields.get("NewTime", ""))),
    )
