"""A row of the timeline, column by column as the contract with its users names them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from forensics.event_model.provenance import EventCopy
    from forensics.readers_cell import ReaderDifference

SCHEMA_VERSION: Final = 3
"""Raised whenever a column is added, renamed, moved or given another meaning."""


class Related(NamedTuple):
    """Another row that a row belongs to: its number, None outside the period, and in what.

    ``distance`` is how many ticks this row is after the other; negative before it.
    """

    row: int | None
    relation: str
    distance: int


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One finding at one moment, with what it rests on. All text, verbatim; ``""`` where nothing is known.

    The fields up to ``locator`` are the columns of timeline.csv, in order. ``ticks``, ``offset`` and
    ``report_id`` are what the order and the way back rest on, ``related`` the rows that it belongs to, and
    ``other_copies`` the records that do not speak, ``reader_differences`` what two readers do not give alike;
    these are in timeline.jsonl only.
    """

    datetime: str
    timestamp_desc: str
    message: str
    row: int
    finding: str
    activity: str
    severity: str
    basis: str
    rule_id: str
    attack: str
    device_name: str
    device_id: str
    device_role: str
    user: str
    artifact: str
    channel_or_key: str
    provider: str
    event_id: str
    record_id: str
    service_name: str
    image_path: str
    command_line: str
    parent_image: str
    parent_command_line: str
    process_id: str
    process_guid: str
    hashes: str
    raw_time: str
    time_flags: str
    record_state: str
    altered_fields: str
    readers: str
    copies: int
    evidence_id: str
    source_path: str
    source_sha256: str
    locator: str
    ticks: int
    offset: int
    report_id: int
    related: tuple[Related, ...] = ()
    other_copies: tuple[EventCopy, ...] = ()
    reader_differences: tuple[ReaderDifference, ...] = ()


NOT_COLUMNS: Final = ("ticks", "offset", "report_id", "related", "other_copies", "reader_differences")
COLUMNS: Final = tuple(each.name for each in fields(TimelineRow) if each.name not in NOT_COLUMNS)
"""The columns of timeline.csv, in order."""
