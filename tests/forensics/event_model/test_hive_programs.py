from __future__ import annotations

import json

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.hive_records import hive_records
from forensics.event_model.schema import columns
from parsers.filetime import to_text
from parsers.hive.views import read_system_hive_with_logs
from tests.builders.appcompat_cache import CacheEntryToWrite, CacheKind, build_cache
from tests.builders.held_records import WRITTEN, hive_with
from tests.builders.hive_artifacts import compatibility_cache, last_runs, run_data

SID = "S-1-5-21-1-2-3-1001"
PROGRAM = r"\Device\HarddiskVolume3\Program Files\RustDesk\rustdesk.exe"
RUN = 133_490_000_000_000_007
WRITTEN_TEXT = to_text(WRITTEN)


def run_event(data: bytes, place: str = r"bam\State") -> Event:
    hive = hive_with(last_runs(WRITTEN, SID, {PROGRAM: data}, place))
    ((event, _),) = hive_records(read_system_hive_with_logs(hive, [], "SYSTEM"), "PC-1")
    return event


def cache_events(*entries: CacheEntryToWrite, kind: CacheKind = "10_1703") -> list[Event]:
    hive = hive_with(compatibility_cache(WRITTEN, build_cache(kind, entries)))
    return [event for event, _ in hive_records(read_system_hive_with_logs(hive, [], "SYSTEM"), "PC-1")]


@pytest.mark.parametrize(("place", "source"), [(r"bam\State", "BAM"), ("bam", "BAM"), ("dam", "DAM")])
def test_a_run_is_a_row_at_its_own_time(place: str, source: str) -> None:
    event = run_event(run_data(RUN), place)
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": RUN,
        "ActionType": "ProgramLastRun",
        "FileName": "rustdesk.exe",
        "FolderPath": PROGRAM,
        "AccountSid": SID,
        "AdditionalFields": json.dumps(
            {"KeyLastWritten": WRITTEN_TEXT, "RunTime": to_text(RUN), "Source": source, "UserSid": SID}
        ),
    }
    assert (event.origin.ticks, event.origin.time_means) == (RUN, f"Program last run ({source})")
    assert (event.origin.raw_time, event.origin.time_flags) == (f"{RUN:#018x}", "")
    assert (event.facts.user, event.facts.image_path) == (SID, PROGRAM)
    assert event.message == f"Program last run by user {SID} ({source}): {PROGRAM}"
    assert set(event.columns) <= set(columns(event.table))


@pytest.mark.parametrize(
    ("data", "problem"),
    [(bytes(24), "its time is zero"), (b"\1\2", "its 2 bytes of data are too few for a time")],
)
def test_a_value_without_a_time_claims_no_run(data: bytes, problem: str) -> None:
    event = run_event(data)
    told = json.loads(str(event.columns["AdditionalFields"]))
    assert (told["Problem"], "RunTime" in told) == (problem, False)
    assert (event.columns["Timestamp"], event.origin.ticks) == (WRITTEN, WRITTEN)
    assert (event.origin.time_means, event.origin.time_flags) == ("Registry key last written", "no_run_time")
    assert event.message == f"BAM names {PROGRAM} for user {SID} without the time of a run: {problem}"


def test_a_cached_program_is_a_row_at_its_file_s_last_modification() -> None:
    path = r"C:\Program Files\RustDesk\rustdesk.exe"
    other, event = cache_events(CacheEntryToWrite("x.exe", RUN), CacheEntryToWrite(path, RUN))
    assert (event.columns["Timestamp"], event.columns["ActionType"]) == (RUN, "ProgramCached")
    assert (event.columns["FileName"], event.columns["FolderPath"]) == ("rustdesk.exe", path)
    assert json.loads(str(event.columns["AdditionalFields"])) == {
        "Source": "AppCompatCache",
        "Position": 1,
        "Layout": "Windows 10 1703 or later",
        "FileModified": to_text(RUN),
        "KeyLastWritten": WRITTEN_TEXT,
    }
    assert event.origin.time_means == "File last modified (AppCompatCache)"
    assert event.facts.image_path == path
    assert event.message.endswith("the time is the file's last modification, not a run")
    assert event.origin.locator.rpartition(", ")[2].startswith("entry 1 at byte 0x")
    assert event.origin.locator != other.origin.locator
    assert set(event.columns) <= set(columns(event.table))


def test_an_entry_without_a_time_is_at_the_time_of_its_key() -> None:
    (event,) = cache_events(CacheEntryToWrite("0009\tPhotos\t", 0))
    assert (event.origin.ticks, event.origin.time_means) == (WRITTEN, "Registry key last written")
    assert event.message == (
        "Program in the compatibility cache, entry 0: 0009\tPhotos\t, without a time of the file"
    )


def test_flags_are_given_as_they_are_and_say_nothing_of_a_run() -> None:
    (event,) = cache_events(CacheEntryToWrite("x.exe", RUN, flags=0x2), kind="7_64")
    told = json.loads(str(event.columns["AdditionalFields"]))
    assert (told["InsertionFlags"], told["Layout"]) == ("0x00000002", "Windows 7, 64-bit")
    assert not {name for name in told if "xecut" in name}
