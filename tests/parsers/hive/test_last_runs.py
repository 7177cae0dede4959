from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.filetime import MAX_TICKS
from parsers.hive.last_runs import LastRun, Moderator
from tests.builders.held_records import WRITTEN, control_set_with
from tests.builders.hive import text_value
from tests.builders.hive_artifacts import key_at, last_runs, run_data

SID = "S-1-5-21-1-2-3-1001"
PROGRAM = r"\Device\HarddiskVolume3\Program Files\RustDesk\rustdesk.exe"
RUN = 133_490_000_000_000_007


def runs_of(data: bytes) -> tuple[LastRun, ...]:
    return control_set_with(last_runs(WRITTEN, SID, {PROGRAM: data})).last_runs


@pytest.mark.parametrize(
    ("place", "moderator"),
    [
        (r"bam\State", Moderator.BAM),
        ("bam", Moderator.BAM),
        (r"dam\State", Moderator.DAM),
        ("dam", Moderator.DAM),
    ],
)
def test_a_run_is_found_where_any_windows_keeps_it(place: str, moderator: Moderator) -> None:
    (run,) = control_set_with(last_runs(WRITTEN + 3, SID, {PROGRAM: run_data(RUN)}, place)).last_runs
    assert (run.moderator, run.user_sid, run.program) == (moderator, SID, PROGRAM)
    assert (run.run, run.problem) == (RUN, "")
    assert run.held.path == rf"ControlSet001\Services\{place}\UserSettings\{SID}"
    assert run.held.last_written == WRITTEN + 3


def test_the_counter_and_the_version_beside_the_programs_are_no_runs() -> None:
    (run,) = runs_of(run_data(RUN))
    assert run.program == PROGRAM


def test_a_program_may_be_called_as_the_counter_is() -> None:
    keys = last_runs(WRITTEN, SID, {}), last_runs(WRITTEN, SID, {"version": run_data(RUN)}, "bam")
    assert [run.program for run in control_set_with(*keys).last_runs] == ["version"]


def test_packaged_apps_are_called_by_their_package() -> None:
    name = "Microsoft.MicrosoftEdge_8wekyb3d8bbwe"
    (run,) = control_set_with(last_runs(WRITTEN, SID, {name: run_data(RUN, packaged=True)})).last_runs
    assert (run.program, run.run) == (name, RUN)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "its 0 bytes of data are too few for a time"),
        (bytes(7), "its 7 bytes of data are too few for a time"),
        (bytes(24), "its time is zero"),
        (b"\xff" * 24, "its time is beyond the year 9999"),
    ],
)
def test_a_value_without_a_time_says_so_and_is_no_run(data: bytes, problem: str) -> None:
    (run,) = runs_of(data)
    assert (run.run, run.problem, run.program) == (None, problem, PROGRAM)
    assert run.ticks == WRITTEN


def test_a_value_that_is_no_bytes_is_no_run() -> None:
    user = rf"Services\bam\State\UserSettings\{SID}"
    (run,) = control_set_with(key_at(user, WRITTEN, [text_value(PROGRAM, "2025-01-01")])).last_runs
    assert (run.run, run.problem) == (None, "the value is of type REG_SZ")


def test_a_run_is_known_by_its_own_time_and_not_by_its_key_s() -> None:
    (before,) = control_set_with(last_runs(WRITTEN, SID, {PROGRAM: run_data(RUN)})).last_runs
    (after,) = control_set_with(last_runs(WRITTEN + 9, SID, {PROGRAM: run_data(RUN)})).last_runs
    (later,) = control_set_with(last_runs(WRITTEN + 9, SID, {PROGRAM: run_data(RUN + 1)})).last_runs
    assert before.identity == after.identity
    assert after.identity != later.identity


@given(st.binary(max_size=40))
def test_no_bytes_crash_and_a_time_is_what_the_bytes_say(data: bytes) -> None:
    (run,) = runs_of(data)
    if run.run is not None:
        assert run.run.to_bytes(8, "little") == data[:8]
        assert 0 < run.run <= MAX_TICKS
    assert (run.run is None) == bool(run.problem)
