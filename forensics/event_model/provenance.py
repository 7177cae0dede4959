"""The side table: where each event comes from, what its record says verbatim, and of which machine it is.

Keyed by ReportId, which is unique over all event tables of a case.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import pyarrow as pa

NAME: Final = "EventProvenance"
COPIES_NAME: Final = "EventCopies"


@dataclass(frozen=True, slots=True)
class EventProvenance:
    """One row of the side table. Times are ticks; ``offset`` is in bytes of the artifact."""

    report_id: int
    table: str
    ticks: int
    digits: int
    time_means: str
    raw_time: str
    time_flags: str
    message: str
    device_name: str
    device_id: str
    user: str
    artifact: str
    channel_or_key: str
    provider: str
    event_id: str
    record_id: str
    record_state: str
    service_name: str
    image_path: str
    command_line: str
    parent_image: str
    parent_command_line: str
    process_id: str
    process_guid: str
    hashes: str
    altered_fields: str
    evidence_id: str
    source_path: str
    source_sha256: str
    offset: int
    locator: str
    copies: int


class Relation(StrEnum):
    """What a record that is not in the tables has to do with the one that speaks for it."""

    COPY = "copy"
    """It is the same record at another place."""

    SAME_PROCESS = "same_process"
    """It is another log's record of the start of the same process, or a copy of that one."""


@dataclass(frozen=True, slots=True)
class EventCopy:
    """Another record of the event ``report_id``: it is not in the tables, since that one speaks for it.

    ``relation`` is a :class:`Relation`; ``provider``, ``event_id`` and ``record_id`` say which record it is.
    """

    report_id: int
    relation: str
    provider: str
    event_id: str
    record_id: str
    evidence_id: str
    source_path: str
    source_sha256: str
    record_state: str
    offset: int
    locator: str


_NUMBERS: Final = frozenset({"report_id", "ticks", "digits", "offset", "copies"})

COLUMNS: Final = tuple(each.name for each in fields(EventProvenance))


def _schema(columns: tuple[str, ...]) -> pa.Schema:
    types = {name: pa.int64() if name in _NUMBERS else pa.string() for name in columns}
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in types.items()])


SCHEMA: Final = _schema(COLUMNS)
COPIES_COLUMNS: Final = tuple(each.name for each in fields(EventCopy))
COPIES_SCHEMA: Final = _schema(COPIES_COLUMNS)
