from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.build import HERE as FIXTURES
from parsers.evidence.source import FileSource
from parsers.evtx import layout
from parsers.evtx.frame import Frame, frame_chunk
from parsers.evtx.header_structure import checksums, mark_chunk_header, mark_file_header
from parsers.evtx.record_bytes import NoRecord, read_record_bytes
from parsers.evtx.record_structure import mark_record
from parsers.evtx.record_views import read_views
from tests.builders.artifacts import BytesSource
from tests.builders.event_log import build_event_log
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.marked_bytes import Mark

LOG = FIXTURES / "case-dc01/Windows/System32/winevt/Logs/System.evtx"
TIME = 133_537_248_001_234_567
ONE = build_event_log([process_created(record_id=7, written=TIME, command_line="rustdesk.exe --tray")])


def chunks(log: bytes) -> Iterator[tuple[int, bytes]]:
    for start in range(layout.FILE_HEADER_SIZE, len(log), layout.CHUNK_SIZE):
        yield start, log[start : start + layout.CHUNK_SIZE]


def leaves(marks: tuple[Mark, ...]) -> list[Mark]:
    """Return the parts that have no parts of their own."""
    following = [*marks[1:], None]
    return [a for a, b in zip(marks, following, strict=True) if b is None or b.depth <= a.depth]


def test_the_parts_of_every_record_cover_it_without_gap_or_overlap() -> None:
    log = LOG.read_bytes()
    records = 0
    for start, chunk in chunks(log):
        for frame in frame_chunk(chunk, start).frames:
            position = 0
            for mark in leaves(mark_record(chunk, frame)):
                assert mark.offset == position
                position += mark.size
            assert position == frame.size
            records += 1
    assert records > 100


def test_a_records_header_values_and_size_copy_are_named() -> None:
    found = read_record_bytes(BytesSource(ONE), 4096 + 512, frame_size(ONE), "x")
    marks = {mark.name: mark.meaning for mark in mark_record(found.chunk, found.frame)}

    assert marks["record id"] == "7"
    assert marks["written"].startswith(f"{TIME:#018x}, ")
    assert marks["written"].endswith("1234567Z")
    assert marks["copy of the size"].endswith("the same as before")
    assert any("rustdesk.exe --tray" in meaning for meaning in marks.values())
    assert "definition of the template" in marks


def frame_size(log: bytes) -> int:
    return layout.record_header(log, 4096 + 512).size


def test_a_size_copy_that_differs_is_said() -> None:
    log = bytearray(ONE)
    size = frame_size(ONE)
    log[4096 + 512 + size - 4] ^= 1
    found = read_record_bytes(BytesSource(bytes(log)), 4096 + 512, size, "x")

    assert mark_record(found.chunk, found.frame)[-1].meaning.endswith("NOT the size before")


def test_checksums_are_those_stored_and_those_computed() -> None:
    log = bytearray(ONE)
    log[4096 + 600] ^= 1
    before = checksums(ONE[:128], ONE[4096:])
    after = checksums(bytes(log[:128]), bytes(log[4096:]))

    assert [each.ok for each in before] == [True, True, True]
    assert [each.ok for each in after] == [True, True, False]
    assert after[2].stored == before[2].computed != after[2].computed


def test_header_fields_cover_128_bytes() -> None:
    for marks in (mark_file_header(ONE), mark_chunk_header(ONE[4096:])):
        assert [mark.offset for mark in marks] == [sum(m.size for m in marks[:n]) for n in range(len(marks))]
        assert sum(mark.size for mark in marks) == 128


def test_both_readers_see_one_record_alike() -> None:
    found = read_record_bytes(BytesSource(ONE), 4096 + 512, frame_size(ONE), "x")
    views = read_views(found.chunk, found.frame)

    assert views.differences == ()
    assert views.evtx.fields["EventData/CommandLine"] == "rustdesk.exe --tray"
    assert "rustdesk.exe --tray" in views.python_evtx.xml


def test_a_record_that_one_reader_cannot_read_says_so() -> None:
    log = build_event_log([process_created(record_id=7, command_line="rustdesk\ud800.exe")])
    found = read_record_bytes(BytesSource(log), 4096 + 512, frame_size(log), "x")
    views = read_views(found.chunk, found.frame)

    assert (views.evtx.failure, views.same, views.differences) == ("", 0, ())
    assert views.python_evtx.failure


@pytest.mark.parametrize("offset", [0, 4096, 4096 + 513, 10**9])
def test_where_no_record_begins_is_an_error(offset: int) -> None:
    with pytest.raises(NoRecord, match="no record begins at byte"):
        read_record_bytes(BytesSource(ONE), offset, 100, "x")


def test_a_record_of_a_misplaced_chunk_is_found_by_its_signature() -> None:
    moved = ONE[:4096] + bytes(1000) + ONE[4096:]
    found = read_record_bytes(BytesSource(moved), 4096 + 1000 + 512, frame_size(ONE), "x")

    assert (found.chunk_offset, found.has_header) == (4096 + 1000, True)
    assert read_views(found.chunk, found.frame).evtx.fields["EventRecordID"] == "7"


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_any_bytes_are_marked_without_end(data: bytes) -> None:
    record = b"**\0\0" + data
    for mark in mark_record(record, Frame(0, len(record), 1, 1)):
        assert 0 <= mark.offset <= mark.offset + mark.size <= len(record)


def test_a_record_is_read_from_a_file_as_from_memory() -> None:
    log = LOG.read_bytes()
    first = frame_chunk(log[4096 : 4096 + 65536], 4096).frames[0]

    found = read_record_bytes(FileSource(LOG), 4096 + first.offset, first.size, "System.evtx")

    assert found.record == log[4096 + first.offset :][: first.size]
