"""Logs in every state in which evidence is found: damage costs what it touches, is told, and no more."""

from __future__ import annotations

from struct import pack_into

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.record import RecordState
from parsers.evtx.sweep import Reader
from tests.parsers.evtx.reading import (
    CHUNK,
    FILE_HEADER,
    read,
    start_of_chunk,
    with_bytes,
    with_flip,
)
from tests.parsers.evtx.twenty_records import (
    ALL_IDS,
    INLINE_TEMPLATES,
    LOG,
    SOUND,
    TIME,
    both_readers,
    states,
)


@both_readers
def test_a_sound_log_is_read_whole_and_in_order(reader: Reader) -> None:
    reading = read(LOG, reader)
    ledger = reading.ledger
    assert reading.ids == ALL_IDS
    assert set(states(reading).values()) == {RecordState.LIVE}
    assert (ledger.chunks, ledger.framed, ledger.emitted, ledger.irrelevant, ledger.failed) == (
        4,
        20,
        20,
        0,
        0,
    )
    assert (ledger.first_written, ledger.last_written) == (TIME + 10, TIME + 200)
    assert (ledger.header_crc_ok, ledger.header_chunk_count, ledger.chunks_crc_bad) == (True, 4, 0)
    assert (ledger.dirty, ledger.ids_differ, ledger.damage) == (False, False, ())


@both_readers
def test_a_hole_costs_only_the_records_that_it_touches(reader: Reader) -> None:
    first, last = SOUND.records[6].location, SOUND.records[8].location
    reading = read(with_bytes(LOG, first.offset, bytes(last.offset - first.offset)), reader)
    assert reading.ids == [each for each in ALL_IDS if each not in {7, 8}]
    assert [each for each, state in states(reading).items() if state is RecordState.CRC_BAD] == [6, 9, 10]
    assert ("no record can be found in these bytes", 2) in [
        (damage.reason, damage.records_lost) for damage in reading.ledger.damage
    ]


@both_readers
def test_a_wrong_byte_marks_the_records_of_its_chunk(reader: Reader) -> None:
    place = SOUND.records[7].location
    reading = read(with_flip(LOG, place.offset + place.size // 2), reader)
    assert set(ALL_IDS) - set(reading.ids) <= {8}
    assert [each for each in reading.ids if states(reading)[each] is RecordState.CRC_BAD] == [
        each for each in (6, 7, 8, 9, 10) if each in reading.ids
    ]
    assert reading.ledger.chunks_crc_bad == 1
    assert any("the checksum over the chunk's records does not match" in each for each in reading.reasons)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(sorted(set(ALL_IDS) - INLINE_TEMPLATES)), st.integers(0, 3000), st.integers(1, 255))
def test_a_wrong_byte_costs_at_most_its_own_record(record_id: int, at: int, bits: int) -> None:
    place = SOUND.records[record_id - 1].location
    reading = read(with_flip(LOG, place.offset + at % place.size, bits))
    others = {each.location.offset: each.data for each in SOUND.records if each.record_id != record_id}
    found = {each.location.offset: each.data for each in reading.records}
    assert others.items() <= found.items()
    assert any("checksum over the chunk's records" in each for each in reading.reasons)


@both_readers
def test_a_wrong_chunk_header_is_told_and_costs_no_record(reader: Reader) -> None:
    reading = read(with_flip(LOG, start_of_chunk(1) + 70), reader)
    assert reading.ids == ALL_IDS
    assert [each for each, state in states(reading).items() if state is RecordState.CRC_BAD] == [
        6,
        7,
        8,
        9,
        10,
    ]
    assert reading.reasons == ["the checksum of the chunk's header does not match"]


@both_readers
def test_a_chunk_of_zeros_among_others_is_told(reader: Reader) -> None:
    reading = read(with_bytes(LOG, start_of_chunk(1), bytes(2 * CHUNK)), reader)
    assert reading.ids == [1, 2, 3, 4, 5, 16, 17, 18, 19, 20]
    (damage,) = reading.ledger.damage
    assert damage.reason == "zeros where 2 chunks should be"
    assert (damage.offset, damage.length) == (start_of_chunk(1), 2 * CHUNK)


def test_a_chunk_of_zeros_that_the_header_counts_is_told() -> None:
    assert read(with_bytes(LOG, start_of_chunk(3), bytes(CHUNK))).reasons == ["zeros where 1 chunk should be"]


def test_room_for_chunks_to_come_is_no_damage() -> None:
    assert read(LOG + bytes(3 * CHUNK)).ledger == SOUND.ledger
    assert read(LOG + bytes(1000)).ledger == SOUND.ledger


@both_readers
def test_a_chunk_without_its_signature_is_told_and_the_others_are_read(reader: Reader) -> None:
    reading = read(with_bytes(LOG, start_of_chunk(1), b"\xff" * 8), reader)
    assert [each.record_id for each in reading.live] == [1, 2, 3, 4, 5, *range(11, 21)]
    assert [each.record_id for each in reading.recovered] == [6, 7, 8, 9, 10]
    (damage,) = reading.ledger.damage
    assert damage.reason == "these bytes are not empty but no chunk begins here"
    assert (damage.offset, damage.length) == (start_of_chunk(1), CHUNK)


@both_readers
def test_a_file_cut_in_the_middle_of_a_chunk_gives_all_before_the_cut(reader: Reader) -> None:
    cut = SOUND.records[7].location.offset + 100
    reading = read(LOG[:cut], reader)
    assert reading.ids == [1, 2, 3, 4, 5, 6, 7]
    told = {damage.offset: damage for damage in reading.ledger.damage}
    missing = start_of_chunk(2) - cut
    assert (
        told[cut].reason == f"the file ends in the records of this chunk, {missing:,} bytes of it are missing"
    )
    assert (told[cut].length, told[cut].records_lost) == (missing, 3)
    assert told[start_of_chunk(2)].reason == "the header counts 4 chunks, 2 of them are not in the file"
    assert told[start_of_chunk(2)].length == 2 * CHUNK


def test_a_file_cut_between_chunks_is_told_by_the_headers_count() -> None:
    reading = read(LOG[: start_of_chunk(2)])
    assert reading.ids == ALL_IDS[:10]
    (damage,) = reading.ledger.damage
    assert damage.reason == "the header counts 4 chunks, 2 of them are not in the file"
    assert (damage.offset, damage.length) == (start_of_chunk(2), 2 * CHUNK)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 127, 511])
def test_a_file_cut_in_a_chunks_header_is_told(length: int) -> None:
    reading = read(LOG[: start_of_chunk(3) + length])
    assert reading.ids == ALL_IDS[:15]
    (damage,) = reading.ledger.damage
    assert damage.reason.startswith("the file ends in the header of this chunk")
    assert (damage.offset, damage.length) == (start_of_chunk(3) + length, CHUNK - length)


@pytest.mark.parametrize("length", [8, 100, 127])
def test_a_file_cut_in_its_own_used_header_is_told(length: int) -> None:
    reading = read(LOG[:length])
    assert (reading.records, reading.ledger.header_crc_ok, reading.ledger.header_chunk_count) == (
        (),
        False,
        0,
    )
    assert reading.reasons == ["the file ends inside its own header"]


@pytest.mark.parametrize("length", [128, 4000, 4095])
def test_a_file_cut_in_its_header_block_is_told_with_the_chunks_it_counts(length: int) -> None:
    assert read(LOG[:length]).reasons == [
        "the file ends inside its own header",
        "the header counts 4 chunks, 4 of them are not in the file",
    ]


@settings(deadline=None, max_examples=60)
@given(st.integers(FILE_HEADER, len(LOG)))
def test_every_cut_leaves_all_whole_records_before_it(length: int) -> None:
    reading = read(LOG[:length])
    whole = [each for each in SOUND.records if each.location.offset + each.location.size <= length]
    assert [record.data for record in reading.records] == [record.data for record in whole]
    assert reading.ledger.damage or length == len(LOG)


@both_readers
def test_a_destroyed_file_header_hides_no_chunk(reader: Reader) -> None:
    reading = read(with_bytes(LOG, 0, bytes(FILE_HEADER)), reader)
    assert reading.records == read(LOG, reader).records
    assert reading.ledger.header_crc_ok is False
    assert reading.reasons == ["the file's header is destroyed"]


def test_a_destroyed_file_header_never_says_that_there_are_no_checksums() -> None:
    log = with_flip(with_bytes(LOG, 0, b"\xff" * FILE_HEADER), SOUND.records[7].location.offset + 200)
    reading = read(log)
    assert "the file's header is destroyed" in reading.reasons
    assert RecordState.CRC_BAD in states(reading).values()


def test_a_file_header_with_a_wrong_byte_is_told_and_not_believed() -> None:
    reading = read(with_flip(LOG, 43))
    assert reading.ids == ALL_IDS
    assert reading.ledger.header_chunk_count == 0
    assert reading.reasons == ["the checksum of the file's header does not match"]


def test_bytes_behind_the_last_chunk_are_told() -> None:
    reading = read(LOG + b"garbage" * 100)
    assert reading.ids == ALL_IDS
    (damage,) = reading.ledger.damage
    assert damage.reason == "these bytes are not empty but no chunk begins here"
    assert (damage.offset, damage.length) == (len(LOG), 700)


@settings(deadline=None)
@given(st.binary(max_size=6000))
def test_any_bytes_behind_a_signature_are_accounted_for(content: bytes) -> None:
    assert read(b"ElfFile\0" + content).records == ()


@settings(deadline=None)
@given(st.binary(max_size=4000), st.integers(0, 70_000))
def test_any_bytes_behind_a_chunks_signature_are_accounted_for(content: bytes, length: int) -> None:
    log = LOG[:FILE_HEADER] + b"ElfChnk\0" + content
    for reader in Reader:
        read(log.ljust(length, b"\0"), reader)


changes = st.lists(st.tuples(st.integers(0, len(LOG) - 1), st.binary(min_size=1, max_size=12)), max_size=12)
changes_where_records_are = st.lists(
    st.tuples(
        st.builds(lambda chunk, at: start_of_chunk(chunk) + at, st.integers(0, 3), st.integers(0, 9000)),
        st.binary(min_size=1, max_size=12),
    ),
    max_size=12,
)


def changed(edits: list[tuple[int, bytes]], length: int) -> bytes:
    log = LOG
    for offset, new in edits:
        log = with_bytes(log, offset, new)
    return log[:length]


@settings(deadline=None, max_examples=150)
@given(changes | changes_where_records_are, st.just(len(LOG)) | st.integers(FILE_HEADER, len(LOG)))
def test_any_damage_is_accounted_for(edits: list[tuple[int, bytes]], length: int) -> None:
    log = changed(edits, length)
    if log[:8] == LOG[:8] or log[FILE_HEADER : FILE_HEADER + 8] == b"ElfChnk\0":
        read(log)


@settings(deadline=None, max_examples=15)
@given(changes_where_records_are)
def test_any_damage_is_accounted_for_by_the_second_reader(edits: list[tuple[int, bytes]]) -> None:
    read(changed(edits, start_of_chunk(2)), Reader.PYTHON)


def test_lists_that_go_in_circles_do_not_hold_up_the_second_reader() -> None:
    log = bytearray(LOG)
    start = start_of_chunk(0)
    heads = [int.from_bytes(log[start + at : start + at + 4], "little") for at in range(128, 512, 4)]
    for offset in filter(None, heads):
        pack_into("<I", log, start + offset, offset)  # the next one is itself
    assert read(bytes(log), Reader.PYTHON).ids == ALL_IDS
