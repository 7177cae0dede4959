"""Records are found by where they stand; what a header says of them is a hint."""

from __future__ import annotations

from struct import pack_into

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.frame import FramedChunk, frame_chunk
from tests.builders.event_log import build_event_log
from tests.builders.sysmon_event import process_created
from tests.parsers.evtx.reading import (
    CHUNK,
    CHUNK_HEADER,
    offsets_of_records,
    sealed,
    start_of_chunk,
    with_bytes,
    with_flip,
    with_stale_chunk_header,
)

AT = 4096
FIRST_ID = 101


def a_log(first_id: int = FIRST_ID, number: int = 20) -> bytes:
    return build_event_log([process_created(record_id=first_id + place) for place in range(number)])


LOG = a_log()
OFFSETS = offsets_of_records(LOG, 0)
ENDS = [*OFFSETS[1:], int.from_bytes(LOG[AT + 48 : AT + 52], "little")]
ALL_IDS = list(range(FIRST_ID, FIRST_ID + 20))


def frame(log: bytes, number: int = 0, *, checksums: bool = True) -> FramedChunk:
    start = start_of_chunk(number)
    return frame_chunk(log[start : start + CHUNK], start, checksums=checksums)


def ids(framed: FramedChunk) -> list[int]:
    return [each.record_id for each in framed.frames]


def sound_ids(framed: FramedChunk) -> list[int]:
    return [each.record_id for each in framed.frames if each.whole]


def lost(framed: FramedChunk) -> int:
    return sum(each.records_lost or 0 for each in framed.damage)


def reasons(framed: FramedChunk) -> str:
    return "\n".join(map(str, framed.damage))


def with_hole(log: bytes, start: int, length: int) -> bytes:
    return with_bytes(log, AT + start, bytes(length))


def test_a_sound_chunk_gives_its_records_where_they_stand() -> None:
    framed = frame(LOG)
    assert [(each.offset, each.offset + each.size) for each in framed.frames] == list(
        zip(OFFSETS, ENDS, strict=True)
    )
    assert ids(framed) == ALL_IDS
    assert all(each.whole for each in framed.frames)
    assert (framed.header_crc_ok, framed.records_crc_ok, framed.damage) == (True, True, ())


@pytest.mark.parametrize("known", [1, 10, 19, 20])
def test_records_beyond_a_stale_free_space_go_on_by_their_ids(known: int) -> None:
    framed = frame(with_stale_chunk_header(LOG, 0, known))
    assert ids(framed) == ALL_IDS
    assert (framed.header_crc_ok, framed.records_crc_ok, framed.damage) == (True, True, ())


def test_a_header_from_before_the_first_record_hides_none() -> None:
    data = bytearray(LOG)
    pack_into("<QQQQ", data, AT + 8, FIRST_ID, 2**64 - 1, FIRST_ID, 2**64 - 1)
    pack_into("<II", data, AT + 44, 0, CHUNK_HEADER)
    assert ids(frame(sealed(bytes(data), 0))) == ALL_IDS


def test_slack_of_an_earlier_use_is_not_framed() -> None:
    new = a_log(first_id=501, number=4)
    end = AT + int.from_bytes(new[AT + 48 : AT + 52], "little")
    framed = frame(new[:end] + LOG[end:])
    assert end - AT in OFFSETS
    assert ids(framed) == [501, 502, 503, 504]
    assert framed.damage == ()


def test_slack_behind_an_empty_chunk_is_not_framed() -> None:
    data = bytearray(LOG)
    pack_into("<QQQQ", data, AT + 8, 1, 2**64 - 1, 1, 2**64 - 1)
    pack_into("<III", data, AT + 44, 0, CHUNK_HEADER, 0)
    framed = frame(sealed(bytes(data), 0))
    assert framed.frames == ()
    assert framed.damage == ()


@given(st.integers(CHUNK_HEADER, ENDS[-1] - 1), st.integers(1, 4096))
def test_a_hole_costs_the_records_that_it_touches_and_no_other(start: int, length: int) -> None:
    length = min(length, ENDS[-1] - start)
    framed = frame(with_hole(LOG, start, length))
    untouched = [
        record_id
        for record_id, offset, end in zip(ALL_IDS, OFFSETS, ENDS, strict=True)
        if end <= start or start + length <= offset
    ]
    assert set(untouched) <= set(sound_ids(framed))
    # A hole in a record's id leaves the record whole and at its place, under another id.
    assert {each.offset for each in framed.frames if each.whole} <= set(OFFSETS)
    assert not framed.records_crc_ok or framed == frame(LOG)


def test_a_sector_of_zeros_is_told_with_the_number_of_records_in_it() -> None:
    start = 8192
    framed = frame(with_hole(LOG, start, 4096))
    touched = [
        record_id
        for record_id, offset, end in zip(ALL_IDS, OFFSETS, ENDS, strict=True)
        if offset < start + 4096 and start < end
    ]
    assert len(touched) > 2
    assert sound_ids(framed) == [each for each in ALL_IDS if each not in touched]
    assert lost(framed) == len(touched)
    assert f"the sizes before and behind record {touched[0]} differ" in reasons(framed)


def test_a_hole_over_the_last_records_is_counted_by_the_header() -> None:
    framed = frame(with_hole(LOG, OFFSETS[17], ENDS[19] - OFFSETS[17]))
    assert ids(framed) == ALL_IDS[:17]
    assert "no record can be found in these bytes" in reasons(framed)
    assert lost(framed) == 3


def test_a_hole_over_the_first_records_is_counted_by_the_header() -> None:
    framed = frame(with_hole(LOG, OFFSETS[0], OFFSETS[2] - OFFSETS[0]))
    assert ids(framed) == ALL_IDS[2:]
    assert lost(framed) == 2


def test_a_record_whose_first_size_is_wrong_is_framed_by_its_second() -> None:
    framed = frame(with_flip(LOG, AT + OFFSETS[5] + 4, 0x10))
    (broken,) = (each for each in framed.frames if not each.whole)
    assert (broken.offset, broken.offset + broken.size) == (OFFSETS[5], ENDS[5])
    assert ids(framed) == ALL_IDS
    assert lost(framed) == 1


def test_a_record_whose_second_size_is_wrong_is_framed_by_its_first() -> None:
    framed = frame(with_flip(LOG, AT + ENDS[5] - 4))
    (broken,) = (each for each in framed.frames if not each.whole)
    assert (broken.offset, broken.offset + broken.size) == (OFFSETS[5], ENDS[5])
    assert ids(framed) == ALL_IDS


def test_a_newest_record_that_was_half_written_is_not_taken_for_slack() -> None:
    log = with_stale_chunk_header(LOG, 0, 19)
    framed = frame(with_bytes(log, AT + ENDS[19] - 8, bytes(8)))
    assert ids(framed) == ALL_IDS
    assert sound_ids(framed) == ALL_IDS[:19]
    assert lost(framed) == 1


@given(st.integers(8, CHUNK_HEADER - 1), st.integers(1, 255))
def test_a_wrong_byte_in_the_header_hides_no_record(offset: int, bits: int) -> None:
    framed = frame(with_flip(LOG, AT + offset, bits))
    assert sound_ids(framed) == ALL_IDS
    if not 120 <= offset < 124:  # the only bytes that no checksum covers
        assert not framed.header_crc_ok
        assert "the checksum of the chunk's header does not match" in reasons(framed)


def test_a_header_of_zeros_hides_no_record() -> None:
    framed = frame(with_bytes(LOG, AT + 8, bytes(CHUNK_HEADER - 8)))
    assert ids(framed) == ALL_IDS
    assert not framed.header_crc_ok


def test_a_wrong_byte_in_a_record_is_told() -> None:
    framed = frame(with_flip(LOG, AT + OFFSETS[7] + 100))
    assert ids(framed) == ALL_IDS
    assert (framed.header_crc_ok, framed.records_crc_ok) == (True, False)
    (damage,) = framed.damage
    assert "the checksum over the chunk's records does not match" in damage.reason
    assert (damage.offset, damage.offset + damage.length) == (AT + CHUNK_HEADER, AT + ENDS[-1])


def test_a_log_without_checksums_has_none_to_be_wrong() -> None:
    framed = frame(with_flip(with_flip(LOG, AT + 60), AT + OFFSETS[7] + 100), checksums=False)
    assert (framed.header_crc_ok, framed.records_crc_ok, framed.damage) == (True, True, ())


def test_the_same_id_in_all_headers_is_no_damage() -> None:
    events = [process_created(record_id=number, header_record_id=7) for number in range(1, 9)]
    framed = frame(build_event_log(events))
    assert ids(framed) == [7] * 8
    assert framed.damage == ()


@given(st.integers(CHUNK_HEADER, CHUNK))
def test_a_chunk_cut_short_keeps_its_whole_records(length: int) -> None:
    framed = frame_chunk(LOG[AT : AT + length], AT)
    assert sound_ids(framed) == [each for each, end in zip(ALL_IDS, ENDS, strict=True) if end <= length]


@settings(max_examples=200)
@given(st.binary(min_size=CHUNK_HEADER, max_size=3000), st.integers(0, 2**40))
def test_any_bytes_give_frames_that_lie_inside_of_them(chunk: bytes, file_offset: int) -> None:
    framed = frame_chunk(chunk, file_offset)
    assert all(CHUNK_HEADER <= each.offset < each.offset + each.size <= len(chunk) for each in framed.frames)
    assert all(file_offset <= each.offset for each in framed.damage)


@given(st.lists(st.tuples(st.integers(0, ENDS[-1] - 1), st.integers(0, 255)), max_size=40))
def test_frames_never_overlap_and_stand_in_order(changes: list[tuple[int, int]]) -> None:
    data = bytearray(LOG[AT : AT + CHUNK])
    for offset, value in changes:
        data[offset] = value
    frames = frame_chunk(bytes(data), AT).frames
    ends = [CHUNK_HEADER, *(each.offset + each.size for each in frames)]
    assert all(end <= each.offset for end, each in zip(ends, frames, strict=False))
