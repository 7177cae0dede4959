"""A sound log of four chunks with five records each, for tests to damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parsers.evtx.sweep import Reader
from tests.builders.event_log import build_event_log
from tests.builders.sysmon_event import process_created
from tests.parsers.evtx.reading import (
    Reading,
    read,
)

if TYPE_CHECKING:
    from parsers.evtx.record import RecordState

TIME = 133_537_248_001_234_567
EVENTS = [
    process_created(record_id=number, time_created=TIME + number, written=TIME + 10 * number)
    for number in range(1, 21)
]
LOG = build_event_log(EVENTS, records_per_chunk=5)
"""Four chunks of five records."""

ALL_IDS = list(range(1, 21))
SOUND = read(LOG)
INLINE_TEMPLATES = {1, 6, 11, 16}
"""The first record of each chunk holds the template of the others."""

both_readers = pytest.mark.parametrize("reader", Reader)


def states(reading: Reading) -> dict[int, RecordState]:
    return {record.record_id: record.state for record in reading.records}
