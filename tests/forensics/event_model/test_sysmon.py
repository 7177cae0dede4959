from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import KqlType, columns
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.sysmon_event import FieldCount, image_loaded, process_created

if TYPE_CHECKING:
    from tests.builders.event_to_write import EventToWrite

IMAGE = r"C:\Program Files\RustDesk\RustDesk.exe"
RUSTDESK = process_created(
    computer="DC01.corp.example",
    record_id=4711,
    utc_time="2024-03-01 00:00:00.120",
    process_guid="{0A1B2C3D-0000-0000-0000-000000000001}",
    process_id=6244,
    image=IMAGE,
    file_version="1.4.1+61",
    description="RustDesk Remote Desktop",
    product="RustDesk",
    company="Purslane Ltd",
    original_file_name="rustdesk.exe",
    command_line=f'"{IMAGE}" --service',
    user=r"NT AUTHORITY\SYSTEM",
    logon_id=0x3E7,
    terminal_session_id=0,
    integrity_level="System",
    hashes="SHA1=AB01,MD5=CD02,SHA256=EF03,IMPHASH=0A04",
    parent_process_guid="{0A1B2C3D-0000-0000-0000-000000000002}",
    parent_process_id=716,
    parent_image=r"C:\Windows\System32\services.exe",
    parent_command_line=r"C:\Windows\system32\Services.EXE",
    parent_user=r"CORP\DA.Keller",
)
LIBRARY = image_loaded(
    computer="DC01.corp.example",
    utc_time="2024-03-01 00:00:00.120",
    process_guid="{0A1B2C3D-0000-0000-0000-000000000001}",
    process_id=6244,
    image=IMAGE,
    image_loaded=r"C:\Program Files\RustDesk\LibRustDesk.dll",
    product="Another product",
    company="Another company",
    hashes="SHA1=AB01,MD5=CD02,SHA256=EF03,IMPHASH=0A04",
    user=r"NT AUTHORITY\SYSTEM",
)


RUSTDESK_RECORD = record_of(RUSTDESK)


def event_with(written: EventToWrite, **data: str) -> Event:
    """Return the event of ``written`` with other texts in some fields of its EventData."""
    record = record_of(written)
    return event_of(replace(record, data={**record.data, **data}))


def test_a_process_creation_fills_every_column_that_it_knows() -> None:
    event = event_of(record_of(RUSTDESK))
    assert event.table is Table.PROCESS_EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ProcessCreated",
        "FileName": "RustDesk.exe",
        "FolderPath": IMAGE,
        "SHA1": "ab01",
        "SHA256": "ef03",
        "MD5": "cd02",
        "ProcessVersionInfoCompanyName": "Purslane Ltd",
        "ProcessVersionInfoProductName": "RustDesk",
        "ProcessVersionInfoProductVersion": "1.4.1+61",
        "ProcessVersionInfoOriginalFileName": "rustdesk.exe",
        "ProcessVersionInfoFileDescription": "RustDesk Remote Desktop",
        "ProcessId": 6244,
        "ProcessCommandLine": f'"{IMAGE}" --service',
        "ProcessIntegrityLevel": "System",
        "ProcessCreationTime": DEFAULT_TIME - 34_567,
        "AccountDomain": "nt authority",
        "AccountName": "system",
        "LogonId": 0x3E7,
        "InitiatingProcessAccountDomain": "corp",
        "InitiatingProcessAccountName": "da.keller",
        "InitiatingProcessFileName": "services.exe",
        "InitiatingProcessFolderPath": r"c:\windows\system32\services.exe",
        "InitiatingProcessId": 716,
        "InitiatingProcessCommandLine": r"C:\Windows\system32\Services.EXE",
        "CreatedProcessSessionId": 0,
        "ProcessUniqueId": "{0A1B2C3D-0000-0000-0000-000000000001}",
        "InitiatingProcessUniqueId": "{0A1B2C3D-0000-0000-0000-000000000002}",
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert json.loads(str(event.columns["AdditionalFields"])) == {
        "CurrentDirectory": "C:\\Windows\\system32\\",
        "IMPHASH": "0a04",
        "LogonGuid": "{00000000-0000-0000-0000-000000000000}",
    }


def test_an_image_load_fills_every_column_that_it_knows() -> None:
    event = event_of(record_of(LIBRARY))
    assert event.table is Table.IMAGE_LOAD_EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ImageLoaded",
        "FileName": "LibRustDesk.dll",
        "FolderPath": r"C:\Program Files\RustDesk\LibRustDesk.dll",
        "SHA1": "ab01",
        "SHA256": "ef03",
        "MD5": "cd02",
        "InitiatingProcessAccountDomain": "nt authority",
        "InitiatingProcessAccountName": "system",
        "InitiatingProcessFileName": "rustdesk.exe",
        "InitiatingProcessFolderPath": IMAGE.lower(),
        "InitiatingProcessId": 6244,
        "InitiatingProcessUniqueId": "{0A1B2C3D-0000-0000-0000-000000000001}",
    }


def test_what_a_library_says_of_itself_is_not_said_of_the_process_that_loads_it() -> None:
    assert not [name for name in event_of(record_of(LIBRARY)).columns if "VersionInfo" in name]


@pytest.mark.parametrize("written", [RUSTDESK, LIBRARY])
def test_every_column_is_one_of_its_table_and_of_its_type(written: EventToWrite) -> None:
    event = event_of(record_of(written))
    schema = columns(event.table)
    types = {KqlType.STRING: str, KqlType.INT: int, KqlType.LONG: int, KqlType.DATETIME: int}
    assert [name for name, cell in event.columns.items() if not isinstance(cell, types[schema[name]])] == []


def test_sysmon_s_own_account_is_nobody_s() -> None:
    assert record_of(RUSTDESK).user_sid == "S-1-5-18"
    assert not {"AccountSid", "InitiatingProcessAccountSid"} & set(event_of(record_of(RUSTDESK)).columns)


@pytest.mark.parametrize("field_count", get_args(FieldCount))
def test_every_field_set_of_sysmon_s_releases_is_read(field_count: FieldCount) -> None:
    record = record_of(process_created(field_count=field_count, image=IMAGE, product="RustDesk"))
    event = event_of(record)
    assert len(record.data) == field_count
    assert event.columns["FileName"] == "RustDesk.exe"
    assert event.columns["ProcessVersionInfoProductName"] == ("RustDesk" if field_count > 16 else "")
    assert event.columns["InitiatingProcessAccountName"] == ("user" if field_count == 23 else "")


@pytest.mark.parametrize("written", [RUSTDESK, LIBRARY])
def test_an_event_without_any_field_is_still_an_event(written: EventToWrite) -> None:
    event = event_of(replace(record_of(written), data={}))
    assert event.columns["Timestamp"] == DEFAULT_TIME
    assert event.columns["FileName"] == event.columns["FolderPath"] == ""
    assert event.origin.time_means.endswith("(event time)")


def test_facts_are_verbatim() -> None:
    facts = event_of(record_of(RUSTDESK)).facts
    assert facts.user == r"NT AUTHORITY\SYSTEM"
    assert facts.image_path == IMAGE
    assert facts.command_line == f'"{IMAGE}" --service'
    assert facts.parent_image == r"C:\Windows\System32\services.exe"
    assert facts.parent_command_line == r"C:\Windows\system32\Services.EXE"
    assert facts.process_id == "6244"
    assert facts.process_guid == "{0A1B2C3D-0000-0000-0000-000000000001}"
    assert facts.hashes == "SHA1=AB01,MD5=CD02,SHA256=EF03,IMPHASH=0A04"


def test_facts_of_an_image_load_are_the_library_s_and_its_loader_s() -> None:
    facts = event_of(record_of(LIBRARY)).facts
    assert facts.image_path == r"C:\Program Files\RustDesk\LibRustDesk.dll"
    assert facts.parent_image == IMAGE
    assert facts.process_id == "6244"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, rf'Process created: "{IMAGE}" --service by NT AUTHORITY\SYSTEM, started by '),
        ({"CommandLine": ""}, rf"Process created: {IMAGE} by NT AUTHORITY\SYSTEM, started by "),
        ({"User": "-"}, rf'Process created: "{IMAGE}" --service by an unnamed account, started by '),
        ({"CommandLine": "", "Image": "-"}, "Process created: a program without a name by "),
    ],
)
def test_a_process_is_told_in_one_line(data: dict[str, str], message: str) -> None:
    assert event_with(RUSTDESK, **data).message.startswith(message)


def test_a_parent_that_is_not_known_is_not_told() -> None:
    assert "started by" not in event_with(RUSTDESK, ParentImage="-", ParentCommandLine="").message


@pytest.mark.parametrize("command_line", ["rustdesk\0hidden", "rustdesk\ud800"])
def test_an_event_whose_reader_lost_a_part_of_a_text_says_so(command_line: str) -> None:
    assert event_of(record_of(process_created(command_line=command_line))).text_altered
    assert not event_of(RUSTDESK_RECORD).text_altered


@given(
    data=st.dictionaries(
        st.sampled_from(list(RUSTDESK_RECORD.data)), st.sampled_from(["-", "?", "", "x", "0x1"])
    )
)
def test_text_is_never_null_whatever_the_event_has(data: dict[str, str]) -> None:
    event = event_of(replace(RUSTDESK_RECORD, data=data))
    assert all(cell is not None for cell in event.columns.values())
