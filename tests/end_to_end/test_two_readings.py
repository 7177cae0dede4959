"""Every record that grounds a row is read by two readers, and the row says what they came to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from fixtures.build import HERE as FIXTURES
from tests.builders.archive import zip_of
from tests.builders.event_log import build_event_log
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.builders.typed_value import Real64
from tests.end_to_end.built_evidence import RUSTDESK, SERVICE
from tests.end_to_end.case_reading import document, timeline, timeline_objects
from tests.end_to_end.command_line import Run, analyze
from tests.parsers.evtx.reading import with_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builders.event_log import EventToWrite
    from tests.end_to_end.shared_folder import SharedFolder

AGREE: Final = "evtx+python-evtx agree"
HIVE_AGREE: Final = "python-registry+regipy agree"
MARK: Final = "--service-was-here"
TAMPERED: Final = "--nothing-was-here"


def run_of(record_id: int, command_line: str = SERVICE, time: int = DEFAULT_TIME) -> EventToWrite:
    return process_created(
        record_id=record_id,
        image=RUSTDESK,
        command_line=command_line,
        time_created=time + record_id * 10_000_000,
        process_id=record_id,
    )


def disagreed(record_id: int) -> EventToWrite:
    event = run_of(record_id)
    fields = ((name, Real64(1e-7) if name == "TerminalSessionId" else value) for name, value in event.data)
    return replace(event, data=tuple(fields))


EVENTS: Final = (
    run_of(1),
    run_of(2, "rustdesk.exe \ud800 --password 1"),
    run_of(3, "rustdesk.exe \0 --password 2"),
    run_of(4, "rustdesk.exe \x01 --password 3"),
    replace(run_of(5), time_created=0, written=0),
    replace(run_of(6), header_record_id=9),
    disagreed(7),
)


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A machine's logs with one record of every kind that readers do not make the same of."""
    root = tmp_path_factory.mktemp("patched")
    evidence = root / "evidence"
    evidence.mkdir()
    (evidence / "Sysmon.evtx").write_bytes(build_event_log(EVENTS))
    changed = build_event_log([run_of(11, f"rustdesk.exe {MARK}")])
    at = changed.index(MARK.encode("utf-16-le"))
    (evidence / "Tampered.evtx").write_bytes(with_bytes(changed, at, TAMPERED.encode("utf-16-le")))
    installed = [
        service_installed(
            record_id=n,
            time_created=time,
            service_name="RustDesk",
            image_path=SERVICE,
            computer="WORKSTATION-1",
        )
        for n, time in ((1, 133_537_248_001_234_567), (2, 0))
    ]
    (evidence / "System.evtx").write_bytes(build_event_log(installed))
    return analyze(evidence, output=root / "case")


def row(run: Run, record_id: int, log: str = "Sysmon.evtx") -> dict[str, str]:
    rows = [
        each
        for each in timeline(run.output)
        if each["record_id"] == str(record_id) and each["source_path"] == log
    ]
    return rows[0]


@pytest.fixture(scope="module")
def akira(shared: SharedFolder) -> Run:
    return shared.analyzed("akira", FIXTURES / "case-akira")


def test_both_readers_agree_on_every_row_of_the_fixture_cases(akira: Run, dc01: Run) -> None:
    for run in (akira, dc01):
        cells = {(each["artifact"], each["readers"]) for each in timeline(run.output)}
        assert {cell for artifact, cell in cells if artifact == "EVTX"} == {AGREE}
        hive = {cell for artifact, cell in cells if artifact == "SYSTEM hive"}
        assert hive <= {HIVE_AGREE, f"{HIVE_AGREE}; regipy decodes its entry alike"}
        others = {cell for artifact, cell in cells if artifact not in {"EVTX", "SYSTEM hive"}}
        assert all(cell.startswith("single reader: ") for cell in others)
        assert all(each["reader_differences"] == [] for each in timeline_objects(run.output))


def test_a_command_line_that_was_tampered_with_is_agreed_on_and_its_checksum_is_told(patched: Run) -> None:
    told = row(patched, 11, "Tampered.evtx")
    assert told["command_line"] == f"rustdesk.exe {TAMPERED}"
    assert (told["record_state"], told["readers"]) == ("crc_bad", AGREE)


@pytest.mark.parametrize(
    ("record_id", "whole", "reason"),
    [
        (2, "rustdesk.exe <U+D800> --password 1", "UnicodeDecodeError"),
        (3, "rustdesk.exe <U+0000> --password 2", "XMLSyntaxError"),
    ],
)
def test_what_no_reader_has_whole_is_in_the_row(
    patched: Run, record_id: int, whole: str, reason: str
) -> None:
    told = row(patched, record_id)
    assert told["readers"].startswith(f"evtx only: python-evtx cannot read it ({reason}: ")
    assert told["readers"].endswith(f'; evtx lost a part of CommandLine, the record has "{whole}"')
    assert "command_line" in told["altered_fields"].split(";")


def test_what_one_reader_lost_is_in_the_row_and_no_disagreement(patched: Run) -> None:
    told = row(patched, 4)
    lost = 'python-evtx lost a part of CommandLine, evtx has "rustdesk.exe <U+0001> --password 3"'
    assert told["readers"] == f"evtx+python-evtx agree but for lost text; {lost}"


def test_times_of_seven_digits_and_of_none_are_no_disagreement(patched: Run) -> None:
    told = row(patched, 1, "System.evtx")
    assert (told["datetime"], told["readers"]) == ("2024-03-01T00:00:00.1234567Z", AGREE)
    assert row(patched, 5)["readers"] == AGREE
    (undated,) = (
        each
        for each in document(patched.output, "context.json")["undated_facts"]
        if each["finding"] == "rustdesk_service_installed"
    )
    assert undated["readers"] == AGREE


def test_a_record_under_another_number_in_its_header_is_agreed_on(patched: Run) -> None:
    told = row(patched, 6)
    assert told["readers"] == AGREE
    assert "record header id 9" in told["locator"]


def test_a_disagreement_names_its_field_and_hides_no_finding(patched: Run) -> None:
    told = row(patched, 7)
    assert told["finding"] == "rustdesk_execution"
    assert told["readers"] == 'evtx+python-evtx differ: TerminalSessionId ("1e-7" / "1e-07")'
    (whole,) = (each for each in timeline_objects(patched.output) if each["record_id"] == "7")
    assert whole["reader_differences"] == [
        {
            "field": "TerminalSessionId",
            "readings": {"evtx": "1e-7", "python-evtx": "1e-07"},
            "record": None,
            "lost_by": [],
        }
    ]


def test_what_was_read_by_one_only_is_counted_everywhere(patched: Run) -> None:
    counts = document(patched.output, "run.json")["counts"]["records_of_findings"]
    assert counts == document(patched.output, "context.json")["second_reading"]["records"]
    told = {name: number for name, number in counts.items() if number}
    assert told == {"agree": 6, "agree_but_for_lost_text": 1, "differ": 1, "one_reader_only": 2}
    limits = (patched.output / "limitations.txt").read_text("utf-8")
    one = "read by one reader only, because the other cannot read them (readers says why)"
    assert f"- Records of findings {one}: 2.\n" in limits


def test_records_out_of_an_archive_are_read_again(tmp_path: Path) -> None:
    archive = tmp_path / "evidence.zip"
    archive.write_bytes(zip_of({"Logs/Sysmon.evtx": build_event_log(EVENTS[:1])}))
    run = analyze(archive, output=tmp_path / "case")
    assert {each["readers"] for each in timeline(run.output)} == {AGREE}
