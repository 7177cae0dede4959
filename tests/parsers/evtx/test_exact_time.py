"""Times come from the record's own bytes, to the last of their 100-nanosecond digits."""

from __future__ import annotations

from dataclasses import replace
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.evtx.exact_time import exact_ticks
from parsers.evtx.sweep import Reader
from parsers.filetime import MAX_TICKS, from_text
from tests.builders.event_log import FileTime, build_event_log
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.parsers.evtx.reading import read

SEVEN_MINUTES = 1 << 32
NOW = 133_537_248_001_234_567
HEADER = pack("<4sIQQ", b"**\0\0", 0, 1, NOW + 1)

LAST_READABLE = from_text("9999-12-30T22:00:00.9999999Z")
"""The first reader's calendar ends here, 26 hours before the year 9999 does."""

times = st.integers(SEVEN_MINUTES, LAST_READABLE)
times_today = st.integers(125_000_000_000_000_000, 140_000_000_000_000_000)


@given(times, st.integers(0, 9), st.binary(max_size=40), st.binary(max_size=40))
def test_the_digits_that_were_cut_are_found(ticks: int, cut: int, before: bytes, behind: bytes) -> None:
    record = HEADER + before + pack("<Q", ticks) + behind
    found = exact_ticks(record, ticks - cut, 9)
    assert found == ticks or pack("<Q", found) in (before + pack("<Q", ticks) + behind)


@pytest.mark.parametrize("cut", range(10))
def test_a_time_at_the_border_of_its_upper_half_is_found(cut: int) -> None:
    for ticks in (NOW >> 32 << 32, (NOW >> 32 << 32) + cut, (NOW >> 32 << 32) - 1):
        assert exact_ticks(HEADER + pack("<Q", ticks), ticks - cut, 9) == ticks


def test_the_time_of_the_record_header_is_another_one() -> None:
    assert exact_ticks(HEADER + pack("<Q", NOW + 7), NOW, 9) == NOW + 7
    assert exact_ticks(HEADER, NOW, 9) == NOW


def test_the_first_of_two_close_times_is_the_events() -> None:
    assert exact_ticks(HEADER + pack("<QQ", NOW + 7, NOW + 1), NOW, 9) == NOW + 7


def test_a_time_that_is_too_far_away_is_not_the_one() -> None:
    assert exact_ticks(HEADER + pack("<QQ", NOW + 10, NOW - 10), NOW, 9) == NOW


@pytest.mark.parametrize("near", [0, 3])
def test_zeros_are_not_taken_for_the_first_moments_of_1601(near: int) -> None:
    assert exact_ticks(HEADER + bytes(64), near, 9) == near


@given(st.binary(max_size=100), st.integers(0, MAX_TICKS), st.integers(0, 100))
def test_whatever_the_bytes_the_time_stays_within_the_tolerance(record: bytes, near: int, off: int) -> None:
    assert abs(exact_ticks(record, near, off) - near) <= off


@pytest.mark.parametrize("reader", Reader)
@settings(deadline=None, max_examples=12)
@given(created=st.lists(times_today, min_size=1, max_size=3), delay=st.integers(-30, 10**7).filter(bool))
def test_both_times_survive_to_the_last_digit(reader: Reader, created: list[int], delay: int) -> None:
    events = [
        service_installed(record_id=number, time_created=ticks, written=ticks + delay)
        if number % 2
        else process_created(record_id=number, time_created=ticks, written=ticks + delay)
        for number, ticks in enumerate(created, start=1)
    ]
    records = read(build_event_log(events), reader).records
    assert [(each.time_created, each.written) for each in records] == [
        (ticks, ticks + delay) for ticks in created
    ]


@settings(deadline=None, max_examples=100)
@given(st.lists(times, min_size=1, max_size=6))
def test_the_first_reader_keeps_every_digit_of_any_year(created: list[int]) -> None:
    events = [process_created(record_id=n, time_created=ticks) for n, ticks in enumerate(created, start=1)]
    assert [each.time_created for each in read(build_event_log(events)).records] == created


@pytest.mark.parametrize("reader", Reader)
def test_a_time_in_the_data_is_not_taken_for_the_events(reader: Reader) -> None:
    event = service_installed(time_created=NOW)
    event = replace(event, data=(("Near", FileTime(NOW - 7)), *event.data))
    (record,) = read(build_event_log([event]), reader).records
    assert record.time_created == NOW


@pytest.mark.parametrize("reader", Reader)
def test_a_zero_time_is_the_first_moment_of_1601(reader: Reader) -> None:
    (record,) = read(build_event_log([process_created(time_created=0)]), reader).records
    assert (record.time_created, record.written) == (0, 0)


@pytest.mark.parametrize("reader", Reader)
@pytest.mark.parametrize("ticks", [MAX_TICKS + 1, 2**60 * 3, 2**63 - 1, 2**64 - 1])
def test_a_time_beyond_9999_costs_its_record_and_is_told(reader: Reader, ticks: int) -> None:
    beyond = replace(process_created(record_id=1), time_created=ticks)
    reading = read(build_event_log([beyond, process_created(record_id=2)]), reader)
    assert reading.ids == [2]
    assert reading.ledger.failed == 1
    assert reading.reasons[0].startswith("record 1 cannot be read: ")
