from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.report.case_facts import machine_facts
from forensics.report.html_machine import machine_sections
from forensics.report.html_summary import answers, headline
from forensics.report.limitations import NOTHING_FOUND
from parsers.filetime import TICKS_PER_SECOND, from_text
from tests.builders.report_page import analysis_with, row_of_case

if TYPE_CHECKING:
    from forensics.timeline_row import TimelineRow

TIME = from_text("2025-09-03T20:02:18Z")
OPENED = "RustDesk log of LocalService (server): connection #1 opened from 203.0.113.140:51544, its password"
CLOSED = "RustDesk log of LocalService (server): connection #1 closed: Peer close"
SERVER = "RustDesk log of LocalService (server): uses the server rd.example.net [the operator's]"


def row(number: int, seconds: int, **changes: str | int) -> TimelineRow:
    plain: dict[str, str | int] = {"image_path": "C:\\rustdesk.exe", "command_line": "", "user": "CORP\\amy"}
    return row_of_case(number, **{**plain, "ticks": TIME + seconds * TICKS_PER_SECOND, **changes})


def story() -> list[TimelineRow]:
    return [
        row(1, -86400, finding="rustdesk_trace", activity="", timestamp_desc="File last modified (x)"),
        row(2, 0, activity="install", message="Process created: rustdesk.exe --silent-install"),
        row(3, 60, activity="", finding="rustdesk_trace", message=SERVER),
        row(4, 120, activity="set_password", user="S-1-5-18"),
        row(5, 3600, activity="inbound_session", finding="rustdesk_trace", message=OPENED),
        row(6, 7200, activity="", finding="rustdesk_trace", message=CLOSED),
        row(7, 9000, finding="ssh_tunnel", activity="", message="Process created: ssh -R 1 x"),
    ]


def test_the_headline_says_where_and_when_it_began() -> None:
    analysis = analysis_with(story())

    assert headline(machine_facts(analysis), analysis) == (
        "RustDesk was found on 1 of 1 machine. It was first seen on PC1, a workstation, on 3 September "
        "2025 at 20:02:18 UTC. 1 session from outside is on record."
    )


def test_the_questions_are_answered_from_the_rows() -> None:
    analysis = analysis_with(story())

    told = {each.question: each for each in answers(machine_facts(analysis), analysis)}

    assert {question: each.short for question, each in told.items()} == {
        "Which machine was first?": "PC1",
        "Which account installed it, and from which file?": "CORP\\amy",
        "Which server did RustDesk talk to?": "rd.example.net",
        "Did anybody connect in?": "Yes: 1 session on PC1",
        "Was a password for unattended access set?": "Yes, on PC1",
        "How sure is this?": "6 of 6 rows observed",
    }
    (installed,) = told["Which account installed it, and from which file?"].statements
    assert installed.text == (
        "PC1: installed from C:\\rustdesk.exe on 3 September 2025 at 20:02:18 UTC, by CORP\\amy."
    )
    assert installed.rows == (2,)
    assert told["Did anybody connect in?"].statements[0].text == (
        "PC1: somebody connected in on 3 September 2025 at 21:02:18 UTC, from 203.0.113.140; for 1 h, until "
        "22:02:18."
    )


def test_what_no_row_answers_is_never_denied() -> None:
    analysis = analysis_with([row(1, 0)])

    told = answers(machine_facts(analysis), analysis)

    texts = [statement.text for each in told for statement in each.statements]
    assert sum("was found in the sources examined" in text for text in texts) == 3
    assert [each.short for each in told[1:5]] == [
        "Not on record",
        "Not on record",
        "No record of it",
        "No record of it",
    ]


def test_a_case_without_findings_says_so_of_what_was_examined() -> None:
    analysis = analysis_with([])
    machines = machine_facts(analysis)

    assert headline(machines, analysis) == NOTHING_FOUND
    assert answers(machines, analysis) == ()
    (section,) = machine_sections(machines, analysis)
    assert section.found[0].text == (
        "No RustDesk indicator was found in the sources examined of this machine."
    )


def test_a_package_is_told_by_its_command() -> None:
    rows = [
        row(1, 0, activity="install", image_path="C:\\Windows\\msiexec.exe", command_line="msiexec /i x.msi")
    ]
    analysis = analysis_with(rows)

    assert "installed with the command msiexec /i x.msi" in answers(machine_facts(analysis), analysis)[
        1
    ].statements[0].text.replace("PC1: ", "")


def test_a_machine_is_told_with_its_context_and_what_could_not_be_seen() -> None:
    analysis = analysis_with(story())

    (section,) = machine_sections(machine_facts(analysis), analysis)

    assert [each.rows for each in section.near] == [(7,)]
    assert any("RustDesk's own" in line for line in section.unseen)
    assert section.found[0].text.startswith("First seen on 3 September 2025 at 20:02:18 UTC: Process created")


def test_inferred_rows_and_doubtful_clocks_are_named() -> None:
    rows = [row(1, 0, basis="inferred", time_flags="clock_jump"), row(2, 1, record_state="recovered")]
    analysis = analysis_with(rows)

    (section,) = machine_sections(machine_facts(analysis), analysis)

    assert {each.rows for each in section.sure if each.rows} == {(1,), (2,)}
    assert "1 row is inferred" in section.sure[0].text
