from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.log_origin import from_event_time, from_utc_time
from parsers import filetime
from parsers.evtx.record import RecordState
from tests.builders.artifacts import record_of, records_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.sysmon_event import process_created

RECORD = record_of(process_created(computer="DC01.corp.example", record_id=4711, header_record_id=3))


def test_an_event_is_dated_by_sysmon_s_own_time() -> None:
    origin = from_utc_time(RECORD, "Process created")
    assert origin.ticks == DEFAULT_TIME - 4567
    assert origin.raw_time == "2024-03-01 00:00:00.123"
    assert origin.time_means == "Process created (Sysmon UtcTime)"
    assert (origin.digits, origin.time_flags) == (3, "")


@pytest.mark.parametrize("utc_time", ["-", "2024-02-30 00:00:00.000", "2024-03-01 00:00:00.123 +01:00"])
def test_a_time_that_cannot_be_read_is_flagged_and_the_event_s_time_stands(utc_time: str) -> None:
    origin = from_utc_time(replace(RECORD, data={"UtcTime": utc_time}), "Process created")
    assert origin.ticks == DEFAULT_TIME
    assert origin.raw_time == "0x01da6b6b67659687"
    assert origin.time_means == "Process created (event time)"
    assert (origin.digits, origin.time_flags) == (7, "utc_unreadable")


@pytest.mark.parametrize("data", [{}, {"UtcTime": ""}])
def test_a_time_that_is_not_there_is_no_fault(data: dict[str, str]) -> None:
    origin = from_utc_time(replace(RECORD, data=data), "Process created")
    assert (origin.ticks, origin.time_flags) == (DEFAULT_TIME, "")


@pytest.mark.parametrize(("seconds", "flag"), [(2, ""), (3, "utc_differs"), (-2, ""), (-3, "utc_differs")])
def test_times_that_are_far_apart_are_flagged(seconds: int, flag: str) -> None:
    utc_ticks = from_utc_time(RECORD, "").ticks
    record = replace(RECORD, time_created=utc_ticks + seconds * filetime.TICKS_PER_SECOND)
    assert from_utc_time(record, "Process created").time_flags == flag


@pytest.mark.parametrize(
    ("seconds", "flag"), [(1, ""), (1.0000001, "written_differs"), (-1, ""), (-2, "written_differs")]
)
def test_a_header_s_time_that_is_far_from_the_event_s_is_flagged(seconds: float, flag: str) -> None:
    written = RECORD.time_created + round(seconds * filetime.TICKS_PER_SECOND)
    own = replace(RECORD, header_record_id=RECORD.record_id, written=written)
    assert from_event_time(own, "Service installed").time_flags == flag
    assert from_utc_time(own, "Process created").time_flags == flag


def test_in_an_export_and_without_a_header_s_time_that_is_no_flag() -> None:
    later = RECORD.time_created + 60 * filetime.TICKS_PER_SECOND
    assert from_event_time(replace(RECORD, written=later), "").time_flags == ""
    own = replace(RECORD, header_record_id=RECORD.record_id, written=0)
    assert from_event_time(own, "").time_flags == ""


def test_several_flags_stand_in_one_order() -> None:
    record = replace(
        RECORD,
        header_record_id=RECORD.record_id,
        written=RECORD.time_created - 90 * filetime.TICKS_PER_SECOND,
        runs_backwards=True,
        data={"UtcTime": "-"},
    )
    flags = from_utc_time(record, "Process created").time_flags
    assert flags == "utc_unreadable;written_differs;runs_backwards"


def test_an_origin_leads_back_to_the_bytes() -> None:
    origin = from_event_time(RECORD, "Service installed")
    assert origin.device_name == "DC01.corp.example"
    assert origin.artifact == "EVTX"
    assert origin.channel_or_key == "Microsoft-Windows-Sysmon/Operational"
    assert origin.provider == "Microsoft-Windows-Sysmon"
    assert (origin.event_id, origin.record_id, origin.record_state) == ("1", "4711", "live")
    assert origin.offset == RECORD.location.offset == 0x1200
    assert origin.locator == f"chunk 0, offset 0x1200, {RECORD.location.size} bytes, record header id 3"


def test_a_record_of_a_bad_chunk_says_so() -> None:
    assert from_event_time(replace(RECORD, state=RecordState.CRC_BAD), "").record_state == "crc_bad"


def test_an_event_without_a_record_id_has_none() -> None:
    assert from_event_time(replace(RECORD, record_id=-1), "").record_id == ""


def test_neighbouring_records_have_different_places() -> None:
    first, second = records_of(process_created(record_id=1), process_created(record_id=2))
    assert from_event_time(first, "").offset < from_event_time(second, "").offset


@given(st.integers(0, 2**64 - 1))
def test_the_raw_time_is_all_digits_of_the_filetime(ticks: int) -> None:
    raw_time = from_event_time(replace(RECORD, time_created=ticks), "").raw_time
    assert len(raw_time) == 18
    assert int(raw_time, 16) == ticks
