"""The framing that the event log builder writes, checked by arithmetic of its own."""

from __future__ import annotations

import os
import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders.event_log import Guid, HexInt64, UInt32, build_event_log
from tests.builders.independent_readers import LIBEVTX
from tests.builders.name_tables import name_hash, template_chain
from tests.builders.sysmon_event import process_created

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.builders.event_log import EventToWrite, Value
    from tests.builders.independent_readers import Reading


def numbered(count: int, first: int = 1) -> list[EventToWrite]:
    return [process_created(record_id=first + index) for index in range(count)]


def chunks_of(log: bytes) -> list[bytes]:
    return [log[start : start + 65536] for start in range(4096, len(log), 65536)]


def records_of(chunk: bytes) -> Iterator[tuple[int, bytes]]:
    """Each record's offset and bytes, up to where the header says free space begins."""
    offset = 512
    (free_space,) = struct.unpack_from("<I", chunk, 48)
    while offset < free_space:
        (size,) = struct.unpack_from("<I", chunk, offset + 4)
        yield offset, chunk[offset : offset + size]
        offset += size


def chain(chunk: bytes, head: int) -> Iterator[int]:
    while head:
        yield head
        (head,) = struct.unpack_from("<I", chunk, head)


def name_at(chunk: bytes, offset: int) -> tuple[int, str]:
    stored_hash, length = struct.unpack_from("<HH", chunk, offset + 4)
    units = chunk[offset + 8 : offset + 8 + 2 * length]
    assert chunk[offset + 8 + 2 * length :][:2] == b"\0\0"
    return stored_hash, units.decode("utf-16-le")


def test_the_file_header_counts_chunks_and_names_the_next_record() -> None:
    log = build_event_log(numbered(5, first=40), records_per_chunk=2)
    assert struct.unpack_from("<8s3QIHHHH", log) == (b"ElfFile\0", 0, 2, 45, 128, 1, 3, 4096, 3)
    assert struct.unpack_from("<II", log, 120) == (0, crc32(log[:120]))
    assert len(log) == 4096 + 3 * 65536


def test_a_dirty_log_may_say_less_than_it_has() -> None:
    log = build_event_log(numbered(5), records_per_chunk=2, dirty=True, header_chunk_count=1)
    assert struct.unpack_from("<H", log, 42) == (1,)
    assert struct.unpack_from("<II", log, 120) == (1, crc32(log[:120]))
    assert len(chunks_of(log)) == 3


def test_no_events_give_a_log_without_chunks() -> None:
    assert len(build_event_log([])) == 4096


def test_a_chunk_header_names_its_first_and_last_record() -> None:
    second = chunks_of(build_event_log(numbered(5, first=40), records_per_chunk=2))[1]
    *_, (last_offset, last) = records_of(second)
    signature, *span, header_size, last_record, free_space = struct.unpack_from("<8s4QIII", second)
    assert (signature, span, header_size) == (b"ElfChnk\0", [3, 4, 42, 43], 128)
    assert (last_record, free_space) == (last_offset, last_offset + len(last))


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=12))
def test_chunks_are_whole_whatever_the_sizes_of_records(lengths: list[int]) -> None:
    events = [process_created(record_id=n, command_line="x" * length) for n, length in enumerate(lengths)]
    found: list[int] = []
    for chunk in chunks_of(build_event_log(events)):
        (free_space,) = struct.unpack_from("<I", chunk, 48)
        assert struct.unpack_from("<I", chunk, 52) == (crc32(chunk[512:free_space]),)
        assert struct.unpack_from("<I", chunk, 124) == (crc32(chunk[128:512], crc32(chunk[:120])),)
        assert not chunk[free_space:].strip(b"\0")
        for _, record in records_of(chunk):
            signature, size, record_id = struct.unpack_from("<4sIQ", record)
            assert (signature, size % 8, record[-4:]) == (b"**\0\0", 0, struct.pack("<I", size))
            found.append(record_id)
    assert found == list(range(len(lengths)))


def test_a_header_may_number_a_record_other_than_the_event_does() -> None:
    log = build_event_log([process_created(record_id=900, header_record_id=7)])
    ((_, record),) = records_of(chunks_of(log)[0])
    assert struct.unpack_from("<Q", record, 8) == (7,)


def test_every_name_of_a_chunk_is_in_the_chain_of_its_hash() -> None:
    (chunk,) = chunks_of(build_event_log(numbered(2)))
    heads = struct.unpack_from("<64I", chunk, 128)
    found: list[str] = []
    for number, head in enumerate(heads):
        for offset in chain(chunk, head):
            stored_hash, name = name_at(chunk, offset)
            assert (stored_hash, stored_hash % 64) == (name_hash(name), number)
            found.append(name)
    assert len(found) == len(set(found))
    assert {"Event", "System", "Provider", "EventData", "Data", "Name", "xmlns", "UserID"} <= set(found)


def test_a_template_is_written_once_a_chunk() -> None:
    log = build_event_log(numbered(6), records_per_chunk=3)
    for chunk in chunks_of(log):
        found = []
        for number, head in enumerate(struct.unpack_from("<32I", chunk, 384)):
            for offset in chain(chunk, head):
                identifier = UUID(bytes_le=chunk[offset + 4 : offset + 20])
                assert template_chain(identifier) == number
                found.append(identifier)
        assert len(found) == len(set(found)) == 2
        first, second, third = (len(record) for _, record in records_of(chunk))
        assert first > second == third


def test_a_name_has_the_hash_that_real_logs_have() -> None:
    known = {"Event": 0x0CBA, "xmlns": 0x0FBC, "System": 0x546F, "Guid": 0x1529, "EventData": 0x8244}
    assert {name: name_hash(name) for name in known} == known


def test_a_template_is_in_the_chain_in_which_real_logs_have_it() -> None:
    assert template_chain(UUID("f5d15056-618a-59cb-c31f-7fe3fe7bac54")) == 6
    assert template_chain(UUID("78f135c0-e661-e7e2-7a7c-1281b0e290ca")) == 10


INSTANCE_WITH_DEFINITION = re.compile(rb"\x0c\x01(.{4})(.{8})\1.{12}", re.DOTALL)


def without_what_is_arbitrary(record: bytes) -> bytes:
    """Take out what is the provider's own, the templates' identifiers, and leftovers of Windows's memory.

    Those are in the filling before the last size, and in the places of Qualifiers and ActivityID, which are
    null; around them stand the keywords and the time.
    """
    created = record.index(record[16:24], 24)
    blanked = record[: created - 10] + record[created - 8 : created + 8] + record[created + 24 : -11]
    return INSTANCE_WITH_DEFINITION.sub(rb"\2", blanked)


def as_written(reading: Reading) -> EventToWrite:
    event = process_created(
        field_count=16,
        computer=reading.computer,
        record_id=reading.record_id,
        time_created=reading.created,
        written=reading.written,
    )
    return replace(event, data=tuple((name, like(value, reading.fields[name])) for name, value in event.data))


def like(value: Value, shown: str) -> Value:
    """The value of the same type that a reader shows so."""
    match value:
        case Guid():
            return Guid(shown)
        case UInt32() | HexInt64():
            return type(value)(int(shown, base=0))
        case _:
            return shown


def test_a_real_record_of_sysmon_is_rebuilt_byte_for_byte() -> None:
    corpus = os.environ.get("FORENSICS_CORPUS")
    if corpus is None:
        pytest.skip("FORENSICS_CORPUS is not set: no real event logs at hand")
    log = Path(corpus, "evtx/omerbenamram/sysmon.evtx").read_bytes()
    _, real = next(records_of(chunks_of(log)[0]))
    event = as_written(next(iter(LIBEVTX.read(log))))
    _, built = next(records_of(chunks_of(build_event_log([event]))[0]))
    assert without_what_is_arbitrary(built) == without_what_is_arbitrary(real)
