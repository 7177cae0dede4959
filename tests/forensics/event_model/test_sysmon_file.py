from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forensics.event_model.event import Event, Table
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.sysmon_activity import PROCESS_GUID, sysmon_activity
from tests.builders.typed_value import Boolean

if TYPE_CHECKING:
    from tests.builders.windows_event import Given

IMAGE = r"C:\Program Files\RustDesk\RustDesk.exe"
LINK = r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\RustDesk Tray.lnk"


def file_event(event_id: int, **data: Given) -> Event:
    return event_of(record_of(sysmon_activity(event_id, {"TargetFilename": LINK, **data})))


CREATED = file_event(11, CreationUtcTime="2024-02-29 23:59:59.000")
DELETED = file_event(
    23,
    Hashes="SHA1=AB01,MD5=CD02,SHA256=EF03,IMPHASH=0A04",
    IsExecutable=Boolean(value=False),
    Archived="true",
)


def test_a_created_file_fills_every_column_that_it_knows() -> None:
    assert CREATED.table is Table.FILE_EVENTS
    assert CREATED.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "FileCreated",
        "FileName": "RustDesk Tray.lnk",
        "FolderPath": LINK,
        "InitiatingProcessAccountDomain": "nt authority",
        "InitiatingProcessAccountName": "system",
        "InitiatingProcessFileName": "rustdesk.exe",
        "InitiatingProcessFolderPath": IMAGE.lower(),
        "InitiatingProcessId": 6244,
        "InitiatingProcessUniqueId": PROCESS_GUID,
        "AdditionalFields": CREATED.columns["AdditionalFields"],
    }
    assert additional(CREATED) == {
        "CreationUtcTime": "2024-02-29 23:59:59.000",
        "Source": "Microsoft-Windows-Sysmon/Operational/11",
    }


@pytest.mark.parametrize(
    ("event", "digits"),
    [(CREATED, "File created (Sysmon UtcTime)"), (DELETED, "File deleted (Sysmon UtcTime)")],
    ids=["created", "deleted"],
)
def test_a_file_event_is_dated_by_sysmon_and_not_by_the_file(event: Event, digits: str) -> None:
    assert (event.origin.ticks, event.origin.time_means) == (DEFAULT_TIME - 34_567, digits)


def test_a_deleted_file_has_its_digests() -> None:
    assert DELETED.columns["ActionType"] == "FileDeleted"
    assert [DELETED.columns[kind] for kind in ("SHA1", "SHA256", "MD5")] == ["ab01", "ef03", "cd02"]
    assert additional(DELETED) == {
        "Archived": True,
        "IsExecutable": False,
        "Source": "Microsoft-Windows-Sysmon/Operational/23",
    }


def test_a_deletion_without_a_copy_says_nothing_of_one() -> None:
    event = file_event(26, Hashes="MD5=CD02", IsExecutable=Boolean(value=True))
    assert event.columns["ActionType"] == "FileDeleted"
    assert additional(event) == {"IsExecutable": True, "Source": "Microsoft-Windows-Sysmon/Operational/26"}


def test_a_word_in_place_of_a_truth_value_stays_one() -> None:
    assert additional(file_event(23, Archived="false - no space"))["Archived"] == "false - no space"


def test_facts_are_the_file_s_and_its_program_s() -> None:
    facts = DELETED.facts
    assert (facts.image_path, facts.parent_image) == (LINK, IMAGE)
    assert facts.hashes == "SHA1=AB01,MD5=CD02,SHA256=EF03,IMPHASH=0A04"


def test_a_file_event_is_told_in_one_line() -> None:
    assert CREATED.message == rf"File created: {LINK} by {IMAGE} as NT AUTHORITY\SYSTEM"
    assert DELETED.message == rf"File deleted: {LINK} by {IMAGE} as NT AUTHORITY\SYSTEM"


@pytest.mark.parametrize("event", [CREATED, DELETED], ids=["created", "deleted"])
def test_every_column_is_one_of_its_table(event: Event) -> None:
    assert misfits(event) == []
