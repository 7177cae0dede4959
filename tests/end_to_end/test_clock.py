from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from parsers.filetime import TICKS_PER_SECOND, to_text
from tests.builders.clock_event import clock_moved, uptime
from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.end_to_end.case_reading import document, timeline
from tests.end_to_end.command_line import analyze

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builders.event_log import EventToWrite
    from tests.end_to_end.command_line import Run

COMPUTER: Final = "WS09.corp.example"
RUSTDESK: Final = r"C:\Program Files\RustDesk\rustdesk.exe"
MINUTE: Final = 60 * TICKS_PER_SECOND
HOUR: Final = 60 * MINUTE


def ran(record_id: int, ticks: int, written: int | None = None, header: int | None = None) -> EventToWrite:
    return process_created(
        computer=COMPUTER,
        record_id=record_id,
        header_record_id=header,
        time_created=ticks,
        written=written,
        process_id=1000 + record_id,
        image=RUSTDESK,
        command_line=f"rustdesk.exe {record_id}",
    )


def system_log(*events: EventToWrite) -> bytes:
    installed = service_installed(
        computer=COMPUTER,
        record_id=90,
        time_created=DEFAULT_TIME - 20 * HOUR,
        service_name="RustDesk Service",
        image_path=f'"{RUSTDESK}" --service',
    )
    return build_event_log([installed, *events])


@pytest.fixture(scope="module")
def jumped(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A machine whose clock was set back by three hours between two starts of RustDesk."""
    folder = tmp_path_factory.mktemp("jumped")
    logs = folder / "evidence/Windows/System32/winevt/Logs"
    logs.mkdir(parents=True)
    back = DEFAULT_TIME - 3 * HOUR
    sysmon = [
        ran(1, DEFAULT_TIME - 10 * HOUR),
        ran(2, DEFAULT_TIME - HOUR),
        ran(3, back + MINUTE),
        ran(4, DEFAULT_TIME + 12 * HOUR),
        ran(5, DEFAULT_TIME + 13 * HOUR, written=DEFAULT_TIME + 14 * HOUR),
    ]
    (logs / "Microsoft-Windows-Sysmon%4Operational.evtx").write_bytes(build_event_log(sysmon))
    moved = clock_moved(DEFAULT_TIME, back, computer=COMPUTER, record_id=91)
    zone = uptime("-60 GMT Standard Time", computer=COMPUTER, record_id=92, time_created=back + HOUR)
    (logs / "System.evtx").write_bytes(system_log(moved, zone))
    run = analyze(folder / "evidence", output=folder / "case")
    assert run.code == 0, run.stderr
    return run


def flags(run: Run) -> dict[str, str]:
    """Return the flags of the starts of RustDesk by their record ids."""
    return {
        row["record_id"]: row["time_flags"]
        for row in timeline(run.output)
        if row["finding"] == "rustdesk_execution"
    }


def test_every_time_bears_the_flags_that_its_log_and_its_clock_give_it(jumped: Run) -> None:
    assert flags(jumped) == {
        "1": "",
        "2": "clock_jump",
        "3": "runs_backwards;clock_jump",
        "4": "",
        "5": "written_differs",
    }


def test_the_record_of_the_change_itself_is_in_doubt(jumped: Run) -> None:
    (row,) = [row for row in timeline(jumped.output) if row["finding"] == "clock_changed"]
    assert row["time_flags"] == "clock_jump"
    assert "(-10800.000 seconds)" in row["message"]


def test_p28_the_change_stands_in_the_clock_statement(jumped: Run) -> None:
    text = (jumped.output / "limitations.txt").read_text("utf-8")
    assert f"{COMPUTER}: 1 record of a change of the clock" in text
    assert "the furthest by -10,800.0000000 seconds" in text
    assert "clock_jump (" in text
    (device,) = document(jumped.output, "context.json")["devices"]
    assert device["clock"]["clock_changes"]["of_a_second_or_more"] == 1
    (backwards,) = device["clock"]["times_run_backwards"]
    assert (backwards["of_more_than_a_second"], backwards["largest"]["to_record"]) == (1, 3)
    assert [each["text"] for each in device["clock"]["time_zone_texts"]] == ["-60 GMT Standard Time"]


def test_in_an_export_a_header_s_own_time_is_usual(tmp_path: Path) -> None:
    later = DEFAULT_TIME + HOUR
    events = [ran(700, DEFAULT_TIME, later, 1), ran(701, DEFAULT_TIME + MINUTE, later + MINUTE, 2)]
    (tmp_path / "export.evtx").write_bytes(build_event_log(events))
    run = analyze(tmp_path / "export.evtx", output=tmp_path / "case")

    assert flags(run) == {"700": "", "701": ""}
    assert "it is an export or a forwarded log" in (run.output / "limitations.txt").read_text("utf-8")


def test_p28_a_machine_without_a_change_says_in_which_logs_none_was_found(clean: Run) -> None:
    text = (clean.output / "limitations.txt").read_text("utf-8")
    devices = document(clean.output, "context.json")["devices"]
    assert [device["clock"]["clock_changes"]["records"] for device in devices] == [0]
    told = f"{devices[0]['name']}: no clock-change record was found in the logs supplied; they cover 20"
    assert told in text


def test_a_time_of_three_digits_is_told_with_three(jumped: Run) -> None:
    rows = [row for row in timeline(jumped.output) if row["finding"] == "rustdesk_execution"]
    assert {len(row["datetime"]) for row in rows} == {len("2024-03-01T00:00:00.123Z")}
    (installed,) = [row for row in timeline(jumped.output) if row["finding"] == "rustdesk_service_installed"]
    assert installed["datetime"] == to_text(DEFAULT_TIME - 20 * HOUR)
