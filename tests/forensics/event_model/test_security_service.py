from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from forensics.event_model.event import Event, Table
from forensics.event_model.schema import columns
from tests.builders.artifacts import record_of
from tests.builders.event_log import HexInt32, HexInt64, UInt64
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.security_event import SUBJECT, security_event

if TYPE_CHECKING:
    from tests.builders.windows_event import Given

PROGRAM = r"C:\Program Files\RustDesk\RustDesk.exe"
FILE_NAME = f'"{PROGRAM}" --service'


def installed(version: int = 0, **more: Given) -> Event:
    fields = {
        **SUBJECT,
        "ServiceName": "RustDesk",
        "ServiceFileName": FILE_NAME,
        "ServiceType": HexInt32(0x10),
        "ServiceStartType": 2,
        "ServiceAccount": "LocalSystem",
        **more,
    }
    return event_of(record_of(security_event(4697, fields, version=version)))


def test_a_service_installation_fills_every_column_that_it_knows() -> None:
    event = installed()
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ServiceInstalled",
        "FileName": "RustDesk.exe",
        "FolderPath": PROGRAM,
        "ProcessCommandLine": FILE_NAME,
        "InitiatingProcessAccountDomain": "contoso",
        "InitiatingProcessAccountName": "amy",
        "InitiatingProcessAccountSid": "S-1-5-21-1-2-3-1104",
        "InitiatingProcessLogonId": 0x364EB,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert json.loads(str(event.columns["AdditionalFields"])) == {
        "ImagePath": FILE_NAME,
        "ServiceAccount": "LocalSystem",
        "ServiceName": "RustDesk",
        "ServiceStartType": "2",
        "ServiceType": "0x10",
        "Source": "Security/4697",
    }
    assert set(event.columns) <= set(columns(Table.EVENTS))


def test_a_later_version_names_the_process_that_asked_for_it() -> None:
    event = installed(
        version=1,
        ClientProcessStartKey=UInt64(5066549580796854),
        ClientProcessId=3932,
        ParentProcessId=5304,
    )
    assert event.columns["InitiatingProcessId"] == 3932
    assert event.columns["InitiatingProcessParentId"] == 5304


def test_facts_are_verbatim_with_the_name_of_the_key() -> None:
    facts = installed().facts
    assert (facts.user, facts.service_name) == (r"CONTOSO\Amy", "RustDesk")
    assert (facts.image_path, facts.command_line) == (PROGRAM, FILE_NAME)


def test_a_service_is_told_in_one_line_and_dated_by_its_event() -> None:
    event = installed()
    assert event.message == (
        rf"Service installed: RustDesk by CONTOSO\Amy, image path {FILE_NAME}, "
        "start type 2 (auto start), account LocalSystem"
    )
    assert event.origin.time_means == "Service installed (event time)"


def test_a_start_type_that_has_no_word_is_told_as_it_is() -> None:
    assert "start type 9, account" in installed(ServiceStartType=9).message


def test_a_driver_has_no_account() -> None:
    event = installed(ServiceAccount="-", ServiceFileName=r"\??\C:\x\driver.sys")
    assert "ServiceAccount" not in json.loads(str(event.columns["AdditionalFields"]))
    assert event.columns["FolderPath"] == r"\??\C:\x\driver.sys"


def test_an_installation_without_fields_is_still_one() -> None:
    written = security_event(4697, {"SubjectLogonId": HexInt64(1)})
    event = event_of(replace(record_of(written), data={}))
    assert event.columns["AdditionalFields"] == '{"Source": "Security/4697"}'
    assert "by an unnamed account" in event.message
