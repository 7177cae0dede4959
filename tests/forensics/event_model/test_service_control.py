from __future__ import annotations

import json
from dataclasses import replace

import pytest

from forensics.event_model.event import Event, Table
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import event_of
from tests.builders.service_event import service_installed

PROGRAM = r"C:\Program Files\RustDesk\RustDesk.exe"
IMAGE_PATH = f'"{PROGRAM}" --service'


def installed(image_path: str = IMAGE_PATH, start_type: str = "auto start") -> Event:
    written = service_installed(
        computer="DC01.corp.example",
        service_name="RustDesk Service",
        image_path=image_path,
        start_type=start_type,
        user_sid="S-1-5-21-1-2-3-1104",
    )
    return event_of(record_of(written))


def test_a_service_installation_fills_every_column_that_it_knows() -> None:
    event = installed()
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ServiceInstalled",
        "FileName": "RustDesk.exe",
        "FolderPath": PROGRAM,
        "ProcessCommandLine": IMAGE_PATH,
        "InitiatingProcessAccountSid": "S-1-5-21-1-2-3-1104",
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert json.loads(str(event.columns["AdditionalFields"])) == {
        "ImagePath": IMAGE_PATH,
        "ServiceAccount": "LocalSystem",
        "ServiceName": "RustDesk Service",
        "ServiceStartType": "auto start",
        "ServiceType": "user mode service",
        "Source": "System/7045",
    }


def test_a_service_installation_is_dated_by_its_event() -> None:
    origin = installed().origin
    assert (origin.ticks, origin.digits) == (DEFAULT_TIME, 7)
    assert origin.time_means == "Service installed (event time)"
    assert (origin.provider, origin.event_id) == ("Service Control Manager", "7045")
    assert origin.channel_or_key == "System"


def test_facts_are_verbatim() -> None:
    facts = installed().facts
    assert facts.user == "S-1-5-21-1-2-3-1104"
    assert facts.service_name == "RustDesk Service"
    assert (facts.image_path, facts.command_line) == (PROGRAM, IMAGE_PATH)


def test_a_service_is_told_in_one_line() -> None:
    assert installed().message == (
        f"Service installed: RustDesk Service, image path {IMAGE_PATH}, start type auto start, "
        "account LocalSystem"
    )


@pytest.mark.parametrize("start_type", ["Automatisch starten", "自動的な開始", "démarrage automatique"])
def test_words_of_the_machine_s_language_stay_as_they_are(start_type: str) -> None:
    event = installed(start_type=start_type)
    assert json.loads(str(event.columns["AdditionalFields"]))["ServiceStartType"] == start_type
    assert start_type in str(event.columns["AdditionalFields"])


@pytest.mark.parametrize(
    ("image_path", "folder_path", "file_name"),
    [
        (f"{PROGRAM} --service", PROGRAM, "RustDesk.exe"),
        (r"\??\C:\x\rustdesk.sys", r"\??\C:\x\rustdesk.sys", "rustdesk.sys"),
        ("", "", ""),
    ],
)
def test_the_program_is_parted_from_its_arguments(image_path: str, folder_path: str, file_name: str) -> None:
    cells = installed(image_path).columns
    assert (cells["FolderPath"], cells["FileName"]) == (folder_path, file_name)
    assert cells["ProcessCommandLine"] == image_path


def test_an_installation_without_fields_is_still_one() -> None:
    event = event_of(replace(record_of(service_installed()), data={}))
    assert event.columns["ActionType"] == "ServiceInstalled"
    assert event.columns["AdditionalFields"] == '{"Source": "System/7045"}'
    assert event.columns["FolderPath"] == ""
