from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.defender_antivirus import first_file
from forensics.event_model.event import Event, Table
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.windows_event import windows_event

CHANNEL = "Microsoft-Windows-Windows Defender/Operational"
PROGRAM = r"C:\Users\amy\Downloads\rustdesk-host=192.0.2.1,key=abc=.exe"
DATA = {
    "Product Name": "Microsoft Defender Antivirus",
    "Detection ID": "{0EBC4BEA-5532-4EFB-8A34-64F91CC8702E}",
    "Threat ID": "2147814944",
    "Threat Name": "Trojan:Win32/Wacatac.B!ml",
    "Severity Name": "Severe",
    "Category Name": "Trojan",
    "Process Name": r"C:\Windows\Explorer.EXE",
    "Detection User": r"CONTOSO\Amy",
    "Path": f"file:_{PROGRAM}",
    "Action Name": "Not Applicable",
    "Error Code": "0x00000000",
    "Remediation User": "",
}
RECORD = record_of(
    windows_event("Microsoft-Windows-Windows Defender", 1116, CHANNEL, data=DATA, user_sid="S-1-5-18")
)


def event_with(event_id: int = 1116, **data: str) -> Event:
    named = {name.replace("_", " "): text for name, text in data.items()}
    return event_of(replace(RECORD, event_id=event_id, data={**RECORD.data, **named}))


def test_a_detection_fills_every_column_that_it_knows() -> None:
    event = event_of(RECORD)
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "AntivirusDetection",
        "FileName": "rustdesk-host=192.0.2.1,key=abc=.exe",
        "FolderPath": PROGRAM,
        "AccountDomain": "contoso",
        "AccountName": "amy",
        "InitiatingProcessFileName": "explorer.exe",
        "InitiatingProcessFolderPath": r"c:\windows\explorer.exe",
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {
        "Action": "Not Applicable",
        "Category": "Trojan",
        "DetectionId": "{0EBC4BEA-5532-4EFB-8A34-64F91CC8702E}",
        "DetectionUser": r"CONTOSO\Amy",
        "ErrorCode": "0x00000000",
        "Path": f"file:_{PROGRAM}",
        "ProcessName": r"C:\Windows\Explorer.EXE",
        "Severity": "Severe",
        "Source": f"{CHANNEL}/1116",
        "ThreatName": "Trojan:Win32/Wacatac.B!ml",
    }
    assert misfits(event) == []


def test_a_detection_is_told_in_one_line() -> None:
    assert event_of(RECORD).message == (
        f"Antivirus detection: Trojan:Win32/Wacatac.B!ml in file:_{PROGRAM}, action Not Applicable, "
        r"process C:\Windows\Explorer.EXE, user CONTOSO\Amy"
    )


def test_an_action_is_told_with_its_error() -> None:
    event = event_with(1117, Action_Name="Quarantine", Error_Code="0x80508023")
    assert event.columns["ActionType"] == "AntivirusActionTaken"
    assert event.message.startswith("Antivirus action taken: ")
    assert event.message.endswith(", error code 0x80508023")
    assert additional(event)["Action"] == "Quarantine"


@pytest.mark.parametrize("word", ["Unknown", "Unbekannt", ""])
def test_a_process_that_is_not_known_is_none(word: str) -> None:
    event = event_with(Process_Name=word)
    assert event.columns["InitiatingProcessFolderPath"] == ""
    assert "process" not in event.message
    assert additional(event).get("ProcessName", "") == word


@pytest.mark.parametrize(
    ("path", "file"),
    [
        (r"file:_C:\a.exe", r"C:\a.exe"),
        (
            r"containerfile:_C:\a.zip; file:_C:\a.zip->b.exe; webfile:_C:\a.zip|https://x|pid:1",
            r"C:\a.zip->b.exe",
        ),
        (r"file:_C:\a; b.exe; file:_C:\c.exe", r"C:\a; b.exe"),
        (r"process:_pid:4321,ProcessStart:133; file:_C:\c.exe;", r"C:\c.exe"),
        (r"file:C:\a.exe", r"C:\a.exe"),
        (r"containerfile:_C:\a.zip", ""),
        (r"CmdLine:_C:\a.exe --server", ""),
        ("", ""),
    ],
)
def test_the_first_file_of_a_path_is_the_row_s(path: str, file: str) -> None:
    assert first_file(path) == file


def test_a_file_in_a_container_keeps_its_way_there() -> None:
    event = event_with(Path=r"containerfile:_C:\x\a.zip; file:_C:\x\a.zip->dir\rustdesk.exe")
    assert event.columns["FolderPath"] == r"C:\x\a.zip->dir\rustdesk.exe"
    assert event.columns["FileName"] == "rustdesk.exe"


@given(data=st.dictionaries(st.sampled_from(list(DATA)), st.text()), event_id=st.sampled_from([1116, 1117]))
def test_any_text_in_any_field_is_an_event(data: dict[str, str], event_id: int) -> None:
    assert misfits(event_of(replace(RECORD, event_id=event_id, data=data))) == []
