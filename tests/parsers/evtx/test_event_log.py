"""One log from its first byte to its ledger, and what its headers may say of it."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from struct import pack_into
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import NotAnEventLog
from parsers.evtx.record import RecordState
from parsers.evtx.sweep import Reader
from tests.builders.event_log import build_event_log
from tests.builders.event_log_layout import RecordsEnd, RecordSpan, chunk_header
from tests.builders.name_tables import ChunkTables
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import image_loaded, process_created
from tests.parsers.evtx.reading import (
    CHUNK,
    FILE_HEADER,
    read,
    start_of_chunk,
    with_flip,
    with_stale_chunk_header,
)
from tests.parsers.evtx.twenty_records import (
    ALL_IDS,
    EVENTS,
    LOG,
    SOUND,
    both_readers,
    states,
)


def with_file_header(log: bytes, *, chunk_count: int | None = None, flags: int | None = None) -> bytes:
    """Change what the file header says, and its checksum with it."""
    data = bytearray(log)
    if chunk_count is not None:
        pack_into("<H", data, 42, chunk_count)
    if flags is not None:
        pack_into("<I", data, 120, flags)
    pack_into("<I", data, 124, crc32(data[:120]))
    return bytes(data)


def an_empty_chunk() -> bytes:
    span = RecordSpan(1, 2**64 - 1, 1, 2**64 - 1)
    return chunk_header(span, RecordsEnd(0, 512), b"", ChunkTables()).ljust(CHUNK, b"\0")


def test_each_record_says_where_its_bytes_are() -> None:
    for record in SOUND.records:
        place = record.location
        own = LOG[place.offset : place.offset + place.size]
        assert own.startswith(b"**\0\0" + place.size.to_bytes(4, "little"))
        assert own.endswith(place.size.to_bytes(4, "little"))
        assert int.from_bytes(own[8:16], "little") == record.header_record_id
        assert place.chunk == (place.offset - FILE_HEADER) // CHUNK


def test_events_that_nobody_asked_for_are_counted_and_not_handed_on() -> None:
    events = [
        service_installed(record_id=1),
        replace(process_created(record_id=2, computer="OTHER"), event_id=5),
        image_loaded(record_id=3),
    ]
    ledger = read(build_event_log(events)).ledger
    assert (ledger.framed, ledger.emitted, ledger.irrelevant) == (3, 2, 1)
    assert ledger.channels == ("Microsoft-Windows-Sysmon/Operational", "System")
    assert ledger.computers == ("WORKSTATION-1", "OTHER")
    assert ledger.last_computer == "WORKSTATION-1"


@both_readers
@pytest.mark.parametrize("claimed", [0, 1, 3])
def test_a_chunk_count_that_lags_behind_hides_no_chunk(reader: Reader, claimed: int) -> None:
    log = build_event_log(EVENTS, records_per_chunk=5, dirty=True, header_chunk_count=claimed)
    reading = read(log, reader)
    assert reading.ids == ALL_IDS
    assert (reading.ledger.dirty, reading.ledger.header_chunk_count) == (True, claimed)
    assert reading.ledger.damage == ()


@both_readers
@pytest.mark.parametrize("known", [1, 4])
def test_records_behind_a_lagging_chunk_header_are_read(reader: Reader, known: int) -> None:
    log = with_stale_chunk_header(with_file_header(LOG, flags=1), 3, known)
    reading = read(log, reader)
    assert reading.records == read(LOG, reader).records
    assert reading.ledger.damage == ()


@both_readers
def test_a_log_without_chunks_is_an_empty_log(reader: Reader) -> None:
    reading = read(build_event_log([]), reader)
    ledger = reading.ledger
    assert (reading.records, ledger.chunks, ledger.framed, ledger.damage) == ((), 0, 0, ())
    assert (ledger.first_written, ledger.last_written, ledger.last_computer) == (None, None, "")


@both_readers
def test_a_chunk_without_records_is_an_empty_chunk(reader: Reader) -> None:
    log = with_file_header(build_event_log([]), chunk_count=1) + an_empty_chunk()
    reading = read(log, reader)
    assert (reading.ledger.chunks, reading.ledger.framed, reading.ledger.damage) == (1, 0, ())


@both_readers
def test_a_log_that_keeps_no_checksums_is_live(reader: Reader) -> None:
    log = bytearray(with_file_header(LOG, flags=2))
    pack_into("<I", log, 124, 0)
    for number in range(4):
        pack_into("<I", log, start_of_chunk(number) + 52, 0)
        pack_into("<I", log, start_of_chunk(number) + 124, 0)
    reading = read(bytes(log), reader)
    assert reading.ids == ALL_IDS
    assert set(states(reading).values()) == {RecordState.LIVE}
    assert (reading.ledger.damage, reading.ledger.chunks_crc_bad) == ((), 0)
    assert reading.ledger.header_chunk_count == 4


@both_readers
def test_the_same_id_in_every_header_confuses_no_record(reader: Reader) -> None:
    events = [
        process_created(record_id=number, header_record_id=7, command_line=f"{number}.exe")
        for number in range(1, 9)
    ]
    reading = read(build_event_log(events), reader)
    assert [
        (each.record_id, each.header_record_id, each.data["CommandLine"]) for each in reading.records
    ] == [(number, 7, f"{number}.exe") for number in range(1, 9)]
    assert reading.ledger.ids_differ
    assert reading.ledger.damage == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"This is a text file", "is not an event log (EVTX): its first bytes are 54 68 69 73 20 69 73 20"),
        (b"MZ", "is not an event log (EVTX): its first bytes are 4d 5a"),
        (b"ElfFil", "is not an event log (EVTX): its first bytes are 45 6c 66 46 69 6c"),
        (b"ElfChnk\0", "is not an event log (EVTX): its first bytes are 45 6c 66 43 68 6e 6b 00"),
        (bytes(200_000), "is not an event log (EVTX): its first bytes are 00 00 00 00 00 00 00 00"),
        (b"regf" + bytes(8188), "is not an event log (EVTX): its first bytes are 72 65 67 66 00 00 00 00"),
    ],
)
def test_a_file_that_is_no_event_log_is_named_with_reason_and_remedy(content: bytes, reason: str) -> None:
    with pytest.raises(NotAnEventLog) as caught:
        read(content)
    assert (caught.value.path, caught.value.reason) == ("winevt/Logs/log.evtx", reason)
    assert caught.value.remedy == "Check how it was copied; it was left out"
    assert str(caught.value) == f"winevt/Logs/log.evtx: {reason}. Check how it was copied; it was left out"


@given(st.binary(max_size=6000))
def test_any_bytes_are_no_event_log(content: bytes) -> None:
    with pytest.raises(NotAnEventLog):
        read(content.removeprefix(b"ElfFile\0"))


def test_worker_processes_give_what_one_process_gives() -> None:
    events = [process_created(record_id=number) for number in range(1, 41)]
    log = with_flip(build_event_log(events, records_per_chunk=1), start_of_chunk(20) + 1500)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        for reader in Reader:
            assert read(log, reader, executor) == read(log, reader)
