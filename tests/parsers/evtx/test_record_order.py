from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import filetime
from parsers.evtx.event_log import CHUNKS_PER_BATCH, read_event_log
from parsers.evtx.record import EventLogLedger, EvtxRecord
from parsers.evtx.record_order import RecordOrder, WrittenRecord
from parsers.evtx.sweep import Reader
from tests.builders.artifacts import artifact_of
from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.sysmon_event import image_loaded, process_created

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.builders.event_log import EventToWrite

SECOND: Final = filetime.TICKS_PER_SECOND
SYSMON: Final = "microsoft-windows-sysmon"
STARTS: Final = frozenset({(SYSMON, 1)})


def started(record_id: int, seconds: float) -> EventToWrite:
    return process_created(record_id=record_id, time_created=DEFAULT_TIME + int(seconds * SECOND))


def flagged(events: Sequence[EventToWrite], records_per_chunk: int | None = None) -> list[int]:
    content = build_event_log(events, records_per_chunk=records_per_chunk)
    read = read_event_log(artifact_of(content), STARTS)
    return [each.record_id for each in read if isinstance(each, EvtxRecord) and each.runs_backwards]


def test_a_record_that_was_written_earlier_than_the_one_before_it_runs_backwards() -> None:
    assert flagged([started(1, 0), started(2, 100), started(3, 98), started(4, 99)]) == [3]


def test_a_second_and_less_is_how_processes_write_at_once() -> None:
    assert flagged([started(1, 10), started(2, 9), started(3, 7.9999999)]) == [3]


def test_the_record_before_counts_whether_it_is_wanted_or_not() -> None:
    load = image_loaded(record_id=2, time_created=DEFAULT_TIME + 50 * SECOND)
    assert flagged([started(1, 0), load, started(3, 10)]) == [3]


@pytest.mark.parametrize("records_per_chunk", [1, 2, 3])
def test_chunks_and_batches_of_chunks_hide_nothing(records_per_chunk: int) -> None:
    count = 2 * CHUNKS_PER_BATCH * records_per_chunk + 1
    backwards = [started(number, -2 * number) for number in range(1, count + 1)]
    assert flagged(backwards, records_per_chunk) == list(range(2, count + 1))


def test_where_a_circular_log_turns_nothing_runs_backwards() -> None:
    turned = [started(number, number) for number in (5, 6, 1, 2, 3, 4)]
    assert flagged(turned, records_per_chunk=2) == []


def test_the_first_record_of_a_circular_log_follows_its_last() -> None:
    turned = [
        started(5, 0),
        started(6, 6),
        started(1, 100),
        started(2, 101),
        started(3, 102),
        started(4, 103),
    ]
    content = build_event_log(turned, records_per_chunk=2) + bytes(65_536)
    read = read_event_log(artifact_of(content), STARTS)
    assert [each.record_id for each in read if isinstance(each, EvtxRecord) and each.runs_backwards] == [5]


def test_records_that_were_recovered_stand_in_no_order() -> None:
    content = bytearray(build_event_log([started(1, 9), started(2, 0)], records_per_chunk=1))
    second_chunk = 4096 + 65_536
    content[second_chunk : second_chunk + 8] = bytes(8)
    read = read_event_log(artifact_of(bytes(content)), STARTS)
    assert [each.runs_backwards for each in read if isinstance(each, EvtxRecord)] == [False, False]


def test_a_log_whose_end_cannot_be_read_still_gives_its_beginning() -> None:
    count = 2 * CHUNKS_PER_BATCH
    content = build_event_log(
        [started(number, number) for number in range(7, 7 + count)], records_per_chunk=1
    )
    breaks_at = 4096 + (count - 1) * 65_536
    artifact = artifact_of(content, breaks_at=breaks_at)
    read = read_event_log(artifact, STARTS)
    found: list[int] = []
    with pytest.raises(OSError, match="Input/output error"):
        found.extend(each.record_id for each in read if isinstance(each, EvtxRecord))
    assert len(found) >= CHUNKS_PER_BATCH


@pytest.mark.parametrize("reader", list(Reader))
def test_all_ways_to_read_a_log_flag_the_same_records(reader: Reader) -> None:
    events = [started(number, number if number % 7 else 0) for number in range(1, 60)]
    artifact = artifact_of(build_event_log(events, records_per_chunk=2))
    with ThreadPoolExecutor(2) as executor:
        alone = list(read_event_log(artifact, STARTS, reader))
        many = list(read_event_log(artifact, STARTS, reader, executor))
    assert alone == many
    assert [each.record_id for each in alone if isinstance(each, EvtxRecord) and each.runs_backwards] == list(
        range(7, 60, 7)
    )


def test_as_many_records_are_flagged_as_the_ledger_counts_steps_back() -> None:
    events = [started(number, number if number % 5 else -number) for number in range(1, 80)]
    *_, ledger = read_event_log(artifact_of(build_event_log(events)), STARTS)
    assert isinstance(ledger, EventLogLedger)
    assert ledger.completeness.own.steps_back == len(flagged(events))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 60)), max_size=12), st.data())
def test_it_does_not_matter_where_a_log_is_cut(places: list[tuple[int, int]], data: st.DataObject) -> None:
    records = [WrittenRecord(n, record_id, time * SECOND) for n, (record_id, time) in enumerate(places)]
    cut = data.draw(st.integers(0, len(records)))
    whole, front, back = RecordOrder(), RecordOrder(), RecordOrder()
    for each in records:
        whole.follow(each)
    for each in records[:cut]:
        front.follow(each)
    for each in records[cut:]:
        back.follow(each)
    front.extend(back)
    assert front == whole
