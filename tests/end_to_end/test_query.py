from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from parsers.filetime import from_text
from tests.builders.independent_readers import EVTX
from tests.end_to_end.command_line import DC01, Run, query, run_program
from tests.fixture_reading import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

LOGS: Final = "Windows/System32/winevt/Logs"
ASK_FOR_TEAMVIEWER: Final = """
DeviceEvents
| where ActionType == "ServiceInstalled"
| extend Fields = parse_json(AdditionalFields)
| where tostring(Fields.ServiceName) has "TeamViewer"
| sort by Timestamp asc
| project Timestamp, Service = tostring(Fields.ServiceName), ImagePath = ProcessCommandLine
"""
COUNT_EACH_TABLE: Final = """
union
    (DeviceProcessEvents | summarize Rows = count() | extend Table = "processes"),
    (DeviceImageLoadEvents | summarize Rows = count() | extend Table = "image loads"),
    (DeviceRegistryEvents | summarize Rows = count() | extend Table = "registry values")
| sort by Table asc
| project Table, Rows
"""


def rows(run: Run) -> list[dict[str, Any]]:
    assert (run.code, run.stderr) == (0, "")
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_a_real_log_shows_the_services_that_teamviewer_installed(corpus: Path) -> None:
    log = corpus / "evtx/omerbenamram/2-vss_7-System.evtx"
    records = {each.record_id: each for each in EVTX.read(log.read_bytes())}

    run = query(log, ASK_FOR_TEAMVIEWER)

    assert run.code in {0, 3}, "its free chunks lie between others"
    shown = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(row["Service"], row["ImagePath"]) for row in shown] == [
        (records[number].fields["ServiceName"], records[number].fields["ImagePath"]) for number in (964, 965)
    ]
    assert [from_text(row["Timestamp"]) // 10 for row in shown] == [
        records[number].created // 10 for number in (964, 965)
    ]


REGISTRY_EVENTS: Final = 32
"""Sysmon 12, 13 and 14 of the log, as ``evtx_dump`` and its index count them."""


def test_a_real_sysmon_log_has_as_many_events_as_other_readers_count(corpus: Path) -> None:
    run = query(corpus / "evtx/omerbenamram/sysmon.evtx", COUNT_EACH_TABLE)

    assert [json.loads(line) for line in run.stdout.splitlines()] == [
        {"Table": "image loads", "Rows": 0},
        {"Table": "processes", "Rows": 227},
        {"Table": "registry values", "Rows": REGISTRY_EVENTS},
    ]
    assert run.code == 3
    assert "sysmon.evtx: bytes 0x91000-0xa1000" in run.stderr


def test_the_services_of_a_real_hive_can_be_asked_for(corpus: Path) -> None:
    ask = r"""
    DeviceRegistryEvents
    | where RegistryKey matches regex @'(?i)\\ControlSet001\\Services\\[^\\]+$'
    | where RegistryValueName =~ "ImagePath" and RegistryValueData has "svchost.exe"
    | summarize Services = dcount(RegistryKey)
    """

    (row,) = rows(query(corpus / "hive/SYSTEM", ask))

    assert row["Services"] > 100


def test_image_loads_can_be_asked_for() -> None:
    log = f"{LOGS}/Microsoft-Windows-Sysmon%4Operational.evtx"
    expect = MANIFEST["files"][f"case-dc01/{log}"]["expect"]
    ask = 'DeviceImageLoadEvents | summarize All = count(), Own = countif(FileName =~ "librustdesk.dll")'

    (row,) = rows(query(DC01 / log, ask))

    assert (row["All"], row["Own"]) == (expect["sysmon_7"], expect["rule_processes"] - 1)


def test_a_case_folder_is_asked_like_evidence(dc01: Run) -> None:
    (row,) = rows(query(dc01.output, "DeviceInfo | project DeviceName, DeviceType"))

    assert row["DeviceName"] == "DC01.corp.example"


def test_rows_come_as_a_table_and_as_csv_too(dc01: Run) -> None:
    ask = 'DeviceEvents | where ActionType == "ServiceInstalled" | summarize Rows = count() by ActionType'

    table, sheet = query(dc01.output, ask, "table"), query(dc01.output, ask, "csv")

    assert table.stdout == "ActionType        Rows\nServiceInstalled  5\n1 row\n"
    assert sheet.stdout.startswith('"ActionType","Rows"')


def test_a_typo_is_told_with_line_and_column_before_any_evidence_is_opened() -> None:
    run = run_program("query", "no-such-evidence", "DeviceEvents\n| wher ActionType == 'x'")

    assert (run.code, run.stdout) == (2, "")
    assert "query:2:3: " in run.stderr
    assert "did you mean 'where'?" in run.stderr


def test_an_unknown_column_is_told_with_line_and_column() -> None:
    run = run_program("query", "no-such-evidence", "DeviceEvents\n| where ActionTyp == 'x'")

    assert run.code == 2
    assert "query:2:9: " in run.stderr


def test_rows_are_utf_8_whatever_the_locale(dc01: Run) -> None:
    ask = 'DeviceInfo | project Text = "München 東京"'

    run = run_program("query", dc01.output, ask, "--format", "csv", changes={"PYTHONIOENCODING": "cp1252"})

    assert (run.code, run.stderr) == (0, "")
    assert "München 東京" in run.stdout


def test_asking_evidence_leaves_nothing_behind(tmp_path: Path) -> None:
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()

    run = run_program(
        "query", DC01 / LOGS / "System.evtx", "DeviceEvents", cwd=here, changes={"TMPDIR": str(temporary)}
    )

    assert run.code == 0
    assert [*here.iterdir(), *temporary.iterdir()] == []
