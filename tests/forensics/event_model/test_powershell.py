from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forensics.event_model.event import Event, Table
from forensics.event_model.powershell import SOURCES
from forensics.event_model.sources import to_event
from parsers.evtx.event_log import read_event_log
from parsers.evtx.record import EvtxRecord
from tests.builders.artifacts import artifact_of, record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.windows_event import windows_event

if TYPE_CHECKING:
    from tests.builders.event_to_write import EventToWrite

CHANNEL = "Microsoft-Windows-PowerShell/Operational"
SID = "S-1-5-21-1-2-3-1104"
BLOCK = "0654a304-20aa-4c04-b6b9-8f5bc13220bb"
HOST = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -File C:\x\install.ps1"
SCRIPT = "$x = 1\r\n  & 'C:\\Program Files\\RustDesk\\RustDesk.exe' --password S3cret\r\n$y = 2"
LINE = r"& 'C:\Program Files\RustDesk\RustDesk.exe' --password S3cret"


def script_block(text: str, provider: str = "Microsoft-Windows-PowerShell") -> EventToWrite:
    data = {"ScriptBlockText": text, "ScriptBlockId": BLOCK, "Path": r"C:\x\install.ps1"}
    return windows_event(
        provider, 4104, CHANNEL, data={"MessageNumber": 1, "MessageTotal": 1, **data}, user_sid=SID
    )


def pipeline(payload: str, host: str = HOST) -> EventToWrite:
    context = (
        "        Severity = Informational\r\n        Host Name = ConsoleHost\r\n"
        f"        Host Application = {host}\r\n        Engine Version = 5.1\r\n"
        "        Command Name = Invoke-WebRequest\r\n        Script Name = C:\\x\\install.ps1\r\n"
        "        User = OFFSEC\\AdmMig\r\n        Connected User = \r\n"
        "        Shell ID = Microsoft.PowerShell\r\n"
    )
    data = {"ContextInfo": context, "UserData": "", "Payload": payload}
    return windows_event("Microsoft-Windows-PowerShell", 4103, CHANNEL, data=data, user_sid=SID)


def classic(event_id: int, first: str, second: str, third: str) -> EventToWrite:
    return windows_event("PowerShell", event_id, "Windows PowerShell", unnamed=[first, second, third])


def classic_context(host: str, command_line: str = "") -> str:
    return (
        "\tDetailSequence=1\r\n\tDetailTotal=1\r\n\r\n\tSequenceNumber=49\r\n\r\n\tUserId=OFFSEC\\AdmMig\r\n"
        f"\tHostName=ConsoleHost\r\n\tHostApplication={host}\r\n\tEngineVersion=5.1\r\n\tRunspaceId=1\r\n"
        f"\tScriptName=C:\\x\\install.ps1\r\n\tCommandLine={command_line}"
    )


def test_a_script_block_that_names_rustdesk_is_an_event() -> None:
    event = event_of(record_of(script_block(SCRIPT)))
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "PowerShellCommand",
        "ProcessCommandLine": "",
        "AccountDomain": "",
        "AccountName": "",
        "AccountSid": SID,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {
        "Command": SCRIPT,
        "Path": r"C:\x\install.ps1",
        "ScriptBlockId": BLOCK,
        "Source": f"{CHANNEL}/4104",
    }
    assert event.message == f"PowerShell script block that names RustDesk: {LINE}"
    assert event.facts.user == SID


def test_powershell_7_is_read_alike() -> None:
    event = event_of(record_of(script_block("RUSTDESK", provider="PowerShellCore")))
    assert event.columns["ActionType"] == "PowerShellCommand"


def test_a_pipeline_tells_what_ran_it() -> None:
    event = event_of(record_of(pipeline('ParameterBinding: value="https://x.example/RustDesk.exe"')))
    assert event.columns["ProcessCommandLine"] == event.facts.command_line == HOST
    assert (event.columns["AccountDomain"], event.columns["AccountName"]) == ("offsec", "admmig")
    assert event.facts.user == r"OFFSEC\AdmMig"
    assert additional(event) == {
        "Command": 'ParameterBinding: value="https://x.example/RustDesk.exe"',
        "HostApplication": HOST,
        "Path": r"C:\x\install.ps1",
        "Source": f"{CHANNEL}/4103",
    }


def test_a_command_line_may_have_lines_of_its_own() -> None:
    host = 'powershell.exe -c "a\r\nrustdesk\r\nb"'
    event = event_of(record_of(pipeline("Get-Item", host)))
    assert event.columns["ProcessCommandLine"] == host
    assert event.message == "PowerShell pipeline that names RustDesk: rustdesk"


def test_a_classic_pipeline_has_its_command_and_its_details() -> None:
    command = "Start-Process rustdesk.exe"
    details = 'CommandInvocation(Start-Process): "Start-Process"'
    event = event_of(record_of(classic(800, command, classic_context(HOST, command), details)))
    assert event.columns["ProcessCommandLine"] == HOST
    assert additional(event) == {
        "Command": command,
        "Details": details,
        "HostApplication": HOST,
        "Path": r"C:\x\install.ps1",
        "Source": "Windows PowerShell/800",
    }


def test_a_classic_pipeline_without_a_command_is_told_by_its_details() -> None:
    details = 'ParameterBinding(Start-Process): name="FilePath"; value="rustdesk.exe"'
    event = event_of(record_of(classic(800, "", classic_context(HOST), details)))
    assert additional(event)["Command"] == details


def test_an_engine_is_told_by_its_command_line() -> None:
    host = "powershell.exe -c rustdesk.exe --silent-install"
    event = event_of(record_of(classic(400, "Available", "None", classic_context(host))))
    assert event.columns["ProcessCommandLine"] == host
    assert event.message == f"PowerShell started that names RustDesk: HostApplication={host}"
    assert event.origin.time_means == "PowerShell started (event time)"


@pytest.mark.parametrize(
    "written",
    [
        script_block("Get-Service"),
        script_block("rust desk"),
        pipeline("Get-Service"),
        classic(400, "Available", "None", classic_context(HOST)),
        classic(800, "Get-Service", classic_context(HOST), ""),
    ],
    ids=["script block", "two words", "pipeline", "engine", "classic pipeline"],
)
def test_a_command_that_does_not_name_rustdesk_is_no_event(written: EventToWrite) -> None:
    assert to_event(record_of(written)) is None


@pytest.mark.parametrize("text", ["rustdesk", "RUSTDESK", "MyRustDeskX", "a\r\n\u2028rustdesk\x0bb"])
def test_rustdesk_is_found_in_any_case_and_any_place(text: str) -> None:
    assert misfits(event_of(record_of(script_block(text)))) == []


EVENTS: list[Event] = [
    event_of(record_of(written))
    for written in (script_block(SCRIPT), pipeline("rustdesk"), classic(800, "rustdesk", "", ""))
]


@pytest.mark.parametrize("event", EVENTS, ids=["script block", "pipeline", "classic pipeline"])
def test_every_column_is_one_of_its_table(event: Event) -> None:
    assert misfits(event) == []


@pytest.mark.skipif(
    "FORENSICS_CORPUS" not in os.environ, reason="FORENSICS_CORPUS names no folder of real logs"
)
def test_real_logs_name_no_rustdesk_and_their_command_lines_are_found() -> None:
    logs = sorted(Path(os.environ["FORENSICS_CORPUS"]).rglob("ID*4103*.evtx"))
    read = (
        each for log in logs for each in read_event_log(artifact_of(log.read_bytes()), frozenset(SOURCES))
    )
    records = [each for each in read if isinstance(each, EvtxRecord)]
    assert {each.event_id for each in records} == {800, 4103, 4104}
    assert [each for each in map(to_event, records) if each is not None] == []
    named = [
        replace(each, data={**each.data, "More": "rustdesk"}) for each in records if each.event_id != 4104
    ]
    hosts = {str(event_of(each).columns["ProcessCommandLine"]).rpartition("\\")[2] for each in named}
    assert hosts == {"powershell.exe"}
