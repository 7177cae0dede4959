"""Reads every record of interest of a built log again, by both readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.evtx.record import RecordState
from parsers.evtx.second_reader import RecordsToRead, RecordToRead, read_records_again
from tests.builders.event_log import build_event_log
from tests.parsers.evtx.reading import MemorySource, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.evtx.record import EvtxRecord
    from parsers.evtx.sweep import Reader, Wanted
    from parsers.two_readings import TwoReadings
    from tests.builders.event_log import EventToWrite


def to_read(record: EvtxRecord) -> RecordToRead:
    number = str(record.record_id) if record.record_id >= 0 else ""
    recovered = record.state is RecordState.RECOVERED
    return RecordToRead(record.location.offset, recovered, str(record.event_id), number)


def read_twice(log: bytes, records: Sequence[EvtxRecord]) -> tuple[TwoReadings, ...]:
    return read_records_again(RecordsToRead(MemorySource(log), tuple(map(to_read, records))))


def written_and_read_twice(*events: EventToWrite, wanted: Wanted | None = None) -> tuple[TwoReadings, ...]:
    log = build_event_log(events)
    reading = read(log) if wanted is None else read(log, wanted=wanted)
    return read_twice(log, reading.records)


def read_and_read_twice(log: bytes, reader: Reader) -> list[tuple[EvtxRecord, TwoReadings]]:
    records = read(log, reader).records
    return list(zip(records, read_twice(log, records), strict=True))
