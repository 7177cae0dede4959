from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from forensics.event_model.event import Table
from forensics.event_model.schema import KqlType, columns
from tests.builders.artifacts import record_of
from tests.builders.event_log import HexInt64, Sid
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.security_event import process_created

if TYPE_CHECKING:
    from tests.builders.windows_event import Given

IMAGE = r"C:\Program Files\RustDesk\RustDesk.exe"
SYSTEM: dict[str, Given] = {
    "TargetUserSid": Sid("S-1-5-18"),
    "TargetUserName": "SYSTEM",
    "TargetDomainName": "NT AUTHORITY",
    "TargetLogonId": HexInt64(0x3E7),
}
SERVER: dict[str, Given] = {
    "NewProcessName": IMAGE,
    "CommandLine": f'"{IMAGE}" --server',
    "TokenElevationType": "%%1937",
    "ParentProcessName": r"C:\Windows\System32\Services.exe",
    "MandatoryLabel": Sid("S-1-16-16384"),
    **SYSTEM,
}
EVENT = event_of(record_of(process_created(SERVER)))


def test_a_process_creation_fills_every_column_that_it_knows() -> None:
    assert EVENT.table is Table.PROCESS_EVENTS
    assert EVENT.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ProcessCreated",
        "FileName": "RustDesk.exe",
        "FolderPath": IMAGE,
        "ProcessId": 0x1864,
        "ProcessCommandLine": f'"{IMAGE}" --server',
        "ProcessIntegrityLevel": "System",
        "ProcessTokenElevation": "TokenElevationTypeFull",
        "AccountDomain": "nt authority",
        "AccountName": "system",
        "AccountSid": "S-1-5-18",
        "LogonId": 0x3E7,
        "InitiatingProcessAccountDomain": "contoso",
        "InitiatingProcessAccountName": "amy",
        "InitiatingProcessAccountSid": "S-1-5-21-1-2-3-1104",
        "InitiatingProcessLogonId": 0x364EB,
        "InitiatingProcessFileName": "services.exe",
        "InitiatingProcessFolderPath": r"c:\windows\system32\services.exe",
        "InitiatingProcessId": 0x2CC,
        "AdditionalFields": '{"Source": "Security/4688"}',
    }


def test_every_column_is_one_of_its_table_and_of_its_type() -> None:
    schema = columns(EVENT.table)
    types = {KqlType.STRING: str, KqlType.INT: int, KqlType.LONG: int, KqlType.DATETIME: int}
    assert [name for name, cell in EVENT.columns.items() if not isinstance(cell, types[schema[name]])] == []


def test_facts_are_verbatim_and_the_process_id_stays_hexadecimal() -> None:
    facts = EVENT.facts
    assert facts.user == r"NT AUTHORITY\SYSTEM"
    assert (facts.image_path, facts.command_line) == (IMAGE, f'"{IMAGE}" --server')
    assert facts.parent_image == r"C:\Windows\System32\Services.exe"
    assert facts.process_id == "0x1864"


def test_a_process_creation_is_told_in_one_line_and_dated_by_its_event() -> None:
    assert EVENT.message == (
        f'Process created: "{IMAGE}" --server by NT AUTHORITY\\SYSTEM, '
        r"started by C:\Windows\System32\Services.exe"
    )
    assert EVENT.origin.time_means == "Process created (event time)"
    assert (EVENT.origin.ticks, EVENT.origin.digits) == (DEFAULT_TIME, 7)


@pytest.mark.parametrize("version", [0, 1, 2])
def test_without_a_target_account_the_process_runs_as_its_creator(version: int) -> None:
    event = event_of(record_of(process_created({"NewProcessName": IMAGE}, version=version)))
    assert event.columns["AccountName"] == event.columns["InitiatingProcessAccountName"] == "amy"
    assert event.columns["AccountSid"] == "S-1-5-21-1-2-3-1104"
    assert event.columns["LogonId"] == 0x364EB
    assert event.facts.user == r"CONTOSO\Amy"


@pytest.mark.parametrize(
    ("version", "command_line", "parent", "integrity"),
    [
        (0, "", "", ""),
        (1, "rustdesk --tray", "", ""),
        (2, "rustdesk --tray", r"c:\windows\system32\services.exe", "Medium"),
    ],
)
def test_each_version_gives_the_fields_that_it_has(
    version: int, command_line: str, parent: str, integrity: str
) -> None:
    written = process_created({"NewProcessName": IMAGE, "CommandLine": "rustdesk --tray"}, version=version)
    cells = event_of(record_of(written)).columns
    assert (cells["FileName"], cells["ProcessId"]) == ("RustDesk.exe", 0x1864)
    assert cells["ProcessCommandLine"] == command_line
    assert cells["InitiatingProcessFolderPath"] == parent
    assert cells["ProcessIntegrityLevel"] == integrity


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("S-1-16-0", "Untrusted"),
        ("S-1-16-4096", "Low"),
        ("S-1-16-8192", "Medium"),
        ("S-1-16-8448", "MediumPlus"),
        ("S-1-16-12288", "High"),
        ("S-1-16-16384", "System"),
        ("S-1-16-20480", "ProtectedProcess"),
        ("S-1-16-4711", "S-1-16-4711"),
    ],
)
def test_a_label_is_put_into_a_word_where_it_has_one(label: str, level: str) -> None:
    event = event_of(record_of(process_created({"MandatoryLabel": Sid(label)})))
    assert event.columns["ProcessIntegrityLevel"] == level


@pytest.mark.parametrize(
    ("recorded", "elevation"),
    [
        ("%%1936", "TokenElevationTypeDefault"),
        ("%%1937", "TokenElevationTypeFull"),
        ("%%1938", "TokenElevationTypeLimited"),
        ("%%9999", "%%9999"),
    ],
)
def test_an_elevation_is_put_into_defender_s_words(recorded: str, elevation: str) -> None:
    event = event_of(record_of(process_created({"TokenElevationType": recorded})))
    assert event.columns["ProcessTokenElevation"] == elevation


def test_without_a_command_line_the_program_is_told() -> None:
    event = event_of(record_of(process_created({"NewProcessName": IMAGE, "ParentProcessName": ""})))
    assert event.columns["ProcessCommandLine"] == ""
    assert event.message == rf"Process created: {IMAGE} by CONTOSO\Amy"


def test_a_record_without_fields_is_still_a_process_creation() -> None:
    event = event_of(replace(record_of(process_created({})), data={}))
    assert event.message == "Process created: a program without a name by an unnamed account"
    assert json.loads(str(event.columns["AdditionalFields"])) == {"Source": "Security/4688"}
    assert not {"ProcessId", "LogonId", "InitiatingProcessId"} & set(event.columns)
