"""Records are found again where they stood, whatever became of the bytes around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evidence.source import FileSource
from parsers.evtx.compared_fields import EVTX, PYTHON_EVTX
from parsers.evtx.record import RecordState
from parsers.evtx.second_reader import RecordsToRead, RecordToRead, read_records_again
from parsers.evtx.sweep import Reader
from parsers.two_readings import TwoReadings, Verdict
from tests.builders.event_log import (
    build_event_log,
)
from tests.builders.sysmon_event import process_created
from tests.parsers.evtx.reading import MemorySource, read, start_of_chunk, with_bytes, with_flip
from tests.parsers.evtx.twice import read_and_read_twice, read_twice

if TYPE_CHECKING:
    from pathlib import Path


AGREE = TwoReadings(EVTX, PYTHON_EVTX)


def verdict_of(again: TwoReadings) -> Verdict:
    return again.verdict


def test_a_record_whose_header_has_another_id_is_found_and_agreed_on() -> None:
    log = build_event_log([process_created(record_id=319_457_771, header_record_id=1)])
    ((record, again),) = read_and_read_twice(log, Reader.RUST)
    assert (record.record_id, record.header_record_id, again) == (319_457_771, 1, AGREE)


def test_a_command_line_that_was_tampered_with_is_agreed_on_and_its_checksum_is_not() -> None:
    log = build_event_log([process_created(command_line="rustdesk.exe --service")])
    at = log.index("--service".encode("utf-16-le"))
    tampered = with_bytes(log, at, "--nothing".encode("utf-16-le"))
    for reader in Reader:
        ((record, again),) = read_and_read_twice(tampered, reader)
        assert (record.data["CommandLine"], record.state) == ("rustdesk.exe --nothing", "crc_bad")
        assert again == AGREE


def test_records_of_many_chunks_come_in_the_order_in_which_they_are_asked_for() -> None:
    events = [process_created(record_id=n, command_line="x" * 9_000 + "\x01" * (n % 2)) for n in range(1, 20)]
    log = build_event_log(events)
    records = read(log).records
    assert len({each.location.chunk for each in records}) > 2
    backwards = records[::-1]
    assert read_twice(log, backwards) == read_twice(log, records)[::-1]
    assert [each.verdict for each in read_twice(log, records)] == [
        Verdict.LOST_TEXT if n % 2 else Verdict.AGREE for n in range(1, 20)
    ]


@pytest.mark.parametrize("reader", Reader)
def test_records_recovered_from_slack_are_read_again_where_they_stand(reader: Reader) -> None:
    old = build_event_log([process_created(record_id=n) for n in range(1, 21)])
    new = build_event_log([process_created(record_id=n) for n in range(501, 505)])
    end = read(new).records[-1].location
    read_with = read_and_read_twice(new[: end.offset + end.size] + old[end.offset + end.size :], reader)
    recovered = [again for record, again in read_with if record.state is RecordState.RECOVERED]
    assert len(recovered) > 10
    assert set(map(verdict_of, recovered)) == {Verdict.AGREE}


@pytest.mark.parametrize("inserted", [8, 512, 4096])
def test_records_of_chunks_out_of_their_places_are_read_again(inserted: int) -> None:
    log = build_event_log([process_created(record_id=n) for n in range(1, 31)], records_per_chunk=10)
    moved = log[: start_of_chunk(0)] + bytes(inserted) + log[start_of_chunk(0) :]
    read_with = read_and_read_twice(moved, Reader.RUST)
    assert [record.state for record, _ in read_with] == [RecordState.RECOVERED] * 30
    assert [again.verdict for _, again in read_with] == [Verdict.AGREE] * 30


def test_another_record_at_that_place_is_not_taken_for_it() -> None:
    log = build_event_log([process_created(record_id=5)])
    (record,) = read(log).records
    place = RecordToRead(record.location.offset, recovered=False, event_id="1", record_id="6")
    (again,) = read_records_again(RecordsToRead(MemorySource(log), (place,)))
    assert again.verdict is Verdict.NOT_READ_AGAIN
    assert again.missing == "another record than was read before stands at its place"


@pytest.mark.parametrize("recovered", [False, True])
@pytest.mark.parametrize("offset", [0, 4096, 5000, 70_000, 10**9])
def test_a_place_without_a_record_is_told(offset: int, *, recovered: bool) -> None:
    log = build_event_log([process_created()])
    place = RecordToRead(offset, recovered, "1", "1")
    (again,) = read_records_again(RecordsToRead(MemorySource(log), (place,)))
    assert again.missing == "no record stands where it was found"


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    place = RecordToRead(4608, recovered=False, event_id="1", record_id="1")
    (again,) = read_records_again(RecordsToRead(FileSource(tmp_path / "gone.evtx"), (place,)))
    assert again.missing == "its bytes cannot be read: No such file or directory"


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_no_byte_that_is_changed_makes_it_fail(data: st.DataObject) -> None:
    log = build_event_log([process_created(record_id=n) for n in (1, 2)])
    places = [*read(log).records]
    end = places[-1].location.offset + places[-1].location.size
    at = data.draw(st.integers(4096, end - 1))
    flipped = with_flip(log, at, data.draw(st.integers(1, 255)))
    assert len(read_twice(flipped, places)) == 2
