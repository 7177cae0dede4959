from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.pipeline import Case, analyze
from forensics.request import NamedEvidence, Period, Request
from forensics.summary_words import MOST_LINES, case_in_words
from tests.builders.artifacts import hive_of, log_of, write_evidence
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.rustdesk_files import SERVER_CONFIGURATION, server_configuration
from tests.builders.service_event import service_installed
from tests.builders.sysmon_event import process_created
from tests.builders.system_hive import ServiceToWrite

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.evidence.source import Artifact

IMAGE: Final = r"C:\Program Files\RustDesk\RustDesk.exe"
SERVICE: Final = f'"{IMAGE}" --service'
INSTALLER: Final = r"C:\Users\amy\Downloads\rustdesk-1.4.1-x86_64.exe"
_HOUR: Final = 3600 * 10_000_000


def case(folder: Path, *artifacts: Artifact, period: Period | None = None) -> Case:
    evidence = write_evidence(folder / "evidence", artifacts)
    return analyzed(folder, evidence, period)


def analyzed(folder: Path, evidence: Path, period: Period | None = None) -> Case:
    request = Request((NamedEvidence(evidence, "E"),), folder / "case", period=period or Period())
    return analyze(request, lambda _what, _done, _total: None)


def words(case: Case) -> tuple[str, ...]:
    return case_in_words(case.analysis)


def installed(computer: str, time: int = DEFAULT_TIME, user: str | None = None) -> Artifact:
    event = service_installed(
        computer=computer, service_name="RustDesk", image_path=SERVICE, time_created=time, user_sid=user
    )
    return log_of(event, path=f"{computer}/System.evtx")


def test_where_nothing_was_found_there_are_no_words(tmp_path: Path) -> None:
    assert words(case(tmp_path, log_of(process_created(computer="PC1")))) == ()


def test_a_service_that_was_installed_is_told_with_machine_time_and_how_sure_it_is(tmp_path: Path) -> None:
    head, machine, sure, unseen = words(case(tmp_path, installed("PC1", user="S-1-5-21-1-2-3-1001")))

    assert head == "RustDesk was found on 1 of 1 machine, first 2024-03-01 00:00:00 UTC."
    assert machine == (
        "  PC1 (role unknown): installed 2024-03-01 00:00:00 by S-1-5-21-1-2-3-1001; "
        "service RustDesk, of which System 7045 alone tells"
    )
    assert sure.startswith("How sure: 1 of 1 finding observed, 0 inferred; ")
    assert unseen.startswith("Could not be seen: PC1: ")


def test_a_program_that_was_started_to_install_is_named(tmp_path: Path) -> None:
    log = log_of(
        process_created(
            computer="PC1", image=INSTALLER, command_line=f'"{INSTALLER}" --silent-install', user="CORP\\amy"
        )
    )
    told = words(case(tmp_path, log))[1]
    assert told == f"  PC1 (role unknown): installed 2024-03-01 00:00:00 by CORP\\amy from {INSTALLER}"


def test_a_key_that_was_last_written_is_never_told_as_an_installation(tmp_path: Path) -> None:
    told = words(case(tmp_path, hive_of("PC1", ServiceToWrite("RustDesk", DEFAULT_TIME, SERVICE))))
    assert "installed" not in "".join(told)
    assert told[1].startswith(
        "  PC1 (workstation): traces of RustDesk from 2024-03-01 00:00:00; service RustDesk,"
    )


def test_an_install_that_came_back_later_is_told_as_well(tmp_path: Path) -> None:
    log = log_of(
        *(
            service_installed(
                computer="PC1",
                record_id=number,
                service_name="RustDesk",
                image_path=SERVICE,
                time_created=time,
            )
            for number, time in enumerate((DEFAULT_TIME, DEFAULT_TIME + 30 * _HOUR), start=1)
        ),
        path="System.evtx",
    )
    assert ", and again until 2024-03-02 06:00:00" in words(case(tmp_path, log))[1]


def test_what_has_no_time_is_told_all_the_same(tmp_path: Path) -> None:
    evidence = write_evidence(tmp_path / "evidence", [log_of(process_created(computer="PC1"))])
    path = evidence / SERVER_CONFIGURATION
    path.parent.mkdir(parents=True)
    path.write_bytes(server_configuration("rd.example"))

    told = words(analyzed(tmp_path, evidence))

    assert told[0] == "RustDesk was found on 1 of 2 machines; nothing of it has a time."
    assert any("operator's server rd.example" in line for line in told)
    assert any("without a time" in line for line in told)


def test_what_is_outside_of_the_period_is_not_told(tmp_path: Path) -> None:
    assert words(case(tmp_path, installed("PC1"), period=Period(since=DEFAULT_TIME + 1))) == ()


def test_of_many_machines_the_severest_are_told_and_the_rest_is_counted(tmp_path: Path) -> None:
    machines = [installed(f"PC{number:02}", DEFAULT_TIME + number * _HOUR) for number in range(12)]
    controller = hive_of(
        "DC01", ServiceToWrite("RustDesk", DEFAULT_TIME + 20 * _HOUR, SERVICE), product_type="LanmanNT"
    )

    told = words(case(tmp_path, *machines, controller))

    assert len(told) == MOST_LINES
    assert told[0].startswith("RustDesk was found on 13 of 13 machines, first on PC00 ")
    assert any(line.startswith("  DC01 (domain controller): ") for line in told)
    assert "  and 7 more machines: see timeline.csv and context.json" in told


def test_a_name_that_nobody_gave_in_earnest_is_told_in_short(tmp_path: Path) -> None:
    event = service_installed(computer="PC1", service_name="x" * 20_000, image_path=SERVICE)
    told = words(case(tmp_path, log_of(event, path="System.evtx")))
    assert max(map(len, told)) < 1000
    assert any(f"service {'x' * 260}…" in line for line in told)
